/* SPDX-License-Identifier: BSD-2-Clause */
#include "loop/range.h"

#include "base/float_mode.h"

#include <string.h>

/* What a chunk should last: long beside a steal (0.3 us) and the clock (10 ns),
 * short beside what a user notices of cancellation and imbalance. */
#define CHUNK_NS 10000u

/* While somebody looks for work, parts of a range down to this fraction of a
 * chunk are worth taking. */
#define PARTS_PER_CHUNK 8

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

	if (loop->unit > 1)
		chunk = loop->unit;
	/* No rest that would be smaller than the least. */
	return chunk >= left || left - chunk < loop->least ? left : chunk;
}

/* Whether a part of this loop would be taken at once.  Else a part smaller than
 * a chunk is not worth the way through the deque, and less a wake. */
static bool
is_wanted(const struct flc_worker *worker, const struct flc_loop *loop)
{
	const struct flc_sleep *sleep = &worker->pool->sleep;

	return loop->calls || flc_load_relaxed(&loop->hungry) != 0
	    || flc_sleep_has_searcher(sleep)
	    || (loop->expects && !flc_sleep_wanted(sleep));
}

/* Where to cut [begin, end) in two, each half `part` at least; begin: nowhere. */
static size_t
middle_of(const struct flc_loop *loop, size_t begin, size_t end, size_t part)
{
	size_t least = loop->unit > 1 ? loop->unit : loop->least > part ? loop->least : part;
	size_t left = end - begin;
	size_t middle = begin + left / 2;

	if (left < 2 || left / 2 < (least > 1 ? least : 1))
		return begin;
	return middle - (middle - loop->begin) % loop->unit;
}

/* Its job's last word says how the caller computes with floating point. */
static void run_stolen(struct flc_worker *worker, const struct flc_job *job);

/* One more range, if as many may be there at once: each is one thread's. */
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

/* Puts the upper half of the range where others can take it. */
static size_t
split(struct flc_worker *worker, struct flc_loop *loop, size_t begin, size_t end, size_t part)
{
	size_t middle = middle_of(loop, begin, end, part);
	struct flc_job job = { (size_t)run_stolen, (size_t)loop, middle, end, 0 };
	size_t at;

	if (middle <= begin || !take_part(loop))
		return end;
	job.c = flc_float_mode();
	at = flc_loose_push(&worker->loose, &job);
	if (at == 0) {
		flc_pending_end(&loop->pending, worker->pool);
		flc_count(&worker->counters->tasks_inlined, 1);
		return end;
	}
	flc_count(&worker->counters->tasks_spawned, 1);
	flc_worker_published(worker, &worker->loose.top, at);
	return middle;
}

/* Its own thread's outermost work, and too many are awake. */
static inline bool
is_surplus(struct flc_worker *worker)
{
	return worker->depth == 1 && worker->kind != FILCH_KIND_GUEST
	    && flc_sleep_surplus(&worker->pool->sleep);
}

/* A worker that is one too many, because callers came in, puts the rest of a
 * range back where the others find it, and goes to sleep.  Not in the middle of a
 * piece while others are left: run_pieces() would go on with these if it is not
 * one too many any more, and so a thread more than max_workers have a part. */
static bool
hand_back(struct flc_worker *worker, struct flc_loop *loop, size_t begin, size_t end)
{
	struct flc_job job = { (size_t)run_stolen, (size_t)loop, begin, end, 0 };

	if (!is_surplus(worker) || (loop->pieces != NULL && flc_pieces_left(loop->pieces)))
		return false;
	job.c = flc_float_mode();
	flc_add_full(&loop->pending, 1);
	if (flc_loose_push(&worker->loose, &job) != 0)
		return true;
	flc_pending_end(&loop->pending, worker->pool);
	return false;
}

/* The grain that the measured time of a chunk asks for; also told to others. */
static size_t
adapt(struct flc_loop *loop, size_t grain, size_t chunk, uint64_t ticks)
{
	uint64_t fits;

	if ((double)(ticks * GROWTH) <= loop->chunk_ticks) {
		fits = chunk >= grain ? chunk * GROWTH : grain;
	} else {
		fits = (uint64_t)((double)chunk * loop->chunk_ticks / (double)(ticks + 1));
		fits = fits > 0 ? fits : 1;
	}
	flc_store_relaxed(&loop->cost, (ticks << COST_SHIFT) / chunk);
	flc_store_relaxed(&loop->grain, fits);
	return fits;
}

