/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/thread.h"

#include "base/thread_start.h"
#include "count/page.h"
#include "count/page_rows.h"
#include "sched/idle.h"
#include "sched/places.h"
#include "sched/stack.h"
#include "sched/steal.h"
#include "sched/this_thread.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

void
flc_worker_bind(struct flc_worker *worker, bool to_core)
{
	struct filch_pool *pool = worker->pool;

	(void)flc_topology_bind_self(pool->topology,
	    to_core ? &worker->sleeper.cpu : pool->cpus, to_core ? 1 : pool->placement.cpus);
}

/* As a task, not as a searcher on whom others rely: the hook may block. */
static void
call_hook(struct flc_worker *worker, void (*hook)(void *context, size_t worker))
{
	size_t before;

	if (hook == NULL)
		return;
	flc_worker_stop_search(worker, false);
	before = flc_counters_enter(worker->counters, FILCH_STATE_RUN);
	hook(worker->pool->config.options.hook_context, worker->index);
	if (FLC_UNLIKELY(worker->blocking > 0))
		flc_blocking_forgotten(worker);
	flc_counters_enter(worker->counters, before);
}

/* Names it, puts it on its core, tells the user. */
static void
settle(struct flc_worker *worker)
{
	struct filch_pool *pool = worker->pool;
	char name[16];

	snprintf(name, sizeof(name), "%.*s-%u", 10, pool->config.name, (unsigned)worker->index);
	pthread_setname_np(pthread_self(), name);
	if (worker->sleeper.cpu != FLC_NO_CPU || pool->placement.confined)
		flc_worker_bind(worker, worker->sleeper.cpu != FLC_NO_CPU);
	flc_set_self(worker);
	if (worker->row != NULL)
		flc_store_release(&worker->row->thread, flc_thread_number());
	flc_counters_enter(worker->counters, FILCH_STATE_SEARCH);
	call_hook(worker, pool->config.options.on_start);
}

static void *
thread_main(void *argument)
{
	struct flc_worker *worker = argument;
	struct filch_pool *pool = worker->pool;
	bool woken = false;

	settle(worker);
	while (!flc_load_acquire(&pool->sleep.closing)) {
		if (flc_worker_search(worker)) {
			woken = false;
			continue;
		}
		if (woken)
			flc_count(&worker->counters->empty_wakeups, 1);
		woken = flc_worker_fall_asleep(worker);
	}
	/* What is queued is run, unless it is to be dropped. */
	while (!flc_load_relaxed(&pool->discarding) && flc_worker_help(worker))
		;
	call_hook(worker, pool->config.options.on_stop);
	if (!worker->searching)
		flc_sleep_start_search(&pool->sleep);
	worker->searching = false;
	flc_sleep_end(&pool->sleep);
	flc_counters_enter(worker->counters, FILCH_STATES);
	/* The system may give the number to another thread. */
	if (worker->row != NULL)
		flc_store_release(&worker->row->thread, 0);
	flc_set_self(NULL);
	return NULL;
}

/* Workers leave the program's signals alone: profilers and faults excepted. */
static void
block_signals(sigset_t *before)
{
	static const int unblocked[] = {
		SIGPROF, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS,
	};
	sigset_t mask;

	sigfillset(&mask);
	for (size_t i = 0; i < sizeof(unblocked) / sizeof(unblocked[0]); i++)
		sigdelset(&mask, unblocked[i]);
	pthread_sigmask(SIG_SETMASK, &mask, before);
}

/* Under the pool's lock. */
static bool
start(struct flc_worker *worker)
{
	struct filch_pool *pool = worker->pool;
	pthread_attr_t attributes;
	sigset_t before;
	bool started = false;

	/* The thread that ends the pool closes first and then takes the lock: a new
	 * thread is either seen by it or not started any more. */
	if (!flc_load_acquire(&pool->sleep.closing)) {
		worker->searching = true;
		block_signals(&before);
		pthread_attr_init(&attributes);
		started = pthread_attr_setstacksize(&attributes,
			pool->config.options.stack_size) == 0
		    && flc_thread_start(&worker->thread, &attributes, thread_main, worker) == 0;
		pthread_attr_destroy(&attributes);
		pthread_sigmask(SIG_SETMASK, &before, NULL);
		worker->started = started;
	}
	return started;
}

bool
flc_worker_start(struct flc_worker *worker)
{
	bool started;

	flc_lock_acquire(&worker->pool->lock);
	started = start(worker);
	flc_lock_release(&worker->pool->lock);
	return started;
}

