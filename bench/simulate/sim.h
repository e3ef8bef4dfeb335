/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simulated scheduler.  One call runs one DAG once; no state is shared between calls,
 * and equal arguments give equal results.
 */
#ifndef SIMULATE_SIM_H
#define SIMULATE_SIM_H

#include "dag.h"
#include "machine.h"
#include "policy.h"

struct sim_config {
	struct machine machine;
	struct costs costs;
	struct policy policy;
	uint64_t seed;
	bool cold; /* all but the first worker sleep when the run starts */
};

/* Core time by what it was spent on; what is missing to time * cores is time in which a
 * core slept. */
#define TIME_MAP(TIME) \
	TIME(WORK, "work") \
	TIME(FORK, "fork") \
	TIME(SEARCH, "search") \
	TIME(STEAL, "steal") \
	TIME(WAIT, "wait") \
	TIME(INTERRUPT, "interrupted") \
	TIME(WAKE, "wake")

enum sim_time {
#define ENUMERATOR(symbol, name) SIM_##symbol,
	TIME_MAP(ENUMERATOR)
#undef ENUMERATOR
	SIM_TIMES
};

struct sim_result {
	int64_t time;             /* ns, until the root has ended */
	int64_t spent[SIM_TIMES]; /* ns of all cores */
	int64_t pops;
	int64_t steals;
	int64_t leaps;            /* of these, by a waiter */
	int64_t lost;             /* work was seen, another took it */
	int64_t barriers;
	int64_t wakes;
	int64_t spare_starts;
	int32_t spares_most;      /* spares out at the same time */
	int32_t depth_most;       /* frames on one stack */
	int64_t returns_late;     /* a waiter's record was done, but no core was free */
};

/* False if memory ran out. */
bool simulate(const struct dag *dag, const struct sim_config *config, struct sim_result *result);

#endif /* SIMULATE_SIM_H */
