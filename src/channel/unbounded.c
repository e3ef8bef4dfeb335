/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Unbounded: a list of blocks of slots with a lock for each side, so that senders and
 * receivers do not meet (M. M. Michael and M. L. Scott's two-lock queue).  A drained
 * block is kept if none is, and freed otherwise.
 */
#include "channel/unbounded.h"

#include "base/size.h"
#include "channel/slot.h"
#include "channel/stats.h"
#include "channel/wait.h"

#include <stdlib.h>

#define MOST_ITEMS FLC_SAMPLE_EVERY
#define MOST_BYTES 65536u

struct flc_block {
	struct flc_block *next;   /* before tail goes on into it */
	uint64_t stamp;           /* of the one that may be due, or 0 */
	size_t pad[2];
	char items[];
};

_Static_assert(MOST_ITEMS <= FLC_SAMPLE_EVERY, "a block has one sampled item at most");

static struct flc_block *
block_new(struct filch_channel *ch)
{
	size_t spare = flc_load_acquire(&ch->spare);
	struct flc_block *block = (struct flc_block *)spare;

	/* Full, hence acquire [channel.spare]: whoever emptied it is done. */
	if (block == NULL || !flc_cas_full(&ch->spare, spare, 0))
		block = malloc(sizeof(*block) + ch->block_items * ch->stride);
	if (block != NULL) {
		block->next = NULL;
		block->stamp = 0;
	}
	return block;
}

static void
block_free(struct filch_channel *ch, struct flc_block *block)
{
	/* Full, hence release [channel.spare]: we are done with it. */
	if (!flc_cas_full(&ch->spare, 0, (size_t)block))
		free(block);
}

static int
unbounded_init(struct filch_channel *ch)
{
	size_t bytes;

	ch->block_items = MOST_BYTES / ch->item_size;
	if (ch->block_items > MOST_ITEMS)
		ch->block_items = MOST_ITEMS;
	if (ch->block_items == 0)
		ch->block_items = 1;
	ch->stride = ch->item_size;
	if (!flc_size_of(ch->block_items, ch->stride, sizeof(struct flc_block), &bytes))
		return FILCH_INVAL;
	ch->send_block = ch->recv_block = block_new(ch);
	return ch->send_block == NULL ? FILCH_NOMEM : FILCH_OK;
}

static void
unbounded_fini(struct filch_channel *ch)
{
	while (ch->recv_block != NULL) {
		struct flc_block *next = ch->recv_block->next;

		free(ch->recv_block);
		ch->recv_block = next;
	}
	free((void *)flc_load_relaxed(&ch->spare));
}

/* Room for one more; under the senders' lock. */
static bool
next_slot(struct filch_channel *ch)
{
	struct flc_block *block;

	if (ch->send_at < ch->block_items)
		return true;
	block = block_new(ch);
	if (block == NULL)
		return false;
	ch->send_block->next = block;
	ch->send_block = block;
	ch->send_at = 0;
	return true;
}

static int
send_locked(struct filch_channel *ch, const void *items, size_t n, size_t *done)
{
	size_t tail = flc_load_relaxed(&ch->tail);
	size_t i;

	if (flc_load_relaxed(&ch->closed))
		return FILCH_CLOSED;
	for (i = 0; i < n && next_slot(ch); i++) {
		if (flc_stats_is_due(ch, tail + i))
			ch->send_block->stamp = flc_stats_next_stamp(ch);
		flc_item_copy(ch->send_block->items + ch->send_at++ * ch->stride,
		    flc_item_at(ch, items, i), ch->item_size);
	}
	if (tail + i > flc_load_relaxed(&ch->limit))
		flc_stats_deeper(ch, tail + i, flc_load_relaxed(&ch->head));
	/* release [channel.blocks]: the items and the blocks, before the count. */
	flc_store_release(&ch->tail, tail + i);
	*done = i;
	return i > 0 ? FILCH_OK : FILCH_NOMEM;
}

static int
unbounded_send(struct filch_channel *ch, const void *items, size_t n, size_t *done)
{
	int status;

	flc_lock_acquire(&ch->send_lock);
	status = send_locked(ch, items, n, done);
	flc_lock_release(&ch->send_lock);
	/* Nobody waits for room, so a receive notifies nobody. */
	if (status == FILCH_OK)
		flc_channel_notify(ch, FLC_RECV);
	return status;
}

static int
recv_locked(struct filch_channel *ch, void *items, size_t n, size_t *done)
{
	size_t head = flc_load_relaxed(&ch->head);
	/* acquire [channel.close]: the last tail. */
	bool closed = flc_load_acquire(&ch->closed) != 0;
	/* acquire [channel.blocks]: the items and the blocks. */
	size_t there = flc_load_acquire(&ch->tail) - head;
	size_t i;

	if (there == 0)
		return closed ? FILCH_CLOSED : FILCH_AGAIN;
	if (there > n)
		there = n;
	for (i = 0; i < there; i++) {
		if (ch->recv_at == ch->block_items) {
			struct flc_block *drained = ch->recv_block;

			ch->recv_block = drained->next;
			ch->recv_at = 0;
			block_free(ch, drained);
		}
		flc_item_copy(flc_item_at(ch, items, i),
		    ch->recv_block->items + ch->recv_at++ * ch->stride, ch->item_size);
		if (flc_sample_may_be_due(head + i) && ch->recv_block->stamp != 0)
			flc_stats_dwelt_since(ch, ch->recv_block->stamp);
	}
	flc_store_release(&ch->head, head + there);
	*done = there;
	return FILCH_OK;
}

static int
unbounded_recv(struct filch_channel *ch, void *items, size_t n, size_t *done)
{
	int status;

	flc_lock_acquire(&ch->recv_lock);
	status = recv_locked(ch, items, n, done);
	flc_lock_release(&ch->recv_lock);
	return status;
}

static void
unbounded_close(struct filch_channel *ch)
{
	flc_lock_acquire(&ch->send_lock);
	/* release [channel.close]: the last tail, before it is final. */
	flc_store_release(&ch->closed, FLC_CLOSED);
	flc_lock_release(&ch->send_lock);
}

static bool
unbounded_is_ready(struct filch_channel *ch, enum flc_side side)
{
	return side == FLC_SEND || flc_load_acquire(&ch->closed) != FLC_OPEN
	    || flc_load_acquire(&ch->tail) != flc_load_acquire(&ch->head);
}

const struct flc_channel_kind flc_channel_unbounded = {
	.init = unbounded_init,
	.fini = unbounded_fini,
	.send = unbounded_send,
	.recv = unbounded_recv,
	.is_ready = unbounded_is_ready,
	.close = unbounded_close,
	.polls = true,
};
