/* SPDX-License-Identifier: BSD-2-Clause */
#include "sync/channel.h"

#include "sync/line.h"
#include "sync/ring.h"
#include "sync/spin.h"

#include "sched/worker.h"

/* -- Trying -- */

static inline int
try_many(struct filch_channel *ch, enum flc_side side, void *items, size_t n, size_t *done)
{
	int status;

	if (FLC_LIKELY(ch->kind == FLC_CHANNEL_RING))
		status = side == FLC_SEND ? flc_ring_send(ch, items, n, done)
		    : flc_ring_recv(ch, items, n, done);
	else if (FLC_LIKELY(ch->kind == FLC_CHANNEL_LINE))
		status = side == FLC_SEND ? flc_line_send(ch, items, n, done)
		    : flc_line_recv(ch, items, n, done);
	else
		return flc_channel_try_slow(ch, side, items, n, done);
	/* Of a line also when it sent nothing: who receives the last item waits
	 * for the end of every send. */
	if (FLC_LIKELY(status == FILCH_OK)
	    || (side == FLC_SEND && ch->kind == FLC_CHANNEL_LINE))
		flc_channel_tell(ch, side == FLC_SEND ? FLC_RECV : FLC_SEND);
	return status;
}

FLC_NOINLINE int
flc_channel_try_slow(struct filch_channel *ch, enum flc_side side, void *items, size_t n,
    size_t *done)
{
	int status;

	*done = 1;
	if (ch->kind == FLC_CHANNEL_MEET)
		return flc_meet_try(ch, side, items);
	if (ch->kind == FLC_CHANNEL_TIMER)
		return side == FLC_SEND ? FILCH_INVAL : flc_timer_recv(ch, items);
	if (side == FLC_RECV)
		return flc_blocks_recv(ch, items, n, done);
	status = flc_blocks_send(ch, items, n, done);
	if (status == FILCH_OK)
		flc_channel_tell(ch, FLC_RECV);
	return status;
}

int
flc_channel_try(struct filch_channel *ch, enum flc_side side, void *item)
{
	size_t done;

	return try_many(ch, side, item, 1, &done);
}

/* -- Waiting -- */

/* Tries until the channel is ready or patience ends. */
static int
spin(struct filch_channel *ch, enum flc_side side, void *items, size_t n, size_t *done)
{
	struct flc_spin patience = FLC_SPIN_INIT;

	while (flc_spin(&patience))
		if (flc_channel_is_ready(ch, side)) {
			int status = try_many(ch, side, items, n, done);

			if (status != FILCH_AGAIN)
				return status;
		}
	return FILCH_AGAIN;
}

static int
wait_for(struct filch_channel *ch, enum flc_side side, void *items, size_t n, size_t *done,
    uint64_t deadline)
{
	struct flc_arm arm = { .channel = ch, .side = side, .item = items };
	struct flc_worker *worker = flc_self();
	bool exchanged = false;
	long woken = -1;
	int status;

	do {
		if (worker != NULL && flc_scope_is_stopped(worker->scope))
			status = FILCH_CANCELED;
		else if (ch->kind <= FLC_CHANNEL_LINE
		    && (status = spin(ch, side, items, n, done)) != FILCH_AGAIN)
			break;
		else if (deadline != FILCH_FOREVER && filch_now() >= deadline)
			status = FILCH_TIMEOUT;
		else
			status = flc_await(&arm, 1, deadline, &woken, &exchanged);
		if (exchanged)
			*done = 1;
		else if (status == FILCH_OK)
			status = try_many(ch, side, items, n, done);
	} while (status == FILCH_AGAIN);
	if (woken >= 0)
		flc_channel_pass_on(ch, side);
	return status;
}

/* Nothing could be done at once. */
static FLC_NOINLINE int
go_on(struct filch_channel *ch, enum flc_side side, void *items, size_t n, size_t *done,
    uint64_t deadline, int status)
{
	if (status == FILCH_AGAIN && deadline != 0) {
		uint64_t since = flc_figures_wait_begins(ch, side);

		status = wait_for(ch, side, items, n, done, deadline);
		flc_figures_wait_ends(ch, side, since);
	}
	if (status != FILCH_OK)
		flc_figures_refused(ch, side, status);
	if (status == FILCH_AGAIN && side == FLC_RECV && flc_load_relaxed(&ch->notices))
		flc_notice_arm(ch);
	return status;
}

