/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The asymmetric fence: one side pays nothing (flc_fence_light), the other makes every
 * running thread of the process pass a full barrier (membarrier(PRIVATE_EXPEDITED), Linux
 * 4.14).
 *
 * If thread A stores x, passes the light fence and loads y, and thread B stores y, passes
 * the heavy one and loads x, then at least one of them sees the other's store.
 */
#ifndef FLC_FENCE_H
#define FLC_FENCE_H

#include "base/atomic.h"

#ifndef FLC_MODEL
#include <stdbool.h>

/* Whether the heavy fence is available; asked once, then remembered.  Without it the
 * light side must be flc_fence_full(). */
bool flc_fence_probe(void);

/* What is known: FLC_FENCE_WORKS once it was asked for and given. */
#define FLC_FENCE_WORKS 1
extern filch_word_ flc_fence_known;

/* The same as flc_fence_probe(), inlined; false before that was called. */
static inline bool
flc_fence_is_cheap(void)
{
	return flc_load_relaxed(&flc_fence_known) == FLC_FENCE_WORKS;
}

/*
 * False if the system refused (a seccomp filter set after start does that): nothing may
 * then be concluded about threads that only passed the light side.  From the first
 * refusal on flc_fence_probe() is false.
 */
bool flc_fence_heavy(void);

/* The heavy fence; where the system refuses it, a wait until stores that were made before
 * have long arrived: no processor holds one back for microseconds, and a switch of
 * threads lets it go.  No cancellation point. */
void flc_fence_heavy_or_wait(void);

/* For tests: makes every further flc_fence_heavy() fail, or work again. */
void flc_fence_break(bool broken);
#endif

#endif /* FLC_FENCE_H */
