/* SPDX-License-Identifier: BSD-2-Clause */
/* The MPMC ring beyond the common case of one item; the protocol is in mpmc_ring.h. */
#include "channel/mpmc_ring.h"

#include "channel/wait.h"

/* How many slots from `at` on bear the stamps of `want` on, at most n. */
static size_t
turns(const struct filch_channel *ch, size_t index, size_t want, size_t n)
{
	size_t k = 0;

	if (n > 1 && n > ch->capacity)
		n = ch->capacity;
	/* acquire [channel.slot]: the item that came, or the end of the copy of the one
	 * that left. */
	while (k < n && flc_load_acquire(flc_slot_stamp(ch, index)) == want + 2 * k) {
		index = flc_slot_next(ch, index);
		k++;
	}
	return k;
}

static int
mpmc_send(struct filch_channel *ch, const void *items, size_t n, size_t *done)
{
	size_t tail = flc_load_relaxed(&ch->tail);
	size_t index, k;

	for (;;) {
		size_t before = tail;

		if (FLC_UNLIKELY(tail & FLC_RING_CLOSED)) {
			/* As the closer does: a thread that hears of our refusal must not
			 * find the channel open. */
			flc_store_relaxed(&ch->closed, FLC_CLOSED);
			return FILCH_CLOSED;
		}
		index = flc_slot_index(ch, tail >> 1);
		k = turns(ch, index, tail, n);
		if (k > 0 && flc_cas_full(&ch->tail, tail, tail + 2 * k))
			break;
		tail = flc_load_relaxed(&ch->tail);
		/* Nobody got the place meanwhile: it is full. */
		if (k == 0 && tail == before)
			return FILCH_AGAIN;
	}
	flc_slot_prefetch(ch, index, k);
	if (FLC_COUNTING && FLC_UNLIKELY((tail >> 1) + k > flc_load_relaxed(&ch->limit)))
		flc_stats_passed(ch, tail >> 1, k, flc_load_relaxed(&ch->head) >> 1);
	for (size_t i = 0; i < k; i++) {
		flc_slot_put(ch, index, FLC_SLOT_HEAD, flc_item_at(ch, items, i));
		/* release [channel.slot]: the item, before its receiver's turn. */
		flc_store_release(flc_slot_stamp(ch, index), tail + 2 * i + 1);
		index = flc_slot_next(ch, index);
	}
	*done = k;
	flc_channel_notify(ch, FLC_RECV);
	return FILCH_OK;
}

/*
 * Closed, and all was received: no send begins any more, and those that had begun are
 * below tail.  Before the closing nobody looks at tail, whose line is the senders'.
 * `closed` brings nothing with it: whoever must see it has heard of the closing, or is
 * woken by the closer.
 */
static bool
is_drained(const struct filch_channel *ch, size_t head)
{
	return flc_load_relaxed(&ch->closed) != FLC_OPEN
	    && flc_load_acquire(&ch->tail) == (head | FLC_RING_CLOSED);
}

static int
mpmc_recv(struct filch_channel *ch, void *items, size_t n, size_t *done)
{
	size_t head = flc_load_relaxed(&ch->head);
	size_t index, k;

	for (;;) {
		size_t before = head;

		index = flc_slot_index(ch, head >> 1);
		k = turns(ch, index, head + 1, n);
		if (k > 0 && flc_cas_full(&ch->head, head, head + 2 * k))
			break;
		head = flc_load_relaxed(&ch->head);
		if (k == 0 && head == before)
			return is_drained(ch, head) ? FILCH_CLOSED : FILCH_AGAIN;
	}
	flc_slot_prefetch(ch, index, k);
	flc_stats_received(ch, head >> 1, k);
	for (size_t i = 0; i < k; i++) {
		flc_slot_get(ch, index, FLC_SLOT_HEAD, flc_item_at(ch, items, i));
		/* release [channel.slot]: our copy, before the next lap's turn. */
		flc_store_release(flc_slot_stamp(ch, index), head + 2 * i + 2 * ch->capacity);
		index = flc_slot_next(ch, index);
	}
	*done = k;
	flc_channel_notify(ch, FLC_SEND);
	return FILCH_OK;
}

static bool
mpmc_is_ready(struct filch_channel *ch, enum flc_side side)
{
	size_t at = flc_load_acquire(side == FLC_SEND ? &ch->tail : &ch->head);
	size_t stamp;

	if (side == FLC_SEND) {
		if (at & FLC_RING_CLOSED)
			return true;
		stamp = flc_load_acquire(flc_slot_stamp(ch, flc_slot_index(ch, at >> 1)));
		return (ptrdiff_t)(stamp - at) >= 0;
	}
	stamp = flc_load_acquire(flc_slot_stamp(ch, flc_slot_index(ch, at >> 1)));
	return (ptrdiff_t)(stamp - (at + 1)) >= 0 || is_drained(ch, at);
}

static void
mpmc_close(struct filch_channel *ch)
{
	for (;;) {
		size_t tail = flc_load_relaxed(&ch->tail);

		if ((tail & FLC_RING_CLOSED)
		    || flc_cas_full(&ch->tail, tail, tail | FLC_RING_CLOSED))
			break;
	}
	flc_store_relaxed(&ch->closed, FLC_CLOSED);
}

static int
mpmc_init(struct filch_channel *ch)
{
	int status = flc_slots_init(ch, FLC_SLOT_HEAD, FLC_QUICK_MPMC_RING);

	/* Positions count twice; see mpmc_ring.h. */
	for (size_t i = 0; status == FILCH_OK && i < ch->capacity; i++)
		flc_store_relaxed(flc_slot_stamp(ch, i), 2 * i);
	return status;
}

const struct flc_channel_kind flc_channel_mpmc_ring = {
	.init = mpmc_init,
	.fini = flc_slots_fini,
	.send = mpmc_send,
	.recv = mpmc_recv,
	.is_ready = mpmc_is_ready,
	.close = mpmc_close,
	.polls = true,
	.count_shift = 1,
};
