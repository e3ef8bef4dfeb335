/* SPDX-License-Identifier: BSD-2-Clause */
#include "loop/range.h"

#include "base/float_mode.h"

#include <string.h>

/* What a chunk should last: long beside a steal (0.3 us) and the clock (10 ns),
 * short beside what a user notices of cancellation and imbalance. */
#define CHUNK_NS 10000u

/* While somebody looks for work, parts down to this fraction of a chunk are worth
 * taking. */
#define PARTS_PER_CHUNK 8

/* A chunk that lasts so many times what it should makes the loop careful: its grain
 * grows slowly from then on, by what the cost is thought to fall per chunk. */
#define FAR_TOO_LONG 4
#define CARE 4

/* Of a loop that nothing is known of, a chunk is at most this part of what is left for
 * each worker, and this part of what was done; but CHUNK_NS / BRIEF it may last. */
#define LEFT_PART 4
#define DONE_PART 8
#define BRIEF 10

/* So many claims are fenced after a taker has asked for it. */
#define FENCED_CLAIMS 32

/* The first chunk is one index, then they grow by this until they last. */
#define GROWTH 8

/* loop->cost is in ticks per 2^16 indexes. */
#define COST_SHIFT 16

void
flc_make_progress(struct flc_worker *worker, filch_progress *progress, size_t by)
{
	size_t stripes = sizeof(progress->stripe_) / sizeof(progress->stripe_[0]);

	flc_add_full((flc_atomic *)&progress->stripe_[worker->index % stripes].done, by);
}

size_t
filch_progress_done(const filch_progress *progress)
{
	const size_t stripes = sizeof(progress->stripe_) / sizeof(progress->stripe_[0]);
	size_t done = 0;

	for (size_t i = 0; progress != NULL && i < stripes; i++)
		done += flc_load_relaxed((const flc_atomic *)&progress->stripe_[i].done);
	return done;
}

/* The length of the next chunk of what is left. */
static size_t
chunk_of(const struct flc_loop *loop, size_t grain, size_t left)
{
	size_t chunk = grain < loop->least ? loop->least : grain;

	/* No rest that would be smaller than the least. */
	return chunk >= left || left - chunk < loop->least ? left : chunk;
}

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
	size_t grain;
	size_t shown;            /* the grain that the rest was told */
	uint64_t before;         /* ticks, at the end of the last chunk */
	bool is_long;            /* chunks last long beside a locked instruction */
	bool careful;            /* the next may be dear, and nothing is known of the loop */
	unsigned fences;         /* so many claims more are fenced */
};

/* -- Parts that others take -- */

/* One more, if as many may be there at once: each is one thread's. */
static bool
take_part(struct flc_loop *loop)
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
	return take_part(loop) ? FLC_ADMITTED : FLC_ADMIT_NO_MORE;
}

/* Not the last: the part whose rest it is is counted, or the caller's. */
static void
dismiss(size_t tag)
{
	flc_add_full(&((struct flc_loop *)tag)->pending, (size_t)-1);
}

/* Its part has ended.  The loop may be gone as soon as that is counted. */
static void
leave(struct flc_worker *worker, struct flc_loop *loop)
{
	struct filch_pool *pool = worker->pool;
	bool limited = loop->limited;

	flc_pending_end(&loop->pending, pool);
	if (limited)
		flc_worker_show_rests(pool, (size_t)loop);
}

static void run_taken(struct flc_worker *worker, const struct flc_job *job);

static const struct flc_rest_loop rest_loop = { admit, dismiss, run_taken };

/* Its own thread's outermost work, and too many are awake. */
static inline bool
is_surplus(struct flc_worker *worker)
{
	return worker->depth == 1 && worker->kind != FILCH_KIND_GUEST
	    && flc_sleep_surplus(&worker->pool->sleep);
}

/* A worker that is one too many, because callers came in, puts the rest of a
 * part back where the others find it, and goes to sleep.  Not in the middle of a
 * piece while others are left: run_pieces() would go on with these if it is not
 * one too many any more, and so a thread more than max_workers have a part. */
static FLC_COLD bool
hand_back(struct run *run)
{
	struct flc_worker *worker = run->worker;
	struct flc_loop *loop = run->loop;
	struct flc_job job = { (size_t)run_taken, (size_t)loop, 0, 0, 0 };

	if (loop->pieces != NULL && flc_pieces_left(loop->pieces))
		return false;
	if (run->part.rest != NULL)
		flc_rest_close(&worker->rests, &run->part);
	job.a = run->part.begin;
	job.b = run->part.end;
	if (job.a >= job.b)
		return true;
	flc_add_full(&loop->pending, 1);
	if (flc_loose_push(&worker->loose, &job) != 0)
		return true;
	flc_pending_end(&loop->pending, worker->pool);
	return false;
}

