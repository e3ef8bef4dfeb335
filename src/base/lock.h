/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A lock of one word, for what is held for some dozen instructions, or in a signal
 * handler, or by a thread that a forked child does not have: there a store of FREE makes
 * it anew.
 *
 *              its holder   others
 *     take         -           x     may sleep
 *     try_take     x           x     never blocks
 *     give         x           -
 *
 * A thread that finds it taken spins a bounded time and then sleeps, however short the
 * holder's part is: the holder may be a thread of lower priority that waits for this very
 * CPU, and a thread that only yields would keep it from it for ever.  The kernel does not
 * lend the holder its waiter's priority (as FUTEX_LOCK_PI does): then the word must hold
 * the thread's number, which each taker would have to look up, and which is another one
 * in a forked child.
 *
 * Not recursive, not fair.  A signal handler may take it only if the thread below is
 * known not to hold it.
 */
#ifndef FLC_LOCK_H
#define FLC_LOCK_H

#include "base/futex.h"

#include <filch/base.h>

/* What the word says. */
enum { FLC_LOCK_FREE, FLC_LOCK_TAKEN, FLC_LOCK_WAITED_FOR };

/* Looks at a taken lock before the thread sleeps: one or two microseconds. */
#define FLC_LOCK_LOOKS 40

struct flc_word_lock {
	flc_atomic word;
};

#define FLC_WORD_LOCK_INIT { FLC_ATOMIC_INIT(FLC_LOCK_FREE) }

/* Makes it anew where its holder is not there any more. */
static inline void
flc_word_lock_init(struct flc_word_lock *lock)
{
	flc_store_relaxed(&lock->word, FLC_LOCK_FREE);
}

static inline bool
flc_word_lock_try_acquire(struct flc_word_lock *lock)
{
	/* Full, hence acquire [lock.word]: what the last holder did. */
	return flc_load_relaxed(&lock->word) == FLC_LOCK_FREE
	    && flc_cas_full(&lock->word, FLC_LOCK_FREE, FLC_LOCK_TAKEN);
}

/* free -> waited for: it may not be known whether others sleep, too. */
static inline void
flc_word_lock_sleep(struct flc_word_lock *lock)
{
	/* Full, hence acquire [lock.word]: what the last holder did. */
	while (!flc_cas_full(&lock->word, FLC_LOCK_FREE, FLC_LOCK_WAITED_FOR)) {
		size_t word = flc_load_relaxed(&lock->word);

		if (word == FLC_LOCK_WAITED_FOR || (word == FLC_LOCK_TAKEN
		    && flc_cas_full(&lock->word, FLC_LOCK_TAKEN, FLC_LOCK_WAITED_FOR)))
			(void)flc_futex_wait(&lock->word, FLC_LOCK_WAITED_FOR, FILCH_FOREVER);
	}
}

static FLC_COLD __attribute__((unused)) void
flc_word_lock_acquire_slowly(struct flc_word_lock *lock)
{
	for (int i = 0; i < FLC_LOCK_LOOKS; i++) {
		flc_spin_hint();
		if (flc_word_lock_try_acquire(lock))
			return;
	}
	flc_word_lock_sleep(lock);
}

/* No look before: the line of another CPU would be asked for twice. */
static inline void
flc_word_lock_acquire(struct flc_word_lock *lock)
{
	/* Full, hence acquire [lock.word]: what the last holder did. */
	if (FLC_UNLIKELY(!flc_cas_full(&lock->word, FLC_LOCK_FREE, FLC_LOCK_TAKEN)))
		flc_word_lock_acquire_slowly(lock);
}

static FLC_COLD __attribute__((unused)) void
flc_word_lock_release_slowly(struct flc_word_lock *lock)
{
	size_t word;

	/* Full, hence release [lock.word]: what we did. */
	do
		word = flc_load_relaxed(&lock->word);
	while (!flc_cas_full(&lock->word, word, FLC_LOCK_FREE));
	if (word == FLC_LOCK_WAITED_FOR)
		flc_futex_wake(&lock->word, 1);
}

static inline void
flc_word_lock_release(struct flc_word_lock *lock)
{
	/* Full, hence release [lock.word]: what we did. */
	if (FLC_UNLIKELY(!flc_cas_full(&lock->word, FLC_LOCK_TAKEN, FLC_LOCK_FREE)))
		flc_word_lock_release_slowly(lock);
}

#endif /* FLC_LOCK_H */
