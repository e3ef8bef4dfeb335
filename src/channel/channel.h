/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a channel is made of.
 *
 *     channel.c     the public calls: fast path, then the wait
 *     mpmc_ring.h   many producers, many consumers, bounded
 *     spsc_ring.h   one of each, bounded
 *     unbounded.c   unbounded
 *     rendezvous.c  no capacity
 *     timer.c       times
 *     arms.c        the threads that wait, and how one is woken
 *     await.c       the wait: register, look again, sleep
 *     asleep.c      the sleep
 *     create.c      the beginning and the end
 *     select.c      several arms
 *     eventfd.c     a file descriptor for epoll
 *     stats.c       what is counted
 *
 * THE WAIT.  waiting[side] counts the threads that sleep, or are about to, until the
 * channel is ready for their side.
 *
 *     waiter: puts its arm in the list and counts it (under the lock);
 *             heavy fence; looks whether the channel is ready; sleeps
 *     peer:   publishes the item (the free slot); light fence; loads waiting;
 *             if not zero, takes one arm out of the list and wakes it
 *
 * One of the two sees the other.  A woken waiter tries again and may find
 * nothing, because somebody was faster or an earlier send is not finished.  Whoever
 * was woken passes on before it returns: if the channel is still ready and
 * others wait, it wakes the next.  So one wake serves a batch, and no item lies
 * in a channel while receivers sleep.
 */
#ifndef FLC_CHANNEL_H
#define FLC_CHANNEL_H

#include "base/atomic.h"
#include "base/fork_generation.h"
#include "base/lock.h"
#include "count/refresh.h"
#include "wait/block.h"

#include <filch/channel.h>

enum flc_channel_kind {
	FLC_CHANNEL_RING,
	FLC_CHANNEL_LINE,
	FLC_CHANNEL_BLOCKS,
	FLC_CHANNEL_MEET,
	FLC_CHANNEL_TIMER
};

/* For which one item has a fast path: of a few whole words. */
enum flc_quick { FLC_QUICK_NOT, FLC_QUICK_RING, FLC_QUICK_LINE };

/* A side is what the waiter wants to do. */
enum flc_side { FLC_RECV, FLC_SEND };

_Static_assert((int)FLC_RECV == (int)FILCH_SELECT_RECV
    && (int)FLC_SEND == (int)FILCH_SELECT_SEND, "an arm's `what` is its side");

/* ch->closed. */
enum { FLC_OPEN, FLC_CLOSING, FLC_CLOSED, FLC_FINAL };

/* A call that waits, on its thread's stack. */
struct flc_wait {
	struct flc_waiter waiter;
	flc_atomic claimed;       /* 0: waits; else whoever sets it ends the wait:
	                             a waker the arm plus one, itself CLAIMED_SELF */
	bool exchanged;           /* a peer did what the arm says; before the wake */
	struct flc_wait *next;    /* of those to be woken at once */
};

#define FLC_CLAIMED_SELF (FILCH_SELECT_ARMS + 1)

/* It waits in the list of one side of each of its channels. */
struct flc_arm {
	struct flc_arm *next, *prev;   /* under the channel's lock */
	bool queued;                   /* the same */
	struct flc_wait *wait;
	struct filch_channel *channel;
	enum flc_side side;
	size_t index;                  /* of the caller's arms */
	void *item;                    /* rendezvous: to copy from or to */
};

struct flc_queue {
	struct flc_arm *first, *last;
};

struct flc_block;
struct flc_channel_row;

struct filch_channel {
	/* Constant after create. */
	enum flc_channel_kind kind;
	enum flc_quick quick;
	size_t item_size;
	size_t capacity;
	size_t mask;               /* capacity - 1 if that is a power of two, or 0 */
	size_t stride;             /* bytes from slot to slot */
	char *slots;
	flc_atomic *stamps;        /* of each 64th item: when it was sent, or 0; ticks */
	size_t stamps_mask;
	size_t generation;
	struct flc_channel_row *row;

	/* Read by every call, written when somebody waits or closes. */
	FLC_SET_APART flc_atomic waiting[2]; /* in the lists; an armed fd counts too */
	flc_atomic woken_from[2];  /* the CPU of the last wake, plus one; a hint */
	flc_atomic rests[2];       /* of yields: see spin.h */
	flc_atomic closed;
	flc_atomic notices;        /* an fd exists */

	/* The senders'. */
	FLC_SET_APART flc_atomic tail; /* sends begun; ring: times two, plus closed */
	flc_atomic limit;          /* below it a send counts nothing; see stats.h */
	flc_atomic high_water;
	flc_atomic unseen;         /* how deep it may be without being looked at */
	flc_atomic sample_mask;    /* see count/sample.h */
	flc_atomic sampled_at;     /* ticks */
	flc_atomic sending;        /* line: a send is under way */
	flc_atomic quick_sends;    /* how to spin; a hint */
	size_t send_at;            /* line: the next slot; blocks: in the block */
	struct flc_block *send_block;
	flc_lock send_lock;        /* blocks */

