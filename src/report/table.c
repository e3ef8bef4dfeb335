/* SPDX-License-Identifier: BSD-2-Clause */
/* The workers as a table for people. */
#include "base/compiler.h"

#include <filch/metrics.h>

#include <stdio.h>

#define LINE 160

struct table {
	filch_write_fn *write;
	void *context;
};

/* A line of the table; it always ends with a newline. */
static int
put(const struct table *table, char *line, int length)
{
	if (length < 0)
		return FILCH_INVAL;
	if (length >= LINE)
		length = LINE - 1;
	line[length - 1] = '\n';
	return table->write(table->context, line, (size_t)length);
}

static uint64_t
total(const uint64_t *counts, int n)
{
	uint64_t sum = 0;

	for (int i = 0; i < n; i++)
		sum += counts[i];
	return sum;
}

static const char *
name_of(const filch_worker_metrics *row, char *text, size_t size)
{
	static const char kind[] = { 'w', 'g', 's' };

	if (row->index == SIZE_MAX)
		snprintf(text, size, "all");
	else
		snprintf(text, size, "%c%zu", kind[row->kind], row->index);
	return text;
}

static int
put_row(void *context, const filch_worker_metrics *row)
{
	char line[LINE], name[24];
	uint64_t near = total(row->steals, FILCH_DISTANCE_REMOTE);
	uint64_t far = total(row->steals, FILCH_DISTANCES) - near;
	uint64_t waits = row->time_ns[FILCH_STATE_JOIN_WAIT] + row->time_ns[FILCH_STATE_LOCK_WAIT]
	    + row->time_ns[FILCH_STATE_SEND_WAIT] + row->time_ns[FILCH_STATE_RECV_WAIT]
	    + row->time_ns[FILCH_STATE_BLOCKING];

	return put(context, line, snprintf(line, sizeof(line),
	    "%6s %10.1f %10.1f %10.1f %10.1f %10llu %8llu %8llu %8llu %8llu\n",
	    name_of(row, name, sizeof(name)),
	    (double)row->time_ns[FILCH_STATE_RUN] / 1e6,
	    (double)row->time_ns[FILCH_STATE_SEARCH] / 1e6,
	    (double)waits / 1e6,
	    (double)row->time_ns[FILCH_STATE_PARKED] / 1e6,
	    (unsigned long long)row->tasks_run,
	    (unsigned long long)near,
	    (unsigned long long)far,
	    (unsigned long long)row->parks,
	    (unsigned long long)row->wakes_sent));
}

int
filch_metrics_write(struct filch_pool *pool, int format, filch_write_fn *write, void *context)
{
	struct table table = { write, context };
	filch_metrics all = { 0 };
	char line[LINE];
	int status;

	if (write == NULL)
		return FILCH_INVAL;
	if (format != FILCH_METRICS_TEXT)
		return FILCH_UNSUPPORTED;
	status = put(&table, line, snprintf(line, sizeof(line),
	    "%6s %10s %10s %10s %10s %10s %8s %8s %8s %8s\n", "worker", "run ms", "search ms",
	    "wait ms", "parked ms", "tasks", "near", "far", "parks", "wakes"));
	if (status == FILCH_OK)
		status = filch_metrics_foreach_worker(pool, put_row, &table);
	if (status == FILCH_OK)
		status = filch_metrics_snapshot(pool, &all, sizeof(all));
	if (status == FILCH_OK)
		status = put_row(&table, &all.sum);
	return status;
}
