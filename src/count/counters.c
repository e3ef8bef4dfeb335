/* SPDX-License-Identifier: BSD-2-Clause */
#include "count/counters.h"

void
flc_counters_init(struct flc_counters *counters)
{
	flc_store_relaxed(&counters->state, FILCH_STATES);
}

size_t
flc_counters_enter(struct flc_counters *counters, size_t state)
{
	size_t before = flc_load_relaxed(&counters->state);
	uint64_t now = flc_ticks();

	/* Release, so that a reader who sees a new word sees odd edges too
	 * [count.edges]. */
	flc_count(&counters->edges, 1);
	if (before < FILCH_STATES) {
		uint64_t since = flc_load_relaxed(&counters->since);

		/* release [count.edges]: odd edges, before what changes. */
		flc_store_release(&counters->time[before],
		    flc_load_relaxed(&counters->time[before]) + (now > since ? now - since : 0));
	}
	flc_store_release(&counters->since, now);
	flc_store_release(&counters->state, state);
	flc_store_release(&counters->edges, flc_load_relaxed(&counters->edges) + 1);
	return before;
}

struct flc_task_span
flc_counters_begin_task(struct flc_counters *counters)
{
	struct flc_task_span span;

	flc_count(&counters->tasks_run, 1);
	span.state = flc_counters_enter(counters, FILCH_STATE_RUN);
	span.since = flc_counters_since(counters);
	return span;
}

void
flc_counters_end_task(struct flc_counters *counters, struct flc_task_span span)
{
	uint64_t now;

	(void)flc_counters_enter(counters, span.state);
	now = flc_counters_since(counters);
	flc_histogram_add(&counters->task_run, now > span.since ? now - span.since : 0, false);
}

void
flc_counters_injected(struct flc_counters *counters, uint64_t queued)
{
	uint64_t now = flc_ticks();

	flc_count(&counters->injected_run, 1);
	flc_histogram_add(&counters->sched_delay, now > queued ? now - queued : 0, false);
}

void
flc_counters_saw_depth(struct flc_counters *counters, size_t depth)
{
	size_t highest;

	do
		highest = flc_load_relaxed(&counters->high_water);
	while (depth > highest && !flc_cas_full(&counters->high_water, highest, depth));
}

void
flc_counters_show_depth(struct flc_counters *counters, size_t depth)
{
	flc_store_relaxed(&counters->depth, depth);
	flc_counters_saw_depth(counters, depth);
}

void
flc_counters_woken(struct flc_counters *counters, uint64_t slept)
{
	uint64_t sent = flc_load_relaxed(&counters->sent_for);
	uint64_t now = flc_ticks();

	/* An older stamp is of a wake that came too late for its sleep. */
	if (sent >= slept && sent <= now)
		flc_histogram_add(&counters->wake_latency, now - sent, false);
}

/* The times, with what the present state has lasted so far. */
static void
read_times(const struct flc_counters *counters, filch_worker_metrics *row)
{
	for (int tries = 0; tries < 100; tries++) {
		/* acquire [count.edges]: the words of the last edge. */
		AO_t edges = flc_load_acquire(&counters->edges);
		size_t state = flc_load_acquire(&counters->state);
		uint64_t since = flc_load_acquire(&counters->since);
		uint64_t now;

		for (size_t s = 0; s < FILCH_STATES; s++)
			row->time_ns[s] = flc_load_acquire(&counters->time[s]);
		now = flc_ticks();
		if (state < FILCH_STATES && now > since)
			row->time_ns[state] += now - since;
		row->state = state < FILCH_STATES ? (int)state : FILCH_STATE_PARKED;
		if (edges % 2 == 0 && flc_load_relaxed(&counters->edges) == edges)
			break;
	}
	for (size_t s = 0; s < FILCH_STATES; s++)
		row->time_ns[s] = flc_ticks_to_ns(row->time_ns[s]);
}

void
flc_counters_read(const struct flc_counters *counters, filch_worker_metrics *row)
{
	/* Later ones first: what they are of is counted before them. */
	flc_histogram_read(&counters->task_run, &row->task_run);
	flc_histogram_read(&counters->sched_delay, &row->sched_delay);
	flc_histogram_read(&counters->wake_latency, &row->wake_latency);
	/* acquire [count.order]: the attempts that these came of. */
	row->misses_empty = flc_load_acquire(&counters->misses_empty);
	row->misses_lost = flc_load_acquire(&counters->misses_lost);
	for (int d = 0; d < FILCH_DISTANCES; d++)
		row->steals[d] = flc_load_acquire(&counters->steals[d]);
	for (int d = 0; d < FILCH_DISTANCES; d++)
		row->steal_attempts[d] = flc_load_relaxed(&counters->attempts[d]);
#define READ(field) row->field = flc_load_relaxed(&counters->field)
	READ(stolen_tasks);
	READ(tasks_run);
	READ(tasks_spawned);
	READ(tasks_inlined);
	READ(injected_run);
	READ(joins_waited);
	READ(joins_helped);
	READ(mode_switches);
	READ(parks);
	READ(wakeups_task);
	READ(wakeups_timeout);
	READ(wakeups_shutdown);
	READ(empty_wakeups);
	READ(wakes_sent);
	READ(spares_refused);
#undef READ
	row->deque_depth = flc_load_relaxed(&counters->depth);
	row->deque_high_water = flc_load_relaxed(&counters->high_water);
	read_times(counters, row);
}