	/* The receivers'. */
	FLC_SET_APART flc_atomic head; /* receives begun; ring: times two */
	flc_atomic quick_recvs;
	size_t tail_seen;          /* line */
	size_t recv_at;
	struct flc_block *recv_block;
	flc_lock recv_lock;
	uint64_t period;           /* timer: constant; head is the next time */

	/* Cold. */
	FLC_SET_APART struct flc_word_lock lock; /* the lists, the fd; meet: everything */
	struct flc_queue queue[2];
	int fd;                    /* -1: none */
	bool fd_armed;
	flc_atomic spare;          /* blocks: one that is free, or 0 */
	/* What the row has of it, under the page's lock. */
	struct flc_refresher refresher;
	size_t sends_told;
	size_t receives_told;
	size_t depth_told;
};

/* -- Trying: FILCH_OK, FILCH_AGAIN, FILCH_CLOSED, ... and *done items of n. -- */

/* One item; and the kinds that need a lock. */
int flc_channel_try(struct filch_channel *ch, enum flc_side side, void *item);
int flc_channel_try_slow(struct filch_channel *ch, enum flc_side side, void *items, size_t n,
    size_t *done);

/* Whether a try would not give FILCH_AGAIN; a look, nothing is taken. */
bool flc_channel_is_ready(struct filch_channel *ch, enum flc_side side);

/* Whoever last woke one of this side did so on the caller's CPU; a hint. */
bool flc_channel_is_woken_from_here(struct filch_channel *ch, enum flc_side side);

int flc_unbounded_init(struct filch_channel *ch);
void flc_unbounded_fini(struct filch_channel *ch);
int flc_unbounded_send(struct filch_channel *ch, const void *items, size_t n, size_t *done);
int flc_unbounded_recv(struct filch_channel *ch, void *items, size_t n, size_t *done);
void flc_unbounded_close(struct filch_channel *ch);

/* Under the lock, or where it takes it. */
int flc_rendezvous_locked(struct filch_channel *ch, enum flc_side side, void *item,
    struct flc_wait **peer);
int flc_rendezvous_try(struct filch_channel *ch, enum flc_side side, void *item);
bool flc_rendezvous_is_ready(struct filch_channel *ch, enum flc_side side);

int flc_timer_recv(struct filch_channel *ch, void *item);
/* When a receive can be done: the next time; 0 of one that is over, which gives
 * FILCH_CLOSED; FILCH_FOREVER: never. */
uint64_t flc_timer_next(const struct filch_channel *ch);

/* -- Waiting -- */

/*
 * Sleeps until one of the arms may be tried again (FILCH_OK; *woken is the arm
 * whose channel woke it, or -1), a peer did what arm *woken says
 * (*exchanged), or FILCH_TIMEOUT, FILCH_CANCELED, FILCH_DEADLOCK.
 */
int flc_await(struct flc_arm *arms, size_t n, uint64_t deadline, long *woken, bool *exchanged);

/* Sleeps until the wait is claimed and woken: FILCH_OK; FILCH_AGAIN: a timer's time
 * has come; FILCH_TIMEOUT, FILCH_CANCELED, FILCH_DEADLOCK. */
int flc_channel_sleep(struct flc_wait *wait, const struct flc_arm *arms, size_t n,
    uint64_t deadline);

/* In and out of the list; under the lock. */
void flc_arm_append(struct flc_arm *arm);
void flc_arm_remove(struct flc_arm *arm);

/* Wakes one that waits for this side, and the fd. */
void flc_channel_wake(struct filch_channel *ch, enum flc_side side);
/* The same for all. */
void flc_channel_wake_all(struct filch_channel *ch);

/* Takes one waiting arm that nobody claimed out of the list; under the lock. */
struct flc_arm *flc_arm_claim(struct filch_channel *ch, enum flc_side side);

/* Before the load of waiting, and after what it is about. */
static inline void
flc_channel_fence(void)
{
	/* store-load [channel.wait]: what was published, before the look for
	 * waiters; their side is heavy. */
	if (FLC_LIKELY(flc_fence_is_cheap()))
		flc_fence_light();
	else
		flc_fence_full();
}

/* The waiter's side. */
void flc_channel_barrier(void);

/* To be called after a send (with FLC_RECV), a receive (with FLC_SEND). */
static inline void
flc_channel_tell(struct filch_channel *ch, enum flc_side side)
{
	flc_channel_fence();
	if (FLC_UNLIKELY(flc_load_relaxed(&ch->waiting[side]) != 0))
		flc_channel_wake(ch, side);
}

/* A thread that was woken lets the next one have what is left. */
void flc_channel_pass_on(struct filch_channel *ch, enum flc_side side);

/* -- The fd, under the lock -- */

/* Says on the fd that it is ready; it is armed. */
void flc_eventfd_give(struct filch_channel *ch);
/* After FILCH_AGAIN: makes the fd unreadable until it is ready again. */
void flc_eventfd_arm(struct filch_channel *ch);

/* Makes what all kinds have in common. */
int flc_channel_make(struct filch_channel **out, enum flc_channel_kind kind, size_t item_size,
    size_t capacity, const filch_channel_options *options);

static inline bool
flc_channel_is_old(const struct filch_channel *ch)
{
	return flc_generation_is_old(ch->generation);
}

#endif /* FLC_CHANNEL_H */
