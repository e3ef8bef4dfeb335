/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/cancel_scope.h"

flc_atomic flc_stops = FLC_ATOMIC_INIT(1);

void
flc_stop_made(void)
{
	/* Full, hence release [scope.stop]: the word that stops, before the count. */
	flc_add_full(&flc_stops, 1);
}

static bool
stops_itself(const struct flc_scope *scope)
{
	return (scope->stopped != NULL && flc_load_relaxed(scope->stopped) != 0)
	    || (scope->failed_at != NULL
		&& flc_scope_is_after_failure(scope->failed_at, scope->index))
	    || flc_cancel_is_requested(scope->token);
}

/*
 * Outwards to the first scope that was found running since the last stop, so
 * that in a deep nest each scope is looked at once and not once by each scope
 * inside of it.
 */
bool
flc_scope_look(struct flc_scope *scope, size_t stops)
{
	struct flc_scope *s = scope;

	for (; s != NULL && flc_load_relaxed(&s->runs_at) != stops; s = s->outer)
		if (stops_itself(s))
			return true;
	for (; scope != s; scope = scope->outer)
		flc_store_relaxed(&scope->runs_at, stops);
	return false;
}
