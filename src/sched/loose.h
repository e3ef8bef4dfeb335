/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loose deque: what outlives its spawner's frame or is stolen often:
 * group tasks, ranges of loops, what was injected.
 *
 *              owner   thief
 *     push       x       -      0 without memory to grow
 *     pop        x       -      the newest, if it bears the tag
 *     steal      x       x      the oldest, if it bears the tag
 *     bears      x       x      a look
 *     newest_bears, take_oldest, make_room
 *                x       -
 *     trim       x       -      while no thief can look
 *
 * A growable Chase-Lev deque of jobs by value with a fenced pop.  Retired
 * arrays stay until trim, because a thief may still read one: it finds out by
 * its compare-and-swap that what it read is void.
 */
#ifndef FLC_LOOSE_H
#define FLC_LOOSE_H

#include "base/memory.h"
#include "sched/forks.h"
#include "sched/job.h"

struct flc_loose_array {
	FLC_PLAIN(size_t) mask;
	struct flc_loose_array *older;
	FLC_PLAIN(struct flc_job_slot *) slot;
};

struct flc_loose {
	flc_atomic top;
	char pad0[128 - sizeof(flc_atomic)];
	flc_atomic bottom;
	flc_atomic array;
	const struct flc_memory *memory;
	char pad1[128 - 2 * sizeof(flc_atomic) - sizeof(void *)];
};

/* No tag in particular. */
#define FLC_ANY_TAG 0

/* The array comes with the first push. */
void flc_loose_init(struct flc_loose *loose, const struct flc_memory *memory);
void flc_loose_fini(struct flc_loose *loose);

/* The index the job now has, or 0. */
size_t flc_loose_push(struct flc_loose *loose, const struct flc_job *job);
bool flc_loose_pop(struct flc_loose *loose, size_t tag, struct flc_job *job);
enum flc_steal flc_loose_steal(struct flc_loose *loose, size_t tag, struct flc_job *job);

/* Whether the newest bears the tag; the owner's call. */
bool flc_loose_newest_bears(const struct flc_loose *loose, size_t tag);

/* Whether some job seems to bear the tag; anybody's call.  How many are older: *older. */
bool flc_loose_bears(const struct flc_loose *loose, size_t tag, size_t *older);

/* Room for one more, without memory false; the owner's call. */
bool flc_loose_make_room(struct flc_loose *loose);

/*
 * The oldest that bears the tag, wherever it lies.  Those of others that are older go
 * behind the newest, in their order: an owner that has run all it took so finds the
 * rest as it was.
 */
bool flc_loose_take_oldest(struct flc_loose *loose, size_t tag, struct flc_job *job);

/* Frees the retired arrays, and a large empty one. */
void flc_loose_trim(struct flc_loose *loose);

/* A look without any barrier: how many seem to be there. */
static inline size_t
flc_loose_seen(const struct flc_loose *loose)
{
	size_t top = flc_load_relaxed(&loose->top);
	size_t bottom = flc_load_relaxed(&loose->bottom);

	return bottom > top ? bottom - top : 0;
}

#endif /* FLC_LOOSE_H */
