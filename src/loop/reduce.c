/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reductions over a fixed tree of blocks: what is folded into what depends on the range
 * and the block size only, so that stealing changes no bit.
 */
#include "base/float_mode.h"
#include "base/size.h"
#include "loop/progress.h"
#include "loop/range.h"
#include "wait/call.h"
#include "task/fork.h"

#include <filch/reduce.h>

#include <string.h>

/* filch_reduce() cuts a range into about BLOCKS blocks, none above LARGEST_BLOCK. */
#define LARGEST_BLOCK 4096
#define BLOCKS 256

/* The typed faces, whose folds are cheap: n / ITEMS_BLOCKS items each, within these
 * limits.  Between two blocks the memory waits for the scheduler. */
#define ITEMS_LEAST 2048
#define ITEMS_MOST 16384
#define ITEMS_BLOCKS 64

/* Accumulators up to this size need no memory of their own. */
#define SMALL 64

/* A tree over 2^64 blocks has this many levels. */
#define LEVELS 64

struct reduction {
	filch_fold_fn *fold;
	void *context;
	const filch_reducer *reducer;
	const filch_for_options *options;
	bool serial;              /* no workers, or max_workers 1 */
	bool shielded;            /* not to be canceled: a typed face cannot fail */
	size_t begin, end, block;
	size_t stride;            /* of accumulators in scratch memory */
	size_t mode;              /* of the caller's floating point */
	struct flc_early_exit ending; /* by steps */
};

/* The upper half of a piece, which may be stolen. */
struct upper {
	filch_record_ record;     /* first: run_upper() gets this */
	struct reduction *reduction;
	size_t low, high;         /* blocks */
	char *into;
	bool alive;               /* into holds a value */
};

static size_t
level_of(size_t blocks)
{
	return blocks <= 1 ? 0 : LEVELS - (size_t)__builtin_clzll(blocks - 1);
}

static void
discard(const struct reduction *r, void *value)
{
	if (r->reducer->discard != NULL)
		r->reducer->discard(r->context, value);
}

/*
 * Steps are numbered by blocks, as the serial run takes them, so that the failure it
 * would meet first wins: block b, and the combinations that end with it.  Of these one
 * can fail at most: after it there is no value to go on with.
 */
static bool
is_over(struct reduction *r, size_t step)
{
	return flc_early_exit_is_over(&r->ending, step, r->options);
}

static void
fail(struct reduction *r, struct flc_worker *worker, size_t step, int status)
{
	flc_early_exit_fail(&r->ending, worker->pool, step, status);
}

/* One block into a new accumulator; false: none is alive. */
static bool
fold_block(struct flc_worker *worker, struct reduction *r, size_t block, char *into)
{
	size_t begin = r->begin + block * r->block;
	size_t end = r->end - begin > r->block ? begin + r->block : r->end;
	struct flc_scope scope;
	struct flc_scope_place place;
	int status;

	if (is_over(r, block))
		return false;
	flc_early_exit_scope(&r->ending, &scope, worker->scope, r->options->cancel);
	flc_scope_move(&scope, block);
	place = flc_scope_enter(worker, &scope);
	status = r->reducer->identity(r->context, into);
	if (status == FILCH_OK) {
		/* Of nothing the value is the identity. */
		if (begin < end)
			status = r->fold(r->context, begin, end, into);
		if (status != FILCH_OK)
			discard(r, into);
	}
	flc_scope_leave(worker, place);
	flc_worker_check_fork(worker);
	flc_count(&worker->counters->tasks_run, 1);
	if (r->options->progress != NULL)
		flc_progress_add(worker, r->options->progress, end - begin);
	if (status == FILCH_OK)
		return true;
	fail(r, worker, block, status);
	return false;
}

/* Two neighbours into the left one; false: none is alive. */
static bool
merge(struct flc_worker *worker, struct reduction *r, size_t step,
    bool left_alive, char *left, bool right_alive, char *right)
{
	int status;

	if (left_alive && right_alive && !is_over(r, step)) {
		status = r->reducer->combine(r->context, left, right);
		if (status == FILCH_OK)
			return true;
		discard(r, left);
		fail(r, worker, step, status);
		return false;
	}
	if (left_alive)
		discard(r, left);
	if (right_alive)
		discard(r, right);
	return false;
}

