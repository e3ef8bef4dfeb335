/* SPDX-License-Identifier: BSD-2-Clause */
#include "loop/part.h"

#include "base/float_mode.h"
#include "loop/chunk.h"
#include "loop/progress.h"
#include "sched/publish.h"
#include "sched/steal.h"

/* So many claims are fenced after a taker has asked for it. */
#define FENCED_CLAIMS 32

/* Whether a part of this loop would be taken at once.  Else one smaller than a chunk is
 * not worth a rest, and less a wake. */
static bool
is_wanted(const struct flc_worker *worker, const struct flc_loop *loop)
{
	const struct flc_sleep *sleep = &worker->pool->sleep;

	return loop->calls || flc_sleep_has_searcher(sleep)
	    || (loop->expects && !flc_sleep_wanted(sleep));
}

/* Of a part of a loop: the owner's view. */
struct run {
	struct flc_worker *worker;
	struct flc_loop *loop;
	struct flc_part part;
	size_t first;            /* where the part began */
	struct flc_chunks chunks;
	size_t shown;            /* the grain that the rest was told */
	unsigned fences;         /* so many claims more are fenced */
};

/* -- Parts that others take -- */

bool
flc_part_admit(struct flc_loop *loop)
{
	for (;;) {
		size_t pending = flc_load_relaxed(&loop->pending);

		if (flc_pending_count(pending) + 1 >= loop->parts)
			return false;
		if (flc_cas_full(&loop->pending, pending, pending + 1))
			return true;
	}
}

static enum flc_admission
admit(size_t tag, bool is_member)
{
	struct flc_loop *loop = (struct flc_loop *)tag;

	if (is_member || !loop->limited) {
		/* A piece that has an owner is not cut while others have none. */
		if (!is_member && loop->pieces != NULL && flc_pieces_left(loop->pieces))
			return FLC_ADMIT_LATER;
		flc_add_full(&loop->pending, 1);
		return FLC_ADMITTED;
	}
	if (loop->pieces != NULL && flc_pieces_left(loop->pieces))
		return FLC_ADMIT_LATER;
	return flc_part_admit(loop) ? FLC_ADMITTED : FLC_ADMIT_NO_MORE;
}

/* Not the last: the part whose rest it is is counted, or the caller's. */
static void
dismiss(size_t tag)
{
	flc_add_full(&((struct flc_loop *)tag)->pending, (size_t)-1);
}

void
flc_part_end(struct flc_worker *worker, struct flc_loop *loop)
{
	struct filch_pool *pool = worker->pool;
	bool limited = loop->limited;

	flc_pending_end(&loop->pending, pool);
	if (limited)
		flc_worker_show_rests(pool, (size_t)loop);
}

static void run_taken(struct flc_worker *worker, const struct flc_job *job);

static const struct flc_rest_loop rest_loop = { admit, dismiss, run_taken };

/* A worker that is one too many, because callers came in, puts the rest of a part back
 * where the others find it, and goes to sleep.  Not in the middle of a piece while others
 * are left: run_pieces() would go on with these if it is not one too many any more, and
 * so a thread more than max_workers have a part. */
static FLC_COLD bool
hand_back(struct run *run)
{
	struct flc_worker *worker = run->worker;
	struct flc_loop *loop = run->loop;
	struct flc_job job = { .run = run_taken, .tag = (size_t)loop };

	if (loop->pieces != NULL && flc_pieces_left(loop->pieces))
		return false;
	if (run->part.rest != NULL)
		flc_rest_close(&worker->rests, &run->part);
	job.range = (struct flc_job_range){ run->part.begin, run->part.end, 0 };
	if (job.range.begin >= job.range.end)
		return true;
	flc_add_full(&loop->pending, 1);
	if (flc_job_deque_push(&worker->jobs, &job) != 0)
		return true;
	flc_pending_end(&loop->pending, worker->pool);
	return false;
}

/* -- Chunk by chunk -- */

/* The grain for a chunk of what is left. */
static size_t
grain_of(const struct run *run, size_t left)
{
	if (FLC_LIKELY(!run->chunks.careful))
		return run->chunks.grain;
	return flc_chunks_careful_grain(&run->chunks, run->worker->pool->threads,
	    run->part.begin - run->first, left);
}

/* Claims the next chunk, and lets others take of what is left beyond, if that is worth
 * it. */
static void
share(struct run *run, size_t chunk)
{
	struct flc_loop *loop = run->loop;
	size_t beyond = run->part.end - run->part.begin - chunk;
	size_t least = flc_chunk_least_part(loop, run->chunks.grain);

	if (beyond < (loop->adapts && !is_wanted(run->worker, loop) ? run->chunks.grain : least)
	    || beyond == 0)
		return;
	run->shown = run->chunks.grain;
	if (!flc_rest_open(&run->worker->rests, &run->part, run->part.begin + chunk,
	    &rest_loop, (size_t)loop, least, loop->unit > 1 ? loop->unit : least))
		return;
	flc_worker_publish();
	if (flc_sleep_idle(&run->worker->pool->sleep) == FLC_IDLE_SLEEPER)
		flc_worker_wake_gently(run->worker);
}

/* Whether the next claim passes a full fence, as somebody looks for work or has asked, or
 * as it costs nothing beside the chunk. */
static bool
is_fenced(struct run *run, enum flc_idle idle)
{
	struct flc_rest *rest = run->part.rest;
	bool fenced = run->chunks.is_long || idle == FLC_IDLE_SEARCHER
	    || !flc_fence_is_cheap();

	if (FLC_UNLIKELY(flc_load_relaxed(&rest->asked) != 0)) {
		flc_store_relaxed(&rest->asked, 0);
		run->fences = FENCED_CLAIMS;
	}
	if (FLC_UNLIKELY(run->fences > 0)) {
		run->fences--;
		fenced = true;
	}
	flc_rest_set_fenced(rest, fenced);
	return fenced;
}

