/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packs: one look-back over the counts of chosen items.  A loop without branches writes
 * one item beyond what it chooses.  While the number of a block is not known nobody else
 * can write there; if it is, the last items go through a small buffer.
 *
 * In place each block is packed at its own begin first; then the blocks move together.
 */
#include "algorithm/copy_item.h"
#include "algorithm/lookback.h"

#include "base/size.h"
#include "loop/range.h"
#include "wait/call.h"

#include <filch/pack.h>

#include <string.h>

/* Items of a typed face are looked at in pieces of so many bytes. */
#define BUFFER 8192

/* Blocks that are larger are not packed ahead. */
#define MOST_PACKED (4 * FLC_BLOCK_BYTES)

struct pack {
	const char *items;
	const unsigned char *flags;    /* or */
	filch_test_fn *test;           /* or */
	int (*same)(void *context, const void *a, const void *b); /* or */
	filch_pack_kernel_ *kernel;
	char *out;
	size_t n, size;
	void *context;
	bool inverse;                  /* of test: those that it does not choose */
	bool looks_back;               /* at the item before */
	size_t *chosen;
	const filch_for_options *options;
	/* Not in place, of a typed face: */
	struct flc_scratch *scratch;
	struct packed **packed;        /* of each slot of the pool, made by its worker */
	size_t packed_bytes;           /* of one */
	/* In place: */
	char *before;                  /* the last item of each block, if it looks back */
	size_t *kept;                  /* of each block */
};

/* A block that a worker has packed while the number before it was not known.  Its items
 * are copied from here, where that becomes known soon; else they are packed again. */
struct packed {
	size_t begin;         /* of the block */
	_Alignas(64) char items[];
};

/* Which of items begin on are chosen; n is at most FILCH_PACK_ITEMS. */
static int
choose(const struct pack *pack, size_t begin, size_t n, const char *before,
    unsigned char *yes)
{
	const char *item = pack->items + begin * pack->size;
	int status = FILCH_OK;

	if (pack->test != NULL) {
		status = pack->test(pack->context, item, n, yes);
		for (size_t i = 0; i < n; i++)
			yes[i] = (yes[i] != 0) != pack->inverse;
		return status;
	}
	for (size_t i = 0; i < n; i++) {
		if (pack->same == NULL)
			yes[i] = pack->flags[begin + i] != 0;
		else
			yes[i] = before == NULL
			    || pack->same(pack->context, before, item + i * pack->size) == 0;
		before = item + i * pack->size;
	}
	return status;
}

/* Where a piece of items is packed. */
struct target {
	char *out;       /* the next item goes there; NULL: they are only counted */
	size_t room;     /* for so many; that the block had said */
	size_t chosen;   /* so far */
};

static int
put_by_flags(const struct pack *pack, size_t begin, size_t n, const char *before,
    struct target *target)
{
	unsigned char yes[FILCH_PACK_ITEMS];
	const char *item = pack->items + begin * pack->size;
	char *to = target->out;
	size_t chosen = 0;
	int status = choose(pack, begin, n, before, yes);

	if (status != FILCH_OK)
		return status;
	for (size_t i = 0; i < n; i++)
		chosen += yes[i];
	if (chosen > target->room - target->chosen)
		return FILCH_INVAL;
	target->chosen += chosen;
	if (to == NULL)
		return FILCH_OK;
	for (size_t i = 0; i < n; i++) {
		/* In place it is left of where it was, or there. */
		if (yes[i] && to != item + i * pack->size)
			flc_copy_item(to, item + i * pack->size, pack->size);
		to += yes[i] != 0 ? pack->size : 0;
	}
	target->out = to;
	return FILCH_OK;
}

/* The same by a kernel, which may write one item beyond those that it chooses. */
static int
put_by_kernel(const struct pack *pack, size_t begin, size_t n, const char *before,
    struct target *target)
{
	_Alignas(64) char buffer[BUFFER];
	const char *item = pack->items + begin * pack->size;
	size_t room = target->room - target->chosen, chosen;
	bool direct = n <= room, large = n * pack->size > sizeof(buffer);
	char *to = target->out == NULL ? NULL : direct ? target->out : large ? NULL : buffer;

	chosen = pack->kernel(item, before, n, to);
	if (chosen > room)
		return FILCH_INVAL;
	/* At the end of the block's room; n is 1 if the items are large: then none is
	 * chosen. */
	if (to == buffer)
		memcpy(target->out, buffer, chosen * pack->size);
	target->chosen += chosen;
	if (to != NULL)
		target->out += chosen * pack->size;
	return FILCH_OK;
}

/* How many items are looked at at once. */
static size_t
piece_of(const struct pack *pack)
{
	size_t most = BUFFER / pack->size;

	return pack->kernel == NULL ? FILCH_PACK_ITEMS : most > 0 ? most : 1;
}

