/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/worker.h"

#include "base/float_mode.h"

/*
 * The last mark at or below the index.  Marks are in the order of their indexes.
 * The one we look for was made before the fork and stays until its join; those
 * behind it change under us, but whatever was made after the fork bears a
 * higher index.
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

/* Scopes on other threads' stacks that are looked at, and how many threads deep: the
 * ways rejoin, so that all of them would be too many. */
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
