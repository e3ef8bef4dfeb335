/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rendezvous: the second to come copies, from or to the item of the first, which
 * waits in the list.  Everything under the channel's lock.
 */
#include "channel/slot.h"
#include "channel/stats.h"

/* Does it with a peer that waits, or FILCH_AGAIN, FILCH_CLOSED; *peer is then to
 * be woken after the lock was given. */
int
flc_rendezvous_locked(struct filch_channel *ch, enum flc_side side, void *item, struct flc_wait **peer)
{
	struct flc_arm *other;

	if (flc_load_relaxed(&ch->closed) != FLC_OPEN)
		return FILCH_CLOSED;
	other = flc_arm_claim(ch, side == FLC_SEND ? FLC_RECV : FLC_SEND);
	if (other == NULL)
		return FILCH_AGAIN;
	if (side == FLC_SEND)
		flc_item_copy(other->item, item, ch->item_size);
	else
		flc_item_copy(item, other->item, ch->item_size);
	other->wait->exchanged = true;
	flc_store_release(&ch->tail, flc_load_relaxed(&ch->tail) + 1);
	flc_store_release(&ch->head, flc_load_relaxed(&ch->head) + 1);
	*peer = other->wait;
	return FILCH_OK;
}

int
flc_rendezvous_try(struct filch_channel *ch, enum flc_side side, void *item)
{
	struct flc_wait *peer = NULL;
	int status;

	flc_word_lock_take(&ch->lock);
	status = flc_rendezvous_locked(ch, side, item, &peer);
	flc_word_lock_give(&ch->lock);
	if (peer != NULL)
		(void)flc_waiter_wake(&peer->waiter);
	return status;
}

bool
flc_rendezvous_is_ready(struct filch_channel *ch, enum flc_side side)
{
	return flc_load_acquire(&ch->closed) != FLC_OPEN
	    || flc_load_acquire(&ch->waiting[side == FLC_SEND ? FLC_RECV : FLC_SEND]) != 0;
}
