/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Splits into classes, stable: each block counts its classes, the counts become the
 * places where the block's items go, class by class, and each block puts its items there.
 */
#include "algorithm/split.h"

#include "algorithm/copy_item.h"
#include "base/size.h"
#include "loop/range.h"
#include "wait/call.h"

#include <string.h>

/* A block has at least so many items per class: what is counted is small beside it. */
#define ITEMS_PER_CLASS 16

#define MOST_CLASSES 65536

/* Where the items of a class go, of one block. */
struct room {
	size_t at;
	size_t left;
};

struct split {
	const struct flc_split *how;
	const filch_for_options *options;
	size_t classes;
	size_t *offsets;
	struct room *rooms;   /* of each block, each class */
};

static struct room *
rooms_of(const struct split *split, size_t block)
{
	return split->rooms + block * split->classes;
}

/* The classes of the first items from begin on, at most of FILCH_PACK_ITEMS; *n: of how
 * many. */
static int
classes_from(const struct split *split, size_t begin, size_t end, uint32_t *class_of, size_t *n)
{
	int status;

	*n = end - begin < FILCH_PACK_ITEMS ? end - begin : FILCH_PACK_ITEMS;
	status = split->how->classify(split->how, begin, *n, class_of);
	if (status != FILCH_OK)
		return status;
	for (size_t i = 0; i < *n; i++)
		if (class_of[i] >= split->classes)
			return FILCH_INVAL;
	return FILCH_OK;
}

static int
count_classes(struct flc_blocks *blocks, size_t block, size_t begin, size_t end)
{
	const struct split *split = blocks->context;
	struct room *room = rooms_of(split, block);
	uint32_t class_of[FILCH_PACK_ITEMS];

	for (size_t n; begin < end; begin += n) {
		int status = classes_from(split, begin, end, class_of, &n);

		if (status != FILCH_OK)
			return status;
		for (size_t i = 0; i < n; i++)
			room[class_of[i]].left++;
	}
	return FILCH_OK;
}

static int
put_items(struct flc_blocks *blocks, size_t block, size_t begin, size_t end)
{
	const struct split *split = blocks->context;
	struct room *rooms = rooms_of(split, block);
	uint32_t class_of[FILCH_PACK_ITEMS];

	for (size_t n; begin < end; begin += n) {
		int status = classes_from(split, begin, end, class_of, &n);

		if (status != FILCH_OK)
			return status;
		for (size_t i = 0; i < n; i++) {
			struct room *room = &rooms[class_of[i]];

			/* It said something else before. */
			if (room->left == 0)
				return FILCH_INVAL;
			room->left--;
			split->how->put(split->how, begin + i, room->at++);
		}
	}
	return FILCH_OK;
}

/* The places of each block's classes, from the counts. */
static void
lay_out(const struct flc_blocks *blocks, struct split *split)
{
	size_t at = 0;

	for (size_t c = 0; c < split->classes; c++) {
		split->offsets[c] = at;
		for (size_t b = 0; b < blocks->count; b++) {
			struct room *room = &rooms_of(split, b)[c];

			room->at = at;
			at += room->left;
		}
	}
	split->offsets[split->classes] = at;
}

static int
split_verb(struct flc_worker *worker, void *argument)
{
	struct flc_scratch *scratch = &worker->pool->scratch;
	struct split *split = argument;
	struct flc_blocks blocks;
	size_t length = flc_blocks_length(split->how->n, split->how->size, split->options), bytes;
	size_t *given = split->offsets;
	int status;

	if (length / ITEMS_PER_CLASS < split->classes && split->options->grain_exact == 0)
		length = split->classes * ITEMS_PER_CLASS;
	flc_blocks_init(&blocks, worker, split->how->n, length, split->options);
	blocks.uncounted = true;
	if (!flc_multiply_add(blocks.count, split->classes, 0, &bytes)
	    || !flc_size_of(bytes, sizeof(struct room), (split->classes + 1) * sizeof(size_t),
		&bytes))
		return FILCH_NOMEM;
	split->offsets = flc_scratch_acquire(scratch, FILCH_MEMORY_SELECT, bytes);
	if (split->offsets == NULL)
		return FILCH_NOMEM;
	memset(split->offsets, 0, bytes);
	split->rooms = (struct room *)(split->offsets + split->classes + 1);
	status = flc_blocks_run(&blocks, count_classes, split);
	if (status == FILCH_OK) {
		lay_out(&blocks, split);
		blocks.uncounted = false;
		status = flc_blocks_run(&blocks, put_items, split);
	}
	if (status == FILCH_OK)
		memcpy(given, split->offsets, (split->classes + 1) * sizeof(size_t));
	flc_scratch_release(scratch, split->offsets);
	return status;
}

int
flc_split_run(const struct flc_split *how, size_t classes, size_t *offsets,
    const filch_for_options *options)
{
	filch_for_options complete;
	struct split split = { .how = how, .options = &complete, .classes = classes,
		.offsets = offsets };

	if (flc_loop_options(options, &complete) != FILCH_OK || offsets == NULL || classes == 0
	    || classes > MOST_CLASSES)
		return FILCH_INVAL;
	return flc_pool_call(complete.pool, split_verb, &split);
}

/* -- By callbacks -- */

struct by_call {
	struct flc_split split;     /* first */
	const char *items;
	char *out;
	filch_classify_fn *classify;   /* or */
	filch_test_fn *test;
	void *context;
};

static int
classify(const struct flc_split *split, size_t begin, size_t n, uint32_t *class_of)
{
	const struct by_call *by = (const struct by_call *)split;
	const char *items = by->items + begin * split->size;
	unsigned char yes[FILCH_PACK_ITEMS];
	int status;

	if (by->classify != NULL)
		return by->classify(by->context, items, n, class_of);
	status = by->test(by->context, items, n, yes);
	for (size_t i = 0; i < n && status == FILCH_OK; i++)
		class_of[i] = yes[i] == 0;
	return status;
}

static void
put(const struct flc_split *split, size_t from, size_t to)
{
	const struct by_call *by = (const struct by_call *)split;

	flc_copy_item(by->out + to * split->size, by->items + from * split->size, split->size);
}

static bool
is_valid(const struct by_call *by)
{
	size_t bytes;

	return by->split.size > 0 && flc_size_of(by->split.n, by->split.size, 0, &bytes)
	    && (bytes == 0 || (by->items != NULL && by->out != NULL
		&& flc_arrays_apart(by->items, bytes, by->out, bytes)));
}

int
filch_split(const void *items, void *out, size_t n, size_t size, size_t classes,
    filch_classify_fn *classify_items, void *context, size_t *offsets,
    const filch_for_options *options)
{
	struct by_call by = {
		.split = { classify, put, n, size }, .items = items, .out = out,
		.classify = classify_items, .context = context,
	};

	if (classify_items == NULL || !is_valid(&by))
		return FILCH_INVAL;
	return flc_split_run(&by.split, classes, offsets, options);
}

int
filch_partition(const void *items, void *out, size_t n, size_t size, filch_test_fn *test,
    void *context, size_t *chosen, const filch_for_options *options)
{
	struct by_call by = {
		.split = { classify, put, n, size }, .items = items, .out = out, .test = test,
		.context = context,
	};
	size_t offsets[3];
	int status;

	if (test == NULL || chosen == NULL || !is_valid(&by))
		return FILCH_INVAL;
	status = flc_split_run(&by.split, 2, offsets, options);
	if (status == FILCH_OK)
		*chosen = offsets[1];
	return status;
}
