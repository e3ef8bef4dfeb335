/* SPDX-License-Identifier: BSD-2-Clause */
#include "channel/stats.h"

#include "channel/kind.h"
#include "count/page.h"
#include "count/page_rows.h"
#include "count/read.h"

#include <stdlib.h>
#include <string.h>

/* Several threads may do this at once, whatever the row is. */
static void
time_add(struct flc_histogram *histogram, uint64_t ticks)
{
	flc_histogram_add(histogram, ticks, true);
}

static size_t
sends_of(const struct filch_channel *ch)
{
	return flc_load_acquire(&ch->tail) >> ch->kind->count_shift;
}

static size_t
receives_of(const struct filch_channel *ch)
{
	return ch->kind->counts_once ? sends_of(ch)
	    : flc_load_acquire(&ch->head) >> ch->kind->count_shift;
}

size_t
filch_channel_len(const filch_channel *channel)
{
	size_t sends, receives, again;

	if (channel == NULL)
		return 0;
	if (channel->kind->depth != NULL)
		return channel->kind->depth(channel);
	/* Between two equal values of head: what it was at one moment.  If it is never
	 * the same, a value that is near. */
	receives = receives_of(channel);
	for (int i = 0; i < 4; i++) {
		sends = sends_of(channel);
		again = receives_of(channel);
		if (again == receives)
			break;
		receives = again;
	}
	return sends - receives > SIZE_MAX / 2 ? 0
	    : sends - receives > channel->capacity ? channel->capacity : sends - receives;
}

/* What is new in the channel, into the row, which may be that of others, too. */
static void
refresh(void *object, struct flc_row *row)
{
	struct filch_channel *ch = object;
	struct flc_channel_row *r = ch->row;
	size_t receives = receives_of(ch);
	size_t sends = sends_of(ch);
	size_t depth = ch->kind->depth != NULL ? ch->kind->depth(ch) : sends - receives;
	size_t deepest = flc_load_relaxed(&ch->high_water);
	size_t high = flc_load_relaxed(&r->depth_high_water);

	(void)row;
	/* In the order that a reader relies on: sends first. */
	(void)flc_add_full(&r->sends, sends - ch->sends_told);
	(void)flc_add_full(&r->receives, receives - ch->receives_told);
	(void)flc_add_full(&r->depth, depth - ch->depth_told);
	ch->sends_told = sends;
	ch->receives_told = receives;
	ch->depth_told = depth;
	if (depth > deepest)
		deepest = depth;
	while (deepest > high && !flc_cas_full(&r->depth_high_water, high, deepest))
		high = flc_load_relaxed(&r->depth_high_water);
}

/* The row of those that found none. */
static bool
is_shared(const struct filch_channel *ch)
{
	return flc_load_relaxed(&ch->row->row.shared) != 0;
}

const char *
flc_stats_name(const struct filch_channel *ch)
{
	return (const char *)ch->row->row.name;
}

int
flc_stats_init(struct filch_channel *ch, const char *name)
{
	size_t n = 2;

	flc_store_relaxed(&ch->sample_mask, FLC_SAMPLE_EVERY - 1);
	ch->row = flc_page_channel_row(name == NULL ? "channel" : name, ch->capacity);
	if (ch->slots != NULL) {
		while (n < ch->capacity / FLC_SAMPLE_EVERY + 2)
			n *= 2;
		ch->stamps = calloc(n, sizeof(*ch->stamps));
		if (ch->stamps == NULL) {
			flc_page_give_back(&ch->row->row);
			return FILCH_NOMEM;
		}
		ch->stamps_mask = n - 1;
	}
	flc_page_refresh_by(&ch->refresher, &ch->row->row, refresh, ch);
	return FILCH_OK;
}

void
flc_stats_fini(struct filch_channel *ch)
{
	flc_page_refresh_end(&ch->refresher);
	/* What nobody received is in no channel any more. */
	(void)flc_add_full(&ch->row->depth, (AO_t)0 - ch->depth_told);
	flc_page_give_back(&ch->row->row);
	free(ch->stamps);
}

/* A send found no room.  Only a ring can be full. */
static void
was_full(struct filch_channel *ch)
{
	size_t high = flc_load_relaxed(&ch->high_water);

	if (ch->slots == NULL)
		return;
	while (high < ch->capacity && !flc_cas_full(&ch->high_water, high, ch->capacity))
		high = flc_load_relaxed(&ch->high_water);
}