/* The items of a block, into the target.  `last` is a copy of the item before it. */
static int
put_block(const struct pack *pack, size_t begin, size_t end, const char *last,
    struct target *target)
{
	size_t piece = piece_of(pack), size = pack->size;
	const char *before = begin > 0 && pack->looks_back
	    ? last != NULL ? last : pack->items + (begin - 1) * size : NULL;
	int status = FILCH_OK;

	for (; begin < end && status == FILCH_OK; begin += piece) {
		size_t n = end - begin < piece ? end - begin : piece;

		status = pack->kernel != NULL
		    ? put_by_kernel(pack, begin, n, before, target)
		    : put_by_flags(pack, begin, n, before, target);
		before = pack->items + (begin + n - 1) * size;
	}
	return status;
}

/* The calling worker's; NULL: there is none. */
static struct packed *
packed_of(struct pack *pack, bool make)
{
	struct packed **packed;

	if (pack->packed == NULL)
		return NULL;
	packed = &pack->packed[flc_self()->index];
	if (*packed == NULL && make)
		*packed = flc_scratch_acquire(pack->scratch, FILCH_MEMORY_SELECT,
		    pack->packed_bytes);
	return *packed;
}

static int
count_block(void *context, size_t begin, size_t end, void *sum, bool *anew)
{
	struct packed *packed = packed_of(context, true);
	struct target target = { packed != NULL ? packed->items : NULL, end - begin, 0 };
	int status = put_block(context, begin, end, NULL, &target);

	if (packed != NULL)
		packed->begin = begin;

	(void)anew;
	*(size_t *)sum = target.chosen;
	return status;
}

/* work: how many were chosen before. */
static int
pack_block(void *context, size_t begin, size_t end, char *work, const void *known, void *sum,
    bool *anew)
{
	struct pack *pack = context;
	const struct packed *packed = known != NULL ? packed_of(pack, false) : NULL;
	struct target target = {
		pack->out + *(const size_t *)(void *)work * pack->size, end - begin, 0,
	};
	int status;

	(void)anew;
	if (known != NULL)
		target.room = *(const size_t *)known;
	if (packed != NULL && packed->begin == begin) {
		memcpy(target.out, packed->items, target.room * pack->size);
		return FILCH_OK;
	}
	status = put_block(pack, begin, end, NULL, &target);
	/* What lacks would leave a gap. */
	if (status == FILCH_OK && known != NULL && target.chosen != target.room)
		return FILCH_INVAL;
	if (sum != NULL)
		*(size_t *)sum = target.chosen;
	return status;
}

static int
add_counts(void *context, void *into, const void *sum)
{
	(void)context;
	*(size_t *)into += *(const size_t *)sum;
	return FILCH_OK;
}

/* Room for what is packed ahead; without it the blocks are counted. */
static void
prepare_packed(const struct flc_blocks *blocks, struct pack *pack)
{
	size_t slots = blocks->caller->pool->slots;

	if (pack->kernel == NULL || blocks->count < 2 || blocks->options->max_workers == 1
	    || !flc_size_of(blocks->length, pack->size, sizeof(struct packed),
		&pack->packed_bytes)
	    || pack->packed_bytes > MOST_PACKED)
		return;
	pack->packed = flc_scratch_acquire(pack->scratch, FILCH_MEMORY_SELECT,
	    slots * sizeof(struct packed *));
	for (size_t i = 0; pack->packed != NULL && i < slots; i++)
		pack->packed[i] = NULL;
}

static void
free_packed(struct pack *pack, size_t slots)
{
	for (size_t i = 0; pack->packed != NULL && i < slots; i++)
		flc_scratch_release(pack->scratch, pack->packed[i]);
	flc_scratch_release(pack->scratch, pack->packed);
}

static int
pack_apart(struct flc_blocks *blocks, struct pack *pack)
{
	static const struct flc_lookback_verbs verbs = { count_block, pack_block, add_counts };
	static const size_t none;
	struct flc_lookback look = {
		.verbs = &verbs, .context = pack, .zero = &none, .size = sizeof(none),
		.wants_total = true, .use = FILCH_MEMORY_SELECT,
	};
	int status;

	look.blocks = *blocks;
	pack->scratch = &blocks->caller->pool->scratch;
	prepare_packed(blocks, pack);
	status = flc_lookback_run(&look, pack->chosen);
	free_packed(pack, blocks->caller->pool->slots);
	return status;
}

/* -- In place -- */

static int
pack_at_its_place(struct flc_blocks *blocks, size_t block, size_t begin, size_t end)
{
	struct pack *pack = blocks->context;
	struct target target = { pack->out + begin * pack->size, end - begin, 0 };
	const char *last = block > 0 && pack->looks_back
	    ? pack->before + (block - 1) * pack->size : NULL;
	int status = put_block(pack, begin, end, last, &target);

	pack->kept[block] = target.chosen;
	return status;
}

