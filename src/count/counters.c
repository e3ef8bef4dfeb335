/* SPDX-License-Identifier: BSD-2-Clause */
#include "count/counters.h"

void
flc_counters_init(struct flc_counters *counters)
{
	flc_store_relaxed(&counters->state, FILCH_STATES);
}

static inline void
add_time(struct flc_counters *counters, size_t state, AO_t ticks)
{
	/* release [count.edges]: odd edges, before what changes. */
	flc_store_release(&counters->time[state],
	    flc_load_relaxed(&counters->time[state]) + ticks);
}

size_t
flc_counters_enter(struct flc_counters *counters, size_t state)
{
	AO_t edges = flc_load_relaxed(&counters->edges);
	uint64_t now, since;
	size_t before;

	flc_store_release(&counters->edges, edges + 1);
	/* store-load [count.moment]: odd edges, before the clock is read. */
	if (FLC_LIKELY(flc_fence_is_cheap()))
		flc_fence_light();
	else
		flc_fence_full();
	now = flc_ticks();
	before = flc_load_relaxed(&counters->state);
	since = flc_load_relaxed(&counters->since);
	/* Two CPUs' clocks may differ by a few ticks. */
	if (FLC_UNLIKELY(now < since))
		now = since;
	if (before < FILCH_STATES)
		add_time(counters, before, now);
	flc_store_release(&counters->since, now);
	if (state < FILCH_STATES)
		add_time(counters, state, (AO_t)0 - now);
	flc_store_release(&counters->state, state);
	flc_store_release(&counters->edges, edges + 2);
	return before;
}

void
flc_counters_renew(struct flc_counters *counters)
{
	size_t state = flc_load_relaxed(&counters->state);

	for (size_t s = 0; s < FILCH_STATES; s++)
		flc_store_relaxed(&counters->time[s], 0);
	if (state < FILCH_STATES) {
		flc_store_relaxed(&counters->since, flc_ticks());
		flc_store_relaxed(&counters->time[state],
		    (AO_t)0 - flc_load_relaxed(&counters->since));
	}
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
flc_counters_woken(struct flc_counters *counters, uint64_t slept, uint64_t sent)
{
	uint64_t now = flc_ticks();

	flc_store_relaxed(&counters->sent_for, sent);
	/* An older stamp is of a wake that came too late for its sleep. */
	if (sent >= slept && sent <= now)
		flc_histogram_add(&counters->wake_latency, now - sent, false);
}

uint64_t
flc_counters_moment(void)
{
	/* An early tick is right, a late one is not: so the clock comes first. */
	uint64_t now = flc_ticks();

	/* store-load [count.moment]: the clock, before the look at edges.  Whoever read
	 * its own before us has shown odd edges. */
	if (flc_fence_probe())
		return flc_fence_heavy() ? now : 0;
	flc_fence_full();
	return now;
}

/* A sum is far from the half of a word, a tick that was subtracted is beyond. */
static inline bool
is_present(AO_t time)
{
	return time > SIZE_MAX / 2;
}

/*
 * The states' times as they stand, whether the owner changed them meanwhile, and up to
 * which tick the present one can be added: not beyond a change that is under way, whose
 * tick nobody knows yet, but up to what another reader has told.
 */
static bool
look_at_times(const struct flc_counters *counters, uint64_t moment, filch_worker_metrics *row,
    uint64_t *until)
{
	/* acquire [count.edges]: the words of the last edge. */
	AO_t edges = flc_load_acquire(&counters->edges);
	size_t state = flc_load_acquire(&counters->state);
	uint64_t since, told;

	for (size_t s = 0; s < FILCH_STATES; s++)
		row->time_ns[s] = flc_load_acquire(&counters->time[s]);
	/* After the times: a tick that was subtracted from one of them was stored in
	 * since before, and an older one would make that time less than it was. */
	since = flc_load_acquire(&counters->since);
	told = flc_load_acquire(&counters->told);
	row->state = state < FILCH_STATES ? (int)state : FILCH_STATE_PARKED;
	*until = since > told ? since : told;
	if (edges % 2 == 0 && moment > *until)
		*until = moment;
	return flc_load_relaxed(&counters->edges) == edges;
}

/* An owner that stops in the middle of a change, perhaps to read in a handler. */
#define TRIES 100

static void
read_times(struct flc_counters *counters, uint64_t moment, filch_worker_metrics *row)
{
	uint64_t until, told;
	int tries = 0;

	while (!look_at_times(counters, moment, row, &until)
	    || (until < moment && ++tries < TRIES))
		;
	/* Full, hence before anybody hears of what we return. */
	while ((told = flc_load_relaxed(&counters->told)) < until
	    && !flc_cas_full(&counters->told, told, until))
		;
	for (size_t s = 0; s < FILCH_STATES; s++)
		row->time_ns[s] = flc_ticks_to_ns(is_present(row->time_ns[s])
		    ? row->time_ns[s] + until : row->time_ns[s]);
}

void
flc_counters_read(struct flc_counters *counters, uint64_t moment, filch_worker_metrics *row)
{
	flc_words_read(&flc_counters_words, counters, row);
	read_times(counters, moment, row);
}
