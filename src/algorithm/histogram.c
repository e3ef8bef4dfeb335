/* SPDX-License-Identifier: BSD-2-Clause */
#include "algorithm/blocks.h"

#include "base/size.h"
#include "loop/range.h"
#include "wait/call.h"

#include <filch/histogram.h>

#include <string.h>

/* With so few bins four tables of a worker fit into a first-level cache. */
#define FEW_BINS 1024
#define TABLES 4

/* Bytes are counted in so many tables, eight bytes at a time, into counters of 32
 * bits. */
#define BYTE_TABLES 8

struct histogram {
	const char *items;
	size_t n, size, bins;
	size_t tables;              /* of each worker */
	filch_classify_fn *classify;   /* NULL: the items are bytes */
	void *context;
	uint64_t *counts;
	const filch_for_options *options;
	struct flc_scratch *scratch;
	uint64_t **of_worker;       /* of each slot of the pool: its tables, one after another */
	size_t bytes;               /* of these */
};

/* The calling worker's tables; NULL without memory. */
static uint64_t *
tables_of(struct histogram *h)
{
	uint64_t **tables = &h->of_worker[flc_self()->index];

	if (*tables == NULL) {
		*tables = flc_scratch_acquire(h->scratch, FILCH_MEMORY_GROUP_BY, h->bytes);
		if (*tables != NULL)
			memset(*tables, 0, h->bytes);
	}
	return *tables;
}

/* A block has less than 2^32 items for each of the tables. */
static void
count_few_bytes(const uint8_t *item, size_t n, uint64_t *table)
{
	uint32_t counts[BYTE_TABLES][256] = { { 0 } };
	size_t i = 0;

	for (; i + 8 <= n; i += 8) {
		uint64_t eight;

		memcpy(&eight, item + i, 8);
		/* By hand: gcc -O2 leaves it a loop. */
		counts[0][eight & 255]++;
		counts[1][eight >> 8 & 255]++;
		counts[2][eight >> 16 & 255]++;
		counts[3][eight >> 24 & 255]++;
		counts[4][eight >> 32 & 255]++;
		counts[5][eight >> 40 & 255]++;
		counts[6][eight >> 48 & 255]++;
		counts[7][eight >> 56]++;
	}
	for (; i < n; i++)
		counts[0][item[i]]++;
	for (size_t v = 0; v < 256; v++)
		for (int t = 0; t < BYTE_TABLES; t++)
			table[v] += counts[t][v];
}

static int
count_bytes(struct flc_blocks *blocks, size_t block, size_t begin, size_t end)
{
	struct histogram *h = blocks->context;
	uint64_t *table = tables_of(h);

	(void)block;
	if (table == NULL)
		return FILCH_NOMEM;
	for (size_t n; begin < end; begin += n) {
		n = end - begin < UINT32_MAX ? end - begin : UINT32_MAX;
		count_few_bytes((const uint8_t *)h->items + begin, n, table);
	}
	return FILCH_OK;
}

static int
count_items(struct flc_blocks *blocks, size_t block, size_t begin, size_t end)
{
	struct histogram *h = blocks->context;
	uint32_t bin_of[FILCH_PACK_ITEMS];

	(void)block;
	for (; begin < end; begin += FILCH_PACK_ITEMS) {
		size_t n = end - begin < FILCH_PACK_ITEMS ? end - begin : FILCH_PACK_ITEMS;
		int status = h->classify(h->context, h->items + begin * h->size, n, bin_of);
		uint64_t *table;

		if (status != FILCH_OK)
			return status;
		for (size_t i = 0; i < n; i++)
			if (bin_of[i] >= h->bins)
				return FILCH_INVAL;
		table = tables_of(h);
		if (table == NULL)
			return FILCH_NOMEM;
		for (size_t i = 0; i < n; i++)
			table[i % h->tables * h->bins + bin_of[i]]++;
	}
	return FILCH_OK;
}

/* All tables into the caller's counts. */
static void
add_up(const struct histogram *h, size_t slots)
{
	memset(h->counts, 0, h->bins * sizeof(*h->counts));
	for (size_t s = 0; s < slots; s++)
		for (size_t t = 0; h->of_worker[s] != NULL && t < h->tables; t++)
			for (size_t b = 0; b < h->bins; b++)
				h->counts[b] += h->of_worker[s][t * h->bins + b];
}

static int
histogram_verb(struct flc_worker *worker, void *argument)
{
	struct histogram *h = argument;
	size_t slots = worker->pool->slots;
	struct flc_blocks blocks;
	int status;

	h->scratch = &worker->pool->scratch;
	h->of_worker = flc_scratch_acquire(h->scratch, FILCH_MEMORY_GROUP_BY,
	    slots * sizeof(*h->of_worker));
	if (h->of_worker == NULL)
		return FILCH_NOMEM;
	for (size_t s = 0; s < slots; s++)
		h->of_worker[s] = NULL;
	flc_blocks_init(&blocks, worker, h->n, flc_blocks_length(h->n, h->size, h->options),
	    h->options);
	status = flc_blocks_run(&blocks, h->classify != NULL ? count_items : count_bytes, h);
	if (status == FILCH_OK)
		add_up(h, slots);
	for (size_t s = 0; s < slots; s++)
		flc_scratch_release(h->scratch, h->of_worker[s]);
	flc_scratch_release(h->scratch, h->of_worker);
	return status;
}

static int
run(struct histogram *h, const filch_for_options *options)
{
	filch_for_options complete;
	size_t bytes;

	if (flc_loop_options(options, &complete) != FILCH_OK || h->counts == NULL || h->bins == 0
	    || h->size == 0 || (h->items == NULL && h->n > 0)
	    || !flc_size_of(h->n, h->size, 0, &bytes))
		return FILCH_INVAL;
	if (!flc_size_of(h->bins, h->tables * sizeof(uint64_t), 0, &h->bytes))
		return FILCH_NOMEM;
	h->options = &complete;
	return flc_pool_call(complete.pool, histogram_verb, h);
}

int
filch_count_bytes(const uint8_t *items, size_t n, uint64_t counts[256],
    const filch_for_options *options)
{
	struct histogram h = {
		.items = (const char *)items, .n = n, .size = 1, .bins = 256, .tables = 1,
		.counts = counts,
	};

	return run(&h, options);
}

int
filch_count_bins(const void *items, size_t n, size_t size, size_t bins,
    filch_classify_fn *classify, void *context, uint64_t *counts,
    const filch_for_options *options)
{
	struct histogram h = {
		.items = items, .n = n, .size = size, .bins = bins,
		.tables = bins <= FEW_BINS ? TABLES : 1, .classify = classify,
		.context = context, .counts = counts,
	};

	return classify == NULL ? FILCH_INVAL : run(&h, options);
}