/* What to run next of [begin, *end), and what of it to put aside before. */
static size_t
next_chunk(struct flc_worker *worker, struct flc_loop *loop, size_t grain, size_t begin,
    size_t *end)
{
	size_t part = grain, half;

	if (loop->parts == 1 || (loop->pieces != NULL && flc_pieces_left(loop->pieces)))
		return chunk_of(loop, grain, *end - begin);
	if (loop->adapts && is_wanted(worker, loop))
		part = grain / PARTS_PER_CHUNK + 1;
	if (flc_loose_seen(&worker->loose) == 0)
		*end = split(worker, loop, begin, *end, part);
	/* A thief of what was put aside will come again: look in between. */
	half = (*end - begin) / 2;
	return chunk_of(loop, part <= half && half < grain ? half : grain, *end - begin);
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

/* Runs [begin, end) except what it puts aside of it. */
static void
run_range(struct flc_worker *worker, struct flc_loop *loop, size_t begin, size_t end)
{
	size_t grain = flc_load_relaxed(&loop->grain);
	struct flc_scope_place place;
	struct flc_scope scope = {
		.outer = loop->ending.outer,
		.below = worker->scope,
		.stopped = &loop->ending.stopped,
		.failed_at = &loop->ending.failed_at,
		.token = loop->options->cancel,
	};
	uint64_t before = loop->adapts ? flc_ticks() : 0;

	place = flc_scope_enter(worker, &scope);
	while (begin < end) {
		if (flc_ending_is_over(&loop->ending, begin, loop->options))
			break;
		if (FLC_UNLIKELY(hand_back(worker, loop, begin, end)))
			break;

		size_t chunk = next_chunk(worker, loop, grain, begin, &end);

		flc_scope_move(&scope, begin);
		if (!run_chunk(worker, loop, begin, chunk))
			break;
		begin += chunk;
		if (loop->adapts) {
			uint64_t now = flc_ticks();

			grain = adapt(loop, grain, chunk, now - before);
			before = now;
		}
	}
	flc_scope_leave(worker, place);
}

/* A range, and what was split off it as long as it comes back. */
static void
run_all(struct flc_worker *worker, struct flc_loop *loop, size_t begin, size_t end)
{
	struct flc_job job;

	run_range(worker, loop, begin, end);
	while (!is_surplus(worker) && flc_loose_pop(&worker->loose, (size_t)loop, &job)) {
		if (job.run != (size_t)run_stolen) {
			((flc_job_fn *)job.run)(worker, &job);
			continue;
		}
		run_range(worker, loop, job.a, job.b);
		flc_pending_end(&loop->pending, worker->pool);
	}
}

static void
run_stolen(struct flc_worker *worker, const struct flc_job *job)
{
	struct flc_loop *loop = (struct flc_loop *)job->tag;

	flc_float_set_mode(job->c);
	flc_store_relaxed(&loop->shared, 1);
	run_all(worker, loop, job->a, job->b);
	flc_pending_end(&loop->pending, worker->pool);
}

static void run_invited(struct flc_worker *worker, const struct flc_job *job);

/* Puts an invitation to run pieces where others can take it. */
static bool
invite(struct flc_worker *worker, struct flc_loop *loop)
{
	struct flc_job job = { (size_t)run_invited, (size_t)loop, 0, 0, flc_float_mode() };
	size_t at = flc_loose_push(&worker->loose, &job);

	if (at == 0) {
		flc_pending_end(&loop->pending, worker->pool);
		return false;
	}
	flc_count(&worker->counters->tasks_spawned, 1);
	flc_worker_published(worker, &worker->loose.top, at);
	return true;
}

/* Pieces, its own first, until none is left; then what it has put aside. */
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
		run_range(worker, loop, begin, end);
		if (FLC_LIKELY(!is_surplus(worker)) || !flc_pieces_left(loop->pieces))
			continue;
		flc_add_full(&loop->pending, 1);
		if (invite(worker, loop))
			return;
	}
	while (!is_surplus(worker) && flc_loose_pop(&worker->loose, (size_t)loop, &job))
		((flc_job_fn *)job.run)(worker, &job);
}

