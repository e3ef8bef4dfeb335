/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One loop under way: what its chunks share, and the engine that runs a part of it chunk
 * by chunk, from the front.
 *
 * What is left of a part stands in one of the worker's rests (deque/range_rest.h) as soon
 * as it is worth it: others take from its back at any time.  A chunk costs then a store
 * and a load more than that of a serial loop.
 */
#ifndef FLC_RANGE_H
#define FLC_RANGE_H

#include "sched/early_exit.h"
#include "sched/worker.h"
#include "wait/task_wait.h"

#include "loop/cost_model.h"
#include "loop/pieces.h"

struct flc_loop {
	filch_range_fn *body;
	void *context;
	const filch_for_options *options;  /* never NULL, complete */
	struct flc_site *site;             /* the caller's, or NULL */
	size_t begin;
	size_t least;            /* no chunk smaller */
	size_t unit;             /* chunks begin at multiples of it from begin */
	size_t parts;            /* threads that may take part */
	bool limited;            /* parts is below what the pool has */
	bool adapts;             /* the grain follows the measured time */
	bool is_new;             /* nothing was known of the cost */
	bool whole;              /* a piece is one chunk */
	bool expects;            /* others took parts of it last time, and are about */
	bool is_short;           /* less than two chunks, as the site knows it */
	bool calls;              /* others are to be woken, even if it is short */
	struct flc_pieces *pieces; /* of a loop by affinity, else NULL */
	double chunk_ticks;      /* what a chunk should last */
	size_t mode;             /* how the caller computes with floating point */

	/* Written once in each chunk of those that adapt. */
	FLC_SET_APART flc_atomic grain;    /* the latest estimate of any worker */
	flc_atomic cost;         /* of the latest chunk, or of a dear one before */
	flc_atomic careful;      /* some chunk lasted far longer than it should */

	FLC_SET_APART flc_atomic pending;  /* parts queued or running, but the caller's */
	struct flc_early_exit ending;
	flc_atomic shared;       /* somebody took a part */
};

FLC_PENDING_BEFORE_STOP(struct flc_loop, pending, ending.stopped);

/*
 * Runs a whole loop on the worker and waits for what others took.  Returns what
 * filch_for() promises.
 */
int flc_loop_run(struct flc_worker *worker, struct flc_loop *loop, size_t begin, size_t end);

/* A full copy of options, each new field zero; FILCH_INVAL if one is bad. */
int flc_loop_options(const filch_for_options *given, filch_for_options *complete);

#endif /* FLC_RANGE_H */
