/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The counters of one worker: 64-bit words with one writer, never reset.
 *
 * The owner adds with a relaxed load and store (no locked instruction); any thread reads
 * at any time.  Grouped by temperature, each group 128 bytes apart, because what one
 * thread writes often must not share a line with what another reads often.  The clock is
 * read on state edges only.
 */
#ifndef FLC_COUNTERS_H
#define FLC_COUNTERS_H

#include "base/atomic.h"
#include "base/clock.h"
#include "count/histogram.h"
#include "count/words.h"

#include <filch/metrics.h>

/*
 * Each word once; see words.h.  The lines: task, while there is work; steal, while
 * looking for work; idle, while sleeping, waking and waiting; state; seen, what others
 * leave here; times, durations.
 *
 * state is FILCH_STATES while nobody is here.  time[s]: how long it was in s, in ticks;
 * of the present state that minus the tick it began at (since), which is below zero, so
 * that one load tells all.  Odd edges: the owner has read the clock for a change, and may
 * not have stored it.  told: a tick up to which some reader has added the present state;
 * no later change is before it.
 *
 * high_water: the largest depth that a thief or a snapshot saw; depth: the present one;
 * sent_for: when (ticks) a waker sent for us.
 */
#define FLC_COUNTERS_MAP(P) \
	P##_APART(task) \
	FILCH_WORKER_TASK_MAP(P##_COUNT) \
	P##_APART(steal) \
	P##_COUNTS(attempts, steal_attempts, FILCH_DISTANCES) \
	P##_COUNTS(steals, steals, FILCH_DISTANCES) \
	FILCH_WORKER_STEAL_MAP(P##_COUNT) \
	P##_APART(idle) \
	FILCH_WORKER_IDLE_MAP(P##_COUNT) \
	P##_APART(state) \
	P##_OWN(edges) \
	P##_OWN(state) \
	P##_OWN(since) \
	P##_STATES(time, time_ns, FILCH_STATES) \
	P##_OWN(told) \
	P##_APART(seen) \
	P##_MAXIMUM(high_water, deque_high_water) \
	P##_GAUGE(depth, deque_depth) \
	P##_OWN(sent_for) \
	P##_APART(times) \
	FILCH_WORKER_HISTOGRAM_MAP(P##_DURATIONS)

struct flc_counters {
	FLC_COUNTERS_MAP(FLC_FIELD)
};

/* The owner adds. */
static inline void
flc_count(flc_atomic *counter, AO_t by)
{
	if (FLC_COUNTING)
		flc_store_relaxed(counter, flc_load_relaxed(counter) + by);
}

/* The owner counts what another counter, counted later, must never exceed: readers load
 * the later one first, with acquire. */
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

/* The owner was woken: how long that took, if it was sent for (ticks) since it slept. */
void flc_counters_woken(struct flc_counters *counters, uint64_t slept, uint64_t sent);

/* The owner begins to run something it found, and ends; before: what
 * flc_counters_begin_task() filled. */
struct flc_task_span {
	size_t state;
	uint64_t since;      /* ticks */
};

struct flc_task_span flc_counters_begin_task(struct flc_counters *counters);
void flc_counters_end_task(struct flc_counters *counters, struct flc_task_span span);

/* The owner goes from its state to the next; FILCH_STATES: it leaves.  Returns the state
 * it was in. */
size_t flc_counters_enter(struct flc_counters *counters, size_t state);

/* In a forked child: all counts are zero from now on. */
void flc_counters_renew(struct flc_counters *counters);

/*
 * A tick for readers: no change of state that an owner has not published by the time of
 * this call's return is before it.  One of the heavy fences.
 */
uint64_t flc_counters_moment(void);

/* Reads a row, its times up to that moment at least; any thread.  What a reader gets is
 * never less than what a call that had returned before got. */
void flc_counters_read(struct flc_counters *counters, uint64_t moment,
    filch_worker_metrics *row);

#endif /* FLC_COUNTERS_H */
