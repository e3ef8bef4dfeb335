/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which process we are: a number that differs in a forked child.
 *
 * It stands in a page that the kernel wipes in every child (MADV_WIPEONFORK,
 * Linux 4.14), which raw clone() reaches as well; a pthread_atfork() handler wipes
 * it, too, for systems where that is missing or has no effect.
 */
#ifndef FLC_GENERATION_H
#define FLC_GENERATION_H

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

/* Registers a lock of static storage to be made anew in a child, where a
 * thread that is not there any more may hold it. */
void flc_generation_renews(void (*renew)(void));

#endif /* FLC_GENERATION_H */
