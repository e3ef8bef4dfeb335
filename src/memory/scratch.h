/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory that algorithms work in: blocks by the pool's allocator, kept for the next
 * call when they are released.
 *
 *              any thread   holding it
 *     acquire      x            -
 *     release      x            x        once for each block
 *     trim         x            -        frees what is kept, not what is in use
 *     fini         -            -        no block is in use
 *
 * As much is kept as was in use at once, at most: what exceeds that is freed, the oldest
 * first.  In a forked child a block that the parent's pool gave stays usable; acquire
 * gives NULL there, release and trim do nothing, since a thread that is not there any
 * more may hold the lock.
 */
#ifndef FLC_SCRATCH_H
#define FLC_SCRATCH_H

#include "base/lock.h"
#include "memory/allocator.h"

/* Each block begins at a multiple of this. */
#define FLC_SCRATCH_ALIGN 128

struct flc_scratch_block;

struct flc_scratch {
	const struct flc_memory *memory;
	size_t generation;              /* of the process that made it */
	struct flc_word_lock lock;
	struct flc_scratch_block *kept; /* the latest released first */
	/* In bytes; written under the lock. */
	flc_atomic kept_size;
	flc_atomic in_use;
	flc_atomic high_water;          /* the most that was in use at once */
};

/* The pool's allocator stays where it is. */
void flc_scratch_init(struct flc_scratch *scratch, const struct flc_memory *memory);
void flc_scratch_fini(struct flc_scratch *scratch);

/* At least size bytes, of any content; NULL without memory.  Counted in malloc_calls of
 * the use if nothing that was kept fits. */
void *flc_scratch_acquire(struct flc_scratch *scratch, enum filch_memory_use use, size_t size);

/* NULL is nothing. */
void flc_scratch_release(struct flc_scratch *scratch, void *memory);

/* Frees what is kept. */
void flc_scratch_trim(struct flc_scratch *scratch);

#endif /* FLC_SCRATCH_H */
