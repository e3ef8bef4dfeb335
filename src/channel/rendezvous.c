/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rendezvous: the second to come copies, from or to the item of the first, which waits in
 * the queue.  Everything under the channel's lock.
 */
#include "channel/rendezvous.h"

#include "channel/slot.h"
#include "channel/wait.h"

/* Does it with a peer that waits, or FILCH_AGAIN, FILCH_CLOSED; *peer is then to be woken
 * after the unlock. */
static int
exchange_locked(struct filch_channel *ch, enum flc_side side, void *item,
    struct flc_waiting_call **peer)
{
	struct flc_arm *other;

	if (flc_load_relaxed(&ch->closed) != FLC_OPEN)
		return FILCH_CLOSED;
	other = flc_arm_claim(ch, flc_side_opposite(side));
	if (other == NULL)
		return FILCH_AGAIN;
	if (side == FLC_SEND)
		flc_item_copy(other->item, item, ch->item_size);
	else
		flc_item_copy(item, other->item, ch->item_size);
	other->call->exchanged = true;
	flc_store_release(&ch->tail, flc_load_relaxed(&ch->tail) + 1);
	flc_store_release(&ch->head, flc_load_relaxed(&ch->head) + 1);
	*peer = other->call;
	return FILCH_OK;
}

static int
exchange(struct filch_channel *ch, enum flc_side side, void *item, size_t *done)
{
	struct flc_waiting_call *peer = NULL;
	int status;

	*done = 1;
	flc_word_lock_acquire(&ch->lock);
	status = exchange_locked(ch, side, item, &peer);
	flc_word_lock_release(&ch->lock);
	if (peer != NULL)
		(void)flc_waiter_wake(&peer->waiter);
	return status;
}

static int
rendezvous_send(struct filch_channel *ch, const void *items, size_t n, size_t *done)
{
	(void)n;
	return exchange(ch, FLC_SEND, (void *)(size_t)items, done);
}

static int
rendezvous_recv(struct filch_channel *ch, void *items, size_t n, size_t *done)
{
	(void)n;
	return exchange(ch, FLC_RECV, items, done);
}

static bool
rendezvous_is_ready(struct filch_channel *ch, enum flc_side side)
{
	return flc_load_acquire(&ch->closed) != FLC_OPEN
	    || flc_load_acquire(&ch->waiting[flc_side_opposite(side)]) != 0;
}

static void
rendezvous_close(struct filch_channel *ch)
{
	flc_word_lock_acquire(&ch->lock);
	flc_store_release(&ch->closed, FLC_CLOSED);
	flc_word_lock_release(&ch->lock);
}

static int
rendezvous_before_wait(struct flc_arm *arm, struct flc_waiting_call **peer)
{
	return exchange_locked(arm->channel, arm->side, arm->item, peer);
}

const struct flc_channel_kind flc_channel_rendezvous = {
	.send = rendezvous_send,
	.recv = rendezvous_recv,
	.is_ready = rendezvous_is_ready,
	.close = rendezvous_close,
	.before_wait = rendezvous_before_wait,
	.pairs = true,
};
