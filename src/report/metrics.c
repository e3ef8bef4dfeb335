/* SPDX-License-Identifier: BSD-2-Clause */
#include "count/page_rows.h"
#include "pool/default_pool.h"
#include "report/capture.h"
#include "sched/worker.h"

#include <filch/metrics.h>

#include <string.h>

/* False: nobody ever was there. */
static bool
read_row(filch_pool *pool, size_t slot, uint64_t moment, filch_worker_metrics *row)
{
	struct flc_worker *worker = flc_pool_worker(pool, slot);

	if (worker == NULL)
		return false;
	flc_worker_show_depth(worker);
	return flc_capture_worker(worker->counters, moment, slot, worker->kind, row);
}

int
filch_metrics_foreach_worker(filch_pool *pool,
    int (*visit)(void *context, const filch_worker_metrics *row), void *context)
{
	filch_worker_metrics row;
	int status = FILCH_OK;
	uint64_t moment;

	pool = flc_pool_choose(pool, &status);
	if (pool == NULL)
		return status;
	if (visit == NULL)
		return FILCH_INVAL;
	moment = flc_counters_moment();
	for (size_t i = 0; i < pool->slots && status == FILCH_OK; i++)
		if (read_row(pool, i, moment, &row))
			status = visit(context, &row);
	return status;
}

/* One row of the page at a time, so that visit may do what it likes. */
static bool
read_mutex(size_t i, filch_mutex_metrics *row)
{
	struct flc_row *from = flc_page_row(FLC_SECTION_MUTEX, i);
	bool reading = flc_page_begin_read_row(from);
	bool said = flc_mutex_row_read((void *)from, row);

	if (reading)
		flc_page_end_read();
	return said;
}

static bool
read_channel(size_t i, filch_channel_metrics *row)
{
	struct flc_row *from = flc_page_row(FLC_SECTION_CHANNEL, i);
	bool reading = flc_page_begin_read_row(from);
	bool said = flc_channel_row_read((void *)from, row);

	if (reading)
		flc_page_end_read();
	return said;
}

int
filch_metrics_foreach_mutex(filch_mutex_visit_fn *visit, void *context)
{
	filch_mutex_metrics row;
	int status = FILCH_OK;

	if (visit == NULL)
		return FILCH_INVAL;
	for (size_t i = 0; i < flc_page_rows(FLC_SECTION_MUTEX) && status == FILCH_OK; i++)
		if (read_mutex(i, &row))
			status = visit(context, &row);
	return status;
}

int
filch_metrics_foreach_channel(filch_channel_visit_fn *visit, void *context)
{
	filch_channel_metrics row;
	int status = FILCH_OK;

	if (visit == NULL)
		return FILCH_INVAL;
	for (size_t i = 0; i < flc_page_rows(FLC_SECTION_CHANNEL) && status == FILCH_OK; i++)
		if (read_channel(i, &row))
			status = visit(context, &row);
	return status;
}

static int
sum_worker(void *context, const filch_worker_metrics *row)
{
	flc_worker_metrics_add(context, row);
	return FILCH_OK;
}

/* All rows of one moment. */
static void
sum_objects(filch_metrics *full)
{
	bool reading = flc_page_begin_read();
	filch_channel_metrics channel;
	filch_mutex_metrics mutex;

	for (size_t i = 0; i < flc_page_rows(FLC_SECTION_MUTEX); i++)
		if (flc_mutex_row_read((void *)flc_page_row(FLC_SECTION_MUTEX, i), &mutex))
			flc_mutex_metrics_add(&full->mutexes, &mutex);
	for (size_t i = 0; i < flc_page_rows(FLC_SECTION_CHANNEL); i++)
		if (flc_channel_row_read((void *)flc_page_row(FLC_SECTION_CHANNEL, i), &channel))
			flc_channel_metrics_add(&full->channels, &channel);
	full->mutexes.owner = FILCH_NOT_A_WORKER;
	if (reading)
		flc_page_end_read();
	for (int use = 0; use < FILCH_MEMORY_USES; use++)
		full->malloc_calls[use] = flc_load_relaxed(&flc_memory_calls[use]);
	full->rows_overflow = flc_load_relaxed(&flc_page_header()->rows_overflow);
}

int
filch_metrics_snapshot(filch_pool *pool, filch_metrics *metrics, size_t size)
{
	filch_metrics full;
	int status = FILCH_OK;

	if (metrics == NULL || size < offsetof(filch_metrics, sum))
		return FILCH_INVAL;
	pool = flc_pool_choose(pool, &status);
	if (pool == NULL)
		return status;
	memset(&full, 0, sizeof(full));
	full.size = size < sizeof(full) ? size : sizeof(full);
	full.taken_at = filch_now();
	full.workers = pool->threads;
	full.rows = pool->slots;
	full.active = flc_sleep_active(&pool->sleep);
	full.injected_depth = flc_injector_seen(&pool->injector);
	full.scratch_in_use = flc_load_relaxed(&pool->scratch.in_use);
	full.scratch_high_water = flc_load_relaxed(&pool->scratch.high_water);
	full.scratch_kept = flc_load_relaxed(&pool->scratch.kept_size);
	status = filch_metrics_foreach_worker(pool, sum_worker, &full.sum);
	full.sum.index = FILCH_NOT_A_WORKER;
	if (full.size > offsetof(filch_metrics, mutexes))
		sum_objects(&full);
	memcpy(metrics, &full, full.size);
	return status;
}

void
filch_metrics_delta(const filch_metrics *before, const filch_metrics *after, filch_metrics *out)
{
	filch_metrics d;

	if (before == NULL || after == NULL || out == NULL)
		return;
	d = *after;
	flc_worker_metrics_subtract(&d.sum, &before->sum);
	flc_mutex_metrics_subtract(&d.mutexes, &before->mutexes);
	flc_channel_metrics_subtract(&d.channels, &before->channels);
	d.rows_overflow -= before->rows_overflow;
	for (int use = 0; use < FILCH_MEMORY_USES; use++)
		d.malloc_calls[use] -= before->malloc_calls[use];
	*out = d;
}
