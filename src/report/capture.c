/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/capture.h"

#include "count/page_rows.h"
#include "sched/worker.h"

#include <string.h>
#include <sys/mman.h>

bool
flc_capture_worker(struct flc_counters *counters, uint64_t moment, size_t index, int kind,
    filch_worker_metrics *metrics)
{
	uint64_t lived = 0;

	memset(metrics, 0, sizeof(*metrics));
	metrics->index = index;
	metrics->kind = kind;
	flc_counters_read(counters, moment, metrics);
	for (int s = 0; s < FILCH_STATES; s++)
		lived += metrics->time_ns[s];
	return lived > 0;
}

/* -- Memory -- */

/* Room for as many as there are now; more may come, which are left out. */
struct room {
	size_t pools, workers, mutexes, channels;
};

static int
map(struct flc_capture *capture, const struct room *room)
{
	char *at;

	memset(capture, 0, sizeof(*capture));
	capture->size = (room->pools + room->workers) * sizeof(*capture->pool)
	    + room->workers * sizeof(*capture->worker)
	    + room->mutexes * sizeof(*capture->mutex)
	    + room->channels * sizeof(*capture->channel) + 1;
	at = mmap(NULL, capture->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		return FILCH_NOMEM;
	capture->memory = at;
	capture->pool = (void *)at;
	at += (room->pools + room->workers) * sizeof(*capture->pool);
	capture->worker = (void *)at;
	at += room->workers * sizeof(*capture->worker);
	capture->mutex = (void *)at;
	at += room->mutexes * sizeof(*capture->mutex);
	capture->channel = (void *)at;
	return FILCH_OK;
}

void
flc_capture_release(struct flc_capture *capture)
{
	if (capture->memory != NULL)
		munmap(capture->memory, capture->size);
	capture->memory = NULL;
}

/* -- Adding -- */

static struct flc_captured_pool *
pool_numbered(struct flc_capture *capture, uint64_t number)
{
	for (size_t i = 0; i < capture->pools; i++)
		if (capture->pool[i].number == number)
			return &capture->pool[i];
	return NULL;
}

/* With merge, pools of one name are one. */
static void
add_pool(struct flc_capture *capture, const struct flc_captured_pool *pool, bool merge)
{
	for (size_t i = 0; merge && i < capture->pools; i++) {
		struct flc_captured_pool *same = &capture->pool[i];

		if (strcmp(same->name, pool->name) != 0)
			continue;
		same->live |= pool->live;
		same->workers += pool->workers;
		same->slots += pool->slots;
		same->active += pool->active;
		same->injected_depth += pool->injected_depth;
		same->scratch_in_use += pool->scratch_in_use;
		same->scratch_high_water += pool->scratch_high_water;
		same->scratch_kept += pool->scratch_kept;
		return;
	}
	capture->pool[capture->pools++] = *pool;
}

/* The pool whose sum a worker belongs to.  The row of an ended one may be another's by
 * now. */
static struct flc_captured_pool *
pool_of(struct flc_capture *capture, const struct flc_captured_worker *worker)
{
	struct flc_captured_pool *pool = pool_numbered(capture, worker->number);
	struct flc_captured_pool gone = { .number = worker->number };

	for (size_t i = 0; pool == NULL && i < capture->pools; i++)
		if (strcmp(capture->pool[i].name, worker->pool) == 0)
			pool = &capture->pool[i];
	if (pool != NULL)
		return pool;
	strcpy(gone.name, worker->pool);
	add_pool(capture, &gone, false);
	return &capture->pool[capture->pools - 1];
}

static void
add_worker(struct flc_capture *capture, const struct flc_captured_worker *worker, bool merge)
{
	struct flc_captured_pool *pool = pool_of(capture, worker);

	flc_worker_metrics_add(&pool->sum, &worker->metrics);
	for (size_t i = 0; merge && i < capture->workers; i++) {
		struct flc_captured_worker *same = &capture->worker[i];

		if (same->metrics.index == worker->metrics.index
		    && strcmp(same->pool, worker->pool) == 0) {
			flc_worker_metrics_add(&same->metrics, &worker->metrics);
			return;
		}
	}
	capture->worker[capture->workers++] = *worker;
}

static void
add_mutex(struct flc_capture *capture, const filch_mutex_metrics *mutex, bool merge)
{
	for (size_t i = 0; merge && i < capture->mutexes; i++)
		if (strcmp(capture->mutex[i].name, mutex->name) == 0) {
			flc_mutex_metrics_add(&capture->mutex[i], mutex);
			return;
		}
	capture->mutex[capture->mutexes++] = *mutex;
}

static void
add_channel(struct flc_capture *capture, const filch_channel_metrics *channel, bool merge)
{
	for (size_t i = 0; merge && i < capture->channels; i++)
		if (strcmp(capture->channel[i].name, channel->name) == 0) {
			flc_channel_metrics_add(&capture->channel[i], channel);
			return;
		}
	capture->channel[capture->channels++] = *channel;
}

/* -- From one pool -- */

static void
capture_pool(struct flc_capture *capture, const filch_pool *pool, const struct room *room)
{
	struct flc_captured_pool to = {
		.live = true,
		.workers = pool->threads,
		.slots = pool->slots,
		.active = flc_sleep_active(&pool->sleep),
		.injected_depth = flc_injector_seen(&pool->injector),
		.cpus = pool->placement.cpus,
		.nodes = pool->topology->nodes,
		.scratch_in_use = flc_load_relaxed(&pool->scratch.in_use),
		.scratch_high_water = flc_load_relaxed(&pool->scratch.high_water),
		.scratch_kept = flc_load_relaxed(&pool->scratch.kept_size),
	};
	uint64_t moment = flc_counters_moment();

	strncpy(to.name, pool->config.name, sizeof(to.name) - 1);
	add_pool(capture, &to, false);
	for (size_t i = 0; i < pool->slots && capture->workers < room->workers; i++) {
		struct flc_captured_worker worker = { .live = true };
		struct flc_worker *from = flc_pool_worker(pool, i);

		if (from == NULL)
			continue;
		flc_worker_show_depth(from);
		strcpy(worker.pool, to.name);
		if (flc_capture_worker(from->counters, moment, i, from->kind, &worker.metrics))
			add_worker(capture, &worker, false);
	}
}

/* -- From the page -- */

static bool
is_shown(const struct flc_row *row, bool *live)
{
	AO_t use = flc_load_acquire(&row->use);

	*live = use == FLC_ROW_LIVE;
	return use == FLC_ROW_LIVE || use == FLC_ROW_ENDED;
}

static void
capture_pools(struct flc_capture *capture, const struct room *room, bool merge)
{
	for (size_t i = 0; i < room->pools; i++) {
		const struct flc_pool_row *row
		    = (const void *)flc_page_row(FLC_SECTION_POOL, i);
		struct flc_captured_pool to = { .live = false };

		if (!is_shown(&row->row, &to.live))
			continue;
		flc_row_name(&row->row, to.name);
		to.number = flc_load_acquire(&row->number);
		to.cpus = flc_load_acquire(&row->cpus);
		to.nodes = flc_load_acquire(&row->nodes);
		if (to.live) {
			to.workers = flc_load_acquire(&row->workers);
			to.slots = flc_load_acquire(&row->slots);
			to.active = flc_load_acquire(&row->active);
			to.injected_depth = flc_load_acquire(&row->injected_depth);
			to.scratch_in_use = flc_load_acquire(&row->scratch_in_use);
			to.scratch_high_water = flc_load_acquire(&row->scratch_high_water);
			to.scratch_kept = flc_load_acquire(&row->scratch_kept);
		}
		add_pool(capture, &to, merge);
	}
}

static void
capture_workers(struct flc_capture *capture, const struct room *room, bool merge)
{
	uint64_t moment = flc_counters_moment();

	for (size_t i = 0; i < room->workers; i++) {
		struct flc_worker_row *row = (void *)flc_page_row(FLC_SECTION_WORKER, i);
		struct flc_captured_worker to = { .live = false };

		if (!is_shown(&row->row, &to.live)
		    || !flc_capture_worker(&row->counters, moment, flc_load_acquire(&row->index),
			(int)flc_load_acquire(&row->kind), &to.metrics))
			continue;
		flc_row_name(&row->row, to.pool);
		to.number = flc_load_acquire(&row->pool);
		add_worker(capture, &to, merge);
	}
}

static void
capture_objects(struct flc_capture *capture, const struct room *room, bool merge)
{
	filch_channel_metrics channel;
	filch_mutex_metrics mutex;

	for (size_t i = 0; i < room->mutexes; i++)
		if (flc_mutex_row_read((void *)flc_page_row(FLC_SECTION_MUTEX, i), &mutex))
			add_mutex(capture, &mutex, merge);
	for (size_t i = 0; i < room->channels; i++)
		if (flc_channel_row_read((void *)flc_page_row(FLC_SECTION_CHANNEL, i), &channel))
			add_channel(capture, &channel, merge);
}

int
flc_capture_take(struct flc_capture *capture, const filch_pool *pool, bool merge)
{
	bool reading = flc_page_begin_read();
	struct room room = {
		.pools = pool != NULL ? 1 : flc_page_rows(FLC_SECTION_POOL),
		.workers = pool != NULL ? pool->slots : flc_page_rows(FLC_SECTION_WORKER),
		.mutexes = flc_page_rows(FLC_SECTION_MUTEX),
		.channels = flc_page_rows(FLC_SECTION_CHANNEL),
	};
	int status = pool != NULL && flc_pool_is_old(pool) ? FILCH_FORKED : map(capture, &room);

	if (status == FILCH_OK) {
		capture->taken_at = filch_now();
		capture->rows_overflow = flc_load_relaxed(&flc_page_header()->rows_overflow);
		capture->rows_recycled = flc_load_relaxed(&flc_page_header()->rows_recycled);
		for (int use = 0; use < FILCH_MEMORY_USES; use++)
			capture->malloc_calls[use] = flc_load_relaxed(&flc_memory_calls[use]);
		if (pool != NULL) {
			capture_pool(capture, pool, &room);
		} else {
			capture_pools(capture, &room, merge);
			capture_workers(capture, &room, merge);
		}
		capture_objects(capture, &room, merge);
	}
	if (reading)
		flc_page_end_read();
	return status;
}
