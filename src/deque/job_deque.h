/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The job deque: what outlives its spawner's frame or is stolen often: group tasks,
 * ranges of loops, what was injected.
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
 * A growable Chase-Lev deque of jobs by value with a fenced pop.  Retired arrays stay
 * until trim, because a thief may still read one: it finds out by its compare-and-swap
 * that what it read is void.
 */
#ifndef FLC_JOB_DEQUE_H
#define FLC_JOB_DEQUE_H

#include "memory/allocator.h"
#include "deque/fork_deque.h"
#include "deque/job.h"

struct flc_job_array {
	FLC_PLAIN(size_t) mask;
	struct flc_job_array *older;
	FLC_PLAIN(struct flc_job_slot *) slot;
};

struct flc_job_deque {
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
void flc_job_deque_init(struct flc_job_deque *deque, const struct flc_memory *memory);
void flc_job_deque_fini(struct flc_job_deque *deque);

static inline ptrdiff_t
flc_jobs_between(size_t top, size_t bottom)
{
	return (ptrdiff_t)(bottom - top);
}

static inline struct flc_job_slot *
flc_job_deque_slot(struct flc_job_array *array, size_t index)
{
	return &flc_get(array->slot)[index & flc_get(array->mask)];
}

/* Makes the array, or a larger one; NULL without memory. */
struct flc_job_array *flc_job_deque_grow(struct flc_job_deque *deque, size_t top, size_t bottom);

/* The index the job now has, or 0: if the array is full and may not grow, or cannot. */
static FLC_ALWAYS_INLINE size_t
flc_job_deque_push_if(struct flc_job_deque *deque, const struct flc_job *job, bool may_grow)
{
	size_t bottom = flc_load_relaxed(&deque->bottom);
	struct flc_job_array *array = (struct flc_job_array *)flc_load_relaxed(&deque->array);

	/* acquire [jobs.reuse]: a thief is done reading the slot we reuse. */
	size_t top = flc_load_acquire(&deque->top);

	if (FLC_UNLIKELY(array == NULL
	    || flc_jobs_between(top, bottom) > (ptrdiff_t)flc_get(array->mask))) {
		array = may_grow ? flc_job_deque_grow(deque, top, bottom) : NULL;
		if (array == NULL)
			return 0;
	}
	flc_job_store(flc_job_deque_slot(array, bottom), job);

	/* release [jobs.publish]: the slot and the job, before the index. */
	flc_store_release(&deque->bottom, bottom + 1);
	return bottom;
}

static inline size_t
flc_job_deque_push(struct flc_job_deque *deque, const struct flc_job *job)
{
	return flc_job_deque_push_if(deque, job, true);
}

static inline bool
flc_job_deque_pop(struct flc_job_deque *deque, size_t tag, struct flc_job *job)
{
	size_t bottom = flc_load_relaxed(&deque->bottom) - 1;
	struct flc_job_array *array = (struct flc_job_array *)flc_load_relaxed(&deque->array);
	bool ours = true;

	/* An empty deque, and another's job, cost no fence.  The job at bottom may be
	 * stolen meanwhile; it is read again below. */
	if (flc_jobs_between(flc_load_relaxed(&deque->top), bottom) < 0)
		return false;
	if (tag != FLC_ANY_TAG && flc_load_relaxed(&flc_job_deque_slot(array, bottom)->tag) != tag)
		return false;

	/* Release although we take a job away: a thief may read this value of bottom, and
	 * must then see every job pushed below it [jobs.publish]. */
	flc_store_release(&deque->bottom, bottom);

	/* store-load [jobs.last]: we or the thief of the last job sees the other; without
	 * it both could take that job. */
	flc_fence_full();
	size_t top = flc_load_relaxed(&deque->top);

	if (flc_jobs_between(top, bottom) < 0) {
		flc_store_release(&deque->bottom, bottom + 1);
		return false;
	}
	flc_job_load(flc_job_deque_slot(array, bottom), job);
	if (flc_jobs_between(top, bottom) == 0) {
		/* The last job: whoever moves top has it. */
		ours = flc_cas_full(&deque->top, top, top + 1);
		flc_store_release(&deque->bottom, bottom + 1);
	}
	return ours;
}

enum flc_steal flc_job_deque_steal(struct flc_job_deque *deque, size_t tag, struct flc_job *job);

/* Whether the newest bears the tag; the owner's call. */
bool flc_job_deque_newest_bears(const struct flc_job_deque *deque, size_t tag);

/* Whether some job seems to bear the tag; anybody's call.  How many are older: *older. */
bool flc_job_deque_bears(const struct flc_job_deque *deque, size_t tag, size_t *older);

/* Room for one more, without memory false; the owner's call. */
bool flc_job_deque_make_room(struct flc_job_deque *deque);

/*
 * The oldest in `from` that bears the tag, wherever it lies.  Those of others that are
 * older go behind the newest in `to`, the caller's own, in their order; *moved is the
 * index of the first of them there, or 0.  With `from` the same, an owner that has run
 * all it took so finds the rest as it was.
 */
bool flc_job_deque_take_oldest(struct flc_job_deque *from, size_t tag, struct flc_job_deque *to,
    struct flc_job *job, size_t *moved);

/* Frees the retired arrays, and a large empty one. */
void flc_job_deque_trim(struct flc_job_deque *deque);

/* A look without any barrier: how many seem to be there. */
static inline size_t
flc_job_deque_seen(const struct flc_job_deque *deque)
{
	size_t top = flc_load_relaxed(&deque->top);
	size_t bottom = flc_load_relaxed(&deque->bottom);

	return bottom > top ? bottom - top : 0;
}

#endif /* FLC_JOB_DEQUE_H */
