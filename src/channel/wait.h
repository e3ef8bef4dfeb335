/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How calls wait on channels.
 *
 * waiting[side] of a channel counts the calls that sleep, or are about to, until the
 * channel is ready for their side.
 *
 *     waiter: puts its arm into the queue and counts it (under the lock);
 *             heavy fence; looks whether the channel is ready; sleeps
 *     peer:   publishes the item (the free slot); light fence; loads waiting;
 *             if not zero, takes one arm out of the queue and wakes its call
 *
 * One of the two sees the other.  A woken call tries again and may find nothing, because
 * another was faster or an earlier send is not finished.  A woken call forwards the wake
 * before it returns: if the channel is still ready and others wait, it wakes the next.
 * So one wake serves a batch, and no item lies in a channel while receivers sleep.
 */
#ifndef FLC_CHANNEL_WAIT_H
#define FLC_CHANNEL_WAIT_H

#include "base/fence.h"
#include "channel/channel.h"
#include "wait/block.h"

/* A call that waits, on its thread's stack. */
struct flc_waiting_call {
	struct flc_waiter waiter;
	flc_atomic claimed;       /* 0: it waits; else the thread that sets it ends the wait:
	                             a waker the arm plus one, itself FLC_CLAIMED_SELF */
	bool exchanged;           /* a peer did what the arm says; before the wake */
	struct flc_waiting_call *next; /* of those to be woken at once */
};

#define FLC_CLAIMED_SELF (FILCH_SELECT_ARMS + 1)

/* It waits in the queue of one side of each of its channels. */
struct flc_arm {
	struct flc_arm *next, *prev;   /* under the channel's lock */
	bool queued;                   /* the same */
	struct flc_waiting_call *call;
	struct filch_channel *channel;
	enum flc_side side;
	size_t index;                  /* of the caller's arms */
	void *item;                    /* rendezvous: to copy from or to */
};

/*
 * Sleeps until one of the arms may be tried again (FILCH_OK; *woken is the arm whose
 * channel woke it, or -1), a peer did what arm *woken says (*exchanged), or
 * FILCH_TIMEOUT, FILCH_CANCELED, FILCH_DEADLOCK.
 */
int flc_channel_await(struct flc_arm *arms, size_t n, uint64_t deadline, long *woken,
    bool *exchanged);

/* Sleeps, in the queue of no channel, until the deadline: FILCH_TIMEOUT, FILCH_CANCELED,
 * FILCH_DEADLOCK. */
int flc_channel_pause(uint64_t deadline);

/* Takes one waiting arm that nobody claimed out of the queue; under the lock. */
struct flc_arm *flc_arm_claim(struct filch_channel *ch, enum flc_side side);

/* Wakes one that waits for this side, and the fd. */
void flc_channel_wake(struct filch_channel *ch, enum flc_side side);
/* The same for all. */
void flc_channel_wake_all(struct filch_channel *ch);

/* The last wake of this side came from the CPU that the caller runs on; a hint. */
bool flc_channel_is_woken_from_here(struct filch_channel *ch, enum flc_side side);

/* Before the load of waiting, and after what it is about. */
static inline void
flc_channel_fence(void)
{
	/* store-load [channel.wait]: what was published, before the look for waiters;
	 * their side is heavy. */
	if (FLC_LIKELY(flc_fence_is_cheap()))
		flc_fence_light();
	else
		flc_fence_full();
}

/* To be called after a send (with FLC_RECV), a receive (with FLC_SEND). */
static inline void
flc_channel_notify(struct filch_channel *ch, enum flc_side side)
{
	flc_channel_fence();
	if (FLC_UNLIKELY(flc_load_relaxed(&ch->waiting[side]) != 0))
		flc_channel_wake(ch, side);
}

/* A call that was woken lets the next one have what is left. */
void flc_channel_forward(struct filch_channel *ch, enum flc_side side);

#endif /* FLC_CHANNEL_WAIT_H */
