/* SPDX-License-Identifier: BSD-2-Clause */
#include "algorithm/blocks.h"

#include "algorithm/copy_item.h"
#include "base/size.h"
#include "loop/range.h"
#include "wait/call.h"

#include <filch/move.h>

/* What all of these share. */
struct move {
	const char *items;
	const size_t *indexes;
	char *out;
	size_t n, size;
	size_t first;            /* of a rotation */
	size_t limit;            /* of the indexes */
	size_t rows, columns;    /* of what is transposed */
	flc_block_fn *run;
	size_t length_size;      /* bytes for which a block's length is chosen */
	const filch_for_options *options;
};

static void
fill_items(char *out, size_t n, size_t size, const char *value)
{
	if (size == 1) {
		memset(out, *value, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		flc_copy_item(out + i * size, value, size);
}

static int
fill(struct flc_blocks *blocks, size_t block, size_t begin, size_t end)
{
	const struct move *m = blocks->context;

	(void)block;
	fill_items(m->out + begin * m->size, end - begin, m->size, m->items);
	return FILCH_OK;
}

static int
copy(struct flc_blocks *blocks, size_t block, size_t begin, size_t end)
{
	const struct move *m = blocks->context;

	(void)block;
	memcpy(m->out + begin * m->size, m->items + begin * m->size, (end - begin) * m->size);
	return FILCH_OK;
}

static int
reverse(struct flc_blocks *blocks, size_t block, size_t begin, size_t end)
{
	const struct move *m = blocks->context;

	(void)block;
	for (size_t i = begin; i < end; i++)
		flc_copy_item(m->out + i * m->size, m->items + (m->n - 1 - i) * m->size, m->size);
	return FILCH_OK;
}

static void
swap_items(char *a, char *b, size_t size)
{
	char piece[256];

	while (size > 0) {
		size_t n = size < sizeof(piece) ? size : sizeof(piece);

		memcpy(piece, a, n);
		memcpy(a, b, n);
		memcpy(b, piece, n);
		a += n;
		b += n;
		size -= n;
	}
}

/* Each pair once: blocks->n is half of the items. */
static int
reverse_in_place(struct flc_blocks *blocks, size_t block, size_t begin, size_t end)
{
	const struct move *m = blocks->context;
	char *last = m->out + (m->limit - 1) * m->size;

	(void)block;
	for (size_t i = begin; i < end; i++)
		swap_items(m->out + i * m->size, last - i * m->size, m->size);
	return FILCH_OK;
}

static int
rotate(struct flc_blocks *blocks, size_t block, size_t begin, size_t end)
{
	const struct move *m = blocks->context;
	size_t until_end = m->n - m->first, n = end - begin, before;

	(void)block;
	/* Those that stand before the end of the items, then those from their begin
	 * on. */
	before = begin >= until_end ? 0 : until_end - begin < n ? until_end - begin : n;
	memcpy(m->out + begin * m->size, m->items + (m->first + begin) % m->n * m->size,
	    (before > 0 ? before : n) * m->size);
	if (before > 0 && before < n)
		memcpy(m->out + (begin + before) * m->size, m->items, (n - before) * m->size);
	return FILCH_OK;
}

static int
gather(struct flc_blocks *blocks, size_t block, size_t begin, size_t end)
{
	const struct move *m = blocks->context;

	(void)block;
	for (size_t i = begin; i < end; i++) {
		if (m->indexes[i] >= m->limit)
			return FILCH_INVAL;
		flc_copy_item(m->out + i * m->size, m->items + m->indexes[i] * m->size, m->size);
	}
	return FILCH_OK;
}

static int
scatter(struct flc_blocks *blocks, size_t block, size_t begin, size_t end)
{
	const struct move *m = blocks->context;

	(void)block;
	for (size_t i = begin; i < end; i++) {
		if (m->indexes[i] >= m->limit)
			return FILCH_INVAL;
		flc_copy_item(m->out + m->indexes[i] * m->size, m->items + i * m->size, m->size);
	}
	return FILCH_OK;
}

/* Tiles that stay in a first-level cache. */
#define TILE 32

/* Rows begin to end of the result, which are columns of the items. */
static int
transpose(struct flc_blocks *blocks, size_t block, size_t begin, size_t end)
{
	const struct move *m = blocks->context;

	(void)block;
	for (size_t c0 = begin; c0 < end; c0 += TILE)
		for (size_t r0 = 0; r0 < m->rows; r0 += TILE) {
			size_t c1 = end - c0 < TILE ? end : c0 + TILE;
			size_t r1 = m->rows - r0 < TILE ? m->rows : r0 + TILE;

			for (size_t c = c0; c < c1; c++)
				for (size_t r = r0; r < r1; r++)
					flc_copy_item(m->out + (c * m->rows + r) * m->size,
					    m->items + (r * m->columns + c) * m->size, m->size);
		}
	return FILCH_OK;
}

static int
move_verb(struct flc_worker *worker, void *argument)
{
	struct move *m = argument;
	struct flc_blocks blocks;

	flc_blocks_init(&blocks, worker, m->n, flc_blocks_length(m->n, m->length_size,
	    m->options), m->options);
	return flc_blocks_run(&blocks, m->run, m);
}

static int
run(struct move *m, flc_block_fn *function, const filch_for_options *options)
{
	filch_for_options complete;

	if (flc_loop_options(options, &complete) != FILCH_OK)
		return FILCH_INVAL;
	m->run = function;
	m->options = &complete;
	if (m->length_size == 0)
		m->length_size = m->size;
	return flc_pool_call(complete.pool, move_verb, m);
}

/* Whether both arrays are there, and have no byte in common. */
static bool
are_apart(const void *a, size_t a_n, const void *b, size_t b_n, size_t size)
{
	size_t a_bytes, b_bytes;

	return size > 0 && flc_size_of(a_n, size, 0, &a_bytes)
	    && flc_size_of(b_n, size, 0, &b_bytes)
	    && (a != NULL || a_n == 0) && (b != NULL || b_n == 0)
	    && flc_arrays_apart(a, a_bytes, b, b_bytes);
}

int
filch_fill(void *out, size_t n, size_t size, const void *value,
    const filch_for_options *options)
{
	struct move m = { .items = value, .out = out, .n = n, .size = size };

	if (value == NULL || !are_apart(out, n, value, 1, size))
		return FILCH_INVAL;
	return run(&m, fill, options);
}

int
filch_copy(const void *items, void *out, size_t n, size_t size,
    const filch_for_options *options)
{
	struct move m = { .items = items, .out = out, .n = n, .size = size };

	return are_apart(items, n, out, n, size) ? run(&m, copy, options) : FILCH_INVAL;
}

int
filch_reverse(const void *items, void *out, size_t n, size_t size,
    const filch_for_options *options)
{
	struct move m = { .items = items, .out = out, .n = n, .size = size };

	if (items == out && are_apart(items, n, NULL, 0, size)) {
		m.n = n / 2;
		m.limit = n;
		return run(&m, reverse_in_place, options);
	}
	return are_apart(items, n, out, n, size) ? run(&m, reverse, options) : FILCH_INVAL;
}

int
filch_rotate(const void *items, void *out, size_t n, size_t size, size_t first,
    const filch_for_options *options)
{
	struct move m = { .items = items, .out = out, .n = n, .size = size, .first = first };

	if ((first >= n && first > 0) || !are_apart(items, n, out, n, size))
		return FILCH_INVAL;
	return run(&m, rotate, options);
}

int
filch_gather(const void *items, size_t items_n, const size_t *indexes, void *out, size_t n,
    size_t size, const filch_for_options *options)
{
	struct move m = {
		.items = items, .indexes = indexes, .out = out, .n = n, .size = size,
		.limit = items_n,
	};

	if (!are_apart(items, items_n, out, n, size) || (indexes == NULL && n > 0)
	    || n > PTRDIFF_MAX / sizeof(*indexes)
	    || !flc_arrays_apart(indexes, n * sizeof(*indexes), out, n * size))
		return FILCH_INVAL;
	return run(&m, gather, options);
}

int
filch_scatter(const void *items, const size_t *indexes, void *out, size_t out_n, size_t n,
    size_t size, const filch_for_options *options)
{
	struct move m = {
		.items = items, .indexes = indexes, .out = out, .n = n, .size = size,
		.limit = out_n,
	};

	if (!are_apart(items, n, out, out_n, size) || (indexes == NULL && n > 0)
	    || n > PTRDIFF_MAX / sizeof(*indexes)
	    || !flc_arrays_apart(indexes, n * sizeof(*indexes), out, out_n * size))
		return FILCH_INVAL;
	return run(&m, scatter, options);
}

int
filch_transpose(const void *items, void *out, size_t rows, size_t columns, size_t size,
    const filch_for_options *options)
{
	struct move m = {
		.items = items, .out = out, .size = size, .rows = rows, .columns = columns,
		.n = rows == 0 ? 0 : columns,
	};
	size_t n;

	if (!flc_multiply_add(rows, columns, 0, &n) || !are_apart(items, n, out, n, size))
		return FILCH_INVAL;
	/* A block is of whole rows of the result. */
	m.length_size = rows * size;
	return run(&m, transpose, options);
}
