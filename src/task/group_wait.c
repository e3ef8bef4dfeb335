/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of a group: its wait, its cancellation, its failure. */
#include "task/group_count.h"
#include "task/group_rounds.h"
#include "task/group_system.h"
#include "wait/call.h"
#include "wait/task_wait.h"

FLC_PENDING_BEFORE_STOP(filch_group, pending_, state_);

/* The failure goes to one wait.  A task beside it may just fail: its failure goes to this
 * wait or to the next. */
static int
take_failure(filch_group *group)
{
	int status;

	if (flc_load_relaxed(flc_group_failed_at(group)) == 0)
		return FILCH_OK;
	flc_static_lock_acquire(&flc_group_failures);
	status = flc_get(group->failure_);
	flc_store_relaxed(flc_group_failed_at(group), 0);
	flc_static_lock_release(&flc_group_failures);
	return status;
}

void
filch_group_cancel(filch_group *group)
{
	if (group == NULL || flc_load_relaxed(flc_group_state(group)) != 0)
		return;
	/* release [group.cancel]: what made us cancel. */
	flc_store_release(flc_group_state(group), FLC_GROUP_CANCELED);
	flc_stop_made();
}

/* A wait, with the scope it stands in. */
struct wait {
	filch_group *group;
	const struct flc_worker *worker;
	struct flc_scope *scope;
	uint64_t deadline;
};

/* How many tasks further down the stack are looked at before the wait begins; all are
 * before it parks. */
#define NEAR 8

/* Cancellation around the wait reaches the group, unless it is shielded. */
static void
inherit_cancellation(void *context)
{
	const struct wait *wait = (const struct wait *)context;

	if (flc_scope_is_stopped(wait->scope))
		filch_group_cancel(wait->group);
}

/* A task that waits for its own group would wait for itself. */
static int
is_own(void *context)
{
	const struct wait *wait = (const struct wait *)context;

	return flc_worker_is_inside(wait->worker, flc_group_state(wait->group))
	    ? FILCH_DEADLOCK : FILCH_OK;
}

/*
 * Whether the group stands in the frames of the task that waits for it.  Such a wait is
 * never told of a cycle: a wait that is told leaves the group with tasks in it.  In each
 * cycle another wait can be told, because a group that is made inside of a task is not
 * what that task is part of.
 */
static bool
is_local(const struct flc_worker *worker, const filch_group *group)
{
	const char here = 0;
	size_t at = (size_t)group, low = (size_t)&here, high = SIZE_MAX;

	if ((size_t)worker->frame > low)
		high = (size_t)worker->frame;
	if ((size_t)worker->scope > low && (size_t)worker->scope < high)
		high = (size_t)worker->scope;
	return at > low && at < high;
}

static void
run_own_first(struct flc_worker *worker, void *context)
{
	const struct wait *wait = (const struct wait *)context;

	if (flc_job_deque_newest_bears(&worker->jobs, (size_t)wait->group))
		flc_group_run_own(worker, wait->group);
	else
		(void)flc_group_end_bias(worker, wait->group, 0);
}

/* The owner waits: until it has left no task on top of this begins a bias, as nobody
 * would hear of the end.  Returns what was before. */
static size_t
mark_waited(struct flc_worker *worker, filch_group *group, size_t waited)
{
	size_t own = flc_load_relaxed(flc_group_own(group));

	if (!flc_group_is_owner(worker, group))
		return 0;
	flc_store_relaxed(flc_group_own(group), (own & ~FLC_OWN_WAITED) | waited);
	return own & FLC_OWN_WAITED;
}

static int
wait_verb(struct flc_worker *worker, void *argument)
{
	struct wait *wait = (struct wait *)argument;
	filch_group *group = wait->group;
	struct flc_waiting how = {
		.tag = (size_t)group,
		.wide = group->wide_help != 0,
		.fifo = group->fifo != 0,
		.deadline = wait->deadline,
		.stuck = is_own,
		.tell = (worker->scope != NULL || worker->frame != NULL)
		    && !is_local(worker, group),
		.context = wait,
		.own = group->fifo || group->on_done != NULL || group->max_backlog != 0
		    ? NULL : run_own_first,
	};
	size_t awaited, waited;
	int status;

	if (flc_scope_is_near(worker->scope, flc_group_state(group), NEAR))
		return FILCH_DEADLOCK;
	if (worker->scope != NULL && !group->shielded) {
		wait->scope = worker->scope;
		how.poll = inherit_cancellation;
		inherit_cancellation(wait);
	}
	wait->worker = worker;
	awaited = worker->awaited;
	worker->awaited = (size_t)group;
	waited = mark_waited(worker, group, FLC_OWN_WAITED);
	if (how.own == NULL || how.deadline != FILCH_FOREVER)
		(void)flc_group_end_bias(worker, group, 0);
	status = flc_wait_pending(worker, flc_group_pending(group), &how);
	(void)mark_waited(worker, group, waited);
	worker->awaited = awaited;
	return status;
}

/* What the round gave. */
static int
conclude(filch_group *group)
{
	int status = take_failure(group);

	if (status == FILCH_OK && flc_group_is_canceled(group))
		status = FILCH_CANCELED;
	if (flc_load_relaxed(flc_group_state(group)) != 0)
		flc_store_relaxed(flc_group_state(group), 0);
	return status;
}

/*
 * Before a wait: the count is to be what others see of it, and returned.  The owner may
 * keep its bias until it has run what it queued.
 */
static size_t
settle_count(const struct flc_worker *worker, filch_group *group, const struct filch_pool *pool)
{
	if (worker == NULL || worker->pool != pool || !flc_group_is_owner(worker, group))
		flc_group_share(group);
	else if (!flc_job_deque_newest_bears(&worker->jobs, (size_t)group))
		(void)flc_group_end_bias(worker, group, 0);
	/* acquire [pending.end]: what the ended tasks did. */
	return flc_load_acquire(flc_group_pending(group));
}

int
filch_group_wait(filch_group *group, uint64_t deadline)
{
	struct wait wait = { group, NULL, NULL, deadline };
	struct flc_worker *worker;
	filch_pool *pool;
	size_t pending;
	int status;

	if (group == NULL)
		return FILCH_INVAL;
	/* acquire [pending.end]: what the ended tasks did. */
	pending = flc_load_acquire(flc_group_pending(group));
	/* Without a pool no spawn of this round has returned yet. */
	pool = flc_group_pool(group, pending);
	if (pool == NULL)
		return conclude(group);
	worker = flc_self();
	if (flc_pending_count(pending) != 0)
		pending = settle_count(worker, group, pool);
	/* With nothing pending the pool may be gone. */
	if (flc_pending_count(pending) != 0) {
		if (flc_pool_is_old(pool))
			return FILCH_FORKED;
		status = worker != NULL && worker->pool == pool ? wait_verb(worker, &wait)
		    : flc_pool_call_until(pool, wait_verb, &wait, deadline);
		if (FLC_UNLIKELY(status == FILCH_NOMEM))
			status = flc_group_wait_outside(group, deadline);
		if (status != FILCH_OK)
			return status;
	}
	/* The last of the tasks may have ended by a cancellation around us that no poll
	 * has seen. */
	if (worker != NULL && !group->shielded && flc_scope_is_stopped(worker->scope))
		filch_group_cancel(group);
	flc_group_end_round(group);
	return conclude(group);
}
