/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/steal.h"

#include "base/yield.h"
#include "sched/inbox.h"
#include "sched/publish.h"

/* xorshift64*: S. Vigna (2016). */
static uint64_t
random_next(struct flc_worker *worker)
{
	uint64_t x = worker->random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	worker->random = x;
	return x * UINT64_C(2685821657736338717);
}

unsigned
flc_worker_distance(const struct flc_worker *worker, const struct flc_worker *other)
{
	for (size_t i = 0; i < worker->victims; i++)
		if (worker->victim[i] == other->index)
			return worker->distance[i];
	return FILCH_DISTANCE_REMOTE;
}

void
flc_worker_count_probe(struct flc_worker *worker, unsigned distance, enum flc_steal outcome)
{
	struct flc_counters *c = worker->counters;

	flc_count(&c->attempts[distance], 1);
	if (outcome == FLC_STEAL_TASK) {
		flc_count(&c->stolen_tasks, 1);
		flc_count_release(&c->steals[distance], 1);
	} else {
		flc_count_release(outcome == FLC_STEAL_EMPTY
		    ? &c->misses_empty : &c->misses_lost, 1);
	}
}

/* One probe of one victim: its forks, then its jobs, then its loops. */
static enum flc_steal
steal_from(struct flc_worker *worker, struct flc_worker *victim, unsigned distance)
{
	filch_record_ *record;
	struct flc_job job;
	size_t at;
	enum flc_steal outcome = flc_fork_deque_steal(&victim->forks, NULL, &record, &at);

	if (outcome == FLC_STEAL_TASK) {
		worker->outside = false;
		flc_worker_count_probe(worker, distance, outcome);
		flc_counters_saw_depth(victim->counters, flc_fork_deque_seen(&victim->forks) + 1);
		flc_worker_run_record(worker, victim, record, at);
		return outcome;
	}
	enum flc_steal second = flc_job_deque_steal(&victim->jobs, FLC_ANY_TAG, &job);

	if (second == FLC_STEAL_EMPTY)
		second = flc_rests_take(&victim->rests, FLC_ANY_TAG, false, &job);
	if (second == FLC_STEAL_EMPTY)
		second = outcome;
	flc_worker_count_probe(worker, distance, second);
	if (second == FLC_STEAL_TASK) {
		worker->outside = false;
		flc_counters_saw_depth(victim->counters, flc_job_deque_seen(&victim->jobs) + 1);
		flc_worker_run_job(worker, &job);
	}
	return second;
}

/* Victims of one distance stand together; within it the start is random. */
static bool
steal_and_run(struct flc_worker *worker)
{
	size_t begin = 0;

	while (begin < worker->victims) {
		unsigned distance = worker->distance[begin];
		size_t end = begin + 1;

		while (end < worker->victims && worker->distance[end] == distance)
			end++;
		size_t first = random_next(worker) % (end - begin);

		for (size_t i = 0; i < end - begin; i++) {
			struct flc_worker *victim = flc_pool_worker(worker->pool,
			    worker->victim[begin + (first + i) % (end - begin)]);

			if (victim != NULL
			    && steal_from(worker, victim, distance) == FLC_STEAL_TASK)
				return true;
		}
		begin = end;
	}
	return false;
}

static bool
run_own(struct flc_worker *worker)
{
	struct flc_job job;

	if (!flc_job_deque_pop(&worker->jobs, FLC_ANY_TAG, &job)
	    && flc_rests_take_inner(&worker->rests, &job) != FLC_STEAL_TASK)
		return false;
	flc_worker_run_job(worker, &job);
	return true;
}

static bool
take_injected(struct flc_worker *worker, size_t tag, struct flc_job *job)
{
	uint64_t queued;

	if (!flc_injector_take_timed(&worker->pool->injector, tag, job, &queued))
		return false;
	worker->outside = true;
	flc_counters_injected(worker->counters, queued);
	return true;
}

static bool
run_injected(struct flc_worker *worker)
{
	bool at_bottom = worker->depth == 0 && worker->kind != FILCH_SLOT_GUEST;
	struct flc_job job;

	if (!take_injected(worker, at_bottom ? FLC_ANY_TAG : FLC_UNSENT_TAG, &job))
		return false;
	flc_worker_run_job(worker, &job);
	return true;
}

bool
flc_worker_help(struct flc_worker *worker)
{
	/* Woken for work from outside: it does not ask all victims first. */
	return flc_inbox_run(worker) || run_own(worker)
	    || (worker->outside && run_injected(worker))
	    || steal_and_run(worker) || run_injected(worker);
}

/* The end that is asked for, then the other one.  Oldest first where older jobs of others
 * lie below: these go round. */
static bool
take_own(struct flc_worker *worker, size_t tag, bool fifo, struct flc_job *job)
{
	size_t moved;

	return (!fifo && flc_job_deque_pop(&worker->jobs, tag, job))
	    || flc_job_deque_steal(&worker->jobs, tag, job) == FLC_STEAL_TASK
	    || (fifo && flc_job_deque_newest_bears(&worker->jobs, tag)
		&& flc_job_deque_take_oldest(&worker->jobs, tag, &worker->jobs, job, &moved));
}

