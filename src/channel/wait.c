/* SPDX-License-Identifier: BSD-2-Clause */
/* The protocol is in wait.h. */
#include "channel/wait.h"

#include "base/this_cpu.h"
#include "channel/eventfd.h"
#include "channel/kind.h"
#include "channel/stats.h"
#include "sched/worker.h"
#include "sync/spin.h"
#include "wait/held_locks.h"

/* -- The queues, under the channel's lock -- */

static void
append(struct flc_arm *arm)
{
	struct flc_arm_queue *queue = &arm->channel->queue[arm->side];

	arm->next = NULL;
	arm->prev = queue->last;
	if (queue->last != NULL)
		queue->last->next = arm;
	else
		queue->first = arm;
	queue->last = arm;
	arm->queued = true;
	flc_add_full(&arm->channel->waiting[arm->side], 1);
}

static FLC_HOT void
unqueue(struct flc_arm *arm)
{
	struct flc_arm_queue *queue = &arm->channel->queue[arm->side];

	if (arm->prev != NULL)
		arm->prev->next = arm->next;
	else
		queue->first = arm->next;
	if (arm->next != NULL)
		arm->next->prev = arm->prev;
	else
		queue->last = arm->prev;
	arm->queued = false;
	flc_add_full(&arm->channel->waiting[arm->side], (size_t)-1);
}

/* An arm that another thread claimed leaves by itself.  The thread that claims one here
 * wakes it. */
FLC_HOT struct flc_arm *
flc_arm_claim(struct filch_channel *ch, enum flc_side side)
{
	for (struct flc_arm *arm = ch->queue[side].first; arm != NULL; arm = arm->next)
		if (flc_cas_full(&arm->call->claimed, 0, arm->index + 1)) {
			unqueue(arm);
			flc_store_relaxed(&ch->woken_from[side], (size_t)flc_this_cpu() + 1);
			return arm;
		}
	return NULL;
}

bool
flc_channel_is_woken_from_here(struct filch_channel *ch, enum flc_side side)
{
	return flc_load_relaxed(&ch->woken_from[side]) == (size_t)flc_this_cpu() + 1;
}

/* -- The peer's side -- */

FLC_HOT FLC_NOINLINE void
flc_channel_wake(struct filch_channel *ch, enum flc_side side)
{
	struct flc_waiting_call *call = NULL;
	struct flc_arm *arm;

	flc_word_lock_acquire(&ch->lock);
	arm = flc_arm_claim(ch, side);
	if (arm != NULL)
		call = arm->call;
	if (side == FLC_RECV)
		flc_eventfd_signal(ch);
	flc_word_lock_release(&ch->lock);
	if (call != NULL)
		(void)flc_waiter_wake(&call->waiter);
}

void
flc_channel_wake_all(struct filch_channel *ch)
{
	struct flc_waiting_call *all = NULL;
	struct flc_arm *arm;

	flc_word_lock_acquire(&ch->lock);
	for (int side = FLC_RECV; side <= FLC_SEND; side++)
		while ((arm = flc_arm_claim(ch, (enum flc_side)side)) != NULL) {
			arm->call->next = all;
			all = arm->call;
		}
	flc_eventfd_signal(ch);
	flc_word_lock_release(&ch->lock);
	while (all != NULL) {
		struct flc_waiting_call *call = all;

		/* Before the wake, after which it may be gone. */
		all = call->next;
		(void)flc_waiter_wake(&call->waiter);
	}
}

void
flc_channel_forward(struct filch_channel *ch, enum flc_side side)
{
	flc_channel_fence();
	if (flc_load_relaxed(&ch->waiting[side]) != 0 && !ch->kind->pairs
	    && flc_channel_is_ready(ch, side))
		flc_channel_wake(ch, side);
}

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
lock_all(const struct sorted *sorted)
{
	for (size_t i = 0; i < sorted->n; i++)
		flc_word_lock_acquire(&sorted->channel[i]->lock);
}

static void
unlock_all(const struct sorted *sorted)
{
	for (size_t i = sorted->n; i > 0; i--)
		flc_word_lock_release(&sorted->channel[i - 1]->lock);
}

/* FILCH_AGAIN: all arms wait.  FILCH_OK: arm *at is done; FILCH_CLOSED: it may be tried
 * again. */
static int
enter(struct flc_arm *arms, size_t n, size_t *at)
{
	struct flc_waiting_call *peer = NULL;
	struct sorted sorted;
	int status = FILCH_AGAIN;

	sort_channels(&sorted, arms, n);
	lock_all(&sorted);
	for (size_t i = 0; i < n && status == FILCH_AGAIN; i++) {
		const struct flc_channel_kind *kind = arms[i].channel->kind;

		if (kind->before_wait != NULL)
			status = kind->before_wait(&arms[i], &peer);
		*at = i;
	}
	for (size_t i = 0; i < n && status == FILCH_AGAIN; i++) {
		append(&arms[i]);
		/* A sender that waits is what a receive needs. */
		if (arms[i].side == FLC_SEND && arms[i].channel->kind->pairs)
			flc_eventfd_signal(arms[i].channel);
	}
	unlock_all(&sorted);
	if (peer != NULL)
		(void)flc_waiter_wake(&peer->waiter);
	return status;
}

static void
leave(struct flc_arm *arms, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		flc_word_lock_acquire(&arms[i].channel->lock);
		if (arms[i].queued)
			unqueue(&arms[i]);
		flc_word_lock_release(&arms[i].channel->lock);
	}
}

/* -- Before the sleep -- */

/* The last look, now that we can be seen.  Of a rendezvous and of a closed timer it was
 * made under the lock. */
