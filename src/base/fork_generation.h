/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which process we are: a number that differs in a forked child.
 *
 * It stands in a page that the kernel wipes in every child (MADV_WIPEONFORK,
 * Linux 4.14), which raw clone() reaches as well; a pthread_atfork() handler wipes
 * it, too, for systems where that is missing or has no effect.
 */
#ifndef FLC_FORK_GENERATION_H
#define FLC_FORK_GENERATION_H

#include "base/atomic.h"

#include <stdbool.h>
#include <stddef.h>

/* Generations are multiples of this, so that a smaller number may stand beside
 * one in a word. */
#define FLC_GENERATION_STEP ((size_t)1 << 32)

/* The number of this process, never 0.  Sets the page up, or anew in a child. */
size_t flc_generation(void);

/* Where the word stands. */
extern flc_atomic flc_generation_place;

/* The word itself: 0 in a child that has not asked yet.  Two loads, by any thread,
 * also one that has never asked. */
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
 * generation of the process that has it, or 0.  FILCH_OK; FILCH_BUSY, another thread
 * has it; FILCH_FORKED, a thread of the parent had it at the fork.
 */
int flc_generation_take(flc_atomic *holder);

/* Gives it back. */
void flc_generation_give(flc_atomic *holder);

/* Whether a thread of this process has it. */
static inline bool
flc_generation_has(const flc_atomic *holder)
{
	/* acquire [generation.have]: what the last thread that had it did. */
	size_t generation = flc_load_acquire(holder);

	return generation != 0 && !flc_generation_is_old(generation);
}

/* Registers a lock of static storage to be made anew in a child, where a
 * thread that is not there any more may hold it.  Perhaps in a signal handler, so
 * it stores words and makes system calls, no more. */
void flc_generation_renews(void (*renew)(void));

#endif /* FLC_FORK_GENERATION_H */