FLC_COLD void
flc_stats_deeper(struct filch_channel *ch, size_t sent, size_t head)
{
	size_t depth = sent - head;
	size_t high = flc_load_relaxed(&ch->high_water);
	size_t unseen = flc_load_relaxed(&ch->unseen);
	size_t mask = flc_load_relaxed(&ch->sample_mask);
	size_t due = (sent + mask) & ~mask;
	size_t limit;

	if (!FLC_COUNTING) {
		flc_store_relaxed(&ch->limit, head + ch->capacity);
		return;
	}
	if (depth <= high && unseen < FLC_SAMPLE_EVERY - 1) {
		unseen = 2 * unseen + 1;
		flc_store_relaxed(&ch->unseen, unseen);
	}
	while (depth > high && !flc_cas_full(&ch->high_water, high, depth))
		high = flc_load_relaxed(&ch->high_water);
	if (depth > high)
		high = depth;
	limit = head + (high > unseen ? high : unseen);
	/* The SPSC ring takes it for room. */
	if (limit - head > ch->capacity)
		limit = head + ch->capacity;
	flc_store_relaxed(&ch->limit, limit < due ? limit : due);
}

FLC_COLD void
flc_stats_passed(struct filch_channel *ch, size_t position, size_t n, size_t head)
{
	for (size_t at = flc_sample_from(position); at - position < n; at += FLC_SAMPLE_EVERY)
		if (flc_stats_is_due(ch, at))
			flc_store_relaxed(flc_stats_stamp(ch, at), flc_stats_next_stamp(ch));
	flc_stats_deeper(ch, position + n, head);
}

FLC_COLD uint64_t
flc_stats_next_stamp(struct filch_channel *ch)
{
	uint64_t now = flc_ticks() | 1;

	flc_store_relaxed(&ch->sample_mask, flc_sample_next_mask(flc_load_relaxed(&ch->sample_mask),
	    now - flc_load_relaxed(&ch->sampled_at)));
	flc_store_relaxed(&ch->sampled_at, now);
	return now;
}

FLC_COLD void
flc_stats_dwelt_since(struct filch_channel *ch, uint64_t since)
{
	uint64_t now = flc_ticks();

	flc_add_full(&ch->row->dwell_samples, 1);
	time_add(&ch->row->dwell, now > since ? now - since : 0);
}

FLC_COLD void
flc_stats_dwelt(struct filch_channel *ch, size_t position)
{
	flc_atomic *stamp = flc_stats_stamp(ch, position);

	flc_stats_dwelt_since(ch, flc_load_relaxed(stamp));
	flc_store_relaxed(stamp, 0);
}

void
flc_stats_refused(struct filch_channel *ch, enum flc_side side, int status)
{
	struct flc_channel_row *row = ch->row;

	if (!FLC_COUNTING)
		return;
	if (status == FILCH_AGAIN && side == FLC_SEND)
		was_full(ch);
	if (status == FILCH_AGAIN)
		flc_add_full(side == FLC_SEND ? &row->try_send_full : &row->try_receive_empty, 1);
	else if (status == FILCH_CLOSED && side == FLC_SEND)
		flc_add_full(&row->rejected_closed, 1);
	else if (status == FILCH_CANCELED && side == FLC_SEND)
		flc_add_full(&row->rejected_canceled, 1);
}

static flc_atomic *
blocked_now(struct filch_channel *ch, enum flc_side side)
{
	return side == FLC_SEND ? &ch->row->blocked_senders : &ch->row->blocked_receivers;
}

void
flc_stats_sleeps(struct filch_channel *ch, enum flc_side side)
{
	if (FLC_COUNTING)
		flc_add_full(blocked_now(ch, side), 1);
}

void
flc_stats_wakes(struct filch_channel *ch, enum flc_side side)
{
	if (FLC_COUNTING)
		flc_add_full(blocked_now(ch, side), (AO_t)-1);
}

void
flc_stats_waited(struct filch_channel *ch, enum flc_side side, uint64_t ticks)
{
	if (!FLC_COUNTING)
		return;
	if (side == FLC_SEND) {
		was_full(ch);
		flc_add_full(&ch->row->send_blocked, 1);
		time_add(&ch->row->send_wait, ticks);
	} else {
		flc_add_full(&ch->row->receive_blocked, 1);
		time_add(&ch->row->receive_wait, ticks);
	}
}

int
filch_channel_stats(const filch_channel *channel, filch_channel_metrics *metrics, size_t size)
{
	filch_channel_metrics all;
	bool reading;

	if (channel == NULL || metrics == NULL || size == 0)
		return FILCH_INVAL;
	reading = flc_page_begin_read_row(&channel->row->row);
	(void)flc_channel_row_read(channel->row, &all);
	if (reading)
		flc_page_end_read();
	if (is_shared(channel)) {
		/* Waits and refusals are those of all in this row. */
		all.receives = receives_of(channel);
		all.sends = sends_of(channel);
		all.depth = filch_channel_len(channel);
		all.depth_high_water = flc_load_relaxed(&channel->high_water);
		all.capacity = channel->capacity;
	}
	memset(metrics, 0, size);
	memcpy(metrics, &all, size < sizeof(all) ? size : sizeof(all));
	return FILCH_OK;
}
