/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every wait of the library that is not for tasks: locks, channels, and what the user
 * marks himself.  The thread sleeps and runs nothing meanwhile; if it is a worker (or a
 * guest) its place goes to a sleeper or a spare at once, if there is work, or as soon as
 * work comes.
 *
 * A waiter stands on the waiting thread's stack:
 *
 *                         its thread   others
 *     init, fini, block        x          -
 *     wake                     -          x    once per wait, as the last touch
 *
 * RULE: whoever takes a waiter out of its queue, under the queue's lock, wakes it exactly
 * once and does not look at it afterwards.  A waiter that comes back without a wake
 * (deadline, poll, deadlock) takes the queue's lock: if it is still in the queue it
 * removes itself; if not, its wake is on the way, and it calls flc_waiter_finish() before
 * its memory goes.
 *
 *     flc_waiter_init(&w);
 *     lock; put w into the queue; unlock
 *     end = flc_block(&w, &how);
 *     if (end != FLC_BLOCK_WOKEN) {
 *         lock; removed = remove w, if it is there; unlock
 *         if (!removed) { flc_waiter_finish(&w); end = FLC_BLOCK_WOKEN; }
 *     }
 *     flc_waiter_fini(&w);
 */
#ifndef FLC_BLOCK_H
#define FLC_BLOCK_H

#include "base/park.h"
#include "wait/wait_graph.h"

struct flc_waiter {
	struct flc_parker parker;
};

static inline void
flc_waiter_init(struct flc_waiter *waiter)
{
	flc_parker_init(&waiter->parker);
}

static inline void
flc_waiter_fini(struct flc_waiter *waiter)
{
	flc_parker_fini(&waiter->parker);
}

/* Any thread.  True if the thread slept (a system call). */
static inline bool
flc_waiter_wake(struct flc_waiter *waiter)
{
	return flc_parker_wake(&waiter->parker);
}

/* Takes a wake that is on the way. */
static inline void
flc_waiter_finish(struct flc_waiter *waiter)
{
	(void)flc_parker_wait(&waiter->parker, FILCH_FOREVER);
}

/* Whether the wake has come; flc_waiter_finish() then takes it at once. */
static inline bool
flc_waiter_is_woken(const struct flc_waiter *waiter)
{
	return flc_parker_is_woken(&waiter->parker);
}

struct flc_block_how {
	struct flc_blocked_on on;
	uint64_t deadline;              /* FILCH_FOREVER or a time */
	int (*poll)(void *context);     /* called each ms, unless NULL; non-zero: the
	                                   wait ends */
	void *context;
};

enum flc_block_end {
	FLC_BLOCK_WOKEN,
	FLC_BLOCK_TIMEOUT,
	FLC_BLOCK_POLLED,
	FLC_BLOCK_DEADLOCK   /* it would never end: not waited, or not any more */
};

/*
 * Sleeps until the waiter is woken; any thread, inside a pool or not.  Spin before, if
 * that is worth it: this counts a park, changes the state, and lets others work.
 */
enum flc_block_end flc_block(struct flc_waiter *waiter, const struct flc_block_how *how);

/* After it has ended without a wake although that is on the way: waits on. */
void flc_block_on_to_the_end(struct flc_waiter *waiter, const struct flc_block_how *how);

#endif /* FLC_BLOCK_H */