/* The packed blocks, together: each to the left, over what has moved already. */
static void
move_together(const struct flc_blocks *blocks, struct pack *pack)
{
	size_t chosen = 0;

	for (size_t b = 0; b < blocks->count; b++) {
		size_t begin = flc_block_begin(blocks, b);

		if (chosen != begin)
			memmove(pack->out + chosen * pack->size, pack->out + begin * pack->size,
			    pack->kept[b] * pack->size);
		chosen += pack->kept[b];
	}
	*pack->chosen = chosen;
}

static int
pack_in_place(struct flc_blocks *blocks, struct pack *pack)
{
	struct flc_scratch *scratch = &blocks->caller->pool->scratch;
	size_t of_block = pack->looks_back ? pack->size : 0, bytes;
	int status;

	if (!flc_size_of(blocks->count, sizeof(size_t), 0, &bytes)
	    || !flc_multiply_add(blocks->count, of_block, bytes, &bytes))
		return FILCH_NOMEM;
	pack->kept = flc_scratch_acquire(scratch, FILCH_MEMORY_SELECT, bytes);
	if (pack->kept == NULL)
		return FILCH_NOMEM;
	pack->before = (char *)(pack->kept + blocks->count);
	for (size_t b = 0; b < blocks->count && of_block > 0; b++)
		memcpy(pack->before + b * of_block,
		    pack->items + (flc_block_end(blocks, b) - 1) * of_block, of_block);
	status = flc_blocks_run(blocks, pack_at_its_place, pack);
	if (status == FILCH_OK)
		move_together(blocks, pack);
	flc_scratch_release(scratch, pack->kept);
	return status;
}

static int
pack_verb(struct flc_worker *worker, void *argument)
{
	struct pack *pack = argument;
	struct flc_blocks blocks;

	flc_blocks_init(&blocks, worker, pack->n,
	    flc_blocks_length(pack->n, pack->size, pack->options), pack->options);
	if (blocks.count == 0) {
		*pack->chosen = 0;
		return flc_blocks_run(&blocks, NULL, pack);
	}
	return pack->items == pack->out ? pack_in_place(&blocks, pack)
	    : pack_apart(&blocks, pack);
}

/* -- Calls -- */

static int
run(struct pack *pack, const filch_for_options *options)
{
	filch_for_options complete;
	size_t bytes;

	if (flc_loop_options(options, &complete) != FILCH_OK || pack->chosen == NULL
	    || pack->size == 0 || !flc_size_of(pack->n, pack->size, 0, &bytes))
		return FILCH_INVAL;
	if (pack->n > 0 && (pack->items == NULL || pack->out == NULL
	    || (pack->items != pack->out
		&& !flc_arrays_apart(pack->items, bytes, pack->out, bytes))
	    || (pack->flags != NULL
		&& !flc_arrays_apart(pack->flags, pack->n, pack->out, bytes))))
		return FILCH_INVAL;
	pack->options = &complete;
	return flc_pool_call(complete.pool, pack_verb, pack);
}

int
filch_pack(const void *items, void *out, size_t n, size_t size, filch_test_fn *test,
    void *context, size_t *chosen, const filch_for_options *options)
{
	struct pack pack = {
		.items = items, .out = out, .n = n, .size = size, .test = test,
		.context = context, .chosen = chosen,
	};

	return test == NULL ? FILCH_INVAL : run(&pack, options);
}

int
filch_pack_flags(const void *items, const unsigned char *flags, void *out, size_t n,
    size_t size, size_t *chosen, const filch_for_options *options)
{
	struct pack pack = {
		.items = items, .flags = flags, .out = out, .n = n, .size = size,
		.chosen = chosen,
	};

	return flags == NULL && n > 0 ? FILCH_INVAL : run(&pack, options);
}

int
filch_remove(void *items, size_t n, size_t size, filch_test_fn *test, void *context,
    size_t *left, const filch_for_options *options)
{
	struct pack pack = {
		.items = items, .out = items, .n = n, .size = size, .test = test,
		.context = context, .inverse = true, .chosen = left,
	};

	return test == NULL ? FILCH_INVAL : run(&pack, options);
}

int
filch_unique(const void *items, void *out, size_t n, size_t size,
    int (*same)(void *context, const void *a, const void *b), void *context, size_t *chosen,
    const filch_for_options *options)
{
	struct pack pack = {
		.items = items, .out = out, .n = n, .size = size, .same = same,
		.context = context, .looks_back = true, .chosen = chosen,
	};

	return same == NULL ? FILCH_INVAL : run(&pack, options);
}

int
filch_pack_items_(const void *items, void *out, size_t n, size_t size,
    filch_pack_kernel_ *kernel, int looks_back, size_t *chosen,
    const filch_for_options *options)
{
	struct pack pack = {
		.items = items, .out = out, .n = n, .size = size, .kernel = kernel,
		.looks_back = looks_back != 0, .chosen = chosen,
	};

	return run(&pack, options);
}
