/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a channel counts.
 *
 * Sends and receives cost nothing: they are tail and head.  One item in 64, or fewer, is
 * stamped with the time it was sent.  Head is looked at for the high water only when the
 * depth could be a new one: head only grows, so below (head seen) + (high water) it
 * cannot.  A channel that is always almost empty would still look at each send, so looks
 * that find nothing new let it be up to 63 deep unseen.  `limit` is the first position at
 * which a send has to do any of that, so that all others compare it once.  What happens
 * only to a call that waits, or that is refused, is counted by locked instructions.
 */
#ifndef FLC_STATS_H
#define FLC_STATS_H

#include "base/clock.h"
#include "channel/channel.h"
#include "count/rows.h"
#include "count/sample.h"

/* Of its row, which is never given back. */
const char *flc_stats_name(const struct filch_channel *ch);

int flc_stats_init(struct filch_channel *ch, const char *name);
void flc_stats_fini(struct filch_channel *ch);

/* The send of an item at this position counts nothing. */
static inline bool
flc_stats_is_plain(const struct filch_channel *ch, size_t position)
{
	return position < flc_load_relaxed(&ch->limit);
}

/* The same of an SPSC ring, and there is room. */
#define flc_stats_is_plain_spsc(ch, position) flc_stats_is_plain((ch), (position))

/* A send up to the position `sent` passes the limit: the depth, and the next limit. */
void flc_stats_deeper(struct filch_channel *ch, size_t sent, size_t head);

/*
 * How long items stay.  The sender stamps an item if that is due, before it can be
 * received; the receiver finds the stamp, and takes it before the slot can be used again.
 * Of the MPMC ring's a stamp may be lost if its receiver is late.
 */
static inline flc_atomic *
flc_stats_stamp(const struct filch_channel *ch, size_t position)
{
	return &ch->stamps[position / FLC_SAMPLE_EVERY & ch->stamps_mask];
}

static inline bool
flc_stats_is_due(const struct filch_channel *ch, size_t position)
{
	return flc_sample_is_due(position, flc_load_relaxed(&ch->sample_mask));
}

static inline bool
flc_stats_is_stamped(const struct filch_channel *ch, size_t position)
{
	return flc_sample_may_be_due(position)
	    && flc_load_relaxed(flc_stats_stamp(ch, position)) != 0;
}

/* The ticks for a stamp, which are not 0, and when the next one is due. */
uint64_t flc_stats_next_stamp(struct filch_channel *ch);

/* The same of a ring: the send of n items from here on passes the limit.  Stamps those of
 * them that are due, before they can be received. */
void flc_stats_passed(struct filch_channel *ch, size_t position, size_t n, size_t head);

void flc_stats_dwelt(struct filch_channel *ch, size_t position);
void flc_stats_dwelt_since(struct filch_channel *ch, uint64_t ticks);

static inline void
flc_stats_received(struct filch_channel *ch, size_t position, size_t n)
{
	for (size_t at = flc_sample_from(position); FLC_UNLIKELY(at - position < n);
	    at += FLC_SAMPLE_EVERY)
		if (flc_stats_is_stamped(ch, at))
			flc_stats_dwelt(ch, at);
}

/* A try that was refused: by FILCH_AGAIN, FILCH_CLOSED, FILCH_CANCELED. */
void flc_stats_refused(struct filch_channel *ch, enum flc_side side, int status);

/* A call goes to sleep, and is up again. */
void flc_stats_sleeps(struct filch_channel *ch, enum flc_side side);
void flc_stats_wakes(struct filch_channel *ch, enum flc_side side);

/* A call that could not be done at once ends its wait of so many ticks. */
void flc_stats_waited(struct filch_channel *ch, enum flc_side side, uint64_t ticks);

#endif /* FLC_STATS_H */
