/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A parker: one thread sleeps on it, any thread wakes it.
 *
 *              its thread   others
 *     wait         x           -     may block
 *     wake         x           x     never blocks for long
 *     is_woken     x           -
 *
 * A wake that comes first is kept: the next wait returns at once.  Wakes do not add up,
 * and may be left over from an earlier purpose, so a waiter always looks at its own
 * condition again.  A parker must live as long as its last waker: ours live in workers,
 * which live as long as the pool.
 */
#ifndef FLC_PARK_H
#define FLC_PARK_H

#include "base/futex.h"

#ifdef FLC_HAVE_FUTEX
#define FLC_PARK_ON_FUTEX 1
#endif

struct flc_parker {
	flc_atomic word;
#ifndef FLC_PARK_ON_FUTEX
	flc_lock lock;
	flc_cond cond;
#endif
};

void flc_parker_init(struct flc_parker *parker);
void flc_parker_fini(struct flc_parker *parker);

/* True: woken; false: the deadline (CLOCK_MONOTONIC ns; FILCH_FOREVER) passed. */
bool flc_parker_wait(struct flc_parker *parker, uint64_t deadline);

/* True if a sleeping thread was really woken (a system call). */
bool flc_parker_wake(struct flc_parker *parker);

/* Its thread: whether a wait would return at once.  Only a look. */
bool flc_parker_is_woken(const struct flc_parker *parker);

#endif /* FLC_PARK_H */