/* -- How long a chunk is -- */

/* The grain that the measured time of a chunk asks for; also told to others. */
static size_t
adapt(struct flc_loop *loop, size_t grain, size_t chunk, uint64_t ticks)
{
	uint64_t cost = (ticks << COST_SHIFT) / chunk, before = flc_load_relaxed(&loop->cost);
	uint64_t fits;

	if (FLC_UNLIKELY((double)ticks > FAR_TOO_LONG * loop->chunk_ticks))
		flc_store_relaxed(&loop->careful, 1);
	if (FLC_UNLIKELY(flc_load_relaxed(&loop->careful) != 0)) {
		if (cost < before)
			cost = before - before / CARE;
		fits = (uint64_t)(loop->chunk_ticks * ((uint64_t)1 << COST_SHIFT)
		    / (double)(cost + 1));
		fits = fits > 0 ? fits : 1;
	} else if ((double)(ticks * GROWTH) <= loop->chunk_ticks) {
		fits = chunk >= grain ? chunk * GROWTH : grain;
	} else {
		fits = (uint64_t)((double)chunk * loop->chunk_ticks / (double)(ticks + 1));
		fits = fits > 0 ? fits : 1;
	}
	flc_store_relaxed(&loop->cost, cost);
	flc_store_relaxed(&loop->grain, fits);
	return fits;
}

static size_t
larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* A loop that nothing is known of may be dear where it was cheap so far. */
static size_t
careful_grain(const struct run *run, size_t left)
{
	size_t threads = run->worker->pool->threads;
	size_t done = run->part.begin - run->first;

	return smaller(run->grain, 1 + larger(run->grain / BRIEF,
	    smaller(done / DONE_PART, left / (LEFT_PART * threads))));
}

/* The grain for a chunk of what is left. */
static size_t
grain_of(const struct run *run, size_t left)
{
	return FLC_LIKELY(!run->careful) ? run->grain : careful_grain(run, left);
}

/* So few indexes are not worth taking. */
static size_t
least_part(const struct flc_loop *loop, size_t grain)
{
	if (!loop->adapts)
		return loop->unit > 1 ? 1 : loop->least;
	return larger(loop->least, grain / PARTS_PER_CHUNK + 1);
}

/* -- A part, chunk by chunk -- */

/* Claims the next chunk, and lets others take of what is left beyond, if that is worth
 * it. */
static void
share(struct run *run, size_t chunk)
{
	struct flc_loop *loop = run->loop;
	size_t beyond = run->part.end - run->part.begin - chunk;
	size_t least = least_part(loop, run->grain);

	if (beyond < (loop->adapts && !is_wanted(run->worker, loop) ? run->grain : least)
	    || beyond == 0)
		return;
	run->shown = run->grain;
	if (!flc_rest_open(&run->worker->rests, &run->part, run->part.begin + chunk,
	    &rest_loop, (size_t)loop, least, loop->unit > 1 ? loop->unit : least))
		return;
	flc_worker_publish();
	if (flc_sleep_idle(&run->worker->pool->sleep) == FLC_IDLE_SLEEPER)
		flc_worker_rouse_gently(run->worker);
}

/* Whether the next claim passes a full fence, as somebody looks for work or has asked,
 * or as it costs nothing beside the chunk. */
static bool
is_fenced(struct run *run, enum flc_idle idle)
{
	struct flc_rest *rest = run->part.rest;
	bool fenced = run->is_long || idle == FLC_IDLE_SEARCHER || !flc_fence_is_asymmetric();

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
	size_t chunk = left > 0 ? chunk_of(run->loop, grain_of(run, left), left) : 0;

	flc_rest_let_go(rest, begin + chunk);
	return chunk;
}

/* The next chunk of what others may take meanwhile; 0: they have taken all. */
static size_t
claim(struct run *run, size_t left)
{
	const struct flc_loop *loop = run->loop;
	struct flc_rest *rest = run->part.rest;
	size_t end = run->part.begin + chunk_of(loop, grain_of(run, left), left), back;
	enum flc_idle idle = flc_sleep_idle(&run->worker->pool->sleep);

	if (FLC_UNLIKELY(run->shown != run->grain)) {
		size_t least = least_part(loop, run->grain);

		run->shown = run->grain;
		flc_rest_set_least(rest, least, loop->unit > 1 ? loop->unit : least);
	}
	back = flc_rest_claim(rest, end, is_fenced(run, idle));
	if (FLC_UNLIKELY(end > back || (end < back && back - end < loop->least)))
		return claim_held(run);
	if (idle == FLC_IDLE_SLEEPER && back - end >= flc_load_relaxed(&rest->least))
		flc_worker_rouse_gently(run->worker);
	return end - run->part.begin;
}

