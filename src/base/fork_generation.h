/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which process we are: a number that differs in a forked child.
 *
 * It stands in a page that the kernel wipes in every child (MADV_WIPEONFORK, Linux 4.14),
 * which raw clone() reaches as well; a pthread_atfork() handler wipes it, too, for
 * systems where that is missing or has no effect.
 */
#ifndef FLC_FORK_GENERATION_H
#define FLC_FORK_GENERATION_H

#include "base/atomic.h"
#include "base/compiler.h"

#include <filch/base.h>

#include <stdbool.h>
#include <stddef.h>

/* Generations are multiples of this, so that a smaller number may stand beside one in a
 * word. */
#define FLC_GENERATION_STEP ((size_t)1 << 32)

/* The number of this process, never 0.  Sets the page up, or anew in a child. */
size_t flc_generation(void);

/* Where the word stands. */
extern flc_atomic flc_generation_place;

/* The word itself: 0 in a child that has not asked yet.  Two loads, by any thread, also
 * one that has never asked. */
static inline size_t
flc_generation_now(void)
{
	/* acquire [generation.place]: the page, whose word is 0 or a number. */
	const flc_atomic *word = (const flc_atomic *)flc_load_acquire(&flc_generation_place);

	/* acquire [generation.renew]: what was renewed. */
	return flc_load_acquire(word);
}

/* Whether something made in that generation belongs to another process. */
static inline bool
flc_generation_is_old(size_t generation)
{
	return flc_generation_now() != generation;
}

/*
 * Takes what one thread at a time may use, for instance for a run: the holder is the
 * generation of the process that has it, or 0.  FILCH_OK; FILCH_BUSY, another thread has
 * it; FILCH_FORKED, a thread of the parent had it at the fork.
 */
int flc_generation_acquire(flc_atomic *holder);

/* Gives it back. */
void flc_generation_release(flc_atomic *holder);

/* Whether a thread of this process has it. */
static inline bool
flc_generation_has(const flc_atomic *holder)
{
	/* acquire [generation.have]: what the last thread that had it did. */
	size_t generation = flc_load_acquire(holder);

	return generation != 0 && !flc_generation_is_old(generation);
}

/*
 * Binds what a program synchronises by to the process that uses it first; the word is 0
 * before that.  FILCH_OK in that process, FILCH_FORKED in a child of it.
 */
int flc_generation_bind_slowly(flc_atomic *bound);

static inline int
flc_generation_bind(size_t *word)
{
	flc_atomic *bound = (flc_atomic *)word;
	/* acquire [generation.bound]: what stands in it since its first use. */
	size_t generation = flc_load_acquire(bound);

	if (FLC_LIKELY(generation != 0 && !flc_generation_is_old(generation)))
		return FILCH_OK;
	return flc_generation_bind_slowly(bound);
}

/*
 * What is of static storage and made anew in a child, where the threads of the parent are
 * not.  `renew` may run in a signal handler: it stores words and makes system calls, no
 * more.  A lock alone is easier as static_lock.h.
 */
struct flc_renewal {
	void (*renew)(struct flc_renewal *renewal);
	flc_atomic registered;
};

#define FLC_RENEWAL_INIT(renew) { (renew), FLC_ATOMIC_INIT(0) }

/* Any thread, any number of times. */
void flc_renewal_register(struct flc_renewal *renewal);

/* Before each use of what it renews: that is this process's from now on. */
static inline void
flc_renewal_begin(struct flc_renewal *renewal)
{
	if (FLC_UNLIKELY(flc_load_relaxed(&renewal->registered) == 0))
		flc_renewal_register(renewal);
	(void)flc_generation();
}

#endif /* FLC_FORK_GENERATION_H */