bool
flc_worker_start_spare(struct filch_pool *pool)
{
	size_t slot;
	bool started = false;

	flc_lock_acquire(&pool->lock);
	slot = pool->threads + pool->config.options.guests + pool->spares_started;
	/* Its worker is there if the system has refused the thread before. */
	if (slot < pool->slots && (flc_pool_worker(pool, slot) != NULL
	    || flc_pool_make_worker(pool, slot)))
		started = start(flc_pool_worker(pool, slot));
	if (started)
		pool->spares_started++;
	flc_lock_release(&pool->lock);
	return started;
}

/* Whom this slot robs: the workers by distance; guests and spares, whose place is not
 * known, last. */
static bool
find_victims(struct flc_worker *worker)
{
	struct filch_pool *pool = worker->pool;

	worker->victims = pool->slots - 1;
	if (worker->victims == 0)
		return true;
	worker->victim = flc_memory_alloc(&pool->memory, worker->victims * sizeof(*worker->victim),
	    FLC_CACHE_LINE);
	worker->distance = flc_memory_alloc(&pool->memory, worker->victims, FLC_CACHE_LINE);
	if (worker->victim == NULL || worker->distance == NULL)
		return false;
	flc_victim_order(pool->topology, pool->slot_cpu, pool->slots, worker->index,
	    worker->victim, worker->distance);
	return true;
}

_Static_assert(FLC_SLEEP_GUESTS == 64, "as many as guests_free has bits");

static enum flc_rank
rank_of(int kind)
{
	return kind == FILCH_SLOT_WORKER ? FLC_RANK_WORKER
	    : kind == FILCH_SLOT_SPARE ? FLC_RANK_SPARE : FLC_RANK_GUEST;
}

static int
kind_of(const struct filch_pool *pool, size_t slot)
{
	if (slot < pool->threads)
		return FILCH_SLOT_WORKER;
	return slot < pool->threads + pool->config.options.guests
	    ? FILCH_SLOT_GUEST : FILCH_SLOT_SPARE;
}

/* In a row of the page, or, without one left, on its own. */
static bool
make_counters(struct flc_worker *worker)
{
	struct filch_pool *pool = worker->pool;

	if (pool->row != NULL)
		worker->row = flc_page_worker_row(pool->row, worker->index, worker->kind);
	if (worker->row != NULL) {
		worker->counters = &worker->row->counters;
		return true;
	}
	worker->counters = flc_memory_alloc(&pool->memory, sizeof(*worker->counters), FLC_APART);
	if (worker->counters == NULL)
		return false;
	flc_counters_init(worker->counters);
	return true;
}

static void
free_counters(struct flc_worker *worker)
{
	if (worker->row != NULL)
		flc_page_give_back(&worker->row->row);
	else
		flc_memory_free(&worker->pool->memory, worker->counters,
		    sizeof(*worker->counters));
}

struct flc_worker *
flc_worker_make(struct filch_pool *pool, size_t slot)
{
	struct flc_worker *worker = flc_memory_reserve(sizeof(struct flc_worker));
	uint32_t cpu = pool->slot_cpu[slot];
	bool pinned;

	if (worker == NULL)
		return NULL;
	worker->pool = pool;
	worker->generation = pool->generation;
	worker->index = slot;
	worker->random = (pool->config.options.seed + slot + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
	flc_fork_deque_init(&worker->forks, !flc_fence_probe());
	flc_job_deque_init(&worker->jobs, &pool->memory);
	flc_rests_init(&worker->rests);
	worker->kind = kind_of(pool, slot);
	pinned = pool->placement.pinned && worker->kind == FILCH_SLOT_WORKER;
	flc_sleeper_init(&worker->sleeper, rank_of(worker->kind),
	    pinned ? pool->topology->cpu[cpu].os : FLC_NO_CPU);
	if (!make_counters(worker) || !find_victims(worker)) {
		flc_worker_free(worker);
		return NULL;
	}
	return worker;
}

void
flc_worker_free(struct flc_worker *worker)
{
	struct filch_pool *pool = worker->pool;

	flc_memory_free(&pool->memory, worker->victim, worker->victims * sizeof(*worker->victim));
	flc_memory_free(&pool->memory, worker->distance, worker->victims);
	flc_stack_drop(worker);
	flc_job_deque_fini(&worker->jobs);
	flc_sleeper_fini(&worker->sleeper);
	free_counters(worker);
	flc_memory_unreserve(worker, sizeof(struct flc_worker));
}