/* What is older moves to our own deque, where others find it as well. */
static bool
take_buried(struct flc_worker *worker, struct flc_worker *victim, size_t tag, struct flc_job *job)
{
	size_t moved;
	bool found = flc_job_deque_take_oldest(&victim->jobs, tag, &worker->jobs, job, &moved);

	if (moved != 0 && victim != worker)
		flc_worker_published(worker, &worker->jobs.top, moved);
	return found;
}

bool
flc_worker_help_buried(struct flc_worker *worker, size_t tag)
{
	struct flc_job job;
	bool found = flc_job_deque_seen(&worker->jobs) > 0
	    && take_buried(worker, worker, tag, &job);

	for (size_t i = 0; i < worker->victims && !found; i++) {
		struct flc_worker *victim = flc_pool_worker(worker->pool, worker->victim[i]);

		found = victim != NULL && flc_job_deque_seen(&victim->jobs) > 1
		    && take_buried(worker, victim, tag, &job);
	}
	if (found)
		flc_worker_run_job(worker, &job);
	return found;
}

static bool
sees_at(const struct flc_worker *victim, size_t tag, bool wide)
{
	size_t older;

	if (wide)
		return flc_fork_deque_seen(&victim->forks) > 0
		    || flc_job_deque_seen(&victim->jobs) > 0
		    || flc_rests_seen(&victim->rests);
	return flc_job_deque_bears(&victim->jobs, tag, &older)
	    || flc_rests_bear(&victim->rests, tag);
}

bool
flc_worker_sees(struct flc_worker *worker, size_t tag, bool wide)
{
	size_t older;

	if (flc_injector_bears(&worker->pool->injector, wide ? FLC_UNSENT_TAG : tag)
	    || (wide ? flc_job_deque_seen(&worker->jobs) > 0
		: flc_job_deque_bears(&worker->jobs, tag, &older)))
		return true;
	for (size_t i = 0; i < worker->victims; i++) {
		struct flc_worker *victim = flc_pool_worker(worker->pool, worker->victim[i]);

		if (victim != NULL && sees_at(victim, tag, wide))
			return true;
	}
	return false;
}

bool
flc_worker_run_own(struct flc_worker *worker, size_t tag, bool fifo)
{
	struct flc_job job;

	if (flc_job_deque_seen(&worker->jobs) == 0 || !take_own(worker, tag, fifo, &job))
		return false;
	flc_count(&worker->counters->tasks_run, 1);
	flc_worker_run_in_place(worker, &job);
	return true;
}

bool
flc_worker_take_more(struct flc_worker *worker, size_t tag, struct flc_job *job)
{
	bool found = false;

	for (size_t i = 0; i < worker->victims && !found; i++) {
		struct flc_worker *victim = flc_pool_worker(worker->pool, worker->victim[i]);
		enum flc_steal outcome;

		if (victim == NULL || flc_load_relaxed(&victim->rests.used) == 0)
			continue;
		outcome = flc_rests_take(&victim->rests, tag, true, job);
		if (outcome != FLC_STEAL_EMPTY)
			flc_worker_count_probe(worker, worker->distance[i], outcome);
		found = outcome == FLC_STEAL_TASK;
	}
	return found;
}

void
flc_worker_show_rests(struct filch_pool *pool, size_t tag)
{
	for (size_t i = 0; i < pool->slots; i++) {
		struct flc_worker *worker = flc_pool_worker(pool, i);

		if (worker != NULL)
			flc_rests_show(&worker->rests, tag);
	}
}

static bool
take_of_others(struct flc_worker *worker, size_t tag, struct flc_job *job)
{
	bool found = false;

	for (size_t i = 0; i < worker->victims && !found; i++) {
		struct flc_worker *victim = flc_pool_worker(worker->pool, worker->victim[i]);

		if (victim == NULL || flc_job_deque_seen(&victim->jobs) == 0)
			continue;
		enum flc_steal outcome = flc_job_deque_steal(&victim->jobs, tag, job);

		flc_worker_count_probe(worker, worker->distance[i], outcome);
		found = outcome == FLC_STEAL_TASK;
	}
	return found;
}

/* From any job deque, own first, from loops, and from the injection queue. */
bool
flc_worker_help_tag(struct flc_worker *worker, size_t tag, bool fifo)
{
	struct flc_job job;

	if (!take_own(worker, tag, fifo, &job) && !take_of_others(worker, tag, &job)
	    && !flc_worker_take_more(worker, tag, &job) && !take_injected(worker, tag, &job))
		return false;
	flc_worker_run_job(worker, &job);
	return true;
}

bool
flc_backoff_spin(struct flc_worker *worker, struct flc_backoff *backoff)
{
	uint64_t now;

	/* With more threads than CPUs, whom we wait for may wait for our CPU.  Else
	 * pauses grow up to 32. */
	if (worker->pool->overcommitted) {
		if (!flc_yield_cpu())
			return false;
	} else {
		for (uint32_t i = 0; i < 1u << (backoff->rounds < 5 ? backoff->rounds : 5); i++)
			flc_spin_hint();
	}
	now = flc_ticks();
	if (backoff->since == 0)
		backoff->since = now;
	backoff->rounds++;
	return now - backoff->since < worker->pool->spin_ticks;
}
