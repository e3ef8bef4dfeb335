/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/pool.h"

#include "base/cancellation.h"
#include "count/page.h"
#include "count/page_rows.h"
#include "pool/default_pool.h"
#include "pool/describe.h"
#include "sched/guest.h"
#include "sched/publish.h"
#include "sched/stack.h"
#include "sched/thread.h"
#include "sched/wake.h"
#include "sched/worker.h"
#include "topology/quota.h"

#include <string.h>

/* A deque wakes others at most once in this time while somebody watches. */
#define WAKE_GAP_NS 50000u

static void
free_pool(filch_pool *pool)
{
	struct flc_memory memory = pool->memory;

	/* First: its refresher looks at the workers. */
	if (pool->row != NULL) {
		flc_page_refresh_end(&pool->gauges);
		flc_page_give_back(&pool->row->row);
	}
	for (size_t i = 0; pool->worker != NULL && i < pool->slots; i++) {
		struct flc_worker *worker = flc_pool_worker(pool, i);

		if (worker != NULL)
			flc_worker_free(worker);
	}
	flc_memory_free(&memory, pool->worker, pool->slots * sizeof(*pool->worker));
	flc_memory_free(&memory, pool->sleepers, pool->slots * sizeof(*pool->sleepers));
	flc_memory_free(&memory, pool->slot_cpu, pool->slots * sizeof(*pool->slot_cpu));
	flc_memory_free(&memory, pool->cpus, pool->placement.cpus * sizeof(*pool->cpus));
	flc_placement_fini(&pool->placement);
	flc_topology_put(pool->topology);
	flc_injector_fini(&pool->injector);
	flc_scratch_fini(&pool->scratch);
	flc_sleep_fini(&pool->sleep);
	pthread_cond_destroy(&pool->call_ended);
	flc_lock_fini(&pool->lock);
	flc_memory_free(&memory, pool, sizeof(*pool));
}

/* The gauges, for whoever reads the page. */
static void
refresh_row(void *object, struct flc_row *to)
{
	filch_pool *pool = object;
	struct flc_pool_row *row = (struct flc_pool_row *)(void *)to;

	flc_store_relaxed(&row->active, flc_sleep_active(&pool->sleep));
	flc_store_relaxed(&row->injected_depth, flc_injector_seen(&pool->injector));
	flc_store_relaxed(&row->scratch_in_use, flc_load_relaxed(&pool->scratch.in_use));
	flc_store_relaxed(&row->scratch_high_water, flc_load_relaxed(&pool->scratch.high_water));
	flc_store_relaxed(&row->scratch_kept, flc_load_relaxed(&pool->scratch.kept_size));
	for (size_t i = 0; i < pool->slots; i++) {
		struct flc_worker *worker = flc_pool_worker(pool, i);

		if (worker != NULL)
			flc_worker_show_depth(worker);
	}
}

static void
take_row(filch_pool *pool)
{
	pool->row = flc_page_pool_row(pool->config.name);
	if (pool->row == NULL)
		return;
	flc_store_relaxed(&pool->row->workers, pool->threads);
	flc_store_relaxed(&pool->row->slots, pool->slots);
	flc_store_relaxed(&pool->row->cpus, pool->placement.cpus);
	flc_store_relaxed(&pool->row->nodes, pool->topology->nodes);
	flc_page_refresh_by(&pool->gauges, &pool->row->row, refresh_row, pool);
}

/* What the machine and the options give: how many workers, and where. */
static int
place(filch_pool *pool)
{
	const filch_pool_options *options = &pool->config.options;
	bool inline_only = options->workers == FILCH_NO_WORKERS;
	struct flc_placement_request request = {
		.workers = inline_only ? 1 : options->workers,
		.bind = options->bind,
		.quota = flc_quota_cpus(""),
		.cpuset = options->cpuset,
	};
	int status;

	pool->topology = flc_topology_get();
	if (pool->topology == NULL)
		return FILCH_NOMEM;
	status = flc_place(pool->topology, &request, &pool->placement);
	if (status == FILCH_OK)
		pool->threads = inline_only ? 0 : pool->placement.workers;
	pool->overcommitted = pool->threads > pool->placement.cpus;
	return status;
}

/* One bit per guest slot. */
static size_t
full_mask(size_t guests)
{
	return guests >= 64 ? ~(size_t)0 : ((size_t)1 << guests) - 1;
}

