/* SPDX-License-Identifier: BSD-2-Clause */
/* The slots of rings, and items as bytes; the model has another file of this name. */
#ifndef FLC_SLOT_H
#define FLC_SLOT_H

#include "channel/channel.h"

#include <string.h>

/* Most items are one word. */
static inline void
flc_item_copy(void *to, const void *from, size_t size)
{
	if (FLC_LIKELY(size == sizeof(uint64_t)))
		memcpy(to, from, sizeof(uint64_t));
	else
		memcpy(to, from, size);
}

/* Items that the fast paths copy word by word: a call in there would cost more than all
 * the rest, so the compiler must not make one of the loop. */
#define FLC_ITEM_MOST_WORDS 16u

static inline void
flc_item_copy_words(char *to, const char *from, size_t size)
{
	size_t at = 0;

	do {
		memcpy(to + at, from + at, sizeof(uint64_t));
		at += sizeof(uint64_t);
		FLC_OPAQUE(at);
	} while (FLC_UNLIKELY(at < size));
}

/* A slot of the MPMC ring begins with its stamp; one of the SPSC ring has none. */
#define FLC_SLOT_HEAD sizeof(flc_atomic)

/* Makes a ring's slots, each with a head of so many bytes before its item.  `quick` is
 * the path of items that are a few whole words. */
int flc_slots_init(struct filch_channel *ch, size_t head, enum flc_quick quick);
void flc_slots_fini(struct filch_channel *ch);

static inline flc_atomic *
flc_slot_stamp(const struct filch_channel *ch, size_t index)
{
	return (flc_atomic *)(void *)(ch->slots + index * ch->stride);
}

static inline void
flc_slot_put(const struct filch_channel *ch, size_t index, size_t head, const void *item)
{
	flc_item_copy(ch->slots + index * ch->stride + head, item, ch->item_size);
}

static inline void
flc_slot_get(const struct filch_channel *ch, size_t index, size_t head, void *item)
{
	flc_item_copy(item, ch->slots + index * ch->stride + head, ch->item_size);
}

/* The same for items of a few whole words. */
static inline void
flc_slot_put_words(const struct filch_channel *ch, size_t index, size_t head, const void *item)
{
	flc_item_copy_words(ch->slots + index * ch->stride + head, item, ch->item_size);
}

static inline void
flc_slot_get_words(const struct filch_channel *ch, size_t index, size_t head, void *item)
{
	flc_item_copy_words(item, ch->slots + index * ch->stride + head, ch->item_size);
}

/*
 * The lines that are next but a few, as one's own: another core has them since the last
 * lap, and each takes 100 ns or more to come, but they come together.  Past the end of
 * the ring nothing useful is fetched; a lap pays a few misses.
 */
#define FLC_SLOT_AHEAD 256

static inline void
flc_slot_prefetch(const struct filch_channel *ch, size_t index, size_t n)
{
	const char *at = ch->slots + index * ch->stride + FLC_SLOT_AHEAD;
	const char *end = at + n * ch->stride;

	__builtin_prefetch(at, 1);
	for (at += FLC_CACHE_LINE; at < end && n > 1; at += FLC_CACHE_LINE)
		__builtin_prefetch(at, 1);
}

/* For a thread that only reads them, and needs them now. */
static inline void
flc_slot_prefetch_batch(const struct filch_channel *ch, size_t index, size_t n)
{
	const char *at = ch->slots + index * ch->stride;
	const char *end = at + n * ch->stride;

	for (; at < end && n > 1; at += FLC_CACHE_LINE)
		__builtin_prefetch(at, 0);
}

/* The i-th of the caller's items. */
static inline void *
flc_item_at(const struct filch_channel *ch, const void *items, size_t i)
{
	return (char *)(size_t)items + i * ch->item_size;
}

/* Where the item of this position goes. */
static inline size_t
flc_slot_index(const struct filch_channel *ch, size_t position)
{
	return FLC_LIKELY(ch->mask != 0) ? position & ch->mask : position % ch->capacity;
}

static inline size_t
flc_slot_next(const struct filch_channel *ch, size_t index)
{
	return FLC_UNLIKELY(index + 1 == ch->capacity) ? 0 : index + 1;
}

#endif /* FLC_SLOT_H */
