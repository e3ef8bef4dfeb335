/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The locks that a thread holds are a list through the locks themselves, the newest
 * first, which only this thread reads and writes.  A wait that begins while the list is
 * not empty is allowed, and reported with both places.
 */
#ifndef FLC_HELD_LOCKS_H
#define FLC_HELD_LOCKS_H

#include "sched/this_thread.h"

#include <filch/metrics.h>
#include <filch/mutex.h>

static inline void
flc_held_push(filch_held_ *lock)
{
	lock->below = flc_thread.held;
	flc_thread.held = lock;
}

/* Locks are mostly given back newest first. */
static inline void
flc_held_pull(filch_held_ *lock)
{
	filch_held_ **at = &flc_thread.held;

	while (FLC_UNLIKELY(*at != lock)) {
		if (*at == NULL)
			return;
		at = &(*at)->below;
	}
	*at = lock->below;
}

size_t flc_held_count(void);

/* Reports a wait of this kind with the newest lock that is held.  name: of what is waited
 * for, or NULL. */
void flc_held_report(enum filch_held_wait kind, const char *name);

/* To be called by each wait that found something to wait for. */
static inline void
flc_held_before_wait(enum filch_held_wait kind, const char *name)
{
	if (FLC_UNLIKELY(flc_thread.held != NULL))
		flc_held_report(kind, name);
}

#endif /* FLC_HELD_LOCKS_H */