static bool reduce_piece(struct flc_worker *worker, struct reduction *r, size_t low, size_t high,
    char *into, char *scratch);

static void
run_upper(filch_fork_deque_ *deque, size_t b, filch_record_ *record)
{
	struct upper *upper = (struct upper *)record;
	struct flc_worker *worker = flc_worker_of(deque);
	struct reduction *r = upper->reduction;
	size_t bytes = level_of(upper->high - upper->low) * r->stride;
	_Alignas(64) char small[LEVELS / 2 * SMALL];
	char *scratch = small;

	flc_float_set_mode(r->mode);
	(void)b;
	if (bytes > sizeof(small)) {
		scratch = flc_memory_alloc_for(FILCH_MEMORY_LOOP, &worker->pool->memory, bytes,
		    FLC_CACHE_LINE);
		if (scratch == NULL) {
			fail(r, worker, upper->low, FILCH_NOMEM);
			upper->alive = false;
			return;
		}
	}
	upper->alive = reduce_piece(worker, r, upper->low, upper->high, upper->into, scratch);
	if (scratch != small)
		flc_memory_free(&worker->pool->memory, scratch, bytes);
}

/* Blocks [low, high) into `into`; scratch has an accumulator per level. */
static bool
reduce_piece(struct flc_worker *worker, struct reduction *r, size_t low, size_t high,
    char *into, char *scratch)
{
	struct upper upper;
	bool alive;
	size_t middle;

	if (high - low == 1)
		return fold_block(worker, r, low, into);

	/* The left half is a full tree: a power of two. */
	middle = low + ((size_t)1 << (level_of(high - low) - 1));
	upper.reduction = r;
	upper.low = middle;
	upper.high = high;
	upper.into = scratch;
	if (r->serial)
		upper.record.at = 0;
	else
		flc_fork(worker, &upper.record, run_upper);
	alive = reduce_piece(worker, r, low, middle, into, scratch + r->stride);
	if (upper.record.at == 0 || flc_fork_join(worker, &upper.record))
		upper.alive = reduce_piece(worker, r, middle, high, scratch,
		    scratch + r->stride);
	return merge(worker, r, high - 1, alive, into, upper.alive, scratch);
}

/* What the caller handed in, and where the value goes. */
struct call {
	struct reduction r;
	void *result;
};

static int
reduce_verb(struct flc_worker *worker, void *argument)
{
	struct call *call = argument;
	struct reduction *r = &call->r;
	size_t n = r->end - r->begin;
	size_t blocks = n == 0 ? 1 : n / r->block + (n % r->block != 0);
	size_t bytes;
	_Alignas(64) char small[(LEVELS / 2 + 1) * SMALL];
	char *memory = small;
	int status;

	r->ending.outer = r->shielded ? NULL : worker->scope;
	r->serial = worker->pool->threads == 0 || r->options->max_workers == 1;
	/* No piece of the tree needs more than the whole. */
	if (!flc_size_of(level_of(blocks) + 1, r->stride, 0, &bytes))
		return FILCH_NOMEM;
	if (bytes > sizeof(small)) {
		memory = flc_memory_alloc_for(FILCH_MEMORY_LOOP, &worker->pool->memory, bytes,
		    FLC_CACHE_LINE);
		if (memory == NULL)
			return FILCH_NOMEM;
	}
	bool alive = reduce_piece(worker, r, 0, blocks, memory, memory + r->stride);

	status = flc_early_exit_status(&r->ending, r->options);
	if (status == FILCH_OK)
		memcpy(call->result, memory, r->reducer->value_size);
	else if (alive)
		discard(r, memory);
	if (memory != small)
		flc_memory_free(&worker->pool->memory, memory, bytes);
	return status;
}

/* The block size: a matter of the range and the options, never of time. */
static size_t
block_of(size_t n, const filch_for_options *options)
{
	size_t block = n / BLOCKS < LARGEST_BLOCK ? n / BLOCKS : LARGEST_BLOCK;

	if (options->grain_exact > 0)
		return options->grain_exact;
	if (block < options->grain_min)
		block = options->grain_min;
	return block > 0 ? block : 1;
}

