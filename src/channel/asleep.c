/* SPDX-License-Identifier: BSD-2-Clause */
/* What the wait needs of the system and of the pool. */
#include "channel/channel.h"

#include "channel/stats.h"

#include "base/cancellation.h"
#include "sched/worker.h"
#include "wait/held_locks.h"

#include <time.h>

void
flc_channel_barrier(void)
{
	const struct timespec moment = { 0, 1000000 };
	int cancellation;

	if (FLC_LIKELY(flc_fence_heavy()))
		return;
	/* Refused, from one call to the next: from now on everybody passes the
	 * full fence; a store that was made before reaches memory meanwhile. */
	cancellation = flc_cancellation_hold();
	(void)nanosleep(&moment, NULL);
	flc_cancellation_restore(cancellation);
}

static int
poll_canceled(void *scope)
{
	return flc_scope_is_stopped(scope);
}

/* Timers end the wait, too. */
static uint64_t
wait_until(const struct flc_arm *arms, size_t n, uint64_t deadline)
{
	for (size_t i = 0; i < n; i++)
		if (arms[i].channel->kind == FLC_CHANNEL_TIMER) {
			uint64_t next = flc_timer_next(arms[i].channel);

			if (next < deadline)
				deadline = next;
		}
	return deadline;
}

int
flc_channel_sleep(struct flc_wait *wait, const struct flc_arm *arms, size_t n, uint64_t deadline)
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
	switch (flc_block(&wait->waiter, &how)) {
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
