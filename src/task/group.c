/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/guest.h"
#include "sched/wait.h"

enum { GROUP_CANCELLED = 1 };

FLC_PENDING_BEFORE_STOP(filch_group, pending_, state_);

static flc_atomic *
pending_of(filch_group *group)
{
	return (flc_atomic *)&group->pending_;
}

static flc_atomic *
state_of(filch_group *group)
{
	return (flc_atomic *)&group->state_;
}

static flc_atomic *
failed_at_of(filch_group *group)
{
	return (flc_atomic *)&group->failed_at_;
}

/* The lowest spawn index wins. */
static void
fail(filch_group *group, struct filch_pool *pool, size_t index, int status)
{
	size_t failed;

	flc_lock_take(&pool->lock);
	failed = flc_load_relaxed(failed_at_of(group));
	if (failed == 0 || index + 1 < failed) {
		group->failure_ = status;
		flc_store_relaxed(failed_at_of(group), index + 1);
		flc_stop_made();
	}
	flc_lock_give(&pool->lock);
}

static bool
is_cancelled(filch_group *group)
{
	return (flc_load_relaxed(state_of(group)) & GROUP_CANCELLED)
	    || filch_cancel_requested(group->cancel);
}

/* The scope around the group, where it is known to live: if the waiter itself
 * runs the task.  Elsewhere the waiter passes cancellation on. */
static struct flc_scope *
inherited(const struct flc_worker *worker, const filch_group *group)
{
	return worker->awaited == (size_t)group && !group->shielded ? worker->scope : NULL;
}

/* One task, by index, wherever it runs; false: it is skipped. */
static bool
run_task(struct flc_worker *worker, filch_group *group, int (*task)(void *context),
    void *context, size_t index)
{
	struct flc_scope scope = {
		.outer = inherited(worker, group),
		.below = worker->scope,
		.stopped = state_of(group),
		.failed_at = failed_at_of(group),
		.index = index,
		.token = group->cancel,
	};
	struct flc_scope_place place;
	int status;

	if (flc_scope_is_stopped(&scope))
		return false;
	place = flc_scope_enter(worker, &scope);
	status = task(context);
	flc_scope_leave(worker, place);
	flc_worker_check_fork(worker);
	if (status != FILCH_OK)
		fail(group, worker->pool, index, status);
	return true;
}

/* The group may be gone as soon as the last of its tasks has ended. */
static void
end_task(filch_group *group, struct filch_pool *pool)
{
	void (*on_done)(void *context) = group->on_done;
	void *context = group->on_done_context;

	if (flc_pending_end(pending_of(group), pool) && on_done != NULL)
		on_done(context);
}

static void
run_job(struct flc_worker *worker, const struct flc_job *job)
{
	filch_group *group = (filch_group *)job->tag;
	struct filch_pool *pool = worker->pool;

	if (flc_load_relaxed(&pool->discarding))
		filch_group_cancel(group);
	if (!run_task(worker, group, (int (*)(void *))job->a, (void *)job->b, job->c)) {
		/* acquire [group.cancel]: if another job has cancelled because the
		 * pool discards, then we see that too. */
		(void)flc_load_acquire(state_of(group));
		if (flc_load_relaxed(&pool->discarding))
			flc_add_full(&pool->dropped, 1);
	}
	end_task(group, pool);
}

/* A task that is run on the spot. */
struct inlined {
	filch_group *group;
	int (*task)(void *context);
	void *context;
	size_t index;
};

static int
inline_verb(struct flc_worker *worker, void *argument)
{
	const struct inlined *i = argument;

	flc_count(&worker->counters->tasks_inlined, 1);
	run_task(worker, i->group, i->task, i->context, i->index);
	end_task(i->group, worker->pool);
	return FILCH_OK;
}

/* Queues the job where the caller's own are, or for all; false: no memory. */
static bool
enqueue(struct filch_pool *pool, const struct flc_job *job)
{
	struct flc_worker *worker = flc_self();

	if (worker == NULL || worker->pool != pool) {
		if (!flc_injector_put(&pool->injector, job))
			return false;
		flc_worker_injected(pool);
		return true;
	}
	size_t at = flc_loose_push(&worker->loose, job);

	if (at == 0)
		return false;
	flc_count(&worker->counters->tasks_spawned, 1);
	flc_worker_published(worker, &worker->loose.top, at);
	return true;
}

/* The pool of this round of the group: the first spawn decides. */
static filch_pool *
pool_of(filch_group *group, int *status)
{
	flc_atomic *word = (flc_atomic *)&group->pool_;
	filch_pool *pool = (filch_pool *)flc_load_acquire(word);

	if (pool == NULL) {
		pool = flc_pool_choose(group->pool, status);
		if (pool == NULL)
			return NULL;
		if (!flc_cas_full(word, 0, (size_t)pool))
			pool = (filch_pool *)flc_load_acquire(word);
	}
	if (flc_pool_is_old(pool)) {
		*status = FILCH_FORKED;
		return NULL;
	}
	return pool;
}

