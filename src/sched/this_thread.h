/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the library knows of the calling thread: its number, and what its locks and waits
 * keep there.
 */
#ifndef FLC_THIS_THREAD_H
#define FLC_THIS_THREAD_H

#include "base/atomic.h"
#include "base/fork_generation.h"

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
 * generation of the process, so that one comparison tells it from every other thread's,
 * also in a child of the process, and also if this thread has not asked for its number
 * there.
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

#endif /* FLC_THIS_THREAD_H */
