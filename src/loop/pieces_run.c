/* SPDX-License-Identifier: BSD-2-Clause */
#include "loop/pieces_run.h"

#include "base/float_mode.h"
#include "loop/chunk.h"
#include "loop/part.h"
#include "sched/publish.h"

static void run_invited(struct flc_worker *worker, const struct flc_job *job);

/* Puts an invitation to run pieces where others can take it. */
static bool
invite(struct flc_worker *worker, struct flc_loop *loop)
{
	struct flc_job job = { .run = run_invited, .tag = (size_t)loop, .object = NULL };

	if (flc_worker_spawn(worker, &job))
		return true;
	flc_pending_end(&loop->pending, worker->pool);
	return false;
}

/* Pieces, its own first, until none is left; then of what others have left. */
static void
run_pieces(struct flc_worker *worker, struct flc_loop *loop)
{
	struct flc_piece_walk walk;
	struct flc_job job;
	size_t begin, end;

	flc_pieces_join(loop->pieces, &walk, worker->index);
	while (flc_pieces_next(loop->pieces, &walk, &begin, &end)) {
		if (flc_job_deque_seen(&worker->jobs) == 0 && flc_pieces_left(loop->pieces)
		    && flc_part_admit(loop))
			(void)invite(worker, loop);
		if (!flc_part_run(worker, loop, begin, end))
			return;
		if (FLC_LIKELY(!flc_part_is_surplus(worker)) || !flc_pieces_left(loop->pieces))
			continue;
		flc_add_full(&loop->pending, 1);
		if (invite(worker, loop))
			return;
	}
	while (!flc_part_is_surplus(worker) && flc_job_deque_pop(&worker->jobs, (size_t)loop, &job))
		job.run(worker, &job);
	flc_part_run_all(worker, loop, 0, 0);
}

static void
run_invited(struct flc_worker *worker, const struct flc_job *job)
{
	struct flc_loop *loop = (struct flc_loop *)job->tag;

	flc_float_set_mode(loop->mode);
	flc_store_relaxed(&loop->shared, 1);
	if (flc_pieces_left(loop->pieces))
		run_pieces(worker, loop);
	flc_part_end(worker, loop);
}

/* Of at least `least` indexes each, if there are as many. */
static size_t
static_parts(const struct flc_loop *loop, size_t shares, size_t n)
{
	return flc_larger(1, flc_smaller(shares, n / loop->least));
}

void
flc_pieces_run(struct flc_worker *worker, struct flc_loop *loop, size_t begin, size_t end)
{
	struct flc_waiting how = {
		.tag = (size_t)loop, .what = "a loop", .name = loop->options->name,
		.deadline = FILCH_FOREVER,
	};
	struct flc_pieces pieces;
	size_t shares = flc_smaller(worker->pool->threads, loop->parts);

	if (loop->whole)
		flc_pieces_begin_static(&pieces, begin, end,
		    static_parts(loop, flc_smaller(shares, FLC_PIECES_STATIC), end - begin));
	else
		flc_pieces_begin(&pieces, loop->options->affinity, begin, end, loop->least,
		    loop->unit, shares);
	loop->pieces = &pieces;
	run_pieces(worker, loop);
	flc_wait_pending(worker, &loop->pending, &how);
	if (!loop->whole)
		flc_pieces_end(&pieces);
}
