/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The MPMC ring: bounded, many producers, many consumers (D. Vyukov).
 *
 * tail and head are positions times two; the lowest bit of tail says that the channel is
 * closed, so that no send can begin after the closing.  The stamp of a slot says whose
 * turn it is: 2p, the send of position p; 2p+1, the receive of p, which leaves 2(p +
 * capacity).
 *
 * Nothing here waits: a slot whose turn has come for another call that is not finished
 * counts as full (empty).  A compare-and-swap fails only when another call got a place.
 */
#ifndef FLC_MPMC_RING_H
#define FLC_MPMC_RING_H

#include "channel/kind.h"
#include "channel/slot.h"
#include "channel/stats.h"

#define FLC_RING_CLOSED ((size_t)1)

extern const struct flc_channel_kind flc_channel_mpmc_ring;

/*
 * The common case of a send of one item, short enough to be inlined: false if it is not
 * that simple, and nothing happened.  A tail with the closed bit is never equal to the
 * stamp of its slot.
 */
static FLC_ALWAYS_INLINE bool
flc_mpmc_ring_send_one(struct filch_channel *ch, const void *item)
{
	size_t tail = flc_load_relaxed(&ch->tail);
	size_t index = flc_slot_index(ch, tail >> 1);

	/* acquire [channel.slot]: as in turns() of mpmc_ring.c. */
	if (FLC_UNLIKELY(flc_load_acquire(flc_slot_stamp(ch, index)) != tail
	    || (FLC_COUNTING && !flc_stats_is_plain(ch, tail >> 1))
	    || !flc_cas_full(&ch->tail, tail, tail + 2)))
		return false;
	flc_slot_prefetch(ch, index, 1);
	flc_slot_put_words(ch, index, FLC_SLOT_HEAD, item);
	/* release [channel.slot]: the item, before its receiver's turn. */
	flc_store_release(flc_slot_stamp(ch, index), tail + 1);
	return true;
}

/* The same for a receive. */
static FLC_ALWAYS_INLINE bool
flc_mpmc_ring_recv_one(struct filch_channel *ch, void *item)
{
	size_t head = flc_load_relaxed(&ch->head);
	size_t index = flc_slot_index(ch, head >> 1);

	/* acquire [channel.slot]: as in turns() of mpmc_ring.c. */
	if (FLC_UNLIKELY(flc_load_acquire(flc_slot_stamp(ch, index)) != head + 1
	    || flc_stats_is_stamped(ch, head >> 1)
	    || !flc_cas_full(&ch->head, head, head + 2)))
		return false;
	flc_slot_prefetch(ch, index, 1);
	flc_slot_get_words(ch, index, FLC_SLOT_HEAD, item);
	/* release [channel.slot]: our copy, before the next lap's turn. */
	flc_store_release(flc_slot_stamp(ch, index), head + 2 * ch->capacity);
	return true;
}

#endif /* FLC_MPMC_RING_H */
