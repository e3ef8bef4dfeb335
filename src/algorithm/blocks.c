/* SPDX-License-Identifier: BSD-2-Clause */
#include "algorithm/blocks.h"

#include "loop/part.h"
#include "loop/progress.h"
#include "loop/range.h"

/* So many takers of blocks for each thread: one that ends early because callers came into
 * the pool leaves others that may begin later. */
#define TAKERS_PER_THREAD 4

/* No more blocks than this, however large the array: each costs some memory. */
#define MOST_BLOCKS ((size_t)1 << 20)

size_t
flc_blocks_length(size_t n, size_t item_size, const filch_for_options *options)
{
	size_t length = FLC_BLOCK_BYTES / (item_size > 0 ? item_size : 1);

	if (options->grain_exact > 0)
		return options->grain_exact;
	if (length < n / MOST_BLOCKS + 1)
		length = n / MOST_BLOCKS + 1;
	return length < options->grain_min ? options->grain_min : length;
}

void
flc_blocks_init(struct flc_blocks *blocks, struct flc_worker *caller, size_t n, size_t length,
    const filch_for_options *options)
{
	blocks->options = options;
	blocks->caller = caller;
	blocks->n = n;
	blocks->length = length;
	blocks->count = n / length + (n % length != 0);
	blocks->uncounted = false;
}

void
flc_blocks_end_at(struct flc_blocks *blocks, size_t index)
{
	size_t last;

	while (index < (last = flc_load_relaxed(&blocks->last)))
		if (flc_cas_full(&blocks->last, last, index))
			return;
}

void
flc_blocks_fail(struct flc_blocks *blocks, size_t index, int status)
{
	flc_early_exit_fail(&blocks->ending, blocks->caller->pool, index, status);
}

/* One block, which nobody else has; false: none is left that this worker may begin. */
static bool
run_next(struct flc_blocks *blocks, struct flc_worker *worker, struct flc_scope *scope)
{
	size_t index = flc_load_relaxed(&blocks->next), begin, end;
	int status;

	if (index >= blocks->count || flc_blocks_is_over(blocks, index))
		return false;
	index = flc_add_full(&blocks->next, 1);
	if (index >= blocks->count || flc_blocks_is_over(blocks, index))
		return false;
	begin = flc_block_begin(blocks, index);
	end = flc_block_end(blocks, index);
	flc_scope_move(scope, index);
	status = blocks->run(blocks, index, begin, end);
	flc_worker_check_fork(worker);
	if (blocks->options->progress != NULL && !blocks->uncounted)
		flc_progress_add(worker, blocks->options->progress, end - begin);
	if (status != FILCH_OK)
		flc_blocks_fail(blocks, index, status);
	return status == FILCH_OK;
}

/* Takes blocks until none is left. */
static int
take_blocks(void *context, size_t begin, size_t end)
{
	struct flc_blocks *blocks = context;
	struct flc_worker *worker = flc_self();
	struct flc_scope scope = {
		.outer = worker->scope,
		.below = worker->scope,
		.stopped = &blocks->ending.stopped,
		.failed_at = &blocks->ending.failed_at,
	};
	struct flc_scope_place place = flc_scope_enter(worker, &scope);

	(void)begin;
	(void)end;
	while (run_next(blocks, worker, &scope))
		if (worker != blocks->caller && flc_part_is_surplus(worker))
			break;
	flc_scope_leave(worker, place);
	return FILCH_OK;
}

static bool
has_unbegun(const struct flc_blocks *blocks)
{
	size_t next = flc_load_relaxed(&blocks->next);

	return next < blocks->count && next <= flc_load_relaxed(&blocks->last);
}

int
flc_blocks_run(struct flc_blocks *blocks, flc_block_fn *run, void *context)
{
	struct flc_worker *worker = blocks->caller;
	size_t threads = worker->pool->threads;
	size_t takers = threads > 0 && blocks->options->max_workers != 1 && blocks->count > 1
	    ? threads * TAKERS_PER_THREAD : 1;
	filch_for_options options = *blocks->options;
	struct flc_loop loop = { .body = take_blocks, .context = blocks, .options = &options };
	int status, inner;

	blocks->run = run;
	blocks->context = context;
	flc_store_relaxed(&blocks->next, 0);
	flc_store_relaxed(&blocks->last, SIZE_MAX);
	flc_early_exit_begin(&blocks->ending, worker->scope);
	options.grain_exact = 1;
	options.schedule = FILCH_SCHEDULE_DYNAMIC;
	options.progress = NULL;
	options.affinity = NULL;
	inner = flc_loop_run(worker, &loop, 0, takers < blocks->count ? takers : blocks->count);
	status = flc_early_exit_status(&blocks->ending, blocks->options);
	/* Takers are skipped by the loop, too; what all of them would have taken may be
	 * done. */
	return status == FILCH_OK && has_unbegun(blocks) ? inner : status;
}
