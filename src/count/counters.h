/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The counters of one worker: 64-bit words with one writer, never reset.
 *
 * The owner adds with a relaxed load and store (no locked instruction); any
 * thread reads at any time.  Grouped by temperature, each group 128 bytes
 * apart, because what one thread writes often must not share a line with what
 * another reads often.  The clock is read on state edges only.
 */
#ifndef FLC_COUNTERS_H
#define FLC_COUNTERS_H

#include "base/atomic.h"
#include "base/clock.h"
#include "count/histogram.h"

#include <filch/metrics.h>

struct flc_counters {
	/* The task line: while there is work. */
	FLC_SET_APART flc_atomic tasks_run;
	flc_atomic tasks_spawned;
	flc_atomic tasks_inlined;
	flc_atomic injected_run;
	flc_atomic joins_waited;
	flc_atomic joins_helped;
	flc_atomic mode_switches;

	/* The steal line: while looking for work. */
	FLC_SET_APART flc_atomic attempts[FILCH_DISTANCES];
	flc_atomic steals[FILCH_DISTANCES];
	flc_atomic stolen_tasks;
	flc_atomic misses_empty;
	flc_atomic misses_lost;

	/* The idle line: while sleeping and waking. */
	FLC_SET_APART flc_atomic parks;
	flc_atomic wakeups_task;
	flc_atomic wakeups_timeout;
	flc_atomic wakeups_shutdown;
	flc_atomic empty_wakeups;
	flc_atomic wakes_sent;
	flc_atomic spares_refused;
	flc_atomic waits_holding;
	flc_atomic stalls;

	/*
	 * The state line: state is FILCH_STATES while nobody is here.  time[s]: how
	 * long it was in s, in ticks; of the present state that minus the tick it began
	 * at, which is below zero, so that one load tells all.  Odd edges: the owner has
	 * read the clock for a change, and may not have stored it.  told: a tick up to
	 * which some reader has added the present state; no later change is before it.
	 */
	FLC_SET_APART flc_atomic edges;
	flc_atomic state;
	flc_atomic since;             /* ticks */
	flc_atomic time[FILCH_STATES];
	flc_atomic told;

	/* What others leave here: the largest depth that a thief or a snapshot
	 * saw, the present one, and when (ticks) a waker sent for us. */
	FLC_SET_APART flc_atomic high_water;
	flc_atomic depth;
	flc_atomic sent_for;

	/* Durations. */
	FLC_SET_APART struct flc_histogram task_run;
	struct flc_histogram sched_delay;
	struct flc_histogram wake_latency;
};

/* The owner adds. */
static inline void
flc_count(flc_atomic *counter, AO_t by)
{
	if (FLC_COUNTING)
		flc_store_relaxed(counter, flc_load_relaxed(counter) + by);
}

/* The owner counts what another counter, counted later, must never exceed:
 * readers load the later one first, with acquire. */
static inline void
flc_count_release(flc_atomic *counter, AO_t by)
{
	/* release [count.order]: what was counted before, before this. */
	if (FLC_COUNTING)
		flc_store_release(counter, flc_load_relaxed(counter) + by);
}

void flc_counters_init(struct flc_counters *counters);

/* When the owner came into its present state: ticks. */
static inline uint64_t
flc_counters_since(const struct flc_counters *counters)
{
	return flc_load_relaxed(&counters->since);
}

/* Any thread: it saw so many tasks in a deque. */
void flc_counters_saw_depth(struct flc_counters *counters, size_t depth);

/* The same of all its deques, for the snapshot that is being taken. */
void flc_counters_show_depth(struct flc_counters *counters, size_t depth);

/* The owner took what was queued then. */
void flc_counters_injected(struct flc_counters *counters, uint64_t queued);

/* A waker, before it wakes; and the woken one: how long that took, if it was
 * sent for since it slept. */
static inline void
flc_counters_send_for(struct flc_counters *counters)
{
	flc_store_relaxed(&counters->sent_for, flc_ticks());
}

void flc_counters_woken(struct flc_counters *counters, uint64_t slept);

/* The owner begins to run something it found, and ends; before: what
 * flc_counters_begin_task() filled. */
struct flc_task_span {
	size_t state;
	uint64_t since;      /* ticks */
};

struct flc_task_span flc_counters_begin_task(struct flc_counters *counters);
void flc_counters_end_task(struct flc_counters *counters, struct flc_task_span span);

/* The owner goes from its state to the next; FILCH_STATES: it leaves.  Returns
 * the state it was in. */
size_t flc_counters_enter(struct flc_counters *counters, size_t state);

/* In a forked child: all counts are zero from now on. */
void flc_counters_renew(struct flc_counters *counters);

/*
 * A tick for readers: no change of state that an owner has not published by the time
 * of this call's return is before it.  One of the heavy fences.
 */
uint64_t flc_counters_moment(void);

/* Reads a row, its times up to that moment at least; any thread.  What a reader gets
 * is never less than what a call that had returned before got. */
void flc_counters_read(struct flc_counters *counters, uint64_t moment,
    filch_worker_metrics *row);

#endif /* FLC_COUNTERS_H */
