/* SPDX-License-Identifier: BSD-2-Clause */
/* The SPSC ring beyond the common case of one item; the protocol is in spsc_ring.h. */
#include "channel/spsc_ring.h"

#include "channel/wait.h"

/* Room for at least one item at tail, as the limit says or after a look at head. */
static bool
has_room(struct filch_channel *ch, size_t tail, size_t n, size_t *room)
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

static int
put(struct filch_channel *ch, const void *items, size_t n, size_t *done)
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
	if (FLC_UNLIKELY(!has_room(ch, tail, n, &room)))
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

static int
send_marked(struct filch_channel *ch, const void *items, size_t n, size_t *done)
{
	int status;

	FLC_INVARIANT(flc_load_relaxed(&ch->sending) == 0);
	/* Once a send was refused, none is under way any more. */
	if (FLC_UNLIKELY(flc_load_relaxed(&ch->closed) != FLC_OPEN))
		return FILCH_CLOSED;
	flc_store_relaxed(&ch->sending, 1);
	/* store-load [channel.sending]: a send is under way, before the look at closed;
	 * the closer's side is heavy. */
	if (FLC_LIKELY(flc_fence_is_cheap()))
		flc_fence_light();
	else
		flc_fence_full();
	status = put(ch, items, n, done);
	/* release [channel.sent]: the new tail, before the end of the send. */
	flc_store_release(&ch->sending, 0);
	return status;
}

static int
spsc_send(struct filch_channel *ch, const void *items, size_t n, size_t *done)
{
	int status = send_marked(ch, items, n, done);

	/* Also if it sent nothing: the receiver of the last item waits for the end of
	 * every send. */
	flc_channel_notify(ch, FLC_RECV);
	return status;
}

/* Closed, and no item comes any more; tail is to be read after it. */
static bool
is_final(struct filch_channel *ch)
{
	/* acquire [channel.close]: the closer's fence; after FINAL also what the other
	 * receiver saw. */
	size_t closed = flc_load_acquire(&ch->closed);

	if (FLC_LIKELY(closed == FLC_OPEN) || closed == FLC_FINAL)
		return closed == FLC_FINAL;
	/* store-load [channel.sending]: closing, before our look; a send may have been
	 * refused already, so that we must not say FILCH_AGAIN. */
	if (closed == FLC_CLOSING)
		flc_fence_heavy_or_wait();
	/* acquire [channel.sent]: the tail of the last send. */
	if (flc_load_acquire(&ch->sending) != 0)
		return false;
	flc_store_release(&ch->closed, FLC_FINAL);
	return true;
}

static int
spsc_recv(struct filch_channel *ch, void *items, size_t n, size_t *done)
{
	size_t head = flc_load_relaxed(&ch->head);
	size_t index = ch->recv_at;
	size_t there = ch->tail_seen - head;

	if (there < n) {
		bool final = is_final(ch);

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
	flc_channel_notify(ch, FLC_SEND);
	return FILCH_OK;
}

static bool
spsc_is_ready(struct filch_channel *ch, enum flc_side side)
{
	size_t head = flc_load_acquire(&ch->head);
	bool final = is_final(ch);

	if (side == FLC_SEND)
		return flc_load_acquire(&ch->closed) != FLC_OPEN
		    || flc_load_acquire(&ch->tail) - head < ch->capacity;
	return flc_load_acquire(&ch->tail) != head || final;
}

static void
spsc_close(struct filch_channel *ch)
{
	if (flc_load_acquire(&ch->closed) >= FLC_CLOSED)
		return;
	(void)flc_cas_full(&ch->closed, FLC_OPEN, FLC_CLOSING);
	/* store-load [channel.sending]: closing, before others look for a send under
	 * way. */
	flc_fence_heavy_or_wait();
	/* Full, hence release [channel.close]: the fence, before any thread relies on it;
	 * unless it is final already. */
	(void)flc_cas_full(&ch->closed, FLC_CLOSING, FLC_CLOSED);
}

static int
spsc_init(struct filch_channel *ch)
{
	return flc_slots_init(ch, 0, FLC_QUICK_SPSC_RING);
}

const struct flc_channel_kind flc_channel_spsc_ring = {
	.init = spsc_init,
	.fini = flc_slots_fini,
	.send = spsc_send,
	.recv = spsc_recv,
	.is_ready = spsc_is_ready,
	.close = spsc_close,
	.polls = true,
};
