/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole small pool of the shipped source: deques, workers, waits, sleep, parker on
 * mutex and condition.  Slot i is a worker of its own suite's choice.
 */
#ifndef WORLD_HPP
#define WORLD_HPP

#include "scene.hpp"

/* How often anything was stopped: made by the scenes that stop something. */
#define flc_stops (*model_stops)
#define FLC_ATOMIC_INIT(value) NULL

/* The injection queue's ring and the deque arrays: they are checked by the lock and the
 * model of job_deque.cpp; here they are plain memory. */
#include "memory/allocator.h"

void *
flc_memory_alloc_for(enum filch_memory_use use, const struct flc_memory *memory, size_t size,
    size_t align)
{
	(void)use;
	(void)memory;
	(void)align;
	return calloc(1, size);
}

void
flc_memory_free(const struct flc_memory *memory, void *block, size_t size)
{
	(void)memory;
	(void)size;
	free(block);
}

#include "base/park.c"
#include "sched/sleep.c"
#include "sched/wake.c"
#include "deque/fork_deque.c"

#define FIRST_CAPACITY 4
#include "deque/job_deque.h"

static struct flc_job_array *
array_new(const struct flc_memory *memory, size_t capacity)
{
	struct flc_job_array *array = RL_NEW_PROXY flc_job_array;
	struct flc_job_slot *slot = RL_NEW_PROXY flc_job_slot[capacity];
	const struct flc_job none = { NULL, 0 };

	(void)memory;
	/* Who looks from outside may look at slots that were never written. */
	for (size_t i = 0; i < capacity; i++)
		flc_job_store(&slot[i], &none);
	flc_set(array->slot, slot);
	flc_set(array->mask, capacity - 1);
	array->older = NULL;
	return array;
}

static void
array_free(const struct flc_memory *memory, struct flc_job_array *array)
{
	(void)memory;
	RL_DELETE_PROXY[] flc_get(array->slot);
	RL_DELETE_PROXY array;
}

/* Each .c file has its own statics; those that share a name are renamed. */
#define grow grow_array
#include "deque/job_deque.c"
#undef grow
#define grow grow_ring
#include "deque/injector.c"
#undef grow
#include "deque/range_rest.c"
#include "sched/cancel_scope.c"
#include "sched/worker.c"
#include "sched/steal.c"
#include "sched/idle.c"
#include "sched/publish.c"
#include "sched/places.c"
#include "wait/task_wait.c"
#include "task/fork.c"

/* No spare's thread can ever be started. */
bool
flc_worker_start_spare(struct filch_pool *pool)
{
	(void)pool;
	return false;
}

void
flc_worker_bind(struct flc_worker *worker, bool to_core)
{
	(void)worker;
	(void)to_core;
}

template <class Scene, int THREADS> struct world : scene_body {
	static const int threads = THREADS;

	struct filch_pool pool;
	struct flc_worker place[THREADS];
	uint32_t victim[THREADS][THREADS];
	uint8_t distance[THREADS];

	struct flc_worker *
	worker(size_t i)
	{
		return &place[i];
	}

	/* Nobody is counted yet. */
	void
	begin(size_t limit, bool asymmetric = true)
	{
		model_asymmetric = asymmetric;
		model_refuses = !asymmetric;
		model_time_passes = false;
		model_ticks = 1;
		pool.slots = THREADS;
		pool.threads = THREADS;
		pool.overcommitted = false;
		pool.spin_ticks = 0;
		pool.wake_gap_ticks = 0;
		flc_sleep_init(&pool.sleep, pool.sleepers, THREADS, limit);
		flc_injector_init(&pool.injector, NULL);
		flc_store_relaxed(&pool.discarding, 0);
		flc_store_relaxed(&pool.phases, 0);
		flc_store_relaxed(&pool.stalled, 0);
		flc_store_relaxed(&pool.dropped, 0);
		memset(distance, 0, sizeof(distance));
		for (size_t i = 0; i < THREADS; i++)
			make(i);
	}

	void
	make(size_t i)
	{
		struct flc_worker *w = worker(i);
		size_t n = 0;

		flc_fork_deque_init(&w->forks, !model_asymmetric);
		for (size_t k = 0; k < FILCH_LANE_CAPACITY_; k++)
			flc_store_relaxed(&w->forks.slot[k], 0);
		flc_job_deque_init(&w->jobs, NULL);
		flc_rests_init(&w->rests);
		flc_sleeper_init(&w->sleeper, FLC_RANK_WORKER, FLC_NO_CPU);
		w->pool = &pool;
		w->scope = NULL;
		w->outer = NULL;
		w->sender = NULL;
		w->awaited = 0;
		w->blocking = 0;
		w->given_up = 0;
		w->widened = false;
		w->outside = false;
		w->index = i;
		w->kind = FILCH_SLOT_WORKER;
		w->started = true;
		w->searching = false;
		w->random = 1;
		w->last_wake = 0;
		w->wake_skips = 0;
		w->pops = 0;
		w->burst = 0;
		w->paid = 0;
		w->brief_until = 0;
		w->waking = 0;
		w->frame = NULL;
		w->last_stolen = 0;
		flc_store_relaxed(&w->inbox, 0);
		flc_store_relaxed(&w->marks, 0);
		w->scope = NULL;
		w->depth = 0;
		for (size_t v = 0; v < THREADS; v++)
			if (v != i)
				victim[i][n++] = (uint32_t)v;
		w->victims = n;
		w->victim = victim[i];
		w->distance = distance;
		pool.worker[i] = w;
		pool.sleepers[i] = &w->sleeper;
	}

	/* As thread_main() begins. */
	void
	begin_worker(size_t i)
	{
		flc_sleep_begin(&pool.sleep);
		worker(i)->searching = true;
	}

	/* As thread_main() goes on. */
	void
	work(size_t i)
	{
		while (!flc_load_acquire(&pool.sleep.closing))
			if (!flc_worker_search(worker(i)))
				flc_worker_fall_asleep(worker(i));
	}

	void
	end()
	{
		for (size_t i = 0; i < THREADS; i++)
			flc_job_deque_fini(&worker(i)->jobs);
		flc_injector_fini(&pool.injector);
	}
};

#endif /* WORLD_HPP */
