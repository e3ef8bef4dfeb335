/* SPDX-License-Identifier: BSD-2-Clause */
/* The extremes of each block, then those of the blocks, in order. */
#include "algorithm/blocks.h"

#include "base/size.h"
#include "loop/range.h"
#include "wait/call.h"

#include <filch/find.h>

struct extremes {
	size_t least, greatest;
};

struct minmax {
	const char *items;
	size_t n, size;
	filch_compare_fn *compare;
	void *context;
	const filch_for_options *options;
	bool wants_least, wants_greatest;
	struct extremes *of_block;
	struct extremes all;
};

/* Item i comes behind what was looked at so far: of equal ones the first stays. */
static void
look_at(const struct minmax *m, struct extremes *e, size_t least, size_t greatest)
{
	const char *items = m->items;

	if (m->wants_least && m->compare(m->context, items + least * m->size,
	    items + e->least * m->size) < 0)
		e->least = least;
	if (m->wants_greatest && m->compare(m->context, items + greatest * m->size,
	    items + e->greatest * m->size) > 0)
		e->greatest = greatest;
}

static int
look_through(struct flc_blocks *blocks, size_t block, size_t begin, size_t end)
{
	struct minmax *m = blocks->context;
	struct extremes e = { begin, begin };

	for (size_t i = begin + 1; i < end; i++)
		look_at(m, &e, i, i);
	m->of_block[block] = e;
	return FILCH_OK;
}

static int
minmax_verb(struct flc_worker *worker, void *argument)
{
	struct flc_scratch *scratch = &worker->pool->scratch;
	struct minmax *m = argument;
	struct flc_blocks blocks;
	size_t bytes;
	int status;

	flc_blocks_init(&blocks, worker, m->n, flc_blocks_length(m->n, m->size, m->options),
	    m->options);
	if (!flc_size_of(blocks.count, sizeof(struct extremes), sizeof(struct extremes), &bytes))
		return FILCH_NOMEM;
	m->of_block = flc_scratch_acquire(scratch, FILCH_MEMORY_SELECT, bytes);
	if (m->of_block == NULL)
		return FILCH_NOMEM;
	status = flc_blocks_run(&blocks, look_through, m);
	m->all.least = m->all.greatest = m->n;
	if (status == FILCH_OK && m->n > 0) {
		m->all = m->of_block[0];
		for (size_t b = 1; b < blocks.count; b++)
			look_at(m, &m->all, m->of_block[b].least, m->of_block[b].greatest);
	}
	flc_scratch_release(scratch, m->of_block);
	return status;
}

int
filch_minmax(const void *items, size_t n, size_t size, filch_compare_fn *compare,
    void *context, size_t *least, size_t *greatest, const filch_for_options *options)
{
	filch_for_options complete;
	struct minmax m = {
		.items = items, .n = n, .size = size, .compare = compare, .context = context,
		.options = &complete, .wants_least = least != NULL,
		.wants_greatest = greatest != NULL,
	};
	size_t bytes;
	int status;

	if (flc_loop_options(options, &complete) != FILCH_OK || size == 0 || compare == NULL
	    || (items == NULL && n > 0) || !flc_size_of(n, size, 0, &bytes))
		return FILCH_INVAL;
	status = flc_pool_call(complete.pool, minmax_verb, &m);
	if (status == FILCH_OK && least != NULL)
		*least = m.all.least;
	if (status == FILCH_OK && greatest != NULL)
		*greatest = m.all.greatest;
	return status;
}
