/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a pool is made of.
 */
#ifndef FLC_POOL_H
#define FLC_POOL_H

#include "base/fork_generation.h"
#include "memory/allocator.h"
#include "count/refresh.h"
#include "deque/injector.h"
#include "memory/scratch.h"
#include "pool/options.h"
#include "sched/sleep.h"
#include "topology/placement.h"

#include <filch/pool.h>

struct flc_pool_row;
struct flc_worker;

struct filch_pool {
	/* Constant after create; what every verb asks for stands on one line. */
	size_t generation;
	size_t threads;          /* worker threads; 0: everything inline */
	size_t slots;            /* workers, then guests, then spares */
	/* One per slot; NULL until first used.  Read by thieves at any time. */
	flc_atomic *worker;
	uint64_t spin_ticks;
	uint64_t wake_gap_ticks; /* a deque wakes at most once in this time */
	bool overcommitted;      /* more workers than CPUs */
	uint32_t *slot_cpu;      /* index in the topology, per slot */
	unsigned *cpus;          /* the system's numbers of all that it may use */
	struct flc_config config;
	struct flc_memory memory;
	const struct flc_topology *topology;
	struct flc_placement placement;
	struct flc_sleeper **sleepers;
	struct flc_pool_row *row;  /* of the page; NULL: there was none left */
	struct flc_refresher gauges; /* of the row */

	struct flc_sleep sleep;
	struct flc_injector injector;
	FLC_SET_APART struct flc_scratch scratch; /* what algorithms work in */

	/* Bit i: guest slot i is free. */
	FLC_SET_APART flc_atomic guests_free;

	FLC_SET_APART flc_lock lock;  /* making workers; calls that wait; failures */
	size_t spares_started;
	flc_cond call_ended;
	flc_atomic phases;            /* open ones: see phase.c */
	flc_atomic discarding;        /* jobs are dropped, not run */
	flc_atomic dropped;
	flc_atomic stalled;           /* a stall was seen, and nobody went on since */
};

static inline struct flc_worker *
flc_pool_worker(const struct filch_pool *pool, size_t slot)
{
	/* acquire [pool.worker]: what is in the worker comes with the pointer. */
	return (struct flc_worker *)flc_load_acquire(&pool->worker[slot]);
}

/* Whether the caller is in a child of the process that made the pool. */
static inline bool
flc_pool_is_old(const struct filch_pool *pool)
{
	return flc_generation_is_old(pool->generation);
}

/* Makes a pool; lenient: malformed variables are ignored and named. */
int flc_pool_make(filch_pool **pool, const filch_pool_options *options, bool lenient);

/* Whether the calling thread works in it, perhaps further down its stack. */
bool flc_pool_is_entered(const filch_pool *pool);

/* Ends a pool, as filch_pool_destroy() says. */
int flc_pool_end(filch_pool *pool);

/* Makes the worker of a slot and shows it to the others; false without memory. */
bool flc_pool_make_worker(filch_pool *pool, size_t slot);

#endif /* FLC_POOL_H */
