/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/table.h"

#include "report/fields.h"

#include <string.h>

/* Names take as many columns as the longest needs, and not fewer than this. */
#define NAME_COLUMNS 12

static uint64_t
total(const uint64_t *counts, int n)
{
	uint64_t sum = 0;

	for (int i = 0; i < n; i++)
		sum += counts[i];
	return sum;
}

/* -- Workers -- */

static void
put_worker_name(struct flc_text *out, const filch_worker_metrics *row, bool is_sum)
{
	static const char kind[] = { 'w', 'g', 's' };

	if (is_sum) {
		flc_text_right(out, "all", 6);
		return;
	}
	for (uint64_t limit = 10000; limit > 1 && row->index < limit; limit /= 10)
		flc_text_char(out, ' ');
	flc_text_char(out, kind[row->kind]);
	flc_text_number(out, row->index);
}

static void
put_worker(struct flc_text *out, const filch_worker_metrics *row, bool is_sum)
{
	uint64_t near = total(row->steals, FILCH_DISTANCE_REMOTE);
	uint64_t far = total(row->steals, FILCH_DISTANCES) - near;
	uint64_t waits = total(row->time_ns, FILCH_STATES) - row->time_ns[FILCH_STATE_RUN]
	    - row->time_ns[FILCH_STATE_SEARCH] - row->time_ns[FILCH_STATE_PARKED];

	put_worker_name(out, row, is_sum);
	flc_text_ms_cell(out, row->time_ns[FILCH_STATE_RUN], 11);
	flc_text_ms_cell(out, row->time_ns[FILCH_STATE_SEARCH], 11);
	flc_text_ms_cell(out, waits, 11);
	flc_text_ms_cell(out, row->time_ns[FILCH_STATE_PARKED], 11);
	flc_text_number_cell(out, row->tasks_run, 11);
	flc_text_number_cell(out, near, 9);
	flc_text_number_cell(out, far, 9);
	flc_text_number_cell(out, row->parks, 9);
	flc_text_number_cell(out, row->wakes_sent, 9);
	flc_text_char(out, '\n');
}

static void
put_pool(struct flc_text *out, const struct flc_capture *capture,
    const struct flc_captured_pool *pool)
{
	if (capture->pools > 1 || !pool->live) {
		flc_text_text(out, pool == capture->pool ? "pool " : "\npool ");
		flc_text_name(out, pool->name, 0);
		flc_text_text(out, pool->live ? "\n" : " (ended)\n");
	}
	flc_text_text(out, "worker     run ms  search ms    wait ms  parked ms      tasks"
	    "     near      far    parks    wakes\n");
	for (size_t i = 0; i < capture->workers; i++)
		if (capture->worker[i].number == pool->number)
			put_worker(out, &capture->worker[i].metrics, false);
	put_worker(out, &pool->sum, true);
}

/* -- Mutexes and channels -- */

static void
put_name(struct flc_text *out, const char *name, bool live, size_t columns)
{
	flc_text_name(out, name, columns);
	flc_text_char(out, live ? ' ' : '*');
}

static size_t
columns_for(const char *name, size_t columns)
{
	size_t length = strlen(name);

	return length > columns ? length : columns;
}

static void
put_mutexes(struct flc_text *out, const struct flc_capture *capture)
{
	size_t columns = NAME_COLUMNS;

	for (size_t i = 0; i < capture->mutexes; i++)
		columns = columns_for(capture->mutex[i].name, columns);
	flc_text_char(out, '\n');
	flc_text_name(out, "mutex", columns);
	flc_text_text(out, "    acquired  contended      %    parks    wait ms     max ms"
	    "     hold ns  try failed\n");
	for (size_t i = 0; i < capture->mutexes; i++) {
		const filch_mutex_metrics *m = &capture->mutex[i];

		put_name(out, m->name, m->live, columns);
		flc_text_number_cell(out, m->acquisitions, 11);
		flc_text_number_cell(out, m->contended, 11);
		flc_text_percent_cell(out, m->contended, m->acquisitions, 7);
		flc_text_number_cell(out, m->parks, 9);
		flc_text_ms_cell(out, m->wait.sum_ns, 11);
		flc_text_ms_cell(out, m->wait_max_ns, 11);
		/* The mean of those that were measured. */
		flc_text_number_cell(out, m->hold_samples > 0
		    ? m->hold.sum_ns / m->hold_samples : 0, 12);
		flc_text_number_cell(out, m->try_failed, 12);
		flc_text_char(out, '\n');
	}
}

static void
put_channels(struct flc_text *out, const struct flc_capture *capture)
{
	size_t columns = NAME_COLUMNS;

	for (size_t i = 0; i < capture->channels; i++)
		columns = columns_for(capture->channel[i].name, columns);
	flc_text_char(out, '\n');
	flc_text_name(out, "channel", columns);
	flc_text_text(out, "       sends   receives  in it capacity    most"
	    "  send blocked      %    wait ms  recv blocked      %    wait ms\n");
	for (size_t i = 0; i < capture->channels; i++) {
		const filch_channel_metrics *c = &capture->channel[i];

		put_name(out, c->name, c->live, columns);
		flc_text_number_cell(out, c->sends, 11);
		flc_text_number_cell(out, c->receives, 11);
		flc_text_number_cell(out, c->depth, 7);
		if (c->capacity == UINT64_MAX)
			flc_text_right(out, "-", 9);
		else
			flc_text_number_cell(out, c->capacity, 9);
		flc_text_number_cell(out, c->depth_high_water, 8);
		flc_text_number_cell(out, c->send_blocked, 14);
		flc_text_percent_cell(out, c->send_blocked, c->sends, 7);
		flc_text_ms_cell(out, c->send_wait.sum_ns, 11);
		flc_text_number_cell(out, c->receive_blocked, 14);
		flc_text_percent_cell(out, c->receive_blocked, c->receives, 7);
		flc_text_ms_cell(out, c->receive_wait.sum_ns, 11);
		flc_text_char(out, '\n');
	}
}

static bool
any_ended(const struct flc_capture *capture)
{
	bool ended = false;

	for (size_t i = 0; i < capture->mutexes; i++)
		ended |= !capture->mutex[i].live;
	for (size_t i = 0; i < capture->channels; i++)
		ended |= !capture->channel[i].live;
	return ended;
}

void
flc_write_tables(struct flc_text *out, const struct flc_capture *capture)
{
	for (size_t i = 0; i < capture->pools; i++)
		put_pool(out, capture, &capture->pool[i]);
	if (capture->mutexes > 0)
		put_mutexes(out, capture);
	if (capture->channels > 0)
		put_channels(out, capture);
	if (any_ended(capture))
		flc_text_text(out, "\n* destroyed\n");
	if (capture->rows_overflow > 0) {
		flc_text_char(out, '\n');
		flc_text_number(out, capture->rows_overflow);
		flc_text_text(out, " things found no row of their own\n");
	}
}
