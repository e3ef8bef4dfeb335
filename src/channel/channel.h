/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a channel is.  Lowest first:
 *
 *     channel.h       the words of a channel
 *     kind.h          the table of functions that stands behind each of the five kinds
 *     slot.c          the slots of a ring
 *     stats.c         what is counted
 *     eventfd.c       a file descriptor for epoll
 *     wait.c          the threads that wait, how one is woken, the sleep
 *     mpmc_ring.c     bounded, many producers, many consumers
 *     spsc_ring.c     bounded, one of each
 *     unbounded.c     unbounded
 *     rendezvous.c    without capacity
 *     timer.c         the items are times
 *     create.c        how channels begin and end
 *     channel.c       the public calls: the fast path, then the wait
 *     select.c        several arms
 */
#ifndef FLC_CHANNEL_H
#define FLC_CHANNEL_H

#include "base/atomic.h"
#include "base/fork_generation.h"
#include "base/lock.h"
#include "count/refresh.h"

#include <filch/channel.h>

/* Which inlined path one item takes, if it is a few whole words: see channel.c. */
enum flc_quick { FLC_QUICK_NOT, FLC_QUICK_MPMC_RING, FLC_QUICK_SPSC_RING };

/* A side is what a call wants to do. */
enum flc_side { FLC_RECV, FLC_SEND };

_Static_assert((int)FLC_RECV == (int)FILCH_SELECT_RECV
    && (int)FLC_SEND == (int)FILCH_SELECT_SEND, "an arm's `what` is its side");

/* The side that waits for what this side does. */
static inline enum flc_side
flc_side_opposite(enum flc_side side)
{
	return side == FLC_SEND ? FLC_RECV : FLC_SEND;
}

/* ch->closed. */
enum { FLC_OPEN, FLC_CLOSING, FLC_CLOSED, FLC_FINAL };

struct flc_arm;
struct flc_block;
struct flc_channel_kind;
struct flc_channel_row;

/* The arms that wait for one side, the oldest first; see wait.h. */
struct flc_arm_queue {
	struct flc_arm *first, *last;
};

struct filch_channel {
	/* Constant after create. */
	const struct flc_channel_kind *kind;
	enum flc_quick quick;
	size_t item_size;
	size_t capacity;
	size_t mask;               /* rings: capacity - 1 if that is a power of two, or 0 */
	size_t stride;             /* bytes from slot to slot */
	char *slots;               /* rings; NULL: it has none */
	size_t block_items;        /* unbounded: slots of a block */
	flc_atomic *stamps;        /* of each 64th item: when it was sent, or 0; ticks */
	size_t stamps_mask;
	size_t generation;
	struct flc_channel_row *row;

	/* Read by every call, written when a thread waits or closes. */
	FLC_SET_APART flc_atomic waiting[2]; /* in the queues; an armed fd counts too */
	flc_atomic woken_from[2];  /* the CPU of the last wake, plus one; a hint */
	flc_atomic rests[2];       /* of yields: see spin.h */
	flc_atomic closed;
	flc_atomic notices;        /* an fd exists */

	/* The senders'. */
	FLC_SET_APART flc_atomic tail; /* sends begun; MPMC ring: times two, plus closed */
	flc_atomic limit;          /* below it a send counts nothing; see stats.h */
	flc_atomic high_water;
	flc_atomic unseen;         /* how deep it may be without being looked at */
	flc_atomic sample_mask;    /* see count/sample.h */
	flc_atomic sampled_at;     /* ticks */
	flc_atomic sending;        /* SPSC ring: a send is under way */
	flc_atomic quick_sends;    /* how to spin; a hint */
	size_t send_at;            /* SPSC ring: the next slot; unbounded: in the block */
	struct flc_block *send_block;
	flc_lock send_lock;        /* unbounded */

	/* The receivers'. */
	FLC_SET_APART flc_atomic head; /* receives begun; MPMC ring: times two */
	flc_atomic quick_recvs;
	size_t tail_seen;          /* SPSC ring */
	size_t recv_at;
	struct flc_block *recv_block;
	flc_lock recv_lock;
	uint64_t period;           /* timer: constant; head is the next time */

	/* Cold. */
	FLC_SET_APART struct flc_word_lock lock; /* the queues, the fd; rendezvous: all */
	struct flc_arm_queue queue[2];
	int fd;                    /* -1: none */
	bool fd_armed;
	flc_atomic spare;          /* unbounded: a block that is free, or 0 */
	/* What the row has of it, under the page's lock. */
	struct flc_refresher refresher;
	size_t sends_told;
	size_t receives_told;
	size_t depth_told;
};

static inline bool
flc_channel_is_old(const struct filch_channel *ch)
{
	return flc_generation_is_old(ch->generation);
}

#endif /* FLC_CHANNEL_H */
