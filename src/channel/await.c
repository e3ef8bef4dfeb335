/* SPDX-License-Identifier: BSD-2-Clause */
/* The wait; the protocol is in channel.h. */
#include "channel/channel.h"

#include "channel/stats.h"
#include "sync/spin.h"

/* -- Registering: with the locks of all its channels, so that two selects see
 * each other whole; in the order of their addresses. -- */

struct sorted {
	struct filch_channel *channel[FILCH_SELECT_ARMS];
	size_t n;
};

static void
sort_channels(struct sorted *sorted, const struct flc_arm *arms, size_t n)
{
	sorted->n = 0;
	for (size_t i = 0; i < n; i++) {
		struct filch_channel *ch = arms[i].channel;
		size_t at = sorted->n;

		while (at > 0 && (size_t)sorted->channel[at - 1] > (size_t)ch)
			at--;
		if (at > 0 && sorted->channel[at - 1] == ch)
			continue;
		for (size_t k = sorted->n; k > at; k--)
			sorted->channel[k] = sorted->channel[k - 1];
		sorted->channel[at] = ch;
		sorted->n++;
	}
}

static void
take_locks(const struct sorted *sorted)
{
	for (size_t i = 0; i < sorted->n; i++)
		flc_word_lock_take(&sorted->channel[i]->lock);
}

static void
give_locks(const struct sorted *sorted)
{
	for (size_t i = sorted->n; i > 0; i--)
		flc_word_lock_give(&sorted->channel[i - 1]->lock);
}

/* What must be seen under the lock, before it waits: FILCH_AGAIN: nothing. */
static int
look_locked(struct flc_arm *arm, struct flc_wait **peer)
{
	if (arm->channel->kind == FLC_CHANNEL_MEET)
		return flc_rendezvous_locked(arm->channel, arm->side, arm->item, peer);
	return arm->channel->kind == FLC_CHANNEL_TIMER
	    && flc_load_relaxed(&arm->channel->closed) != FLC_OPEN ? FILCH_CLOSED : FILCH_AGAIN;
}

/* FILCH_AGAIN: all arms wait.  FILCH_OK: arm *at is done; FILCH_CLOSED: it may
 * be tried again. */
static int
enter(struct flc_arm *arms, size_t n, size_t *at)
{
	struct flc_wait *peer = NULL;
	struct sorted sorted;
	int status = FILCH_AGAIN;

	sort_channels(&sorted, arms, n);
	take_locks(&sorted);
	for (size_t i = 0; i < n && status == FILCH_AGAIN; i++) {
		status = look_locked(&arms[i], &peer);
		*at = i;
	}
	for (size_t i = 0; i < n && status == FILCH_AGAIN; i++) {
		flc_arm_append(&arms[i]);
		if (arms[i].side == FLC_SEND && arms[i].channel->kind == FLC_CHANNEL_MEET)
			flc_eventfd_give(arms[i].channel);
	}
	give_locks(&sorted);
	if (peer != NULL)
		(void)flc_waiter_wake(&peer->waiter);
	return status;
}

static void
leave(struct flc_arm *arms, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		flc_word_lock_take(&arms[i].channel->lock);
		if (arms[i].queued)
			flc_arm_remove(&arms[i]);
		flc_word_lock_give(&arms[i].channel->lock);
	}
}

/* The last look, now that we can be seen.  Of a rendezvous and of a closed
 * timer it was made under the lock. */
static bool
look_again(struct flc_arm *arms, size_t n)
{
	bool fenced = false;

	for (size_t i = 0; i < n; i++) {
		if (arms[i].channel->kind == FLC_CHANNEL_MEET)
			continue;
		if (!fenced && arms[i].channel->kind != FLC_CHANNEL_TIMER) {
			/* store-load [channel.wait]: that we wait, before the look. */
			flc_channel_barrier();
			fenced = true;
		}
		if (flc_channel_is_ready(arms[i].channel, arms[i].side))
			return true;
	}
	return false;
}

/* A thread cannot look for a rendezvous: it lets itself be found, and looks for a while
 * whether it was.  The other kinds were looked at before. */
static bool
is_found(struct flc_wait *wait, const struct flc_arm *arms, size_t n)
{
	struct flc_spin backoff;
	bool meets = false, shared = false;

	for (size_t i = 0; i < n; i++) {
		meets |= arms[i].channel->kind == FLC_CHANNEL_MEET;
		shared |= flc_channel_is_woken_from_here(arms[i].channel, arms[i].side);
	}
	flc_spin_begin(&backoff, shared ? FLC_SPIN_SHARED : FLC_SPIN_EARLY,
	    n == 1 ? &arms[0].channel->rests[arms[0].side] : NULL);
	while (meets && flc_spin(&backoff))
		if (flc_waiter_is_woken(&wait->waiter)) {
			flc_waiter_finish(&wait->waiter);
			return true;
		}
	return false;
}

static int
sleep_counted(struct flc_wait *wait, struct flc_arm *arms, size_t n, uint64_t deadline)
{
	int status;

	for (size_t i = 0; i < n; i++)
		flc_stats_sleeps(arms[i].channel, arms[i].side);
	status = flc_channel_sleep(wait, arms, n, deadline);
	for (size_t i = 0; i < n; i++)
		flc_stats_wakes(arms[i].channel, arms[i].side);
	return status;
}

int
flc_await(struct flc_arm *arms, size_t n, uint64_t deadline, long *woken, bool *exchanged)
{
	struct flc_wait wait;
	size_t at = 0;
	int status;

	wait.exchanged = false;
	for (size_t i = 0; i < n; i++) {
		arms[i].wait = &wait;
		arms[i].queued = false;
	}
	flc_waiter_init(&wait.waiter);
	flc_store_relaxed(&wait.claimed, 0);
	status = enter(arms, n, &at);
	if (status != FILCH_AGAIN) {
		/* The arm's own number, as a thread that claims a wait tells it: not the place
		 * among the arms that have a channel. */
		*woken = (long)arms[at].index;
		*exchanged = status == FILCH_OK;
		flc_waiter_fini(&wait.waiter);
		return FILCH_OK;
	}
	if (look_again(arms, n))
		status = FILCH_AGAIN;
	else if (is_found(&wait, arms, n))
		status = FILCH_OK;
	else
		status = sleep_counted(&wait, arms, n, deadline);
	if (status != FILCH_OK && !flc_cas_full(&wait.claimed, 0, FLC_CLAIMED_SELF)) {
		flc_waiter_finish(&wait.waiter);
		status = FILCH_OK;
	}
	/* Whoever claimed an arm took it out. */
	if (n > 1 || flc_load_relaxed(&wait.claimed) == FLC_CLAIMED_SELF)
		leave(arms, n);
	if (status == FILCH_OK) {
		*woken = (long)flc_load_relaxed(&wait.claimed) - 1;
		*exchanged = wait.exchanged;
	}
	flc_waiter_fini(&wait.waiter);
	return status == FILCH_AGAIN ? FILCH_OK : status;
}
