/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a thread is to the locks: its number, what it holds, what it waits for.
 *
 * The locks that a thread holds are a list through the locks themselves, the
 * newest first, which only this thread reads and writes.  A wait that begins
 * while the list is not empty is allowed, and reported with both places.
 */
#ifndef FLC_HELD_H
#define FLC_HELD_H

#include "base/atomic.h"
#include "base/generation.h"

#include <filch/metrics.h>
#include <filch/mutex.h>

struct flc_blocked;

#define FLC_NO_GENERATION SIZE_MAX
#define FLC_NO_NUMBER (FLC_GENERATION_STEP - 1)

/* All zero but the first two in a thread that has not asked yet. */
struct flc_thread {
	size_t number;             /* of the thread, as the system counts */
	size_t generation;         /* of the process that it was asked in */
	filch_held_ *held;         /* the newest first */
	struct flc_blocked *last;  /* the entry it had last */
	unsigned blocking;         /* filch_blocking_begin() without its end */
	unsigned sharing;          /* shares of broadcasts that it runs */
};

extern __thread struct flc_thread flc_thread FLC_OF_THREAD;

/* Fills flc_thread in; what was held in the parent is not held by a child. */
void flc_thread_begin(void);

/* The number of the calling thread; no other thread that lives has the same. */
static inline size_t
flc_thread_number(void)
{
	if (FLC_UNLIKELY(flc_generation_is_old(flc_thread.generation)))
		flc_thread_begin();
	return flc_thread.number;
}

/*
 * What stands in the word of a mutex that this thread has: its number beside the
 * generation of the process, so that one comparison tells it from every other
 * thread's, also in a child of the process, and also if this thread has not
 * asked for its number there.
 */
static inline size_t
flc_thread_claim(void)
{
	return flc_thread.number + flc_generation_now();
}

/* The number of the thread that has a lock, by its word; 0: nobody. */
static inline size_t
flc_thread_of_claim(size_t word)
{
	return word % FLC_GENERATION_STEP;
}

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

/* Reports a wait of this kind with the newest lock that is held.  name: of what is
 * waited for, or NULL. */
void flc_held_report(enum filch_held_wait kind, const char *name);

/* To be called by each wait that found something to wait for. */
static inline void
flc_held_before_wait(enum filch_held_wait kind, const char *name)
{
	if (FLC_UNLIKELY(flc_thread.held != NULL))
		flc_held_report(kind, name);
}

#endif /* FLC_HELD_H */
