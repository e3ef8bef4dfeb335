/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a running task can be canceled by: its loop or group, and those around it.  Scopes
 * stand on the stacks of the threads that run the loop or task, the inner ones above the
 * outer.
 */
#ifndef FLC_CANCEL_SCOPE_H
#define FLC_CANCEL_SCOPE_H

#include "base/atomic.h"

#include <filch/task.h>

struct flc_worker;

struct flc_scope {
	struct flc_scope *outer;
	struct flc_scope *below;      /* what this thread ran in before */
	const flc_atomic *stopped;    /* non-zero: canceled */
	const flc_atomic *failed_at;  /* lowest failing index, plus one; 0: none */
	size_t index;                 /* of what runs here */
	const filch_cancel *token;    /* the caller's, or NULL */
	flc_atomic runs_at;           /* flc_stops when it was last seen not stopped; 0 */
};

/* Before anything runs in it, flc_scope_move() says at which index that begins. */
static inline void
flc_scope_init(struct flc_scope *scope, struct flc_scope *outer, struct flc_scope *below,
    const flc_atomic *stopped, const flc_atomic *failed_at, const filch_cancel *token)
{
	scope->outer = outer;
	scope->below = below;
	scope->stopped = stopped;
	scope->failed_at = failed_at;
	scope->token = token;
}

/* Whether the caller's token was requested; NULL: it has none. */
static inline bool
flc_cancel_is_requested(const filch_cancel *token)
{
	return token != NULL && flc_load_acquire((flc_atomic *)(size_t)&token->requested_) != 0;
}

/* How often anything was stopped in this process, and one; see flc_stop_made(). */
extern flc_atomic flc_stops;

/* To be called after each store that stops a scope: to its stopped, its failed_at, its
 * token. */
void flc_stop_made(void);

/*
 * The lowest failing index wins, as in a serial run: what begins before the lowest
 * failure so far still runs.  The pair below is all there is to that; loops, reductions,
 * pipelines, graphs and broadcasts reach it through early_exit.h, groups have the two
 * words in their public struct.
 */

/* What begins at this index has failed; under a lock, the same for each call. */
static inline void
flc_scope_note_failure(flc_atomic *failed_at, FLC_PLAIN(int) *failure, size_t index, int status)
{
	size_t failed = flc_load_relaxed(failed_at);

	if (failed != 0 && index + 1 >= failed)
		return;
	flc_set(*failure, status);
	flc_store_relaxed(failed_at, index + 1);
	flc_stop_made();
}

/* Whether what begins at this index comes after a failure. */
static inline bool
flc_scope_is_after_failure(const flc_atomic *failed_at, size_t index)
{
	size_t failed = flc_load_relaxed(failed_at);

	return failed != 0 && index > failed - 1;
}

bool flc_scope_look(struct flc_scope *scope, size_t stops);

/* Whether the scope or one around it was stopped.  Two loads if nothing was stopped since
 * the last look. */
static inline bool
flc_scope_is_stopped(struct flc_scope *scope)
{
	/* acquire [scope.stop]: the words that stop come with the count. */
	size_t stops = flc_load_acquire(&flc_stops);

	return scope != NULL && flc_load_relaxed(&scope->runs_at) != stops
	    && flc_scope_look(scope, stops);
}

/* From now on what runs in the scope begins at this index. */
static inline void
flc_scope_move(struct flc_scope *scope, size_t index)
{
	scope->index = index;
	flc_store_relaxed(&scope->runs_at, 0);
}

/*
 * Whether this thread runs, further down its stack, what has this word; looks at so many
 * scopes only.
 */
static inline bool
flc_scope_is_near(const struct flc_scope *scope, const flc_atomic *stopped, size_t looks)
{
	for (; scope != NULL && looks > 0; scope = scope->below, looks--)
		if (scope->stopped == stopped)
			return true;
	return false;
}

/*
 * Whether what has this word cannot end before what runs in the scope has: it is further
 * down the same stack, or around one of the scopes there, on the stack of the thread that
 * waits for it.  True is proof.
 */
bool flc_scope_is_inside(const struct flc_scope *scope, const flc_atomic *stopped);

/* Whether what has this word cannot end before the thread has gone on: the thread runs
 * it, or something that it waits for. */
bool flc_worker_is_inside(const struct flc_worker *worker, const flc_atomic *stopped);

/* The scope that the victim's fork at this index stands in.  The thief asks once it has
 * the record: until it is done, that scope lives.  *mode is how the victim computed with
 * floating point when it entered the scope. */
struct flc_scope *flc_scope_of_fork(const struct flc_worker *victim, size_t at, size_t *mode);

#endif /* FLC_CANCEL_SCOPE_H */
