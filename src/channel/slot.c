/* SPDX-License-Identifier: BSD-2-Clause */
#include "channel/slot.h"

#include "base/size.h"

#include <stdlib.h>

int
flc_slots_init(struct filch_channel *ch, size_t head, enum flc_quick quick)
{
	size_t bytes;

	/* A stamp is a word, so slots with stamps are whole words. */
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
		ch->quick = quick;
	return FILCH_OK;
}

void
flc_slots_fini(struct filch_channel *ch)
{
	free(ch->slots);
}
