/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers: channels whose items are times.  Nothing runs behind them: head is the
 * next time, a receive that comes later takes it and moves head on the grid, and
 * one that comes earlier sleeps until then.
 */
#include "channel/slot.h"
#include "channel/stats.h"

/* Closed, or a one-shot that has struck.  A periodic timer of which no time comes
 * any more is open. */
static bool
is_over(const struct filch_channel *ch, uint64_t next)
{
	return (next == FILCH_FOREVER && ch->period == 0)
	    || flc_load_acquire(&ch->closed) != FLC_OPEN;
}

uint64_t
flc_timer_next(const struct filch_channel *ch)
{
	uint64_t next = flc_load_relaxed(&ch->head);

	return is_over(ch, next) ? 0 : next;
}

int
flc_timer_recv(struct filch_channel *ch, void *item)
{
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

int
filch_timer_create(filch_channel **channel, uint64_t first, uint64_t period,
    const filch_channel_options *options)
{
	int status;

	if (first == FILCH_FOREVER)
		return FILCH_INVAL;
	status = flc_channel_make(channel, FLC_CHANNEL_TIMER, sizeof(uint64_t), 1, options);
	if (status == FILCH_OK) {
		flc_store_relaxed(&(*channel)->head, first);
		(*channel)->period = period;
	}
	return status;
}
