/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How something of many parts (a loop, a pipeline, a graph) ends before all of them were
 * run: by the failure of a part, by cancellation, by a deadline.
 *
 * Parts have the numbers in which the serial run takes them.  Those before the lowest
 * failure still run, so that it is the one the serial run would meet.  All of it inline:
 * a loop looks before each chunk, and a call costs it a tenth of a chunk's instructions.
 */
#ifndef FLC_EARLY_EXIT_H
#define FLC_EARLY_EXIT_H

#include "base/clock.h"
#include "sched/cancel_scope.h"
#include "pool/pool.h"

#include <filch/loop.h>

struct flc_early_exit {
	flc_atomic stopped;      /* FILCH_CANCELED or FILCH_TIMEOUT, negated; 0 */
	flc_atomic failed_at;    /* lowest failing part, plus one; 0: none */
	int failure;             /* under the pool's lock */
	struct flc_scope *outer; /* around it, or NULL */
};

static inline void
flc_early_exit_begin(struct flc_early_exit *ending, struct flc_scope *outer)
{
	ending->outer = outer;
	flc_store_relaxed(&ending->failed_at, 0);
	flc_store_relaxed(&ending->stopped, 0);
}

/* The scope that parts run in, one after the other; `below` is what the thread runs in
 * now. */
static inline void
flc_early_exit_scope(const struct flc_early_exit *ending, struct flc_scope *scope,
    struct flc_scope *below, const filch_cancel *token)
{
	flc_scope_init(scope, ending->outer, below, &ending->stopped, &ending->failed_at, token);
}

/* The part that begins here has failed. */
static inline void
flc_early_exit_fail(struct flc_early_exit *ending, struct filch_pool *pool, size_t at, int status)
{
	flc_lock_acquire(&pool->lock);
	flc_scope_note_failure(&ending->failed_at, &ending->failure, at, status);
	flc_lock_release(&pool->lock);
}

/* Whether the part that begins here is to be skipped, and with it all that follow.  Of
 * the options cancel and deadline count. */
static inline bool
flc_early_exit_is_over(struct flc_early_exit *ending, size_t at, const filch_for_options *options)
{
	if (flc_scope_is_after_failure(&ending->failed_at, at)
	    || flc_load_relaxed(&ending->stopped) != 0)
		return true;
	if (flc_cancel_is_requested(options->cancel) || flc_scope_is_stopped(ending->outer))
		flc_store_relaxed(&ending->stopped, -FILCH_CANCELED);
	else if (options->stop_at != 0 && filch_now() >= options->stop_at)
		flc_store_relaxed(&ending->stopped, -FILCH_TIMEOUT);
	else
		return false;
	flc_stop_made();
	return true;
}

/* After the last part: the lowest failure, or FILCH_OK. */
static inline int
flc_early_exit_failure(const struct flc_early_exit *ending)
{
	return flc_load_relaxed(&ending->failed_at) != 0 ? ending->failure : FILCH_OK;
}

/* After the last: the failure, then canceled, then the deadline. */
static inline int
flc_early_exit_status(const struct flc_early_exit *ending, const filch_for_options *options)
{
	size_t stopped = flc_load_relaxed(&ending->stopped);

	if (flc_load_relaxed(&ending->failed_at) != 0)
		return flc_early_exit_failure(ending);
	if (stopped == (size_t)-FILCH_CANCELED || flc_cancel_is_requested(options->cancel)
	    || flc_scope_is_stopped(ending->outer))
		return FILCH_CANCELED;
	return stopped != 0 ? FILCH_TIMEOUT : FILCH_OK;
}

#endif /* FLC_EARLY_EXIT_H */