static bool
look_again(struct flc_arm *arms, size_t n)
{
	bool fenced = false;

	for (size_t i = 0; i < n; i++) {
		const struct flc_channel_kind *kind = arms[i].channel->kind;

		if (kind->pairs)
			continue;
		if (!fenced && kind->next_time == NULL) {
			/* store-load [channel.wait]: that we wait, before the look. */
			flc_fence_heavy_or_wait();
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
is_found(struct flc_waiting_call *call, const struct flc_arm *arms, size_t n)
{
	struct flc_spin backoff;
	bool pairs = false, shared = false;

	for (size_t i = 0; i < n; i++) {
		pairs |= arms[i].channel->kind->pairs;
		shared |= flc_channel_is_woken_from_here(arms[i].channel, arms[i].side);
	}
	flc_spin_begin(&backoff, shared ? FLC_SPIN_SHARED : FLC_SPIN_EARLY,
	    n == 1 ? &arms[0].channel->rests[arms[0].side] : NULL);
	while (pairs && flc_spin(&backoff))
		if (flc_waiter_is_woken(&call->waiter)) {
			flc_waiter_finish(&call->waiter);
			return true;
		}
	return false;
}

/* -- The sleep -- */

static int
poll_canceled(void *scope)
{
	return flc_scope_is_stopped(scope);
}

/* Timers end the wait, too. */
static uint64_t
wait_until(const struct flc_arm *arms, size_t n, uint64_t deadline)
{
	for (size_t i = 0; i < n; i++) {
		const struct filch_channel *ch = arms[i].channel;
		uint64_t next = ch->kind->next_time == NULL ? FILCH_FOREVER
		    : ch->kind->next_time(ch);

		if (next < deadline)
			deadline = next;
	}
	return deadline;
}

/* Until the call is claimed and woken: FILCH_OK; FILCH_AGAIN: a timer's time has come;
 * FILCH_TIMEOUT, FILCH_CANCELED, FILCH_DEADLOCK. */
static int
sleep_on(struct flc_waiting_call *call, const struct flc_arm *arms, size_t n, uint64_t deadline)
{
	struct flc_worker *worker = flc_self();
	bool sends = n > 0 && arms[0].side == FLC_SEND;
	struct flc_block_how how = {
		.on = {
			.state = sends ? FILCH_STATE_SEND_WAIT : FILCH_STATE_RECV_WAIT,
			.what = n != 1 ? "select" : sends ? "channel send" : "channel receive",
			.name = n > 0 ? flc_stats_name(arms[0].channel) : NULL,
		},
		.deadline = wait_until(arms, n, deadline),
	};

	if (worker != NULL && worker->scope != NULL) {
		how.poll = poll_canceled;
		how.context = worker->scope;
	}
	flc_held_before_wait(sends ? FILCH_HELD_WAIT_SEND : FILCH_HELD_WAIT_RECV, how.on.name);
	switch (flc_block(&call->waiter, &how)) {
	case FLC_BLOCK_WOKEN:
		return FILCH_OK;
	case FLC_BLOCK_TIMEOUT:
		return how.deadline < deadline ? FILCH_AGAIN : FILCH_TIMEOUT;
	case FLC_BLOCK_POLLED:
		return FILCH_CANCELED;
	case FLC_BLOCK_DEADLOCK:
		break;
	}
	return FILCH_DEADLOCK;
}

int
flc_channel_pause(uint64_t deadline)
{
	struct flc_waiting_call call;
	int status;

	flc_waiter_init(&call.waiter);
	status = sleep_on(&call, NULL, 0, deadline);
	flc_waiter_fini(&call.waiter);
	return status;
}

static int
sleep_counted(struct flc_waiting_call *call, struct flc_arm *arms, size_t n, uint64_t deadline)
{
	int status;

	for (size_t i = 0; i < n; i++)
		flc_stats_sleeps(arms[i].channel, arms[i].side);
	status = sleep_on(call, arms, n, deadline);
	for (size_t i = 0; i < n; i++)
		flc_stats_wakes(arms[i].channel, arms[i].side);
	return status;
}

/* -- The wait -- */

int
flc_channel_await(struct flc_arm *arms, size_t n, uint64_t deadline, long *woken, bool *exchanged)
{
	struct flc_waiting_call call;
	size_t at = 0;
	int status;

	call.exchanged = false;
	for (size_t i = 0; i < n; i++) {
		arms[i].call = &call;
		arms[i].queued = false;
	}
	flc_waiter_init(&call.waiter);
	flc_store_relaxed(&call.claimed, 0);
	status = enter(arms, n, &at);
	if (status != FILCH_AGAIN) {
		/* The arm's own number, as a thread that claims a wait tells it: not the
		 * place among the arms that have a channel. */
		*woken = (long)arms[at].index;
		*exchanged = status == FILCH_OK;
		flc_waiter_fini(&call.waiter);
		return FILCH_OK;
	}
	if (look_again(arms, n))
		status = FILCH_AGAIN;
	else if (is_found(&call, arms, n))
		status = FILCH_OK;
	else
		status = sleep_counted(&call, arms, n, deadline);
	if (status != FILCH_OK && !flc_cas_full(&call.claimed, 0, FLC_CLAIMED_SELF)) {
		flc_waiter_finish(&call.waiter);
		status = FILCH_OK;
	}
	/* Whoever claimed an arm took it out. */
	if (n > 1 || flc_load_relaxed(&call.claimed) == FLC_CLAIMED_SELF)
		leave(arms, n);
	if (status == FILCH_OK) {
		*woken = (long)flc_load_relaxed(&call.claimed) - 1;
		*exchanged = call.exchanged;
	}
	flc_waiter_fini(&call.waiter);
	return status == FILCH_AGAIN ? FILCH_OK : status;
}
