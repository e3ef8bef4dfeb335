/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a running task can be canceled by: its loop or group, and those around
 * it.  Scopes stand on the stacks of the threads that run the loop or task, the inner
 * ones above the outer.
 */
#ifndef FLC_CANCEL_SCOPE_H
#define FLC_CANCEL_SCOPE_H

#include "base/atomic.h"

#include <filch/task.h>

struct flc_scope {
	struct flc_scope *outer;
	struct flc_scope *below;      /* what this thread ran in before */
	const flc_atomic *stopped;    /* non-zero: canceled */
	const flc_atomic *failed_at;  /* lowest failing index, plus one; 0: none */
	size_t index;                 /* of what runs here */
	const filch_cancel *token;    /* the caller's, or NULL */
	flc_atomic runs_at;           /* flc_stops when it was last seen not stopped; 0 */
};

/* Whether the caller's token was requested; NULL: it has none. */
static inline bool
flc_cancel_is_requested(const filch_cancel *token)
{
	return token != NULL && flc_load_acquire((flc_atomic *)(size_t)&token->requested_) != 0;
}

/* Whether what begins at this index comes after a failure: those before it
 * still run, so that the lowest failing index wins. */
static inline bool
flc_scope_is_after_failure(const flc_atomic *failed_at, size_t index)
{
	size_t failed = flc_load_relaxed(failed_at);

	return failed != 0 && index > failed - 1;
}

/* How often anything was stopped in this process, and one; see flc_stop_made(). */
extern flc_atomic flc_stops;

/* To be called after each store that stops a scope: to its stopped, its
 * failed_at, its token. */
void flc_stop_made(void);

bool flc_scope_look(struct flc_scope *scope, size_t stops);

/* Whether the scope or one around it was stopped.  Two loads if nothing was
 * stopped since the last look. */
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
 * Whether this thread runs, further down its stack, what has this word; looks
 * at so many scopes only.
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
 * Whether what has this word cannot end before what runs in the scope has: it is
 * further down the same stack, or around one of the scopes there, on the stack of
 * the thread that waits for it.  True is proof.
 */
bool flc_scope_is_inside(const struct flc_scope *scope, const flc_atomic *stopped);

#endif /* FLC_CANCEL_SCOPE_H */
