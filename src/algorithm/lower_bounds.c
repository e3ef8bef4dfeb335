/* SPDX-License-Identifier: BSD-2-Clause */
#include "algorithm/blocks.h"

#include "base/size.h"
#include "loop/range.h"
#include "wait/call.h"

#include <filch/find.h>

/* A needle costs so many bytes read, about, for the length of a block. */
#define NEEDLE_BYTES 256

struct bounds {
	const char *items, *needles;
	size_t n, m, size;
	filch_compare_fn *compare;
	void *context;
	size_t *at;
	const filch_for_options *options;
};

/* Halves without a branch on the result: what is left of the base is less. */
static size_t
lower_bound(const struct bounds *b, const char *needle)
{
	size_t base = 0, left = b->n;

	while (left > 0) {
		size_t half = left / 2;
		bool less = b->compare(b->context, b->items + (base + half) * b->size, needle) < 0;

		base += less ? half + 1 : 0;
		left = less ? left - half - 1 : half;
	}
	return base;
}

static int
find_needles(struct flc_blocks *blocks, size_t block, size_t begin, size_t end)
{
	const struct bounds *b = blocks->context;

	(void)block;
	for (size_t i = begin; i < end; i++)
		b->at[i] = lower_bound(b, b->needles + i * b->size);
	return FILCH_OK;
}

static int
bounds_verb(struct flc_worker *worker, void *argument)
{
	struct bounds *b = argument;
	struct flc_blocks blocks;

	flc_blocks_init(&blocks, worker, b->m,
	    flc_blocks_length(b->m, NEEDLE_BYTES, b->options), b->options);
	return flc_blocks_run(&blocks, find_needles, b);
}

int
filch_lower_bounds(const void *items, size_t n, size_t size, const void *needles, size_t m,
    filch_compare_fn *compare, void *context, size_t *at, const filch_for_options *options)
{
	filch_for_options complete;
	struct bounds b = {
		.items = items, .needles = needles, .n = n, .m = m, .size = size,
		.compare = compare, .context = context, .at = at, .options = &complete,
	};
	size_t bytes, needle_bytes, at_bytes;

	if (flc_loop_options(options, &complete) != FILCH_OK || size == 0 || compare == NULL
	    || (items == NULL && n > 0) || ((needles == NULL || at == NULL) && m > 0)
	    || !flc_size_of(n, size, 0, &bytes) || !flc_size_of(m, size, 0, &needle_bytes)
	    || !flc_size_of(m, sizeof(*at), 0, &at_bytes)
	    || !flc_arrays_apart(items, bytes, at, at_bytes)
	    || !flc_arrays_apart(needles, needle_bytes, at, at_bytes))
		return FILCH_INVAL;
	return flc_pool_call(complete.pool, bounds_verb, &b);
}