static void
run_invited(struct flc_worker *worker, const struct flc_job *job)
{
	struct flc_loop *loop = (struct flc_loop *)job->tag;

	flc_float_set_mode(job->c);
	if (flc_pieces_left(loop->pieces))
		run_pieces(worker, loop);
	flc_pending_end(&loop->pending, worker->pool);
}

/* A loop by affinity, with memory of its pieces on this stack. */
static void
run_by_affinity(struct flc_worker *worker, struct flc_loop *loop, size_t begin, size_t end)
{
	struct flc_waiting how = { .tag = (size_t)loop, .deadline = FILCH_FOREVER };
	struct flc_pieces pieces;
	size_t shares = worker->pool->threads;

	flc_pieces_begin(&pieces, loop->options->affinity, begin, end, loop->least, loop->unit,
	    shares < loop->parts ? shares : loop->parts);
	loop->pieces = &pieces;
	run_pieces(worker, loop);
	flc_store_relaxed(&loop->hungry, 1);
	flc_wait_pending(worker, &loop->pending, &how);
	flc_pieces_end(&pieces);
}

static uint64_t
first_grain(const struct flc_loop *loop)
{
	const filch_for_options *options = loop->options;
	double cost;

	if (!loop->adapts)
		return loop->least;
	cost = loop->site != NULL ? flc_site_cost(loop->site) : 0;
	/* Half of what the cost asks for: it may have risen since. */
	if (cost > 0)
		return (uint64_t)(loop->chunk_ticks / 2 / cost) + 1;
	if (options->cost_ns > 0 && options->cost_ns < CHUNK_NS)
		return (uint64_t)(CHUNK_NS / options->cost_ns / 2) + 1;
	return 1;
}

/* The fixed length of all chunks, or 1 where they may have any. */
static size_t
unit_of(const struct filch_pool *pool, const filch_for_options *options, size_t n)
{
	size_t shares = pool->threads > 0 ? pool->threads : 1;

	if (options->grain_exact > 0)
		return options->grain_exact;
	if (options->schedule != FILCH_SCHEDULE_STATIC)
		return 1;
	if (options->max_workers > 0 && options->max_workers < shares)
		shares = options->max_workers;
	if (options->grain_min > 0 && n / options->grain_min < shares)
		shares = n / options->grain_min > 0 ? n / options->grain_min : 1;
	return n > shares ? n / shares + (n % shares != 0) : 1;
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

int
flc_loop_run(struct flc_worker *worker, struct flc_loop *loop, size_t begin, size_t end)
{
	const filch_for_options *options = loop->options;
	struct flc_waiting how = { .tag = (size_t)loop, .deadline = FILCH_FOREVER };
	double cost = loop->site != NULL ? flc_site_cost(loop->site) : 0;

	loop->begin = begin;
	loop->chunk_ticks = CHUNK_NS * flc_clock_rate;
	loop->parts = worker->pool->threads > 0 ? worker->pool->slots : 1;
	if (options->max_workers > 0 && options->max_workers < loop->parts)
		loop->parts = options->max_workers;
	loop->unit = unit_of(worker->pool, options, end - begin);
	loop->least = options->grain_min > 0 && options->grain_exact == 0 ? options->grain_min : 1;
	loop->adapts = loop->unit == 1 && options->grain_exact == 0
	    && options->schedule != FILCH_SCHEDULE_DYNAMIC;
	flc_store_relaxed(&loop->pending, 0);
	flc_store_relaxed(&loop->hungry, 0);
	flc_store_relaxed(&loop->shared, 0);
	flc_store_relaxed(&loop->cost, 0);
	flc_ending_begin(&loop->ending, worker->scope);
	flc_store_relaxed(&loop->grain, first_grain(loop));
	look_around(worker, loop, end - begin);
	loop->pieces = NULL;
	if (options->schedule == FILCH_SCHEDULE_AFFINITY && loop->parts > 1 && begin < end)
		run_by_affinity(worker, loop, begin, end);
	else
		run_all(worker, loop, begin, end);
	/* A loop that ran no chunk teaches nothing. */
	if (loop->site != NULL && loop->adapts && flc_load_relaxed(&loop->cost) != 0)
		flc_site_learn(loop->site, (size_t)1 << COST_SHIFT,
		    flc_load_relaxed(&loop->cost));
	if (flc_pending_count(flc_load_relaxed(&loop->pending)) != 0)
		flc_store_relaxed(&loop->hungry, 1);
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
