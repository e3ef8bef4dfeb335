/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a pool's memory comes from: the user's allocator or malloc.
 */
#ifndef FLC_ALLOCATOR_H
#define FLC_ALLOCATOR_H

#include "base/atomic.h"

#include <filch/metrics.h>
#include <stdbool.h>
#include <stddef.h>

struct flc_memory {
	void *(*allocate)(void *context, size_t size, size_t align);
	void (*release)(void *context, void *memory, size_t size);
	void *context;
};

struct filch_allocator;

/* What a user's allocator is here, or malloc for NULL; false: it lacks a function. */
bool flc_memory_of(struct flc_memory *memory, const struct filch_allocator *allocator);

/* malloc's own. */
extern const struct flc_memory flc_memory_default;

/* How often each part of the library asked for memory, in this process. */
extern flc_atomic flc_memory_calls[FILCH_MEMORY_USES];

/* Zeroed; NULL without memory. */
void *flc_memory_alloc_for(enum filch_memory_use use, const struct flc_memory *memory, size_t size,
    size_t align);

/* The same, of any content. */
void *flc_memory_alloc_raw(enum filch_memory_use use, const struct flc_memory *memory, size_t size,
    size_t align);

/* The same, zeroed, for what a pool is made of. */
static inline void *
flc_memory_alloc(const struct flc_memory *memory, size_t size, size_t align)
{
	return flc_memory_alloc_for(FILCH_MEMORY_POOL, memory, size, align);
}

void flc_memory_free(const struct flc_memory *memory, void *block, size_t size);

/* Address space whose pages are zero and committed on touch. */
void *flc_memory_reserve(size_t size);
/* Whether so much address space can be had at once, as for a thread's stack. */
bool flc_memory_is_there(size_t size);
/* Gives the pages back; the next touch finds zeros.  Whole pages inside only. */
void flc_memory_forget(void *block, size_t size);
void flc_memory_unreserve(void *block, size_t size);

#endif /* FLC_ALLOCATOR_H */
