/* SPDX-License-Identifier: BSD-2-Clause */
/* How channels begin and end. */
#include "channel/channel.h"

#include "base/cancellation.h"
#include "base/clock.h"
#include "base/size.h"
#include "channel/slot.h"
#include "channel/stats.h"

#include <stdlib.h>
#include <unistd.h>

/* Slots of a ring or a line. */
static int
make_slots(struct filch_channel *ch)
{
	size_t head = ch->kind == FLC_CHANNEL_RING ? FLC_SLOT_HEAD : 0;
	size_t bytes;

	/* Items of a ring begin behind the stamp of their slot, which is a
	 * word; so slots are whole words.  Positions are counted times two. */
	if (head == 0)
		ch->stride = ch->item_size;
	else if (!flc_size_rounded(ch->item_size, head, FLC_SLOT_HEAD, &ch->stride))
		return FILCH_INVAL;
	if (!flc_size_of(ch->capacity, ch->stride, 0, &bytes)
	    || !flc_size_rounded(bytes, 0, FLC_APART, &bytes))
		return FILCH_INVAL;
	ch->mask = (ch->capacity & (ch->capacity - 1)) == 0 ? ch->capacity - 1 : 0;
	ch->slots = aligned_alloc(FLC_APART, bytes);
	if (ch->slots == NULL)
		return FILCH_NOMEM;
	if (ch->item_size % sizeof(uint64_t) == 0
	    && ch->item_size <= FLC_ITEM_MOST_WORDS * sizeof(uint64_t))
		ch->quick = ch->kind == FLC_CHANNEL_RING ? FLC_QUICK_RING : FLC_QUICK_LINE;
	for (size_t i = 0; head > 0 && i < ch->capacity; i++)
		flc_store_relaxed(flc_slot_stamp(ch, i), 2 * i);
	return FILCH_OK;
}

static int
make_kind(struct filch_channel *ch)
{
	switch (ch->kind) {
	case FLC_CHANNEL_RING:
	case FLC_CHANNEL_LINE:
		return make_slots(ch);
	case FLC_CHANNEL_BLOCKS:
		return flc_unbounded_init(ch);
	case FLC_CHANNEL_MEET:
	case FLC_CHANNEL_TIMER:
		break;
	}
	return FILCH_OK;
}

static void
end_kind(struct filch_channel *ch)
{
	if (ch->kind == FLC_CHANNEL_BLOCKS)
		flc_unbounded_fini(ch);
	free(ch->slots);
}

int
flc_channel_make(struct filch_channel **out, enum flc_channel_kind kind, size_t item_size,
    size_t capacity, const filch_channel_options *options)
{
	struct filch_channel *ch;
	int status;

	if (out == NULL)
		return FILCH_INVAL;
	*out = NULL;
	ch = aligned_alloc(FLC_APART, sizeof(*ch));
	if (ch == NULL)
		return FILCH_NOMEM;
	memset(ch, 0, sizeof(*ch));
	flc_clock_start();
	/* The first to ask the system waits for some milliseconds. */
	(void)flc_fence_probe();
	ch->kind = kind;
	ch->item_size = item_size;
	ch->capacity = capacity;
	ch->generation = flc_generation();
	ch->fd = -1;
	flc_word_lock_init(&ch->lock);
	flc_lock_init(&ch->send_lock);
	flc_lock_init(&ch->recv_lock);
	status = make_kind(ch);
	if (status == FILCH_OK) {
		status = flc_stats_init(ch, options == NULL ? NULL : options->name);
		if (status == FILCH_OK) {
			*out = ch;
			return FILCH_OK;
		}
		end_kind(ch);
	}
	free(ch);
	return status;
}

int
filch_channel_create(filch_channel **channel, size_t item_size, size_t capacity,
    const filch_channel_options *options)
{
	filch_channel_options known = FILCH_CHANNEL_OPTIONS_INIT;
	enum flc_channel_kind kind = FLC_CHANNEL_RING;

	if (options != NULL) {
		if (options->size < sizeof(size_t))
			return FILCH_INVAL;
		memcpy(&known, options,
		    options->size < sizeof(known) ? options->size : sizeof(known));
	}
	if (channel == NULL || item_size == 0)
		return FILCH_INVAL;
	if (capacity == 0)
		kind = FLC_CHANNEL_MEET;
	else if (capacity == FILCH_UNBOUNDED)
		kind = FLC_CHANNEL_BLOCKS;
	else if (known.spsc)
		kind = FLC_CHANNEL_LINE;
	return flc_channel_make(channel, kind, item_size, capacity, &known);
}

void
filch_channel_destroy(filch_channel *channel)
{
	if (channel == NULL)
		return;
	flc_stats_fini(channel);
	end_kind(channel);
	if (channel->fd >= 0) {
		int cancellation = flc_cancellation_hold();

		close(channel->fd);
		flc_cancellation_restore(cancellation);
	}
	flc_lock_fini(&channel->send_lock);
	flc_lock_fini(&channel->recv_lock);
	free(channel);
}

size_t
filch_channel_capacity(const filch_channel *channel)
{
	return channel == NULL ? 0 : channel->capacity;
}
