/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The SPSC ring: bounded, one producer, one consumer, no locked instruction (L. Lamport's
 * ring; each side remembers how far it saw the other, as in J. Giacomoni's FastForward
 * and its kin).
 *
 * `limit` is both that memory and what is counted (stats.h): below it there is room and
 * nothing to count.
 *
 * Closing cannot stand in tail, which has one writer.  So the sender says that a send is
 * under way before it looks at closed; the closer sets CLOSING, passes the heavy fence,
 * and sets CLOSED.  A receiver that sees CLOSED (or passes the fence itself) and no send
 * under way sees every item there will ever be, and sets FINAL: a send that is about to
 * be refused shall not make it doubt again.
 */
#ifndef FLC_SPSC_RING_H
#define FLC_SPSC_RING_H

#include "channel/kind.h"
#include "channel/slot.h"
#include "channel/stats.h"

extern const struct flc_channel_kind flc_channel_spsc_ring;

/*
 * The common case of a send of one item, short enough to be inlined, where the fence is
 * asymmetric: false if it is not that simple, and nothing happened.
 */
static FLC_ALWAYS_INLINE bool
flc_spsc_ring_send_one(struct filch_channel *ch, const void *item)
{
	size_t tail = flc_load_relaxed(&ch->tail);
	size_t index = ch->send_at;
	bool open;

	if (FLC_UNLIKELY(flc_load_relaxed(&ch->closed) != FLC_OPEN
	    || !flc_stats_is_plain_spsc(ch, tail)))
		return false;
	flc_store_relaxed(&ch->sending, 1);
	/* store-load [channel.sending]: as in send_marked() of spsc_ring.c. */
	flc_fence_light();
	/* acquire [channel.close]: nothing comes with it. */
	open = flc_load_acquire(&ch->closed) == FLC_OPEN;
	if (FLC_LIKELY(open)) {
		flc_slot_prefetch(ch, index, 1);
		flc_slot_put_words(ch, index, 0, item);
		ch->send_at = flc_slot_next(ch, index);
		/* release [channel.tail]: the item, before the count. */
		flc_store_release(&ch->tail, tail + 1);
	}
	/* release [channel.sent]: the new tail, before the end of the send. */
	flc_store_release(&ch->sending, 0);
	return open;
}

/* The same for a receive, whatever the fence. */
static FLC_ALWAYS_INLINE bool
flc_spsc_ring_recv_one(struct filch_channel *ch, void *item)
{
	size_t head = flc_load_relaxed(&ch->head);
	size_t index = ch->recv_at;

	if (ch->tail_seen == head) {
		/* acquire [channel.tail]: the items come with the count. */
		ch->tail_seen = flc_load_acquire(&ch->tail);
		if (ch->tail_seen == head)
			return false;
	}
	if (FLC_UNLIKELY(flc_stats_is_stamped(ch, head)))
		return false;
	flc_slot_prefetch(ch, index, 1);
	flc_slot_get_words(ch, index, 0, item);
	ch->recv_at = flc_slot_next(ch, index);
	/* release [channel.head]: our copy, before the room. */
	flc_store_release(&ch->head, head + 1);
	return true;
}

#endif /* FLC_SPSC_RING_H */
