/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where threads wait for a word to change: a table of queues, found by the address waited
 * at (the parking lot of WebKit; linux futexes are the same idea).
 *
 * So a lock is one word, may be static, and needs no clean-up; and the waker touches the
 * lock no more: it may be gone as soon as it was released.  Other locks may share a
 * queue; only waiters of the same address are woken.
 *
 *     the waiter          puts itself into the queue, passes a fence, looks
 *                         whether it is ready, and parks
 *     the waker           makes it ready by a change of the word, passes a fence,
 *                         looks whether the queue is empty, and wakes
 *
 * This is a store-load pair [lot.park]: at least one sees the other.  If the waker passes
 * the light fence only, the waiter's must be heavy.
 */
#ifndef FLC_PARKING_LOT_H
#define FLC_PARKING_LOT_H

#include "wait/block.h"

struct flc_lot_how {
	const void *key;                /* the address */
	struct flc_blocked_on on;
	uint64_t deadline;              /* FILCH_FOREVER or a time */
	bool (*ready)(void *context);   /* takes what it waits for, if that is available */
	void *context;
	bool heavy;                     /* the waker passes the light fence only */
	bool once;                      /* being woken is what it waits for: not ready before */
	size_t parks;                   /* how often it slept; counted here */
};

/* FILCH_OK: ready() said so (once: it was woken); FILCH_TIMEOUT; FILCH_DEADLOCK if it
 * would wait for ever, by the owners.  `prepare` is called between the queue and the
 * look, unless NULL. */
int flc_lot_wait(struct flc_lot_how *how, void (*prepare)(void *context));

/* A whole verb: FILCH_FORKED by `made`, FILCH_OK if it is ready at once, FILCH_AGAIN if
 * the deadline is 0; else the wait. */
int flc_lot_wait_unless_ready(struct flc_lot_how *how, size_t *made);

/* Wakes up to n waiters of the address, the oldest first, if there are any; after a
 * fence. */
void flc_lot_wake_slowly(const void *key, size_t n);

#define FLC_LOT_ALL SIZE_MAX

#define FLC_LOT_QUEUES 64

struct flc_lot_node;

struct flc_lot_queue {
	FLC_SET_APART flc_atomic waiters;
	flc_lock lock;
	FLC_PLAIN(struct flc_lot_node *) first;
	FLC_PLAIN(struct flc_lot_node *) last;
};

#ifndef FLC_MODEL
extern struct flc_lot_queue flc_lot[FLC_LOT_QUEUES];
#else
static struct flc_lot_queue *flc_lot; /* the scene's only one */
#define FLC_LOT_QUEUE_OF(key) 0
#endif

/* Fibonacci hashing of the address without its alignment. */
#ifndef FLC_LOT_QUEUE_OF
#define FLC_LOT_QUEUE_OF(key) (((size_t)(key) >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 58)
_Static_assert(FLC_LOT_QUEUES == 1 << (64 - 58),
    "the shift keeps as many bits as there are queues");
#endif

static inline struct flc_lot_queue *
flc_lot_queue(const void *key)
{
	(void)key;
	return &flc_lot[FLC_LOT_QUEUE_OF(key)];
}

/* Whether somebody waits there, or at another address of the same queue. */
static inline bool
flc_lot_has_waiters(const void *key)
{
	return flc_load_relaxed(&flc_lot_queue(key)->waiters) != 0;
}

/* The end of what is waited for at this address, and knows by `made` its process:
 * FILCH_BUSY while a thread of ours waits there; else it is as if never used. */
int flc_lot_end(const void *key, size_t *made);

/* Called after the word was changed and the fence was passed. */
static inline void
flc_lot_wake(const void *key, size_t n)
{
	if (FLC_UNLIKELY(flc_lot_has_waiters(key)))
		flc_lot_wake_slowly(key, n);
}

#endif /* FLC_PARKING_LOT_H */