static int
make_tables(filch_pool *pool)
{
	const filch_pool_options *options = &pool->config.options;
	const struct flc_placement *p = &pool->placement;

	pool->slots = pool->threads + options->guests + (pool->threads > 0 ? options->spares : 0);
	pool->worker = flc_memory_alloc(&pool->memory, pool->slots * sizeof(*pool->worker),
	    FLC_APART);
	pool->sleepers = flc_memory_alloc(&pool->memory, pool->slots * sizeof(*pool->sleepers),
	    FLC_CACHE_LINE);
	pool->slot_cpu = flc_memory_alloc(&pool->memory, pool->slots * sizeof(*pool->slot_cpu),
	    FLC_CACHE_LINE);
	pool->cpus = flc_memory_alloc(&pool->memory, p->cpus * sizeof(*pool->cpus), FLC_CACHE_LINE);
	if (pool->worker == NULL || pool->sleepers == NULL || pool->slot_cpu == NULL
	    || pool->cpus == NULL)
		return FILCH_NOMEM;
	for (size_t i = 0; i < p->cpus; i++)
		pool->cpus[i] = pool->topology->cpu[p->cpu[i]].os;
	for (size_t i = 0; i < pool->slots; i++)
		pool->slot_cpu[i] = i < pool->threads ? p->cpu[i % p->cpus] : FLC_CPU_UNKNOWN;
	flc_sleep_init(&pool->sleep, pool->sleepers, pool->slots,
	    pool->threads > 0 ? pool->threads : 1);
	flc_injector_init(&pool->injector, &pool->memory);
	flc_store_relaxed(&pool->guests_free, full_mask(options->guests));
	return FILCH_OK;
}

bool
flc_pool_make_worker(filch_pool *pool, size_t slot)
{
	struct flc_worker *worker = flc_worker_make(pool, slot);

	if (worker == NULL)
		return false;
	flc_sleep_admit(&pool->sleep, slot, &worker->sleeper);
	/* release [pool.worker]: the worker, before the pointer. */
	flc_store_release(&pool->worker[slot], (size_t)worker);
	return true;
}

/* Spares have no thread yet, but can be woken. */
static int
make_workers(filch_pool *pool)
{
	size_t spares = pool->slots - pool->threads - pool->config.options.guests;

	for (size_t i = 0; i < pool->threads; i++)
		if (!flc_pool_make_worker(pool, i))
			return FILCH_NOMEM;
	flc_sleep_add_unstarted(&pool->sleep, spares);
	for (size_t i = 0; i < pool->threads; i++) {
		flc_sleep_begin(&pool->sleep);
		if (!flc_worker_start(flc_pool_worker(pool, i))) {
			flc_sleep_end(&pool->sleep);
			return FILCH_AGAIN;
		}
	}
	return FILCH_OK;
}

static void
join_threads(filch_pool *pool)
{
	flc_sleep_close(&pool->sleep);
	/* From here on nobody starts a thread: see flc_worker_start(). */
	flc_lock_acquire(&pool->lock);
	flc_lock_release(&pool->lock);
	for (size_t i = 0; i < pool->slots; i++) {
		struct flc_worker *worker = flc_pool_worker(pool, i);

		if (worker != NULL && worker->started)
			pthread_join(worker->thread, NULL);
	}
}

/* Takes one job out of wherever it is left. */
static bool
take_left_over(filch_pool *pool, struct flc_job *job)
{
	if (flc_injector_take(&pool->injector, FLC_ANY_TAG, job))
		return true;
	for (size_t i = 0; i < pool->slots; i++) {
		struct flc_worker *worker = flc_pool_worker(pool, i);

		if (worker != NULL
		    && flc_job_deque_steal(&worker->jobs, FLC_ANY_TAG, job) == FLC_STEAL_TASK)
			return true;
	}
	return false;
}

/* Runs or drops what is queued when no thread is left.  Without workers nothing ever
 * is. */
static void
clear_queues(filch_pool *pool)
{
	struct flc_call call;
	struct flc_job job;

	if (pool->threads == 0)
		return;
	flc_guest_enter_ended(pool, &call);
	while (take_left_over(pool, &job))
		flc_worker_run_job(call.worker, &job);
	flc_guest_leave_ended(&call);
}

static pthread_once_t forking = PTHREAD_ONCE_INIT;

/* A child must not inherit hwloc's locks from a thread that was loading. */
static void
handle_fork(void)
{
	pthread_atfork(flc_topology_before_fork, flc_topology_after_fork,
	    flc_topology_after_fork);
}