/* A taker was faster: what is left is known under the lock only. */
static FLC_COLD size_t
claim_held(struct run *run)
{
	struct flc_rest *rest = run->part.rest;
	size_t begin = run->part.begin;
	size_t left = flc_rest_hold(rest, begin) - begin;
	size_t chunk = left > 0 ? flc_chunk_of(run->loop, grain_of(run, left), left) : 0;

	flc_rest_let_go(rest, begin + chunk);
	return chunk;
}

/* The next chunk of what others may take meanwhile; 0: they have taken all. */
static size_t
claim(struct run *run, size_t left)
{
	const struct flc_loop *loop = run->loop;
	struct flc_rest *rest = run->part.rest;
	size_t end = run->part.begin + flc_chunk_of(loop, grain_of(run, left), left), back;
	enum flc_idle idle = flc_sleep_idle(&run->worker->pool->sleep);

	if (FLC_UNLIKELY(run->shown != run->chunks.grain)) {
		size_t least = flc_chunk_least_part(loop, run->chunks.grain);

		run->shown = run->chunks.grain;
		flc_rest_set_least(rest, least, loop->unit > 1 ? loop->unit : least);
	}
	back = flc_rest_claim(rest, end, is_fenced(run, idle));
	if (FLC_UNLIKELY(end > back || (end < back && back - end < loop->least)))
		return claim_held(run);
	if (idle == FLC_IDLE_SLEEPER && back - end >= flc_load_relaxed(&rest->least))
		flc_worker_wake_gently(run->worker);
	return end - run->part.begin;
}

/* How much seems to be left of the part; 0 only if that is sure.  Less than the least is
 * never left: then a taker has moved the back and is about to put it there again, and a
 * chunk up to where it stands now would be too short. */
static inline size_t
left_of(struct run *run)
{
	struct flc_part *part = &run->part;
	size_t left;

	if (part->rest != NULL) {
		left = flc_rest_between(part->begin, flc_rest_back(part->rest));
		if (FLC_LIKELY(left >= run->loop->least))
			return left;
		flc_rest_close(&run->worker->rests, part);
	}
	return part->end - part->begin;
}

static inline size_t
next_chunk(struct run *run, size_t left)
{
	if (run->part.rest == NULL) {
		size_t chunk = flc_chunk_of(run->loop, grain_of(run, left), left);

		if (run->loop->parts > 1 && chunk < left)
			share(run, chunk);
		return chunk;
	}
	return claim(run, left);
}

/* One chunk; false: the loop has failed there. */
static bool
run_chunk(struct flc_worker *worker, struct flc_loop *loop, size_t begin, size_t chunk)
{
	int status = loop->body(loop->context, begin, begin + chunk);

	flc_worker_check_fork(worker);
	flc_count(&worker->counters->tasks_run, 1);
	if (loop->options->progress != NULL)
		flc_progress_add(worker, loop->options->progress, chunk);
	if (status == FILCH_OK)
		return true;
	flc_early_exit_fail(&loop->ending, worker->pool, begin, status);
	return false;
}

bool
flc_part_run(struct flc_worker *worker, struct flc_loop *loop, size_t begin, size_t end)
{
	struct flc_scope_place place;
	struct flc_scope scope;
	struct run run = {
		.worker = worker, .loop = loop, .part = { begin, end, NULL }, .first = begin,
		.chunks = flc_chunks_begin(loop),
	};
	bool stays = true;
	size_t left;

	flc_early_exit_scope(&loop->ending, &scope, worker->scope, loop->options->cancel);
	place = flc_scope_enter(worker, &scope);
	while ((left = left_of(&run)) > 0) {
		size_t chunk;

		begin = run.part.begin;
		if (flc_early_exit_is_over(&loop->ending, begin, loop->options))
			break;
		if (FLC_UNLIKELY(flc_part_is_surplus(worker)) && hand_back(&run)) {
			stays = false;
			break;
		}
		chunk = next_chunk(&run, left);
		if (FLC_UNLIKELY(chunk == 0))
			continue;
		flc_scope_move(&scope, begin);
		if (!run_chunk(worker, loop, begin, chunk))
			break;
		run.part.begin = begin + chunk;
		if (loop->adapts)
			flc_chunks_measure(loop, &run.chunks, chunk);
	}
	if (run.part.rest != NULL)
		flc_rest_close(&worker->rests, &run.part);
	flc_scope_leave(worker, place);
	return stays;
}

void
flc_part_run_all(struct flc_worker *worker, struct flc_loop *loop, size_t begin, size_t end)
{
	bool stays = flc_part_run(worker, loop, begin, end);
	struct flc_job job;

	while (stays && flc_pending_count(flc_load_relaxed(&loop->pending)) != 0
	    && !flc_part_is_surplus(worker) && flc_worker_take_more(worker, (size_t)loop, &job)) {
		flc_count(&worker->counters->tasks_spawned, 1);
		stays = flc_part_run(worker, loop, job.range.begin, job.range.end);
		flc_pending_end(&loop->pending, worker->pool);
	}
}

static void
run_taken(struct flc_worker *worker, const struct flc_job *job)
{
	struct flc_loop *loop = (struct flc_loop *)job->tag;

	flc_float_set_mode(loop->mode);
	flc_store_relaxed(&loop->shared, 1);
	flc_count(&worker->counters->tasks_spawned, 1);
	flc_part_run_all(worker, loop, job->range.begin, job->range.end);
	flc_part_end(worker, loop);
}
