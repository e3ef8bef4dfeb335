/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a group counts its tasks: with a bias, after "Biased reference counting" (Choi,
 * Shull, Torrellas; PACT 2018).
 *
 * Mostly one worker spawns all tasks of a group and then waits for them.  It owns the
 * group: the first worker that can claims owner_, for the life of the group.  While the
 * group is biased, the owner counts what it spawns in own_ by plain stores; all others
 * count in pending_ by atomic adds, and so do those that end a task.
 *
 *     own_      ACTIVE | TAKEN | WAITED | n: the tasks that the owner ever counted here
 *     pending_  SHARED | waiter | round | count;  biased: a count of 2^45 and more
 *
 *     tasks pending = biased ? count - BIAS + n : count
 *
 *               begins            ends
 *     owner     spawn, count 0    its own wait: one compare-and-swap
 *     others    -                 a wait: SHARED, the heavy fence, then they add n to
 *                                 the count.  SHARED stays: no bias begins any more.
 *
 * The owner counts in own_, passes the light fence, and looks at pending_ before it
 * queues the task.  Without SHARED whoever ends the bias sees the count.  With SHARED the
 * owner waits for the lock that is held meanwhile, and learns from TAKEN, which was added
 * to own_ in one step with the look at n, whether its last count is among those.
 *
 * A biased count never reaches zero: nobody is told of the last task.  So whoever waits
 * ends the bias first.  A group that tells its last task, or refuses tasks above a count,
 * has none.
 */
#ifndef FLC_GROUP_COUNT_H
#define FLC_GROUP_COUNT_H

#include "base/fence.h"
#include "task/group_run.h"

#define FLC_GROUP_SHARED FLC_PENDING_STICKY
#define FLC_GROUP_BIAS ((size_t)1 << 46)
#define FLC_GROUP_BIASED (FLC_GROUP_BIAS | FLC_GROUP_BIAS >> 1)

#define FLC_OWN_FLAGS_SHIFT 62
#define FLC_OWN_ACTIVE ((size_t)2 << FLC_OWN_FLAGS_SHIFT)
#define FLC_OWN_TAKEN ((size_t)1 << FLC_OWN_FLAGS_SHIFT)
#define FLC_OWN_WAITED ((size_t)1 << 61)
#define FLC_OWN_COUNT (((size_t)1 << 45) - 1)

static inline flc_atomic *
flc_group_own(filch_group *group)
{
	return (flc_atomic *)&group->own_;
}

static inline bool
flc_group_is_biased(size_t pending)
{
	return (pending & FLC_GROUP_BIASED) != 0;
}

/* Whether the bias is over or about to be, after it had begun. */
static inline bool
flc_group_is_revoked(size_t pending)
{
	return (pending & FLC_GROUP_SHARED) != 0 || !flc_group_is_biased(pending);
}

static inline flc_atomic *
flc_group_owner(filch_group *group)
{
	return (flc_atomic *)&group->owner_;
}

static inline bool
flc_group_is_owner(const struct flc_worker *worker, filch_group *group)
{
	return flc_load_relaxed(flc_group_owner(group)) == (size_t)worker;
}

/* Whether the owner, which has counted these, may count further ones. */
static FLC_ALWAYS_INLINE bool
flc_group_may_count(size_t own)
{
	return own >> FLC_OWN_FLAGS_SHIFT == FLC_OWN_ACTIVE >> FLC_OWN_FLAGS_SHIFT;
}

/* The bias is over, or about to be: false if the owner's last count was not seen, and the
 * task is not counted. */
bool flc_group_settle(filch_group *group);

/* Counts one more than `own` says; false: that is to be settled. */
static FLC_ALWAYS_INLINE bool
flc_group_count_own(filch_group *group, size_t own)
{
	/* release [group.own]: what the owner did before the spawn. */
	flc_store_release(flc_group_own(group), own + 1);
	/* store-load [group.own]: whoever ends the bias passes the heavy one. */
	flc_fence_light();
	/* acquire [pending.end]: the pool of a round that was ended. */
	return !flc_group_is_revoked(flc_load_acquire(flc_group_pending(group)));
}

/* The number of the task that is counted next. */
static inline size_t
flc_group_own_index(filch_group *group, size_t own)
{
	/* Of the flags nothing is left. */
	return (own + flc_load_relaxed((flc_atomic *)&group->spawned_)) & FLC_GROUP_INDEX_MASK;
}

/*
 * The same for another thread than the owner, or without a bias.  A spawn that comes
 * after another has a higher number: each of the two counts only grows, and one of them
 * has grown.
 */
static FLC_ALWAYS_INLINE size_t
flc_group_next_index(filch_group *group)
{
	size_t spawned = flc_add_full((flc_atomic *)&group->spawned_, 1);

	return (flc_load_relaxed(flc_group_own(group)) & FLC_OWN_COUNT) + spawned;
}

/* With this in pending_ the worker begins a bias, if it can, and has counted a task of
 * that number. */
bool flc_group_begin_bias(const struct flc_worker *worker, filch_group *group, size_t pending,
    size_t *index);

/* The owner's: so many have ended, and the count is as others see it.  False if there was
 * no bias: nothing was done.  If nothing is pending the round has ended. */
bool flc_group_end_bias(const struct flc_worker *worker, filch_group *group, size_t ended);

/* For a wait of another thread: the count is as all see it, and stays so. */
void flc_group_share(filch_group *group);

#endif /* FLC_GROUP_COUNT_H */
