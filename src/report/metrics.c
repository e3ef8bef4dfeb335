/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/worker.h"

#include <filch/metrics.h>

#include <stdio.h>
#include <string.h>

static void
add_row(filch_worker_metrics *sum, const filch_worker_metrics *row)
{
#define ADD(field, name, help) sum->field += row->field;
	FILCH_WORKER_COUNTER_MAP(ADD)
#undef ADD
	for (int d = 0; d < FILCH_DISTANCES; d++) {
		sum->steal_attempts[d] += row->steal_attempts[d];
		sum->steals[d] += row->steals[d];
	}
	for (int s = 0; s < FILCH_STATES; s++)
		sum->time_ns[s] += row->time_ns[s];
}

/* False: nobody ever was there. */
static bool
read_row(filch_pool *pool, size_t slot, filch_worker_metrics *row)
{
	const struct flc_worker *worker = flc_pool_worker(pool, slot);
	uint64_t lived = 0;

	if (worker == NULL)
		return false;
	memset(row, 0, sizeof(*row));
	row->index = slot;
	row->kind = worker->kind;
	flc_counters_read(&worker->counters, row);
	for (int s = 0; s < FILCH_STATES; s++)
		lived += row->time_ns[s];
	return lived > 0;
}

int
filch_metrics_foreach_worker(filch_pool *pool,
    int (*visit)(void *context, const filch_worker_metrics *row), void *context)
{
	filch_worker_metrics row;
	int status = FILCH_OK;

	pool = flc_pool_choose(pool, &status);
	if (pool == NULL)
		return status;
	if (visit == NULL)
		return FILCH_INVAL;
	for (size_t i = 0; i < pool->slots && status == FILCH_OK; i++)
		if (read_row(pool, i, &row))
			status = visit(context, &row);
	return status;
}

static int
visit_sum(void *context, const filch_worker_metrics *row)
{
	add_row(context, row);
	return FILCH_OK;
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
	status = filch_metrics_foreach_worker(pool, visit_sum, &full.sum);
	full.sum.index = FILCH_NOT_A_WORKER;
	memcpy(metrics, &full, full.size);
	return status;
}

void
filch_metrics_delta(const filch_metrics *before, const filch_metrics *after, filch_metrics *out)
{
	filch_metrics d = *after;

#define SUBTRACT(field, name, help) d.sum.field -= before->sum.field;
	FILCH_WORKER_COUNTER_MAP(SUBTRACT)
#undef SUBTRACT
	for (int i = 0; i < FILCH_DISTANCES; i++) {
		d.sum.steal_attempts[i] -= before->sum.steal_attempts[i];
		d.sum.steals[i] -= before->sum.steals[i];
	}
	for (int s = 0; s < FILCH_STATES; s++)
		d.sum.time_ns[s] -= before->sum.time_ns[s];
	*out = d;
}

int
filch_write_file(void *file, const char *text, size_t length)
{
	return fwrite(text, 1, length, file) == length ? FILCH_OK : FILCH_AGAIN;
}
