/* SPDX-License-Identifier: BSD-2-Clause */
#include "task/group_count.h"

#include "task/group_system.h"

/* The lock is held from SHARED to the count: a thread that sees the one finds the other
 * done. */
FLC_COLD bool
flc_group_settle(filch_group *group)
{
	size_t own;

	flc_static_lock_acquire(&flc_group_failures);
	own = flc_load_relaxed(flc_group_own(group));
	flc_store_relaxed(flc_group_own(group), own & ~(FLC_OWN_ACTIVE | FLC_OWN_TAKEN));
	flc_static_lock_release(&flc_group_failures);
	return (own & FLC_OWN_TAKEN) != 0;
}

bool
flc_group_begin_bias(const struct flc_worker *worker, filch_group *group, size_t pending,
    size_t *index)
{
	size_t owner = flc_load_relaxed(flc_group_owner(group)), own;

	if ((pending & ~FLC_PENDING_MARK) != 0 || !flc_fence_is_cheap()
	    || group->max_backlog != 0 || group->cancel != NULL || group->on_done != NULL)
		return false;
	/* Once claimed it is nobody else's: only one thread ever stores the count. */
	if (owner != (size_t)worker
	    && (owner != 0 || !flc_cas_full(flc_group_owner(group), 0, (size_t)worker)))
		return false;
	/* While the owner waits, a task on top of the wait begins no bias. */
	own = flc_load_relaxed(flc_group_own(group));
	if ((own & ~FLC_OWN_COUNT) != 0)
		return false;
	/* Full, hence release [pending.end]: as any count of a task. */
	if (!flc_cas_full(flc_group_pending(group), pending, pending + FLC_GROUP_BIAS - own))
		return false;
	*index = flc_group_own_index(group, own);
	return flc_group_count_own(group, own | FLC_OWN_ACTIVE) || flc_group_settle(group);
}

bool
flc_group_end_bias(const struct flc_worker *worker, filch_group *group, size_t ended)
{
	size_t own = flc_load_relaxed(flc_group_own(group)), before, after;

	if (!flc_group_is_owner(worker, group) || !flc_group_may_count(own))
		return false;
	do {
		/* acquire [pending.end]: what the ended tasks did. */
		before = flc_load_acquire(flc_group_pending(group));
		if (FLC_UNLIKELY(flc_group_is_revoked(before))) {
			(void)flc_group_settle(group);
			return false;
		}
		after = before + (own & FLC_OWN_COUNT) - FLC_GROUP_BIAS - ended;
		if (flc_pending_count(after) == 0)
			after ^= FLC_PENDING_MARK;
		/* Full, hence release [pending.end]: what was done, before the count. */
	} while (!flc_cas_full(flc_group_pending(group), before, after));
	flc_store_relaxed(flc_group_own(group), own & ~FLC_OWN_ACTIVE);
	return true;
}

/* The group is biased: ends that for its owner. */
static FLC_COLD void
revoke(filch_group *group)
{
	size_t pending, own;

	flc_static_lock_acquire(&flc_group_failures);
	do {
		pending = flc_load_acquire(flc_group_pending(group));
		/* Another thread was first, or the owner has ended it. */
		if (flc_group_is_revoked(pending)) {
			flc_static_lock_release(&flc_group_failures);
			return;
		}
	} while (!flc_cas_full(flc_group_pending(group), pending, pending | FLC_GROUP_SHARED));
	/* store-load [group.own]: the owner sees SHARED, or we its count. */
	flc_fence_heavy_or_wait();
	/* Full, hence acquire [group.own]: what the owner did before its spawns. */
	own = flc_add_full(flc_group_own(group), FLC_OWN_TAKEN);
	flc_add_full(flc_group_pending(group), (own & FLC_OWN_COUNT) - FLC_GROUP_BIAS);
	flc_static_lock_release(&flc_group_failures);
}

void
flc_group_share(filch_group *group)
{
	for (;;) {
		size_t pending = flc_load_acquire(flc_group_pending(group));

		if (flc_group_is_biased(pending))
			revoke(group);
		else if ((pending & FLC_GROUP_SHARED)
		    || flc_cas_full(flc_group_pending(group), pending, pending | FLC_GROUP_SHARED))
			return;
	}
}
