/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a running task can be cancelled by: its loop or group, and those around
 * it.  Scopes stand on the stacks of those who run the loop or task, the inner
 * ones above the outer.
 */
#ifndef FLC_SCOPE_H
#define FLC_SCOPE_H

#include "base/atomic.h"

#include <filch/task.h>

struct flc_scope {
	const struct flc_scope *outer;
	const struct flc_scope *below; /* what this thread ran in before */
	const flc_atomic *stopped;    /* non-zero: cancelled */
	const flc_atomic *failed_at;  /* lowest failing index, plus one; 0: none */
	size_t index;                 /* of what runs here */
	const filch_cancel *token;    /* the caller's, or NULL */
};

/* Whether what begins at this index comes after a failure: those before it
 * still run, so that the lowest failing index wins. */
static inline bool
flc_scope_is_after_failure(const flc_atomic *failed_at, size_t index)
{
	size_t failed = flc_load_relaxed(failed_at);

	return failed != 0 && index > failed - 1;
}

/* Whether the scope or one around it was stopped. */
static inline bool
flc_scope_is_stopped(const struct flc_scope *scope)
{
	for (; scope != NULL; scope = scope->outer) {
		if (scope->stopped != NULL && flc_load_relaxed(scope->stopped) != 0)
			return true;
		if (scope->failed_at != NULL
		    && flc_scope_is_after_failure(scope->failed_at, scope->index))
			return true;
		if (scope->token != NULL && filch_cancel_requested(scope->token))
			return true;
	}
	return false;
}

/* Whether this thread runs, further down its stack, what has this word. */
static inline bool
flc_scope_is_inside(const struct flc_scope *scope, const flc_atomic *stopped)
{
	while (scope != NULL && scope->stopped != stopped)
		scope = scope->below;
	return scope != NULL;
}

#endif /* FLC_SCOPE_H */
