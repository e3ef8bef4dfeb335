/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rounds of a group.
 *
 * The first spawn of a round chooses its pool.  A wait that saw nothing pending ends the
 * round, and so does a spawn that would choose another pool.  The mark in pending_ is the
 * round, odd or even; the low bit of pool_ is the round that the pool was chosen in: the
 * pool of another round is none.  A spawn counts its task before it asks for the pool,
 * and a round ends only if nothing is counted, in one step on the same word: so its pool
 * stays while one of its tasks is pending, and pending_ alone says whether a wait has
 * something to wait for.
 *
 * Nothing else is reset beside a spawn: a failure is taken under a lock, indexes of
 * spawns only grow.
 */
#ifndef FLC_GROUP_ROUNDS_H
#define FLC_GROUP_ROUNDS_H

#include "task/group_run.h"

/* In pool_: the round. */
#define FLC_GROUP_POOL_ROUND ((size_t)1)

/* In state_. */
enum { FLC_GROUP_CANCELED = 1 };

static inline bool
flc_group_is_canceled(filch_group *group)
{
	return (flc_load_relaxed(flc_group_state(group)) & FLC_GROUP_CANCELED)
	    || flc_cancel_is_requested(group->cancel);
}

static inline size_t
flc_group_round(size_t pending)
{
	return (pending & FLC_PENDING_MARK) != 0 ? FLC_GROUP_POOL_ROUND : 0;
}

/* The pool of the round that pending_ tells of; NULL: no spawn has chosen it yet. */
static inline filch_pool *
flc_group_pool(filch_group *group, size_t pending)
{
	/* acquire [group.pool]: the pool comes with the word. */
	size_t word = flc_load_acquire((flc_atomic *)&group->pool_);

	return (word & FLC_GROUP_POOL_ROUND) == flc_group_round(pending)
	    ? (filch_pool *)(word & ~FLC_GROUP_POOL_ROUND) : NULL;
}

/* With nothing pending the next spawn begins a round, unless one was beside us. */
static inline void
flc_group_end_round(filch_group *group)
{
	/* acquire [pending.end]: what the ended tasks did. */
	size_t pending = flc_load_acquire(flc_group_pending(group));

	/* Full, hence release [pending.end]: the pool of this round, for the next
	 * spawn. */
	if (flc_pending_count(pending) == 0 && flc_group_pool(group, pending) != NULL)
		(void)flc_cas_full(flc_group_pending(group), pending, pending ^ FLC_PENDING_MARK);
}

#endif /* FLC_GROUP_ROUNDS_H */
