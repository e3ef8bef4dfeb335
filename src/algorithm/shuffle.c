/* SPDX-License-Identifier: BSD-2-Clause */
#include "algorithm/split.h"

#include "algorithm/copy_item.h"
#include "base/size.h"
#include "loop/range.h"
#include "wait/call.h"

#include <filch/move.h>

/* A bucket has about so many items, or more if there would be too many buckets. */
#define BUCKET 4096
#define MOST_BUCKETS 4096

struct shuffle {
	struct flc_split split;   /* first */
	const char *items;        /* NULL: the numbers */
	char *out;
	size_t buckets;
	uint64_t seed;
	size_t *offsets;
	filch_for_options options;
};

/* Below n, for all practical n as likely each: the high half of the product. */
static size_t
random_below(uint64_t random, size_t n)
{
	return (size_t)((unsigned __int128)random * n >> 64);
}

static int
choose_buckets(const struct flc_split *split, size_t begin, size_t n, uint32_t *class_of)
{
	const struct shuffle *s = (const struct shuffle *)split;

	for (size_t i = 0; i < n; i++)
		class_of[i] = (uint32_t)random_below(filch_random(s->seed, begin + i), s->buckets);
	return FILCH_OK;
}

static void
put(const struct flc_split *split, size_t from, size_t to)
{
	const struct shuffle *s = (const struct shuffle *)split;

	if (s->items != NULL)
		flc_copy_item(s->out + to * split->size, s->items + from * split->size,
		    split->size);
	else
		((size_t *)(void *)s->out)[to] = from;
}

static void
swap_items(char *a, char *b, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char byte = a[i];

		a[i] = b[i];
		b[i] = byte;
	}
}

/* Fisher and Yates, in each bucket. */
static int
shuffle_buckets(struct flc_blocks *blocks, size_t block, size_t begin, size_t end)
{
	const struct shuffle *s = blocks->context;
	size_t size = s->split.size;

	(void)block;
	for (size_t b = begin; b < end; b++)
		for (size_t low = s->offsets[b], i = s->offsets[b + 1]; i > low + 1; i--) {
			/* Other numbers than those that chose the buckets. */
			size_t j = low + random_below(filch_random(~s->seed, i - 1), i - low);

			if (j != i - 1)
				swap_items(s->out + j * size, s->out + (i - 1) * size, size);
		}
	return FILCH_OK;
}

static int
shuffle_verb(struct flc_worker *worker, void *argument)
{
	struct flc_scratch *scratch = &worker->pool->scratch;
	struct shuffle *s = argument;
	filch_for_options within = s->options;
	struct flc_blocks blocks;
	int status;

	s->offsets = flc_scratch_acquire(scratch, FILCH_MEMORY_SELECT,
	    (s->buckets + 1) * sizeof(size_t));
	if (s->offsets == NULL)
		return FILCH_NOMEM;
	within.pool = worker->pool;
	status = flc_split_run(&s->split, s->buckets, s->offsets, &within);
	if (status == FILCH_OK) {
		flc_blocks_init(&blocks, worker, s->buckets, 1, &s->options);
		blocks.uncounted = true;
		status = flc_blocks_run(&blocks, shuffle_buckets, s);
	}
	flc_scratch_release(scratch, s->offsets);
	return status;
}

static int
run(struct shuffle *s, const filch_for_options *options)
{
	size_t n = s->split.n;

	if (flc_loop_options(options, &s->options) != FILCH_OK)
		return FILCH_INVAL;
	s->split.classify = choose_buckets;
	s->split.put = put;
	s->buckets = n / BUCKET + 1 < MOST_BUCKETS ? n / BUCKET + 1 : MOST_BUCKETS;
	return flc_pool_call(s->options.pool, shuffle_verb, s);
}

int
filch_shuffle(const void *items, void *out, size_t n, size_t size, uint64_t seed,
    const filch_for_options *options)
{
	struct shuffle s = {
		.split = { .n = n, .size = size }, .items = items, .out = out, .seed = seed,
	};
	size_t bytes;

	if (size == 0 || !flc_size_of(n, size, 0, &bytes)
	    || (n > 0 && (items == NULL || out == NULL
		|| !flc_arrays_apart(items, bytes, out, bytes))))
		return FILCH_INVAL;
	return run(&s, options);
}

int
filch_permutation(size_t *out, size_t n, uint64_t seed, const filch_for_options *options)
{
	struct shuffle s = {
		.split = { .n = n, .size = sizeof(*out) }, .out = (char *)out, .seed = seed,
	};

	if ((out == NULL && n > 0) || n > PTRDIFF_MAX / sizeof(*out))
		return FILCH_INVAL;
	return run(&s, options);
}
