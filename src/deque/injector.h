/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The injection queue: jobs from threads that have no deque of their own.
 *
 * Any thread may call, many at once; a lock is held for a few instructions.  First in,
 * first out; a taker with a tag gets the first that bears it.
 */
#ifndef FLC_INJECTOR_H
#define FLC_INJECTOR_H

#include "base/lock.h"
#include "memory/allocator.h"
#include "deque/job.h"

struct flc_injected {
	struct flc_job job;
	uint64_t queued;     /* ticks */
};

/* A power of two. */
#ifndef FLC_INJECTOR_FIRST
#define FLC_INJECTOR_FIRST 32
#endif

struct flc_injector {
	FLC_SET_APART flc_atomic depth; /* how many are queued; changed under the lock */
	struct flc_word_lock lock;
	struct flc_injected *ring;
	size_t capacity;     /* a power of two */
	size_t head;         /* of the oldest; runs freely */
	uint64_t put_at;     /* ticks; the last put, under the lock */
	flc_atomic gap;      /* ticks from the one before to the last put; a hint */
	flc_atomic cpu;      /* where the last put was made; a hint */
	struct flc_injected first[FLC_INJECTOR_FIRST]; /* the ring, until it is too small */
	const struct flc_memory *memory;
};

_Static_assert(offsetof(struct flc_injector, first) == FLC_CACHE_LINE,
    "a put into the empty queue touches a pair of lines");

void flc_injector_init(struct flc_injector *injector, const struct flc_memory *memory);
void flc_injector_fini(struct flc_injector *injector);

/* False without memory. */
bool flc_injector_put(struct flc_injector *injector, const struct flc_job *job);

/*
 * A call that a thread outside has sent, for lack of a guest slot, bears an odd tag.  It
 * runs at the bottom of a worker's stack only: on top of a task that waits it would be
 * taken for a part of that task, which may wait for it in turn.
 */
#define FLC_SENT_TAG(call) ((size_t)(call) | 1)

/* No tag in particular, and no sent call. */
#define FLC_UNSENT_TAG ((size_t)1)

/* False if nothing with that tag (FLC_ANY_TAG: nothing at all) is queued. */
bool flc_injector_take(struct flc_injector *injector, size_t tag, struct flc_job *job);

/* The same, and when it was put: ticks. */
bool flc_injector_take_timed(struct flc_injector *injector, size_t tag, struct flc_job *job,
    uint64_t *queued);

/* Whether something with that tag is queued. */
bool flc_injector_bears(struct flc_injector *injector, size_t tag);

/* A look without any barrier. */
static inline size_t
flc_injector_seen(const struct flc_injector *injector)
{
	return flc_load_relaxed(&injector->depth);
}

/* Frees a ring that has grown, if it is empty. */
void flc_injector_trim(struct flc_injector *injector);

#endif /* FLC_INJECTOR_H */