int
filch_channel_send(filch_channel *channel, const void *item, uint64_t deadline)
{
	void *from = (void *)(size_t)item;
	size_t done;
	int status;

	if (FLC_UNLIKELY(channel == NULL || item == NULL))
		return FILCH_INVAL;
	if (FLC_UNLIKELY(flc_channel_is_old(channel)))
		return FILCH_FORKED;
	status = try_many(channel, FLC_SEND, from, 1, &done);
	if (FLC_LIKELY(status == FILCH_OK))
		return FILCH_OK;
	return go_on(channel, FLC_SEND, from, 1, &done, deadline, status);
}

int
filch_channel_recv(filch_channel *channel, void *item, uint64_t deadline)
{
	size_t done;
	int status;

	if (FLC_UNLIKELY(channel == NULL || item == NULL))
		return FILCH_INVAL;
	if (FLC_UNLIKELY(flc_channel_is_old(channel)))
		return FILCH_FORKED;
	status = try_many(channel, FLC_RECV, item, 1, &done);
	if (FLC_LIKELY(status == FILCH_OK))
		return FILCH_OK;
	return go_on(channel, FLC_RECV, item, 1, &done, deadline, status);
}

int
filch_channel_send_many(filch_channel *channel, const void *items, size_t n, size_t *sent,
    uint64_t deadline)
{
	size_t total = 0;
	int status = FILCH_OK;

	if (sent != NULL)
		*sent = 0;
	if (channel == NULL || (items == NULL && n > 0))
		return FILCH_INVAL;
	if (flc_channel_is_old(channel))
		return FILCH_FORKED;
	while (total < n && status == FILCH_OK) {
		void *from = (char *)(size_t)items + total * channel->item_size;
		size_t done = 0;

		status = try_many(channel, FLC_SEND, from, n - total, &done);
		if (FLC_UNLIKELY(status != FILCH_OK))
			status = go_on(channel, FLC_SEND, from, n - total, &done, deadline, status);
		if (status == FILCH_OK)
			total += done;
	}
	if (sent != NULL)
		*sent = total;
	return status;
}

int
filch_channel_recv_many(filch_channel *channel, void *items, size_t max, size_t *received,
    uint64_t deadline)
{
	size_t done = 0;
	int status;

	if (received != NULL)
		*received = 0;
	if (channel == NULL || received == NULL || (items == NULL && max > 0))
		return FILCH_INVAL;
	if (flc_channel_is_old(channel))
		return FILCH_FORKED;
	if (max == 0)
		return FILCH_OK;
	status = try_many(channel, FLC_RECV, items, max, &done);
	if (FLC_UNLIKELY(status != FILCH_OK))
		status = go_on(channel, FLC_RECV, items, max, &done, deadline, status);
	if (status == FILCH_OK)
		*received = done;
	return status;
}

void
filch_channel_close(filch_channel *channel)
{
	if (channel == NULL || flc_channel_is_old(channel))
		return;
	switch (channel->kind) {
	case FLC_CHANNEL_RING:
		flc_ring_close(channel);
		break;
	case FLC_CHANNEL_LINE:
		flc_line_close(channel);
		break;
	case FLC_CHANNEL_BLOCKS:
		flc_blocks_close(channel);
		break;
	case FLC_CHANNEL_MEET:
	case FLC_CHANNEL_TIMER:
		flc_lock_take(&channel->lock);
		flc_store_release(&channel->closed, FLC_CLOSED);
		flc_lock_give(&channel->lock);
		break;
	}
	/* store-load [channel.wait]: closed, before the look for waiters: they
	 * pass the lock, or look again behind the heavy fence. */
	flc_fence_full();
	flc_channel_wake_all(channel);
	if (channel->kind == FLC_CHANNEL_TIMER)
		flc_notice_arm(channel);
}
