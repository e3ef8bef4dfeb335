/* SPDX-License-Identifier: BSD-2-Clause */
/* pool/pool.h for the model: what the protocols see of a pool. */
#ifndef FLC_POOL_H
#define FLC_POOL_H

#include "base/fork_generation.h"
#include "memory/allocator.h"
#include "deque/injector.h"
#include "sched/sleep.h"

#include <filch/pool.h>
#include <pthread.h>

#define MODEL_WORKERS 4

struct flc_worker;

struct filch_pool {
	size_t slots;
	size_t threads;
	bool overcommitted;
	uint64_t spin_ticks;
	uint64_t wake_gap_ticks;
	struct flc_worker *worker[MODEL_WORKERS];
	struct flc_sleeper *sleepers[MODEL_WORKERS];
	struct flc_sleep sleep;
	struct flc_injector injector;
	flc_atomic discarding;
	flc_atomic dropped;
	flc_atomic phases;       /* none: a worker that stays awake is a longer spin */
	flc_atomic stalled;
};

#define FILCH_PHASE_NS 1
static const double flc_clock_rate = 1;

/* Constant here: how workers are made is no part of the model. */
static inline struct flc_worker *
flc_pool_worker(const struct filch_pool *pool, size_t slot)
{
	return pool->worker[slot];
}

static inline bool
flc_pool_is_old(const struct filch_pool *pool)
{
	(void)pool;
	return false;
}

#endif /* FLC_POOL_H */
