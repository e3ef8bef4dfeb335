/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rest of a loop's part: its owner takes chunks from the front, others take smaller
 * parts from the back, also while the owner is inside a chunk.
 *
 *              owner   any thread
 *     open       x         -      never blocks
 *     claim      x         -      never blocks; no call, no locked instruction while
 *                                 nobody looks for work
 *     hold, let_go, close
 *                x         -      may wait for a taker's dozen instructions
 *     take       x         x      never blocks
 *     seen       x         x      a look without any barrier
 *
 * The protocol is that of Cilk-5's THE deque (Frigo, Leiserson, Randall 1998), on a range
 * of indexes in place of tasks.  The owner moves the front, passes a fence and looks at
 * the back; a taker, one at a time, moves the back, passes a fence and looks at the
 * front.  The side that sees that they have crossed steps back: the owner takes the lock
 * and looks again, the taker puts the back where it was.
 *
 * The owner's fence is a full one while it says so in `fenced`, else a light one.  A
 * taker that finds it light asks, waits some time for the owner's next claim, which is
 * fenced then, and passes the heavy fence if the owner is inside a long chunk.
 */
#ifndef FLC_RANGE_REST_H
#define FLC_RANGE_REST_H

#include "base/fence.h"
#include "base/lock.h"
#include "deque/fork_deque.h"
#include "deque/job.h"

struct flc_worker;

enum flc_admission {
	FLC_ADMITTED,
	FLC_ADMIT_LATER,      /* there is something else to be done for the loop first */
	FLC_ADMIT_NO_MORE     /* so many threads as may take part do */
};

/* What a loop is to its rests. */
struct flc_rest_loop {
	/* Counts one more part, which ends apart from the others; and counts it out again
	 * if it was not to be had.  A member takes part already.  Called under the rest's
	 * lock. */
	enum flc_admission (*admit)(size_t tag, bool is_member);
	void (*dismiss)(size_t tag);
	flc_job_fn *run;      /* a part: job->range */
};

struct flc_rest {
	/* The owner's. */
	FLC_SET_APART flc_atomic front; /* the first index that it has not claimed */
	flc_atomic fenced;    /* its claims pass a full fence */
	flc_atomic least;     /* fewer indexes are not worth taking */
	flc_atomic step;      /* what is taken begins at a multiple of it from the front */
	flc_atomic tag;       /* the loop; 0: closed */
	FLC_PLAIN(const struct flc_rest_loop *) loop;

	/* The takers', and looked at in each claim. */
	FLC_SET_APART flc_atomic back; /* under the lock */
	flc_atomic asked;     /* a taker would rather have the claims fenced */
	flc_atomic hidden;    /* no more threads may take part; under the lock */
	struct flc_word_lock lock;
};

/* Loops nested deeper share their rests only when one further out is used up. */
#ifndef FLC_RESTS
#define FLC_RESTS 8
#endif

/* What a worker runs of a loop; its frame's. */
struct flc_part {
	size_t begin, end;    /* end: while it has no rest that others may take */
	struct flc_rest *rest; /* or NULL */
};

/* A worker's, the outermost first. */
struct flc_rests {
	flc_atomic used;      /* below this index some may be open */
	struct flc_part *part[FLC_RESTS]; /* the owner's */
	struct flc_rest rest[FLC_RESTS];
};

void flc_rests_init(struct flc_rests *rests);

/* Lets others take from part->end downwards to the front: what is before is claimed.
 * False: no rest is free. */
bool flc_rest_open(struct flc_rests *rests, struct flc_part *part, size_t front,
    const struct flc_rest_loop *loop, size_t tag, size_t least, size_t step);

/* What is left is the part's own again. */
void flc_rest_close(struct flc_rests *rests, struct flc_part *part);

/* What is worth taking from now on. */
static inline void
flc_rest_set_least(struct flc_rest *rest, size_t least, size_t step)
{
	flc_store_relaxed(&rest->least, least);
	flc_store_relaxed(&rest->step, step);
}

/* Where its back seems to be. */
static inline size_t
flc_rest_back(const struct flc_rest *rest)
{
	return flc_load_relaxed(&rest->back);
}

/* How the claims to come are fenced. */
static inline void
flc_rest_set_fenced(struct flc_rest *rest, bool fenced)
{
	if (FLC_LIKELY(flc_load_relaxed(&rest->fenced) == fenced))
		return;
	/* release [rest.fenced]: the fronts of light claims, before they are fenced. */
	flc_store_release(&rest->fenced, fenced);
	/* store-load [rest.light]: the word, before the back that a light claim sees. */
	if (!fenced)
		flc_fence_full();
}

/* Claims all below `end`, as far as the owner can know without the lock: the back it then
 * sees.  If that is below `end`, or leaves less than may stand alone, the owner must hold
 * the rest to learn what it has. */
static inline size_t
flc_rest_claim(struct flc_rest *rest, size_t end, bool fenced)
{
	flc_store_relaxed(&rest->front, end);
	/* store-load [rest.cross]: the front, before the back; the taker's side is heavy
	 * where ours is light. */
	if (fenced)
		flc_fence_full();
	else
		flc_fence_light();
	return flc_load_relaxed(&rest->back);
}

/* Nobody takes until the owner lets go: returns the back. */
size_t flc_rest_hold(struct flc_rest *rest, size_t front);
void flc_rest_let_go(struct flc_rest *rest, size_t front);

static inline size_t
flc_rest_between(size_t front, size_t back)
{
	return back > front ? back - front : 0;
}

/* Whether something that bears the tag (FLC_ANY_TAG: anything) is worth taking. */
static inline bool
flc_rest_is_worth(const struct flc_rest *rest, size_t tag, bool is_member)
{
	/* acquire [rest.open]: what it was opened with. */
	size_t open = flc_load_acquire(&rest->tag);

	return open != 0 && (tag == 0 || open == tag)
	    && (is_member || flc_load_relaxed(&rest->hidden) == 0)
	    && flc_rest_between(flc_load_relaxed(&rest->front), flc_load_relaxed(&rest->back))
		>= flc_load_relaxed(&rest->least);
}

/* Whether a worker's rests have something for a thread that takes no part yet. */
static inline bool
flc_rests_seen(const struct flc_rests *rests)
{
	size_t used = flc_load_relaxed(&rests->used);

	for (size_t i = 0; i < used; i++)
		if (flc_rest_is_worth(&rests->rest[i], 0, false))
			return true;
	return false;
}

/* Whether a thread that takes part already finds something there. */
static inline bool
flc_rests_bear(const struct flc_rests *rests, size_t tag)
{
	size_t used = flc_load_relaxed(&rests->used);

	for (size_t i = 0; i < used; i++)
		if (flc_rest_is_worth(&rests->rest[i], tag, true))
			return true;
	return false;
}

/* Takes a part of one of them, the outermost first, or the innermost first. */
enum flc_steal flc_rests_take(struct flc_rests *rests, size_t tag, bool is_member,
    struct flc_job *job);
enum flc_steal flc_rests_take_inner(struct flc_rests *rests, struct flc_job *job);

/* One thread less takes part: another may. */
void flc_rests_show(struct flc_rests *rests, size_t tag);

#endif /* FLC_RANGE_REST_H */
