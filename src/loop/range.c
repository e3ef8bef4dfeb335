/* SPDX-License-Identifier: BSD-2-Clause */
#include "loop/range.h"

#include "base/float_mode.h"

#include "loop/chunk.h"
#include "loop/part.h"
#include "loop/pieces_run.h"
#include "wait/held_locks.h"

#include <string.h>

/* What earlier loops of the site say of the others. */
static void
look_around(struct flc_worker *worker, struct flc_loop *loop, size_t n)
{
	const struct filch_pool *pool = worker->pool;
	struct flc_site *site = loop->site;
	size_t avoid;

	loop->expects = false;
	loop->calls = false;
	loop->is_short = false;
	if (site == NULL || loop->parts == 1)
		return;
	loop->is_short = flc_site_is_small(site, n, 2 * loop->chunk_ticks);
	avoid = flc_load_relaxed(&site->avoid);
	if (loop->is_short && avoid > 0) {
		flc_store_relaxed(&site->avoid, avoid - 1);
		loop->parts = 1;
		return;
	}
	loop->expects = flc_load_relaxed(&site->shared) != 0 && flc_sleep_active(&pool->sleep) > 1;
	loop->calls = flc_site_calls_help(site, flc_ticks(), pool->spin_ticks)
	    || flc_load_relaxed(&pool->phases) != 0;
}

/* What this loop says to later ones.  `cost` was the site's when it began. */
static void
remember(struct flc_loop *loop, size_t n, double cost)
{
	struct flc_site *site = loop->site;
	bool shared = flc_load_relaxed(&loop->shared) != 0;

	if (loop->parts == 1)
		return;
	flc_store_relaxed(&site->shared, shared);
	if (shared && loop->is_short)
		flc_site_judge(site, flc_ticks(), (double)n * cost);
}

/* How many threads may take part at once. */
static void
choose_parts(const struct filch_pool *pool, struct flc_loop *loop)
{
	size_t most = loop->options->max_workers;

	loop->parts = pool->threads > 0 ? pool->slots : 1;
	loop->limited = most > 0 && most < loop->parts;
	if (loop->limited)
		loop->parts = most;
}

/* What a chunk may be. */
static void
choose_chunks(struct flc_loop *loop, size_t threads)
{
	const filch_for_options *options = loop->options;
	bool is_exact = options->grain_exact > 0;

	loop->unit = is_exact ? options->grain_exact : 1;
	loop->least = options->grain_min > 0 && !is_exact ? options->grain_min : 1;
	loop->whole = options->schedule == FILCH_SCHEDULE_STATIC && !is_exact;
	loop->adapts = !is_exact && !loop->whole && options->schedule != FILCH_SCHEDULE_DYNAMIC;
	loop->is_new = loop->adapts && threads > 1 && options->cost_ns <= 0
	    && (loop->site == NULL || flc_site_cost(loop->site) <= 0);
}

/* For the parts that others took. */
static FLC_NOINLINE void
wait_for_parts(struct flc_worker *worker, struct flc_loop *loop)
{
	struct flc_waiting how = {
		.tag = (size_t)loop, .what = "a loop", .name = loop->options->name,
		.deadline = FILCH_FOREVER,
	};

	flc_wait_pending(worker, &loop->pending, &how);
}

int
flc_loop_run(struct flc_worker *worker, struct flc_loop *loop, size_t begin, size_t end)
{
	const filch_for_options *options = loop->options;
	double cost = loop->site != NULL ? flc_site_cost(loop->site) : 0;

	loop->begin = begin;
	loop->chunk_ticks = FLC_CHUNK_NS * flc_clock_rate;
	loop->mode = flc_float_mode();
	choose_parts(worker->pool, loop);
	choose_chunks(loop, worker->pool->threads);
	flc_store_relaxed(&loop->pending, 0);
	flc_store_relaxed(&loop->shared, 0);
	flc_store_relaxed(&loop->careful, 0);
	flc_store_relaxed(&loop->cost, 0);
	flc_early_exit_begin(&loop->ending, worker->scope);
	flc_store_relaxed(&loop->grain, flc_chunk_first_grain(loop));
	look_around(worker, loop, end - begin);
	loop->pieces = NULL;
	if ((loop->whole || options->schedule == FILCH_SCHEDULE_AFFINITY) && loop->parts > 1
	    && begin < end)
		flc_pieces_run(worker, loop, begin, end);
	else
		flc_part_run_all(worker, loop, begin, end);
	/* A loop that ran no chunk teaches nothing. */
	if (loop->site != NULL && loop->adapts && flc_load_relaxed(&loop->cost) != 0)
		flc_site_learn(loop->site, (size_t)1 << FLC_CHUNK_COST_SHIFT,
		    flc_load_relaxed(&loop->cost));
	/* acquire [pending.end]: what others did.  A lock that is held is reported also
	 * if the loop need not wait this time. */
	if (flc_pending_count(flc_load_acquire(&loop->pending)) != 0 || flc_thread.held != NULL)
		wait_for_parts(worker, loop);
	if (loop->site != NULL)
		remember(loop, end - begin, cost);
	return flc_early_exit_status(&loop->ending, options);
}

int
flc_loop_options(const filch_for_options *given, filch_for_options *complete)
{
	memset(complete, 0, sizeof(*complete));
	if (given != NULL) {
		if (given->size < offsetof(filch_for_options, grain_min))
			return FILCH_INVAL;
		memcpy(complete, given,
		    given->size < sizeof(*complete) ? given->size : sizeof(*complete));
	}
	/* What was completed may be given to another call. */
	complete->size = sizeof(*complete);
	if (complete->schedule < FILCH_SCHEDULE_AUTO
	    || complete->schedule > FILCH_SCHEDULE_AFFINITY || !(complete->cost_ns >= 0))
		return FILCH_INVAL;
	return FILCH_OK;
}
