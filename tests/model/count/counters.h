/* SPDX-License-Identifier: BSD-2-Clause */
/* count/counters.h for the model: nothing is counted, ticks always pass. */
#ifndef FLC_COUNTERS_H
#define FLC_COUNTERS_H

#include "base/atomic.h"

#include <filch/metrics.h>

struct flc_counters {
	char tasks_run, tasks_spawned, tasks_inlined, injected_run, joins_waited, joins_helped;
	char mode_switches, attempts[FILCH_DISTANCES], steals[FILCH_DISTANCES], stolen_tasks;
	char misses_empty, misses_lost, parks, wakeups_task, wakeups_timeout, wakeups_shutdown;
	char wakes_sent, spares_refused;
};

#define flc_count(counter, by) ((void)(counter))
#define flc_count_release(counter, by) ((void)(counter))
#define flc_counters_enter(counters, state) ((size_t)(state) + 0 * sizeof(counters))

#define flc_counters_injected(counters, queued) ((void)(counters), (void)(queued))
#define flc_counters_saw_depth(counters, depth) ((void)(counters), (void)(depth))
#define flc_counters_show_depth(counters, depth) ((void)(counters), (void)(depth))
#define flc_counters_since(counters) ((uint64_t)(0 * sizeof(counters)))
#define flc_counters_woken(counters, slept, sent) ((void)(counters), (void)(slept), (void)(sent))

struct flc_task_span { };
#define flc_counters_begin_task(counters) flc_task_span()
#define flc_counters_end_task(counters, span) ((void)(counters), (void)(span))

static uint64_t model_ticks;

static inline uint64_t
flc_ticks(void)
{
	return model_ticks += 1000;
}

static inline uint64_t
flc_ns_to_ticks(uint64_t ns)
{
	return ns;
}

#endif /* FLC_COUNTERS_H */
