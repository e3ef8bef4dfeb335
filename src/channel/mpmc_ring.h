/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ring: bounded, many producers, many consumers (D. Vyukov).
 *
 * tail and head are positions times two; the lowest bit of tail says that the
 * channel is closed, so that no send can begin after the closing.  The stamp of
 * a slot says whose turn it is: 2p, the send of position p; 2p+1, the receive
 * of p, which leaves 2(p + capacity).
 *
 * Nothing here waits: a slot whose turn has come for another call that is not
 * finished counts as full (empty).  A compare-and-swap fails only when another
 * call got a place.
 */
#ifndef FLC_MPMC_RING_H
#define FLC_MPMC_RING_H

#include "channel/slot.h"
#include "channel/stats.h"

#define FLC_RING_CLOSED ((size_t)1)

/* How many slots from `at` on bear the stamps of `want` on, at most n. */
static inline size_t
flc_mpmc_ring_run(const struct filch_channel *ch, size_t index, size_t want, size_t n)
{
	size_t k = 0;

	if (n > 1 && n > ch->capacity)
		n = ch->capacity;
	/* acquire [channel.slot]: the item that came, or the end of the copy
	 * of the one that left. */
	while (k < n && flc_load_acquire(flc_slot_stamp(ch, index)) == want + 2 * k) {
		index = flc_slot_next(ch, index);
		k++;
	}
	return k;
}

/*
 * The common case of a send of one item, short enough to be inlined: false if it is
 * not that simple, and nothing happened.  A tail with the closed bit is never
 * equal to the stamp of its slot.
 */
static FLC_ALWAYS_INLINE bool
flc_mpmc_ring_send_one(struct filch_channel *ch, const void *item)
{
	size_t tail = flc_load_relaxed(&ch->tail);
	size_t index = flc_slot_index(ch, tail >> 1);

	/* acquire [channel.slot]: as in flc_mpmc_ring_run(). */
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

	/* acquire [channel.slot]: as in flc_mpmc_ring_run(). */
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

static inline int
flc_mpmc_ring_send(struct filch_channel *ch, const void *items, size_t n, size_t *done)
{
	size_t tail = flc_load_relaxed(&ch->tail);
	size_t index, k;

	for (;;) {
		size_t before = tail;

		if (FLC_UNLIKELY(tail & FLC_RING_CLOSED)) {
			/* As the closer does: a thread that hears of our refusal must
			 * not find the channel open. */
			flc_store_relaxed(&ch->closed, FLC_CLOSED);
			return FILCH_CLOSED;
		}
		index = flc_slot_index(ch, tail >> 1);
		k = flc_mpmc_ring_run(ch, index, tail, n);
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
	return FILCH_OK;
}

/*
 * Closed, and all was received: no send begins any more, and those that had begun
 * are below tail.  Before the closing nobody looks at tail, whose line is the
 * senders'.  `closed` brings nothing with it: whoever must see it has heard of the
 * closing, or is woken by the closer.
 */
static inline bool
flc_mpmc_ring_is_drained(const struct filch_channel *ch, size_t head)
{
	return flc_load_relaxed(&ch->closed) != FLC_OPEN
	    && flc_load_acquire(&ch->tail) == (head | FLC_RING_CLOSED);
}

static inline int
flc_mpmc_ring_recv(struct filch_channel *ch, void *items, size_t n, size_t *done)
{
	size_t head = flc_load_relaxed(&ch->head);
	size_t index, k;

	for (;;) {
		size_t before = head;

		index = flc_slot_index(ch, head >> 1);
		k = flc_mpmc_ring_run(ch, index, head + 1, n);
		if (k > 0 && flc_cas_full(&ch->head, head, head + 2 * k))
			break;
		head = flc_load_relaxed(&ch->head);
		if (k == 0 && head == before)
			return flc_mpmc_ring_is_drained(ch, head) ? FILCH_CLOSED : FILCH_AGAIN;
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
	return FILCH_OK;
}

static inline bool
flc_mpmc_ring_is_ready(const struct filch_channel *ch, enum flc_side side)
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
	return (ptrdiff_t)(stamp - (at + 1)) >= 0 || flc_mpmc_ring_is_drained(ch, at);
}

static inline void
flc_mpmc_ring_close(struct filch_channel *ch)
{
	for (;;) {
		size_t tail = flc_load_relaxed(&ch->tail);

		if ((tail & FLC_RING_CLOSED)
		    || flc_cas_full(&ch->tail, tail, tail | FLC_RING_CLOSED))
			break;
	}
	flc_store_relaxed(&ch->closed, FLC_CLOSED);
}

#endif /* FLC_MPMC_RING_H */