static int
spawn(filch_group *group, int (*task)(void *context), void *context, bool may_refuse)
{
	int status = FILCH_OK;
	filch_pool *pool;
	size_t pending;
	struct inlined inlined = { group, task, context, 0 };
	bool full;

	if (group == NULL || task == NULL)
		return FILCH_INVAL;
	pool = pool_of(group, &status);
	if (pool == NULL)
		return status;
	pending = flc_pending_count(flc_load_relaxed(pending_of(group)));
	full = group->max_backlog != 0 && pending >= group->max_backlog;
	if (full && may_refuse)
		return FILCH_AGAIN;
	inlined.index = flc_add_full((flc_atomic *)&group->spawned_, 1);
	if (is_cancelled(group))
		return FILCH_OK;
	flc_add_full(pending_of(group), 1);
	if (!full && pool->threads > 0) {
		struct flc_job job = {
			(size_t)run_job, (size_t)group, (size_t)task, (size_t)context,
			inlined.index,
		};

		if (enqueue(pool, &job))
			return FILCH_OK;
	}
	return flc_guest_call(pool, inline_verb, &inlined);
}

int
filch_group_spawn(filch_group *group, int (*task)(void *context), void *context)
{
	return spawn(group, task, context, false);
}

int
filch_group_try_spawn(filch_group *group, int (*task)(void *context), void *context)
{
	return spawn(group, task, context, true);
}

void
filch_group_cancel(filch_group *group)
{
	if (group == NULL || flc_load_relaxed(state_of(group)) != 0)
		return;
	/* release [group.cancel]: what made us cancel. */
	flc_store_release(state_of(group), GROUP_CANCELLED);
	flc_stop_made();
}

/* A wait, with the scope it stands in. */
struct wait {
	filch_group *group;
	const struct flc_worker *worker;
	struct flc_scope *scope;
	uint64_t deadline;
};

/* How many tasks further down the stack are looked at before the wait begins;
 * all are before it parks. */
#define NEAR 8

/* Cancellation around the wait reaches the group, unless it is shielded. */
static void
inherit_cancellation(void *context)
{
	const struct wait *wait = context;

	if (flc_scope_is_stopped(wait->scope))
		filch_group_cancel(wait->group);
}

/* A task that waits for its own group would wait for itself. */
static int
is_own(void *context)
{
	const struct wait *wait = context;

	return flc_scope_is_inside(wait->worker->scope, state_of(wait->group), SIZE_MAX)
	    ? FILCH_DEADLOCK : FILCH_OK;
}

static int
wait_verb(struct flc_worker *worker, void *argument)
{
	struct wait *wait = argument;
	filch_group *group = wait->group;
	struct flc_waiting how = {
		.tag = (size_t)group,
		.wide = group->wide_help,
		.fifo = group->fifo,
		.deadline = wait->deadline,
		.context = wait,
		.stuck = is_own,
	};
	size_t awaited;
	int status;

	if (flc_scope_is_inside(worker->scope, state_of(group), NEAR))
		return FILCH_DEADLOCK;
	if (worker->scope != NULL && !group->shielded) {
		wait->scope = worker->scope;
		how.poll = inherit_cancellation;
		inherit_cancellation(wait);
	}
	wait->worker = worker;
	awaited = worker->awaited;
	worker->awaited = (size_t)group;
	status = flc_wait_pending(worker, pending_of(group), &how);
	worker->awaited = awaited;
	return status;
}

/* What the round gave; the group is empty again. */
static int
conclude(filch_group *group)
{
	int status = FILCH_OK;

	if (flc_load_relaxed(failed_at_of(group)) != 0)
		status = group->failure_;
	else if (is_cancelled(group))
		status = FILCH_CANCELED;
	flc_store_relaxed(failed_at_of(group), 0);
	flc_store_relaxed(state_of(group), 0);
	flc_store_relaxed((flc_atomic *)&group->spawned_, 0);
	flc_store_relaxed((flc_atomic *)&group->pool_, 0);
	group->failure_ = FILCH_OK;
	return status;
}

int
filch_group_wait(filch_group *group, uint64_t deadline)
{
	struct wait wait = { group, NULL, NULL, deadline };
	struct flc_worker *worker;
	filch_pool *pool;
	int status;

	if (group == NULL)
		return FILCH_INVAL;
	pool = (filch_pool *)flc_load_acquire((flc_atomic *)&group->pool_);
	if (pool != NULL && flc_pool_is_old(pool))
		return FILCH_FORKED;
	/* acquire [pending.end]: what the ended tasks did. */
	if (pool != NULL && flc_pending_count(flc_load_acquire(pending_of(group))) != 0) {
		status = flc_guest_call_until(pool, wait_verb, &wait, deadline);
		if (status != FILCH_OK)
			return status;
	}
	/* The last of the tasks may have ended by a cancellation around us that
	 * no poll has seen. */
	worker = flc_self();
	if (pool != NULL && worker != NULL && !group->shielded
	    && flc_scope_is_stopped(worker->scope))
		filch_group_cancel(group);
	return conclude(group);
}
