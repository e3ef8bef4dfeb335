/* SPDX-License-Identifier: BSD-2-Clause */
/* channel/slot.h for the model: items are words that it race-checks. */
#ifndef FLC_SLOT_H
#define FLC_SLOT_H

#include "channel/channel.h"

struct model_cell {
	flc_atomic stamp;
	rl::var<size_t> item;
};

/* The caller's items, and those of a rendezvous, are words of one thread. */
static inline void
flc_item_copy(void *to, const void *from, size_t size)
{
	(void)size;
	*(size_t *)to = *(const size_t *)from;
}

#define FLC_SLOT_HEAD 1

/* The scene makes them. */
#define flc_slots_init(ch, head, quick) (FILCH_OK)
#define flc_slots_fini NULL

#define flc_slot_stamp(ch, index) (&((struct model_cell *)(ch)->slots)[index].stamp)
#define flc_slot_put(ch, index, head, from) \
	(((struct model_cell *)(ch)->slots)[index].item($).store(*(const size_t *)(from)))
#define flc_slot_get(ch, index, head, to) \
	(*(size_t *)(to) = ((struct model_cell *)(ch)->slots)[index].item($).load())
#define flc_slot_put_words flc_slot_put
#define flc_slot_get_words flc_slot_get
#define flc_slot_prefetch(ch, index, n) ((void)0)
#define flc_slot_prefetch_batch(ch, index, n) ((void)0)
#define flc_item_at(ch, items, i) ((void *)((size_t *)(items) + (i)))
#define flc_slot_index(ch, position) ((position) % (ch)->capacity)
#define flc_slot_next(ch, index) (((index) + 1) % (ch)->capacity)

#endif /* FLC_SLOT_H */
