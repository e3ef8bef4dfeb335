/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/cancel_scope.h"

#include "base/float_mode.h"
#include "sched/worker.h"

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
 * Outwards to the first scope that was found running since the last stop, so that in a
 * deep nest each scope is looked at once and not once by each scope inside of it.
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

/*
 * The last mark at or below the index.  Marks are in the order of their indexes.  The one
 * we look for was made before the fork and stays until its join; those behind it change
 * under us, but whatever was made after the fork bears a higher index.
 */
struct flc_scope *
flc_scope_of_fork(const struct flc_worker *victim, size_t at, size_t *mode)
{
	/* acquire [scope.mark]: the marks and the scopes come with the count. */
	size_t marks = flc_load_acquire(&victim->marks);
	struct flc_scope *found = NULL;

	*mode = flc_float_mode();
	for (size_t i = 0; i < marks && flc_load_relaxed(&victim->mark[i].at) <= at; i++) {
		found = (struct flc_scope *)flc_load_relaxed(&victim->mark[i].scope);
		*mode = flc_load_relaxed(&victim->mark[i].mode);
	}
	return found;
}

/* Scopes on other threads' stacks that are looked at, and how many threads deep: the ways
 * rejoin, so that all of them would be too many. */
#define MOST_LOOKS 4096
#define MOST_DEPTH 32

static bool
is_inside(const struct flc_scope *scope, const flc_atomic *stopped, size_t depth, size_t *looks)
{
	for (; scope != NULL; scope = scope->below) {
		if (scope->stopped == stopped)
			return true;
		if (depth > 0 && (*looks)-- == 1)
			return false;
		if (scope->outer != NULL && scope->outer != scope->below && depth < MOST_DEPTH
		    && *looks > 0 && is_inside(scope->outer, stopped, depth + 1, looks))
			return true;
		if (*looks == 0 && depth > 0)
			return false;
	}
	return false;
}

bool
flc_scope_is_inside(const struct flc_scope *scope, const flc_atomic *stopped)
{
	size_t looks = MOST_LOOKS;

	return is_inside(scope, stopped, 0, &looks);
}

bool
flc_worker_is_inside(const struct flc_worker *worker, const flc_atomic *stopped)
{
	for (; worker != NULL; worker = flc_worker_around(worker)) {
		if (flc_scope_is_inside(worker->scope, stopped))
			return true;
		/* A stolen record hides the scopes below it. */
		for (const struct flc_frame *f = worker->frame; f != NULL; f = f->outer)
			if (flc_scope_is_inside(f->scope, stopped))
				return true;
	}
	return false;
}
