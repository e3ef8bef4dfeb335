/* SPDX-License-Identifier: BSD-2-Clause */
#include "task/group_system.h"

#include "wait/block.h"
#include "wait/task_wait.h"

struct flc_static_lock flc_group_failures = FLC_STATIC_LOCK_INIT;

static bool
has_ended(const filch_group *group)
{
	/* acquire [pending.end]: what the ended tasks did. */
	return flc_pending_count(flc_load_acquire((const flc_atomic *)&group->pending_)) == 0;
}

/* Cancellation around the wait reaches the group, unless it is shielded. */
static int
look(void *context)
{
	filch_group *group = (filch_group *)context;
	struct flc_worker *worker = flc_self();

	if (worker != NULL && !group->shielded && flc_scope_is_stopped(worker->scope))
		filch_group_cancel(group);
	return has_ended(group);
}

int
flc_group_wait_outside(filch_group *group, uint64_t deadline)
{
	const struct flc_block_how how = {
		.on = {
			.state = FILCH_STATE_JOIN_WAIT,
			.what = "a group, without memory to help it",
		},
		.deadline = deadline,
		.poll = look,
		.context = group,
	};
	struct flc_waiter waiter;
	enum flc_block_end end;

	flc_waiter_init(&waiter);
	end = flc_block(&waiter, &how);
	flc_waiter_fini(&waiter);
	return end == FLC_BLOCK_TIMEOUT && !has_ended(group) ? FILCH_TIMEOUT : FILCH_OK;
}