/* False: more than there can be. */
static bool
measure(size_t size, size_t *stride)
{
	return flc_size_rounded(size, 0, size <= 16 ? 16 : FLC_CACHE_LINE, stride);
}

static bool
is_valid(size_t begin, size_t end, filch_fold_fn *fold, const filch_reducer *reducer,
    const void *result)
{
	return begin <= end && fold != NULL && result != NULL && reducer != NULL
	    && reducer->value_size > 0 && reducer->identity != NULL && reducer->combine != NULL;
}

static int
reduce(size_t begin, size_t end, filch_fold_fn *fold, void *context,
    const filch_reducer *reducer, void *result, const filch_for_options *options, bool shielded)
{
	filch_for_options complete;
	struct call call = { .result = result };
	int status = flc_loop_options(options, &complete);

	if (status != FILCH_OK || !is_valid(begin, end, fold, reducer, result))
		return FILCH_INVAL;
	if (!measure(reducer->value_size, &call.r.stride))
		return FILCH_NOMEM;
	call.r.fold = fold;
	call.r.context = context;
	call.r.reducer = reducer;
	call.r.options = &complete;
	call.r.begin = begin;
	call.r.end = end;
	call.r.block = block_of(end - begin, &complete);
	call.r.shielded = shielded;
	call.r.mode = flc_float_mode();
	return flc_pool_call(complete.pool, reduce_verb, &call);
}

int
filch_reduce(size_t begin, size_t end, filch_fold_fn *fold, void *context,
    const filch_reducer *reducer, void *result, const filch_for_options *options)
{
	return reduce(begin, end, fold, context, reducer, result, options, false);
}

/* A typed face: items in memory, callbacks that cannot fail. */
struct items {
	const char *items;
	size_t item_size;
	void (*fold)(const void *items, size_t n, void *into);
	void (*combine)(void *into, const void *from);
};

static int
items_identity(void *context, void *into)
{
	(void)context;
	(void)into;
	return FILCH_OK;
}

static int
items_fold(void *context, size_t begin, size_t end, void *into)
{
	const struct items *i = context;

	i->fold(i->items + begin * i->item_size, end - begin, into);
	return FILCH_OK;
}

static int
items_combine(void *context, void *into, void *from)
{
	const struct items *i = context;

	i->combine(into, from);
	return FILCH_OK;
}

/* How many items stand in a block: a multiple of the lanes of a sum. */
static size_t
items_block(size_t n)
{
	size_t block = n / ITEMS_BLOCKS / FILCH_SUM_LANES * FILCH_SUM_LANES;

	return block < ITEMS_LEAST ? ITEMS_LEAST : block > ITEMS_MOST ? ITEMS_MOST : block;
}

/* The same tree without a pool: a typed face cannot fail. */
static void
reduce_inline(const struct items *i, size_t low, size_t high, size_t block, size_t n, size_t size,
    char *into)
{
	char *right;
	size_t middle;

	if (high - low == 1) {
		size_t begin = low * block;
		size_t end = n - begin > block ? begin + block : n;

		i->fold(i->items + begin * i->item_size, end - begin, into);
		return;
	}
	middle = low + ((size_t)1 << (level_of(high - low) - 1));
	/* As large as the type: the caller has such values on its stack, too. */
	right = __builtin_alloca_with_align(size, 8 * FLC_CACHE_LINE);
	reduce_inline(i, low, middle, block, n, size, into);
	reduce_inline(i, middle, high, block, n, size, right);
	i->combine(into, right);
}

void
filch_reduce_items_(const void *items, size_t item_size, size_t n,
    void (*fold)(const void *items, size_t n, void *into),
    void (*combine)(void *into, const void *from), size_t size, void *result)
{
	struct items i = { items, item_size, fold, combine };
	filch_reducer reducer = { size, items_identity, items_combine, NULL };
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	size_t block = items_block(n);
	size_t blocks = n == 0 ? 1 : n / block + (n % block != 0);

	options.grain_exact = block;
	if (blocks > 1
	    && reduce(0, n, items_fold, &i, &reducer, result, &options, true) == FILCH_OK)
		return;
	reduce_inline(&i, 0, blocks, block, n, size, result);
}