/* As the configuration says. */
static int
make_by(filch_pool **made, const struct flc_config *config)
{
	struct flc_memory memory;
	filch_pool *pool;
	int status;

	if (!flc_memory_of(&memory, config->options.allocator))
		return FILCH_INVAL;
	pool = flc_memory_alloc(&memory, sizeof(*pool), FLC_APART);
	if (pool == NULL)
		return FILCH_NOMEM;
	pool->config = *config;
	pool->config.options.name = pool->config.name;
	pool->memory = memory;
	pool->generation = flc_generation();
	flc_scratch_init(&pool->scratch, &pool->memory);
	pool->spin_ticks = flc_ns_to_ticks(config->options.spin_ns);
	pool->wake_gap_ticks = flc_ns_to_ticks(WAKE_GAP_NS);
	flc_lock_init(&pool->lock);
	flc_cond_init(&pool->call_ended);
	status = place(pool);
	if (status == FILCH_OK)
		status = make_tables(pool);
	if (status == FILCH_OK) {
		take_row(pool);
		status = make_workers(pool);
	}
	if (status != FILCH_OK) {
		if (pool->worker != NULL)
			join_threads(pool);
		free_pool(pool);
		return status;
	}
	*made = pool;
	return FILCH_OK;
}

bool
flc_pool_is_entered(const filch_pool *pool)
{
	for (struct flc_worker *worker = flc_self_entered(); worker != NULL; worker = worker->outer)
		if (worker->pool == pool)
			return true;
	return false;
}

/* A pool to be made. */
struct making {
	filch_pool **made;
	const filch_pool_options *options;
	bool lenient;
	int status;
};

/* Paths, masks and what the C library has on its stack when it starts a thread. */
#define ROOM_TO_MAKE ((size_t)128 << 10)

static void
make(void *argument)
{
	struct making *making = argument;
	struct flc_config config;
	int status = flc_config_read(&config, making->options, making->lenient);

	if (status == FILCH_OK) {
		flc_clock_start();
		pthread_once(&forking, handle_fork);
		status = make_by(making->made, &config);
		/* A variable may ask for more threads or stack than there is. */
		if (status != FILCH_OK && making->lenient
		    && flc_config_fall_back(&config, making->options))
			status = make_by(making->made, &config);
	}
	making->status = status;
}

int
flc_pool_make(filch_pool **made, const filch_pool_options *options, bool lenient)
{
	struct making making = { made, options, lenient, FILCH_OK };
	int cancellation = flc_cancellation_hold();

	*made = NULL;
	flc_stack_call_with(ROOM_TO_MAKE, make, &making);
	flc_cancellation_restore(cancellation);
	return making.status;
}

int
flc_pool_end(filch_pool *pool)
{
	size_t *dropped = pool->config.options.dropped;
	int cancellation;

	if (flc_pool_is_old(pool))
		return FILCH_FORKED;
	if (flc_pool_is_entered(pool))
		return FILCH_BUSY;
	flc_store_relaxed(&pool->discarding,
	    pool->config.options.on_destroy == FILCH_ON_DESTROY_DISCARD);
	cancellation = flc_cancellation_hold();
	join_threads(pool);
	clear_queues(pool);
	if (dropped != NULL)
		*dropped = flc_load_relaxed(&pool->dropped);
	free_pool(pool);
	flc_cancellation_restore(cancellation);
	return FILCH_OK;
}

int
filch_pool_create(filch_pool **pool, const filch_pool_options *options)
{
	int status = pool == NULL ? FILCH_INVAL : flc_pool_make(pool, options, false);

	if (status == FILCH_OK && flc_config_display())
		flc_pool_show(*pool);
	return status;
}

int
filch_pool_set_active(filch_pool *pool, size_t workers)
{
	int status = FILCH_OK;

	pool = flc_pool_choose(pool, &status);
	if (pool == NULL)
		return status;
	if (workers < 1 || workers > pool->threads)
		return FILCH_INVAL;
	flc_sleep_set_limit(&pool->sleep, workers);
	flc_worker_look_and_wake(NULL, pool);
	return FILCH_OK;
}

static void
trim_all(filch_pool *pool)
{
	for (size_t i = 0; i < pool->slots; i++) {
		struct flc_worker *worker = flc_pool_worker(pool, i);

		if (worker != NULL) {
			flc_job_deque_trim(&worker->jobs);
			flc_stack_drop(worker);
			flc_memory_forget(worker->forks.slot, sizeof(worker->forks.slot));
		}
	}
	flc_injector_trim(&pool->injector);
}

int
filch_pool_trim(filch_pool *pool)
{
	int status = FILCH_OK;
	size_t all;

	pool = flc_pool_choose(pool, &status);
	if (pool == NULL)
		return status;
	all = full_mask(pool->config.options.guests);
	flc_scratch_trim(&pool->scratch);

	/* With every guest slot taken nobody comes in, with the lock held nobody rises,
	 * and nobody is up or waits. */
	if (!flc_cas_full(&pool->guests_free, all, 0))
		return FILCH_AGAIN;
	flc_word_lock_acquire(&pool->sleep.lock);
	if (flc_sleep_is_quiet(&pool->sleep))
		trim_all(pool);
	else
		status = FILCH_AGAIN;
	flc_word_lock_release(&pool->sleep.lock);
	flc_guest_give_slots(pool, all);
	return status;
}
