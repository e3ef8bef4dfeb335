/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The line: bounded, one producer, one consumer, no locked instruction
 * (L. Lamport's ring; each side remembers how far it saw the other, as in
 * J. Giacomoni's FastForward and its kin).
 *
 * `limit` is both that memory and what is counted (stats.h): below it there is room
 * and nothing to count.
 *
 * Closing cannot stand in tail, which has one writer.  So the sender says that
 * a send is under way before it looks at closed; the closer sets CLOSING, passes
 * the heavy fence, and sets CLOSED.  A receiver that sees CLOSED (or passes the
 * fence itself) and no send under way sees every item there will ever be, and
 * sets FINAL: a send that is about to be refused shall not make it doubt again.
 */
#ifndef FLC_SPSC_RING_H
#define FLC_SPSC_RING_H

#include "channel/slot.h"
#include "channel/stats.h"

/* Room for at least one item at tail, as the limit says or after a look at head. */
static inline bool
flc_spsc_ring_has_room(struct filch_channel *ch, size_t tail, size_t n, size_t *room)
{
	size_t limit = flc_load_relaxed(&ch->limit);
	size_t head;

	if (FLC_LIKELY(tail + n <= limit)) {
		*room = n;
		return true;
	}
	/* acquire [channel.head]: the end of the copies of what left. */
	head = flc_load_acquire(&ch->head);
	*room = ch->capacity - (tail - head);
	if (*room > n)
		*room = n;
	if (*room > 0)
		flc_stats_passed(ch, tail, *room, head);
	return *room > 0;
}

static inline int
flc_spsc_ring_put(struct filch_channel *ch, const void *items, size_t n, size_t *done)
{
	size_t tail = flc_load_relaxed(&ch->tail);
	size_t index = ch->send_at;
	size_t room;

	/* acquire [channel.close]: nothing comes with it. */
	if (FLC_UNLIKELY(flc_load_acquire(&ch->closed) != FLC_OPEN))
		return FILCH_CLOSED;
	/* More never fits; the sum of tail and n must not wrap. */
	if (n > ch->capacity)
		n = ch->capacity;
	if (FLC_UNLIKELY(!flc_spsc_ring_has_room(ch, tail, n, &room)))
		return FILCH_AGAIN;
	flc_slot_prefetch(ch, index, room);
	for (size_t i = 0; i < room; i++) {
		flc_slot_put(ch, index, 0, flc_item_at(ch, items, i));
		index = flc_slot_next(ch, index);
	}
	ch->send_at = index;
	/* release [channel.tail]: the items, before the count. */
	flc_store_release(&ch->tail, tail + room);
	*done = room;
	return FILCH_OK;
}

static inline int
flc_spsc_ring_send(struct filch_channel *ch, const void *items, size_t n, size_t *done)
{
	int status;

	FLC_INVARIANT(flc_load_relaxed(&ch->sending) == 0);
	/* Once a send was refused, none is under way any more. */
	if (FLC_UNLIKELY(flc_load_relaxed(&ch->closed) != FLC_OPEN))
		return FILCH_CLOSED;
	flc_store_relaxed(&ch->sending, 1);
	/* store-load [channel.sending]: a send is under way, before the look at
	 * closed; the closer's side is heavy. */
	if (FLC_LIKELY(flc_fence_is_cheap()))
		flc_fence_light();
	else
		flc_fence_full();
	status = flc_spsc_ring_put(ch, items, n, done);
	/* release [channel.sent]: the new tail, before the end of the send. */
	flc_store_release(&ch->sending, 0);
	return status;
}

/*
 * The common case of a send of one item, short enough to be inlined, where the
 * fence is asymmetric: false if it is not that simple, and nothing happened.
 */
static FLC_ALWAYS_INLINE bool
flc_spsc_ring_send_one(struct filch_channel *ch, const void *item)
{
	size_t tail = flc_load_relaxed(&ch->tail);
	size_t index = ch->send_at;
	bool open;

	if (FLC_UNLIKELY(flc_load_relaxed(&ch->closed) != FLC_OPEN
	    || !flc_stats_is_plain_line(ch, tail)))
		return false;
	flc_store_relaxed(&ch->sending, 1);
	/* store-load [channel.sending]: as in flc_spsc_ring_send(). */
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

/* Closed, and no item comes any more; tail is to be read after it. */
static inline bool
flc_spsc_ring_is_final(struct filch_channel *ch)
{
	/* acquire [channel.close]: the closer's fence; after FINAL also what
	 * the other receiver saw. */
	size_t closed = flc_load_acquire(&ch->closed);

	if (FLC_LIKELY(closed == FLC_OPEN) || closed == FLC_FINAL)
		return closed == FLC_FINAL;
	/* store-load [channel.sending]: closing, before our look; a send may
	 * have been refused already, so that we must not say FILCH_AGAIN. */
	if (closed == FLC_CLOSING)
		flc_channel_barrier();
	/* acquire [channel.sent]: the tail of the last send. */
	if (flc_load_acquire(&ch->sending) != 0)
		return false;
	flc_store_release(&ch->closed, FLC_FINAL);
	return true;
}

static inline int
flc_spsc_ring_recv(struct filch_channel *ch, void *items, size_t n, size_t *done)
{
	size_t head = flc_load_relaxed(&ch->head);
	size_t index = ch->recv_at;
	size_t there = ch->tail_seen - head;

	if (there < n) {
		bool final = flc_spsc_ring_is_final(ch);

		/* acquire [channel.tail]: the items come with the count. */
		ch->tail_seen = flc_load_acquire(&ch->tail);
		there = ch->tail_seen - head;
		if (FLC_UNLIKELY(there == 0))
			return final ? FILCH_CLOSED : FILCH_AGAIN;
	}
	if (there > n)
		there = n;
	if (n == 1)
		flc_slot_prefetch(ch, index, 1);
	else
		flc_slot_prefetch_batch(ch, index, there);
	flc_stats_received(ch, head, there);
	for (size_t i = 0; i < there; i++) {
		flc_slot_get(ch, index, 0, flc_item_at(ch, items, i));
		index = flc_slot_next(ch, index);
	}
	ch->recv_at = index;
	/* release [channel.head]: our copies, before the room. */
	flc_store_release(&ch->head, head + there);
	*done = there;
	return FILCH_OK;
}

static inline bool
flc_spsc_ring_is_ready(struct filch_channel *ch, enum flc_side side)
{
	size_t head = flc_load_acquire(&ch->head);
	bool final = flc_spsc_ring_is_final(ch);

	if (side == FLC_SEND)
		return flc_load_acquire(&ch->closed) != FLC_OPEN
		    || flc_load_acquire(&ch->tail) - head < ch->capacity;
	return flc_load_acquire(&ch->tail) != head || final;
}

static inline void
flc_spsc_ring_close(struct filch_channel *ch)
{
	if (flc_load_acquire(&ch->closed) >= FLC_CLOSED)
		return;
	(void)flc_cas_full(&ch->closed, FLC_OPEN, FLC_CLOSING);
	/* store-load [channel.sending]: closing, before others look for a send
	 * under way. */
	flc_channel_barrier();
	/* Full, hence release [channel.close]: the fence, before any thread
	 * relies on it; unless it is final already. */
	(void)flc_cas_full(&ch->closed, FLC_CLOSING, FLC_CLOSED);
}

#endif /* FLC_SPSC_RING_H */
