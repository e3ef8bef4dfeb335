/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/idle.h"

#include "base/this_cpu.h"
#include "sched/inbox.h"
#include "sched/places.h"
#include "sched/publish.h"
#include "sched/steal.h"
#include "sched/thread.h"

void
flc_worker_stop_search(struct flc_worker *worker, bool stole_fork)
{
	if (!worker->searching)
		return;
	worker->searching = false;
	flc_worker_after_leaving(worker, worker->pool,
	    flc_sleep_stop_search(&worker->pool->sleep, stole_fork));
}

/*
 * Where nobody runs anything, the next work comes from outside, as the last did: then a
 * worker waits for it awake only if such work comes in quick succession, and never on the
 * CPU of the thread that it came from, which goes on working there.
 */
static bool
may_spin(const struct flc_worker *worker)
{
	const struct filch_pool *pool = worker->pool;

	if (!worker->outside)
		return true;
	return flc_load_relaxed(&pool->injector.cpu) != flc_this_cpu()
	    && (flc_sleep_has_runner(&pool->sleep)
	    || flc_load_relaxed(&pool->injector.gap) < pool->spin_ticks);
}

/* A phase is open: a worker that found no work since then goes on looking for it. */
static bool
is_hot(const filch_pool *pool, uint64_t since_ticks)
{
	return flc_load_relaxed(&pool->phases) != 0
	    && !flc_load_relaxed(&pool->sleep.closing)
	    && (double)(flc_ticks() - since_ticks) < FILCH_PHASE_NS * flc_clock_rate;
}

bool
flc_worker_search(struct flc_worker *worker)
{
	struct flc_backoff backoff = { 0, 0 };

	if (FLC_UNLIKELY(worker->blocking > 0))
		flc_blocking_forgotten(worker);
	if (!worker->searching) {
		worker->searching = true;
		flc_sleep_start_search(&worker->pool->sleep);
	}
	do {
		if (flc_sleep_surplus(&worker->pool->sleep))
			return flc_inbox_run(worker);
		if (flc_worker_help(worker))
			return true;
		if (backoff.since == 0)
			backoff.since = flc_ticks();
	} while (!flc_load_relaxed(&worker->pool->sleep.closing)
	    && ((may_spin(worker) && flc_backoff_spin(worker, &backoff))
	    || is_hot(worker->pool, backoff.since)));
	return false;
}

/* Work for us, and a place to do it in. */
static bool
should_rise(struct flc_worker *worker)
{
	struct filch_pool *pool = worker->pool;

	if (flc_load_relaxed(&worker->inbox) != 0)
		return true;
	return flc_sleep_active(&pool->sleep) < flc_load_relaxed(&pool->sleep.limit)
	    && flc_pool_has_work(pool);
}

bool
flc_worker_fall_asleep(struct flc_worker *worker)
{
	struct flc_sleep *sleep = &worker->pool->sleep;
	struct flc_counters *counters = worker->counters;
	uint64_t slept;
	bool alone;

	if (worker->widened) {
		flc_worker_bind(worker, true);
		worker->widened = false;
	}
	alone = flc_sleep_fall_asleep(sleep, &worker->sleeper);
	worker->searching = false;
	flc_counters_enter(counters, FILCH_STATE_PARKED);
	slept = flc_counters_since(counters);

	/* store-load [sleep.publish]: we are asleep, before the last look.  Alone: a
	 * thread that injects passes a full fence itself, [sleep.inject]. */
	if (alone)
		flc_fence_full();
	else
		(void)flc_fence_heavy();
	for (;;) {
		if (should_rise(worker)) {
			flc_sleep_cancel(sleep, &worker->sleeper);
			break;
		}
		flc_count(&counters->parks, 1);
		enum flc_woken woken = flc_sleep_wait(sleep, &worker->sleeper);

		if (woken == FLC_WOKEN_TASK) {
			flc_count(&counters->wakeups_task, 1);
			flc_counters_woken(counters, slept,
			    flc_load_relaxed(&worker->sleeper.sent_for));
			worker->outside = worker->sleeper.outside;
			/* A guest works on our core: better next to it than behind it. */
			if (worker->sleeper.crowded) {
				flc_worker_bind(worker, false);
				worker->widened = true;
			}
			break;
		}
		if (woken == FLC_WOKEN_SHUTDOWN) {
			flc_count(&counters->wakeups_shutdown, 1);
			flc_sleep_cancel(sleep, &worker->sleeper);
			worker->searching = true;
			flc_counters_enter(counters, FILCH_STATE_SEARCH);
			return false;
		}
		flc_count(&counters->wakeups_timeout, 1);
	}
	worker->searching = true;
	flc_counters_enter(counters, FILCH_STATE_SEARCH);
	return true;
}
