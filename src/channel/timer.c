/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers: channels whose items are times.  Nothing runs behind them: head is the next
 * time, a receive that comes later takes it and moves head on the grid, and one that
 * comes earlier sleeps until then.
 */
#include "channel/timer.h"

#include "channel/create.h"
#include "channel/eventfd.h"
#include "channel/wait.h"

#include <string.h>
#include <sys/timerfd.h>

/* Closed, or a one-shot that has struck.  A periodic timer of which no time comes any
 * more is open. */
static bool
is_over(const struct filch_channel *ch, uint64_t next)
{
	return (next == FILCH_FOREVER && ch->period == 0)
	    || flc_load_acquire(&ch->closed) != FLC_OPEN;
}

/* When a receive can be done; a timer that is over is ready, it gives FILCH_CLOSED. */
static uint64_t
next_time(const struct filch_channel *ch)
{
	uint64_t next = flc_load_relaxed(&ch->head);

	return is_over(ch, next) ? 0 : next;
}

static int
timer_recv(struct filch_channel *ch, void *item, size_t n, size_t *done)
{
	(void)n;
	*done = 1;
	for (;;) {
		uint64_t next = flc_load_relaxed(&ch->head);
		uint64_t now, latest, after;

		if (is_over(ch, next))
			return FILCH_CLOSED;
		now = filch_now();
		if (now < next || next == FILCH_FOREVER)
			return FILCH_AGAIN;
		latest = ch->period == 0 ? next : now - (now - next) % ch->period;
		after = ch->period == 0 || latest > FILCH_FOREVER - ch->period
		    ? FILCH_FOREVER : latest + ch->period;
		if (!flc_cas_full(&ch->head, next, after))
			continue;
		memcpy(item, &latest, sizeof(latest));
		flc_add_full(&ch->tail, 1);
		return FILCH_OK;
	}
}

static int
timer_send(struct filch_channel *ch, const void *items, size_t n, size_t *done)
{
	(void)ch;
	(void)items;
	(void)n;
	*done = 1;
	return FILCH_INVAL;
}

static bool
timer_is_ready(struct filch_channel *ch, enum flc_side side)
{
	(void)side;
	return next_time(ch) <= filch_now();
}

/* 1 while its time can be received. */
static size_t
depth(const struct filch_channel *ch)
{
	uint64_t next = flc_load_relaxed(&ch->head);

	return flc_load_acquire(&ch->closed) == FLC_OPEN && next != FILCH_FOREVER
	    && next <= filch_now();
}

/* A closing that comes first is seen here; one that comes later wakes the arm. */
static int
timer_before_wait(struct flc_arm *arm, struct flc_waiting_call **peer)
{
	(void)peer;
	return flc_load_relaxed(&arm->channel->closed) != FLC_OPEN ? FILCH_CLOSED : FILCH_AGAIN;
}

static int
fd_create(void)
{
	return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
}

/* A timerfd tells by itself; a time that has passed is told at once. */
static void
fd_set_time(struct filch_channel *ch)
{
	uint64_t next = next_time(ch);
	struct itimerspec when = { { 0, 0 }, { 0, 1 } };

	if (next == FILCH_FOREVER) {
		/* Disarms it. */
		when.it_value.tv_nsec = 0;
	} else if (next > 0) {
		when.it_value.tv_sec = (time_t)(next / 1000000000u);
		when.it_value.tv_nsec = (long)(next % 1000000000u);
	}
	(void)timerfd_settime(ch->fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void
timer_close(struct filch_channel *ch)
{
	flc_word_lock_acquire(&ch->lock);
	flc_store_release(&ch->closed, FLC_CLOSED);
	flc_word_lock_release(&ch->lock);
	flc_eventfd_arm(ch);
}

const struct flc_channel_kind flc_channel_timer = {
	.send = timer_send,
	.recv = timer_recv,
	.is_ready = timer_is_ready,
	.close = timer_close,
	.before_wait = timer_before_wait,
	.next_time = next_time,
	.fd_create = fd_create,
	.fd_set = fd_set_time,
	.depth = depth,
	.receive_only = true,
	.counts_once = true,
};

int
filch_channel_create_timer(filch_channel **channel, uint64_t first, uint64_t period,
    const filch_channel_options *options)
{
	int status;

	if (first == FILCH_FOREVER)
		return FILCH_INVAL;
	status = flc_channel_make(channel, &flc_channel_timer, sizeof(uint64_t), 1, options);
	if (status == FILCH_OK) {
		flc_store_relaxed(&(*channel)->head, first);
		(*channel)->period = period;
	}
	return status;
}
