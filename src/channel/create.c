/* SPDX-License-Identifier: BSD-2-Clause */
/* How channels begin and end. */
#include "channel/create.h"

#include "base/cancellation.h"
#include "base/clock.h"
#include "base/fence.h"
#include "channel/mpmc_ring.h"
#include "channel/rendezvous.h"
#include "channel/spsc_ring.h"
#include "channel/stats.h"
#include "channel/unbounded.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The words that all kinds have. */
static void
init(struct filch_channel *ch, const struct flc_channel_kind *kind, size_t item_size,
    size_t capacity)
{
	memset(ch, 0, sizeof(*ch));
	ch->kind = kind;
	ch->item_size = item_size;
	ch->capacity = capacity;
	ch->generation = flc_generation();
	ch->fd = -1;
	flc_word_lock_init(&ch->lock);
	flc_lock_init(&ch->send_lock);
	flc_lock_init(&ch->recv_lock);
}

static void
fini_kind(struct filch_channel *ch)
{
	if (ch->kind->fini != NULL)
		ch->kind->fini(ch);
}

int
flc_channel_make(struct filch_channel **out, const struct flc_channel_kind *kind,
    size_t item_size, size_t capacity, const filch_channel_options *options)
{
	struct filch_channel *ch;
	int status;

	if (out == NULL)
		return FILCH_INVAL;
	*out = NULL;
	ch = aligned_alloc(FLC_APART, sizeof(*ch));
	if (ch == NULL)
		return FILCH_NOMEM;
	flc_clock_start();
	/* The first to ask the system waits for some milliseconds. */
	(void)flc_fence_probe();
	init(ch, kind, item_size, capacity);
	status = kind->init == NULL ? FILCH_OK : kind->init(ch);
	if (status == FILCH_OK) {
		status = flc_stats_init(ch, options == NULL ? NULL : options->name);
		if (status == FILCH_OK) {
			*out = ch;
			return FILCH_OK;
		}
		fini_kind(ch);
	}
	free(ch);
	return status;
}

int
filch_channel_create(filch_channel **channel, size_t item_size, size_t capacity,
    const filch_channel_options *options)
{
	filch_channel_options known = FILCH_CHANNEL_OPTIONS_INIT;
	const struct flc_channel_kind *kind = &flc_channel_mpmc_ring;

	if (options != NULL) {
		if (options->size < sizeof(size_t))
			return FILCH_INVAL;
		memcpy(&known, options,
		    options->size < sizeof(known) ? options->size : sizeof(known));
	}
	if (channel == NULL || item_size == 0)
		return FILCH_INVAL;
	if (capacity == 0)
		kind = &flc_channel_rendezvous;
	else if (capacity == FILCH_UNBOUNDED)
		kind = &flc_channel_unbounded;
	else if (known.spsc)
		kind = &flc_channel_spsc_ring;
	return flc_channel_make(channel, kind, item_size, capacity, &known);
}

void
filch_channel_destroy(filch_channel *channel)
{
	if (channel == NULL)
		return;
	flc_stats_fini(channel);
	fini_kind(channel);
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
