/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Work comes to where others see it, and wakes one of them if that is justified.
 */
#ifndef FLC_PUBLISH_H
#define FLC_PUBLISH_H

#include "sched/wake.h"
#include "sched/worker.h"

/* Whether any work seems to lie anywhere; no barrier. */
bool flc_pool_has_work(struct filch_pool *pool);

/* Wakes a sleeper for work that was just published, if one is justified. */
void flc_worker_wake(struct flc_worker *worker, struct filch_pool *pool);

/* Spares that the system refused may be chosen again, if that was some time ago. */
void flc_worker_ask_again(struct filch_pool *pool);

/* A place became free: wakes one if there is work that no spawner will tell of. */
void flc_worker_look_and_wake(struct flc_worker *worker, struct filch_pool *pool);

/* Does what the counts ask of a thread that leaves the search or the pool. */
void flc_worker_after_leaving(struct flc_worker *worker, struct filch_pool *pool,
    enum flc_leave what);

/* Wakes from a push into an empty deque: at most one in wake_gap_ticks. */
void flc_worker_wake_gently(struct flc_worker *worker);

/* Work stands where others see it, before the looks at the sleepers, [sleep.publish]: the
 * sleeper's side is heavy. */
static inline void
flc_worker_publish(void)
{
	/* store-load [sleep.publish] */
	if (FLC_LIKELY(flc_fence_is_cheap()))
		flc_fence_light();
	else
		flc_fence_full();
}

/*
 * To be called after a push, with the top of the deque and the value it has if there is
 * nothing below.  Work above older work wakes nobody: whoever takes the older looks
 * around when it leaves the search.
 */
static inline void
flc_worker_published(struct flc_worker *worker, const flc_atomic *top, size_t at)
{
	flc_worker_publish();
	if ((flc_load_relaxed(top) & FLC_FORK_DEQUE_INDEX) >= at
	    && flc_sleep_wanted(&worker->pool->sleep))
		flc_worker_wake_gently(worker);
}

/* To be called after a put into the injection queue, by any thread: the worker that it
 * is, or NULL. */
static inline void
flc_worker_injected(struct filch_pool *pool, struct flc_worker *worker)
{
	/* store-load [sleep.publish]: as above; here the fence is cheap enough. */
	flc_fence_full();
	flc_worker_wake(worker, pool);
}

/* Queues the job in the worker's own deque, counts it and shows it to others; false:
 * there is no room, which may be made only if may_grow, or no memory for it. */
static FLC_ALWAYS_INLINE bool
flc_worker_spawn_if(struct flc_worker *worker, const struct flc_job *job, bool may_grow)
{
	size_t at = flc_job_deque_push_if(&worker->jobs, job, may_grow);

	if (FLC_UNLIKELY(at == 0))
		return false;
	flc_count(&worker->counters->tasks_spawned, 1);
	flc_worker_published(worker, &worker->jobs.top, at);
	return true;
}

static FLC_ALWAYS_INLINE bool
flc_worker_spawn(struct flc_worker *worker, const struct flc_job *job)
{
	return flc_worker_spawn_if(worker, job, true);
}

/* The same for any of the pool's workers, by any thread: the worker that it is, or
 * NULL. */
static inline bool
flc_worker_inject(struct filch_pool *pool, struct flc_worker *worker, const struct flc_job *job)
{
	if (FLC_UNLIKELY(!flc_injector_put(&pool->injector, job)))
		return false;
	flc_worker_injected(pool, worker);
	return true;
}

#endif /* FLC_PUBLISH_H */
