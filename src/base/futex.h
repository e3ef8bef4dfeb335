/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sleeping on a word: what parkers and word locks stand on.
 *
 * A futex is 32 bits wide: the low half of the word.  Without futexes a wait is a short
 * sleep, so that also a thread of lower priority gets the CPU, and a wake is nothing.  In
 * the model a wait is a yield.
 */
#ifndef FLC_FUTEX_H
#define FLC_FUTEX_H

#include "base/atomic.h"

#include <stdint.h>

#if !defined(FLC_MODEL) && defined(HAVE_LINUX_FUTEX_H) && !defined(FILCH_NO_FUTEX)
#define FLC_HAVE_FUTEX 1
#endif

#ifdef FLC_MODEL
#define flc_futex_wait(word, value, deadline) (flc_model_yield(), true)
#define flc_futex_wake(word, threads) ((void)0)
#else

/* Sleeps while the low half of the word is `value`, until the deadline (CLOCK_MONOTONIC
 * ns; FILCH_FOREVER: none).  May return early.  False: the deadline has passed. */
bool flc_futex_wait(flc_atomic *word, unsigned value, uint64_t deadline);

/* Wakes so many of those that sleep on the word. */
void flc_futex_wake(flc_atomic *word, int threads);

#endif /* FLC_MODEL */

#endif /* FLC_FUTEX_H */
