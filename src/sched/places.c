/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/places.h"

#include "sched/publish.h"

void
flc_give_up_places(struct flc_worker *worker)
{
	for (; worker != NULL; worker = worker->outer) {
		struct filch_pool *pool = worker->pool;

		if (worker->given_up++ > 0)
			continue;
		flc_worker_ask_again(pool);
		flc_worker_after_leaving(worker, pool, flc_sleep_give_up(&pool->sleep));
		if (pool->threads > 0 && flc_sleep_is_short(&pool->sleep))
			flc_count(&worker->counters->spares_refused, 1);
	}
}

/* One of the pool's threads goes on: if there was a stall (wait/stall.h), it is over. */
static inline void
end_stall(struct filch_pool *pool)
{
	if (FLC_UNLIKELY(flc_load_relaxed(&pool->stalled) != 0))
		flc_store_relaxed(&pool->stalled, 0);
}

void
flc_take_back_places(struct flc_worker *worker)
{
	for (; worker != NULL; worker = worker->outer) {
		if (--worker->given_up > 0)
			continue;
		flc_sleep_take_back(&worker->pool->sleep);
		end_stall(worker->pool);
	}
}

void
flc_count_blocking(struct flc_worker *worker, size_t change)
{
	for (; worker != NULL; worker = worker->outer)
		flc_sleep_count_blocking(&worker->pool->sleep, change);
}

/* While spares are refused, a waiter asks for one now and then; when next. */
#define REFUSED_NS 20000000u

uint64_t
flc_ask_again(struct flc_worker *worker)
{
	bool any = false;

	for (; worker != NULL; worker = worker->outer)
		if (FLC_UNLIKELY(flc_load_relaxed(&worker->pool->sleep.refused) > 0)) {
			flc_worker_look_and_wake(worker, worker->pool);
			any = true;
		}
	return any ? filch_now() + REFUSED_NS : FILCH_FOREVER;
}

FLC_COLD void
flc_blocking_forgotten(struct flc_worker *worker)
{
	worker->blocking = 0;
	flc_take_back_places(worker);
	flc_count_blocking(worker, (size_t)-1);
}
