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
	READ(waits_holding);
	READ(stalls);
#undef READ
	read_times(counters, row);
}
