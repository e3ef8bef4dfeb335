/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/publish.h"

#include "base/this_cpu.h"
#include "sched/thread.h"

/* A push finds out by the clock whether it may wake; after a "no" it does not ask for
 * this many pushes. */
#define WAKE_SKIPS 8

bool
flc_pool_has_work(struct filch_pool *pool)
{
	if (flc_injector_seen(&pool->injector) > 0)
		return true;
	for (size_t i = 0; i < pool->slots; i++) {
		struct flc_worker *worker = flc_pool_worker(pool, i);

		if (worker != NULL && (flc_fork_deque_seen(&worker->forks) > 0
		    || flc_job_deque_seen(&worker->jobs) > 0
		    || flc_rests_seen(&worker->rests)))
			return true;
	}
	return false;
}

/* After the system has refused a thread the pool does not ask for one for so long. */
#define REFUSED_NS 10000000u

static FLC_COLD void
readmit(struct filch_pool *pool)
{
	uint64_t now = flc_ticks();

	if (now < flc_load_relaxed(&pool->sleep.ask_at))
		return;
	flc_store_relaxed(&pool->sleep.ask_at, now + flc_ns_to_ticks(REFUSED_NS));
	flc_sleep_readmit(&pool->sleep);
}

void
flc_worker_ask_again(struct filch_pool *pool)
{
	if (FLC_UNLIKELY(flc_load_relaxed(&pool->sleep.refused) > 0))
		readmit(pool);
}

/* A spare without a thread was chosen.  False: no thread could be had.  It counted as a
 * searcher meanwhile, on whom others relied: choose again. */
static FLC_COLD bool
start_spare(struct flc_worker *worker, struct filch_pool *pool)
{
	if (flc_worker_start_spare(pool))
		return true;
	if (worker != NULL)
		flc_count(&worker->counters->spares_refused, 1);
	flc_store_relaxed(&pool->sleep.ask_at, flc_ticks() + flc_ns_to_ticks(REFUSED_NS));
	flc_sleep_not_started(&pool->sleep);
	return false;
}

FLC_HOT void
flc_worker_wake(struct flc_worker *worker, struct filch_pool *pool)
{
	struct flc_sleeper *sleeper;
	bool start;

	flc_worker_ask_again(pool);
	do {
		if (flc_sleep_idle(&pool->sleep) != FLC_IDLE_SLEEPER)
			return;
		sleeper = flc_sleep_choose(&pool->sleep, flc_this_cpu(),
		    flc_injector_seen(&pool->injector) > 0, &start);
		if (FLC_LIKELY(sleeper != NULL)) {
			if (worker != NULL)
				flc_count(&worker->counters->wakes_sent, 1);
			flc_store_relaxed(&sleeper->sent_for, flc_ticks());
			(void)flc_parker_wake(&sleeper->parker);
			return;
		}
	} while (start && !start_spare(worker, pool));
}

void
flc_worker_after_leaving(struct flc_worker *worker, struct filch_pool *pool, enum flc_leave what)
{
	switch (what) {
	case FLC_LEAVE_NOTHING:
		break;
	case FLC_LEAVE_LOOK:
		if (flc_pool_has_work(pool))
			flc_worker_wake(worker, pool);
		break;
	case FLC_LEAVE_FENCE:
		flc_worker_look_and_wake(worker, pool);
		break;
	case FLC_LEAVE_WAKE:
		flc_worker_wake(worker, pool);
		break;
	}
}

void
flc_worker_look_and_wake(struct flc_worker *worker, struct filch_pool *pool)
{
	/* store-load [sleep.publish]: our change of the counts, before the look. */
	(void)flc_fence_heavy();
	flc_worker_after_leaving(worker, pool, FLC_LEAVE_LOOK);
}

FLC_COLD void
flc_worker_wake_gently(struct flc_worker *worker)
{
	struct filch_pool *pool = worker->pool;
	uint64_t now;

	if (!flc_sleep_unwatched(&pool->sleep)) {
		if (worker->wake_skips > 0) {
			worker->wake_skips--;
			return;
		}
		now = flc_ticks();
		/* It would be over before a woken thread could come; if not, the watcher
		 * sees to it. */
		if (now < worker->brief_until)
			return;
		if (now - worker->last_wake < pool->wake_gap_ticks) {
			worker->wake_skips = WAKE_SKIPS;
			return;
		}
		worker->last_wake = now;
	}
	now = flc_ticks();
	flc_worker_wake(worker, pool);
	worker->waking += flc_ticks() - now;
}
