/* SPDX-License-Identifier: BSD-2-Clause */
#include "channel/channel.h"

#include "channel/eventfd.h"
#include "channel/kind.h"
#include "channel/mpmc_ring.h"
#include "channel/spsc_ring.h"
#include "channel/stats.h"
#include "channel/wait.h"
#include "sched/worker.h"
#include "sync/spin.h"

/* -- Waiting -- */

/*
 * What was found, and after how many looks, says how the next wait of this side looks:
 * late after so many waits in a row that ended at the first look, for then the peer does
 * not wait for us; and early again once only one item was there.  The word is a hint,
 * which several threads may write.
 */
#define QUICK_WAITS 3u

static void
learn(flc_atomic *quick_waits, const struct flc_spin *spin, bool more)
{
	size_t seen = flc_load_relaxed(quick_waits);
	size_t next = spin->late ? more ? seen : 0 : spin->looks > 1 ? 0 : seen + 1;

	if (next != seen)
		flc_store_relaxed(quick_waits, next);
}

/* Tries until the channel is ready or backoff ends. */
static int
spin(struct filch_channel *ch, enum flc_side side, void *items, size_t n, size_t *done)
{
	flc_atomic *quick_waits = side == FLC_SEND ? &ch->quick_sends : &ch->quick_recvs;
	bool late = flc_load_relaxed(quick_waits) >= QUICK_WAITS;
	struct flc_spin backoff;

	flc_spin_begin(&backoff, flc_channel_is_woken_from_here(ch, side) ? FLC_SPIN_SHARED
	    : late ? FLC_SPIN_LATE : FLC_SPIN_EARLY, &ch->rests[side]);
	while (flc_spin(&backoff)) {
		int status;

		if (!flc_channel_is_ready(ch, side)
		    || (status = flc_channel_try(ch, side, items, n, done)) == FILCH_AGAIN)
			continue;
		learn(quick_waits, &backoff, *done > 1 || flc_channel_is_ready(ch, side));
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
		else if (ch->kind->polls
		    && (status = spin(ch, side, items, n, done)) != FILCH_AGAIN)
			break;
		else if (deadline != FILCH_FOREVER && filch_now() >= deadline)
			status = FILCH_TIMEOUT;
		else
			status = flc_channel_await(&arm, 1, deadline, &woken, &exchanged);
		if (exchanged)
			*done = 1;
		else if (status == FILCH_OK)
			status = flc_channel_try(ch, side, items, n, done);
	} while (status == FILCH_AGAIN);
	if (woken >= 0)
		flc_channel_forward(ch, side);
	return status;
}

/* Nothing could be done at once. */
static FLC_NOINLINE int
go_on(struct filch_channel *ch, enum flc_side side, void *items, size_t n, size_t *done,
    uint64_t deadline, int status)
{
	if (status == FILCH_AGAIN && deadline != 0) {
		uint64_t since = flc_ticks();

		status = wait_for(ch, side, items, n, done, deadline);
		flc_stats_waited(ch, side, flc_ticks() - since);
	}
	if (status != FILCH_OK)
		flc_stats_refused(ch, side, status);
	if (status == FILCH_AGAIN && side == FLC_RECV && flc_load_relaxed(&ch->notices))
		flc_eventfd_arm(ch);
	return status;
}

/* One item, where the call of its kind for one item would not do. */
static FLC_NOINLINE int
do_one(struct filch_channel *ch, enum flc_side side, void *item, uint64_t deadline)
{
	size_t done;
	int status;

	if (ch == NULL || item == NULL)
		return FILCH_INVAL;
	if (flc_channel_is_old(ch))
		return FILCH_FORKED;
	status = flc_channel_try(ch, side, item, 1, &done);
	if (FLC_LIKELY(status == FILCH_OK))
		return FILCH_OK;
	return go_on(ch, side, item, 1, &done, deadline, status);
}

/* Its peer waits; out of line so that the calls below save no registers. */
static FLC_COLD int
wake(struct filch_channel *ch, enum flc_side side)
{
	flc_channel_wake(ch, side);
	return FILCH_OK;
}

/*
 * The calls for one item: what is common is done here, without a call; all else is
 * do_one(), at the end.  Where the fence is symmetric nothing is common.
 */
int
filch_channel_send(filch_channel *channel, const void *item, uint64_t deadline)
{
	if (FLC_LIKELY(channel != NULL && item != NULL && flc_fence_is_cheap()
	    && !flc_channel_is_old(channel))
	    && (channel->quick == FLC_QUICK_MPMC_RING ? flc_mpmc_ring_send_one(channel, item)
		: channel->quick == FLC_QUICK_SPSC_RING && flc_spsc_ring_send_one(channel, item))) {
		/* store-load [channel.wait]: as in flc_channel_fence(). */
		flc_fence_light();
		if (FLC_LIKELY(flc_load_relaxed(&channel->waiting[FLC_RECV]) == 0))
			return FILCH_OK;
		return wake(channel, FLC_RECV);
	}
	return do_one(channel, FLC_SEND, (void *)(size_t)item, deadline);
}

int
filch_channel_recv(filch_channel *channel, void *item, uint64_t deadline)
{
	if (FLC_LIKELY(channel != NULL && item != NULL && flc_fence_is_cheap()
	    && !flc_channel_is_old(channel))
	    && (channel->quick == FLC_QUICK_MPMC_RING ? flc_mpmc_ring_recv_one(channel, item)
		: channel->quick == FLC_QUICK_SPSC_RING && flc_spsc_ring_recv_one(channel, item))) {
		/* store-load [channel.wait]: as in flc_channel_fence(). */
		flc_fence_light();
		if (FLC_LIKELY(flc_load_relaxed(&channel->waiting[FLC_SEND]) == 0))
			return FILCH_OK;
		return wake(channel, FLC_SEND);
	}
	return do_one(channel, FLC_RECV, item, deadline);
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

		status = flc_channel_try(channel, FLC_SEND, from, n - total, &done);
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
	status = flc_channel_try(channel, FLC_RECV, items, max, &done);
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
	channel->kind->close(channel);
	/* store-load [channel.wait]: closed, before the look for waiters: they pass the
	 * lock, or look again behind the heavy fence. */
	flc_fence_full();
	flc_channel_wake_all(channel);
}