/* How much seems to be left of the part; 0 only if that is sure. */
static inline size_t
left_of(struct run *run)
{
	struct flc_part *part = &run->part;
	size_t left;

	if (part->rest != NULL) {
		left = flc_rest_between(part->begin, flc_rest_back(part->rest));
		if (FLC_LIKELY(left > 0))
			return left;
		flc_rest_close(&run->worker->rests, part);
	}
	return part->end - part->begin;
}

static inline size_t
next_chunk(struct run *run, size_t left)
{
	if (run->part.rest == NULL) {
		size_t chunk = chunk_of(run->loop, grain_of(run, left), left);

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
		flc_make_progress(worker, loop->options->progress, chunk);
	if (status == FILCH_OK)
		return true;
	flc_ending_fail(&loop->ending, worker->pool, begin, status);
	return false;
}

static void
measure(struct run *run, size_t chunk)
{
	uint64_t now = flc_ticks(), ticks = now - run->before;

	run->grain = adapt(run->loop, run->grain, chunk, ticks);
	run->is_long = (double)ticks * BRIEF > run->loop->chunk_ticks;
	run->careful = run->loop->is_new
	    && (double)ticks * (BRIEF * GROWTH) > run->loop->chunk_ticks;
	run->before = now;
}

/* Runs [begin, end) except what others take of it.  False: it was handed back, with the
 * place in the loop: then the worker may not take more of it. */
static bool
run_part(struct flc_worker *worker, struct flc_loop *loop, size_t begin, size_t end)
{
	struct flc_scope_place place;
	struct flc_scope scope = {
		.outer = loop->ending.outer,
		.below = worker->scope,
		.stopped = &loop->ending.stopped,
		.failed_at = &loop->ending.failed_at,
		.token = loop->options->cancel,
	};
	struct run run = {
		.worker = worker, .loop = loop, .part = { begin, end, NULL }, .first = begin,
		.grain = flc_load_relaxed(&loop->grain), .before = loop->adapts ? flc_ticks() : 0,
	};
	bool stays = true;
	size_t left;

	place = flc_scope_enter(worker, &scope);
	while ((left = left_of(&run)) > 0) {
		size_t chunk;

		begin = run.part.begin;
		if (flc_ending_is_over(&loop->ending, begin, loop->options))
			break;
		if (FLC_UNLIKELY(is_surplus(worker)) && hand_back(&run)) {
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
			measure(&run, chunk);
	}
	if (run.part.rest != NULL)
		flc_rest_close(&worker->rests, &run.part);
	flc_scope_leave(worker, place);
	return stays;
}

/* A part, then of what others have left of theirs. */
static void
run_all(struct flc_worker *worker, struct flc_loop *loop, size_t begin, size_t end)
{
	bool stays = run_part(worker, loop, begin, end);
	struct flc_job job;

	while (stays && flc_pending_count(flc_load_relaxed(&loop->pending)) != 0
	    && !is_surplus(worker) && flc_worker_take_more(worker, (size_t)loop, &job)) {
		flc_count(&worker->counters->tasks_spawned, 1);
		stays = run_part(worker, loop, job.a, job.b);
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
	run_all(worker, loop, job->a, job->b);
	leave(worker, loop);
}

/* -- Pieces -- */

static void run_invited(struct flc_worker *worker, const struct flc_job *job);

/* Puts an invitation to run pieces where others can take it. */
static bool
invite(struct flc_worker *worker, struct flc_loop *loop)
{
	struct flc_job job = { (size_t)run_invited, (size_t)loop, 0, 0, 0 };
	size_t at = flc_loose_push(&worker->loose, &job);

	if (at == 0) {
		flc_pending_end(&loop->pending, worker->pool);
		return false;
	}
	flc_count(&worker->counters->tasks_spawned, 1);
	flc_worker_published(worker, &worker->loose.top, at);
	return true;
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
		if (flc_loose_seen(&worker->loose) == 0 && flc_pieces_left(loop->pieces)
		    && take_part(loop))
			(void)invite(worker, loop);
		if (!run_part(worker, loop, begin, end))
			return;
		if (FLC_LIKELY(!is_surplus(worker)) || !flc_pieces_left(loop->pieces))
			continue;
		flc_add_full(&loop->pending, 1);
		if (invite(worker, loop))
			return;
	}
	while (!is_surplus(worker) && flc_loose_pop(&worker->loose, (size_t)loop, &job))
		((flc_job_fn *)job.run)(worker, &job);
	run_all(worker, loop, 0, 0);
}

static void
run_invited(struct flc_worker *worker, const struct flc_job *job)
{
	struct flc_loop *loop = (struct flc_loop *)job->tag;

	flc_float_set_mode(loop->mode);
	flc_store_relaxed(&loop->shared, 1);
	if (flc_pieces_left(loop->pieces))
		run_pieces(worker, loop);
	leave(worker, loop);
}

/* Of at least `least` indexes each, if there are as many. */
static size_t
static_parts(const struct flc_loop *loop, size_t shares, size_t n)
{
	return larger(1, smaller(shares, n / loop->least));
}

/* A loop by affinity or a static one, with memory of its pieces on this stack. */
static void
run_by_pieces(struct flc_worker *worker, struct flc_loop *loop, size_t begin, size_t end)
{
	struct flc_waiting how = { .tag = (size_t)loop, .deadline = FILCH_FOREVER };
	struct flc_pieces pieces;
	size_t shares = smaller(worker->pool->threads, loop->parts);

	if (loop->whole)
		flc_pieces_begin_static(&pieces, begin, end,
		    static_parts(loop, smaller(shares, FLC_PIECES_STATIC), end - begin));
	else
		flc_pieces_begin(&pieces, loop->options->affinity, begin, end, loop->least,
		    loop->unit, shares);
	loop->pieces = &pieces;
	run_pieces(worker, loop);
	flc_wait_pending(worker, &loop->pending, &how);
	if (!loop->whole)
		flc_pieces_end(&pieces);
}

static uint64_t
first_grain(const struct flc_loop *loop)
{
	const filch_for_options *options = loop->options;
	double cost;

	if (!loop->adapts)
		return loop->whole ? SIZE_MAX : larger(loop->unit, loop->least);
	cost = loop->site != NULL ? flc_site_cost(loop->site) : 0;
	/* Half of what the cost asks for: it may have risen since. */
	if (cost > 0)
		return (uint64_t)(loop->chunk_ticks / 2 / cost) + 1;
	if (options->cost_ns > 0 && options->cost_ns < CHUNK_NS)
		return (uint64_t)(CHUNK_NS / options->cost_ns / 2) + 1;
	return 1;
}

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

int
flc_loop_run(struct flc_worker *worker, struct flc_loop *loop, size_t begin, size_t end)
{
	const filch_for_options *options = loop->options;
	struct flc_waiting how = { .tag = (size_t)loop, .deadline = FILCH_FOREVER };
	double cost = loop->site != NULL ? flc_site_cost(loop->site) : 0;

	loop->begin = begin;
	loop->chunk_ticks = CHUNK_NS * flc_clock_rate;
	loop->mode = flc_float_mode();
	choose_parts(worker->pool, loop);
	choose_chunks(loop, worker->pool->threads);
	flc_store_relaxed(&loop->pending, 0);
	flc_store_relaxed(&loop->shared, 0);
	flc_store_relaxed(&loop->careful, 0);
	flc_store_relaxed(&loop->cost, 0);
	flc_ending_begin(&loop->ending, worker->scope);
	flc_store_relaxed(&loop->grain, first_grain(loop));
	look_around(worker, loop, end - begin);
	loop->pieces = NULL;
	if ((loop->whole || options->schedule == FILCH_SCHEDULE_AFFINITY) && loop->parts > 1
	    && begin < end)
		run_by_pieces(worker, loop, begin, end);
	else
		run_all(worker, loop, begin, end);
	/* A loop that ran no chunk teaches nothing. */
	if (loop->site != NULL && loop->adapts && flc_load_relaxed(&loop->cost) != 0)
		flc_site_learn(loop->site, (size_t)1 << COST_SHIFT,
		    flc_load_relaxed(&loop->cost));
	flc_wait_pending(worker, &loop->pending, &how);
	if (loop->site != NULL)
		remember(loop, end - begin, cost);
	return flc_ending_status(&loop->ending, options);
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
	if (complete->schedule < FILCH_SCHEDULE_AUTO
	    || complete->schedule > FILCH_SCHEDULE_AFFINITY || !(complete->cost_ns >= 0))
		return FILCH_INVAL;
	return FILCH_OK;
}
