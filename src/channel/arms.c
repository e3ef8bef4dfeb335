/* SPDX-License-Identifier: BSD-2-Clause */
/* The threads that wait on a channel, and how one is woken; the protocol is in channel.h. */
#include "channel/channel.h"

#include "base/this_cpu.h"
#include "channel/mpmc_ring.h"
#include "channel/spsc_ring.h"

void
flc_arm_append(struct flc_arm *arm)
{
	struct flc_queue *queue = &arm->channel->queue[arm->side];

	arm->next = NULL;
	arm->prev = queue->last;
	if (queue->last != NULL)
		queue->last->next = arm;
	else
		queue->first = arm;
	queue->last = arm;
	arm->queued = true;
	flc_add_full(&arm->channel->waiting[arm->side], 1);
}

FLC_HOT void
flc_arm_remove(struct flc_arm *arm)
{
	struct flc_queue *queue = &arm->channel->queue[arm->side];

	if (arm->prev != NULL)
		arm->prev->next = arm->next;
	else
		queue->first = arm->next;
	if (arm->next != NULL)
		arm->next->prev = arm->prev;
	else
		queue->last = arm->prev;
	arm->queued = false;
	flc_add_full(&arm->channel->waiting[arm->side], (size_t)-1);
}

/* An arm that another thread claimed leaves by itself.  The thread that claims one here
 * wakes it. */
FLC_HOT struct flc_arm *
flc_arm_claim(struct filch_channel *ch, enum flc_side side)
{
	for (struct flc_arm *arm = ch->queue[side].first; arm != NULL; arm = arm->next)
		if (flc_cas_full(&arm->wait->claimed, 0, arm->index + 1)) {
			flc_arm_remove(arm);
			flc_store_relaxed(&ch->woken_from[side], (size_t)flc_this_cpu() + 1);
			return arm;
		}
	return NULL;
}

bool
flc_channel_is_woken_from_here(struct filch_channel *ch, enum flc_side side)
{
	return flc_load_relaxed(&ch->woken_from[side]) == (size_t)flc_this_cpu() + 1;
}

FLC_HOT FLC_NOINLINE void
flc_channel_wake(struct filch_channel *ch, enum flc_side side)
{
	struct flc_wait *wait = NULL;
	struct flc_arm *arm;

	flc_word_lock_take(&ch->lock);
	arm = flc_arm_claim(ch, side);
	if (arm != NULL)
		wait = arm->wait;
	if (side == FLC_RECV)
		flc_eventfd_give(ch);
	flc_word_lock_give(&ch->lock);
	if (wait != NULL)
		(void)flc_waiter_wake(&wait->waiter);
}

void
flc_channel_wake_all(struct filch_channel *ch)
{
	struct flc_wait *all = NULL;
	struct flc_arm *arm;

	flc_word_lock_take(&ch->lock);
	for (int side = FLC_RECV; side <= FLC_SEND; side++)
		while ((arm = flc_arm_claim(ch, (enum flc_side)side)) != NULL) {
			arm->wait->next = all;
			all = arm->wait;
		}
	flc_eventfd_give(ch);
	flc_word_lock_give(&ch->lock);
	while (all != NULL) {
		struct flc_wait *wait = all;

		/* Before the wake, after which it may be gone. */
		all = wait->next;
		(void)flc_waiter_wake(&wait->waiter);
	}
}

void
flc_channel_pass_on(struct filch_channel *ch, enum flc_side side)
{
	flc_channel_fence();
	if (flc_load_relaxed(&ch->waiting[side]) != 0 && ch->kind != FLC_CHANNEL_MEET
	    && flc_channel_is_ready(ch, side))
		flc_channel_wake(ch, side);
}

bool
flc_channel_is_ready(struct filch_channel *ch, enum flc_side side)
{
	switch (ch->kind) {
	case FLC_CHANNEL_RING:
		return flc_mpmc_ring_is_ready(ch, side);
	case FLC_CHANNEL_LINE:
		return flc_spsc_ring_is_ready(ch, side);
	case FLC_CHANNEL_BLOCKS:
		return side == FLC_SEND || flc_load_acquire(&ch->closed) != FLC_OPEN
		    || flc_load_acquire(&ch->tail) != flc_load_acquire(&ch->head);
	case FLC_CHANNEL_MEET:
		return flc_rendezvous_is_ready(ch, side);
	case FLC_CHANNEL_TIMER:
		return flc_timer_next(ch) <= filch_now();
	}
	return true;
}
