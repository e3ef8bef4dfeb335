/* SPDX-License-Identifier: BSD-2-Clause */
#include "task/group_run.h"

#include "base/float_mode.h"
#include "sched/stack.h"
#include "wait/task_wait.h"
#include "task/group_system.h"
#include "task/group_count.h"

static void
fail(filch_group *group, size_t index, int status)
{
	flc_static_lock_acquire(&flc_group_failures);
	flc_scope_note_failure(flc_group_failed_at(group), &group->failure_, index, status);
	flc_static_lock_release(&flc_group_failures);
}

/* The scope around the group, where it is known to live: if the waiter itself runs the
 * task.  Elsewhere the waiter passes cancellation on. */
static struct flc_scope *
inherited(const struct flc_worker *worker, const filch_group *group)
{
	return worker->awaited == (size_t)group && !group->shielded ? worker->scope : NULL;
}

/* The scope of the task with this spawn index. */
static FLC_ALWAYS_INLINE void
begin_scope(struct flc_scope *scope, const struct flc_worker *worker, filch_group *group,
    size_t index)
{
	flc_scope_init(scope, inherited(worker, group), worker->scope, flc_group_state(group),
	    flc_group_failed_at(group), group->cancel);
	flc_scope_move(scope, index);
}

/* Of a scope that nobody has looked at yet: flc_scope_look() in few words. */
static FLC_ALWAYS_INLINE bool
is_stopped(filch_group *group, struct flc_scope *scope)
{
	/* acquire [scope.stop]: the words that stop come with the count. */
	size_t stops = flc_load_acquire(&flc_stops);

	if (flc_load_relaxed(flc_group_state(group)) != 0
	    || flc_scope_is_after_failure(flc_group_failed_at(group), scope->index)
	    || (scope->token != NULL && filch_cancel_requested(scope->token))
	    || (scope->outer != NULL && flc_scope_is_stopped(scope->outer)))
		return true;
	flc_store_relaxed(&scope->runs_at, stops);
	return false;
}

/* One task, by index, wherever it runs; false: it is skipped. */
static FLC_ALWAYS_INLINE bool
run_task(struct flc_worker *worker, filch_group *group, int (*task)(void *context),
    void *context, size_t index)
{
	struct flc_scope_place place;
	struct flc_scope scope;
	int status;

	begin_scope(&scope, worker, group, index);
	if (is_stopped(group, &scope))
		return false;
	place = flc_scope_enter(worker, &scope);
	status = task(context);
	flc_scope_leave(worker, place);
	flc_worker_check_fork(worker);
	if (status != FILCH_OK)
		fail(group, index, status);
	return true;
}

static void
count_skipped(filch_group *group, struct filch_pool *pool)
{
	/* acquire [group.cancel]: if another job has canceled because the pool discards,
	 * then we see that too. */
	(void)flc_load_acquire(flc_group_state(group));
	if (flc_load_relaxed(&pool->discarding))
		flc_add_full(&pool->dropped, 1);
}

/* All but its end. */
static void
run_to_end(struct flc_worker *worker, const struct flc_job *job)
{
	filch_group *group = (filch_group *)job->tag;

	if (flc_load_relaxed(&worker->pool->discarding))
		filch_group_cancel(group);
	if (!run_task(worker, group, job->call.task, job->call.context,
	    job->call.number & FLC_GROUP_INDEX_MASK))
		count_skipped(group, worker->pool);
}

void
flc_group_run_job(struct flc_worker *worker, const struct flc_job *job)
{
	flc_float_set_mode(job->call.number >> FLC_GROUP_INDEX_BITS);
	run_to_end(worker, job);
	flc_group_end_task((filch_group *)job->tag, worker->pool);
}

/* The waiter's own tasks share a scope, which moves from one to the next. */
struct own_run {
	filch_group *group;
	struct flc_scope scope;
	struct flc_scope_place place;
	size_t mode;            /* of floating point, of the waiter and mostly of the tasks */
};

/* The scope goes on to the next task; false: it is skipped. */
static inline bool
move_on(struct own_run *run, size_t index)
{
	/* acquire [scope.stop]: the words that stop come with the count. */
	size_t stops = flc_load_acquire(&flc_stops);

	run->scope.index = index;
	if (FLC_LIKELY(flc_load_relaxed(&run->scope.runs_at) == stops
	    && flc_load_relaxed(flc_group_failed_at(run->group)) == 0))
		return true;
	return !is_stopped(run->group, &run->scope);
}

/* A task that computes in another way, or is dropped. */
static FLC_NOINLINE void
run_unlike(struct flc_worker *worker, struct own_run *run, const struct flc_job *job)
{
	flc_scope_leave(worker, run->place);
	flc_float_set_mode(job->call.number >> FLC_GROUP_INDEX_BITS);
	run_to_end(worker, job);
	flc_float_set_mode(run->mode);
	run->place = flc_scope_enter(worker, &run->scope);
}

static inline void
run_one(struct flc_worker *worker, struct own_run *run, const struct flc_job *job)
{
	size_t index = job->call.number & FLC_GROUP_INDEX_MASK;
	int status;

	flc_count(&worker->counters->tasks_run, 1);
	flc_count(&worker->counters->joins_helped, 1);
	if (FLC_UNLIKELY(job->call.number >> FLC_GROUP_INDEX_BITS != run->mode
	    || flc_load_relaxed(&worker->pool->discarding))) {
		run_unlike(worker, run, job);
		return;
	}
	if (FLC_UNLIKELY(!move_on(run, index))) {
		count_skipped(run->group, worker->pool);
		return;
	}
	status = job->call.task(job->call.context);
	flc_worker_check_fork(worker);
	flc_float_set_mode(run->mode);
	if (FLC_UNLIKELY(status != FILCH_OK))
		fail(run->group, index, status);
}

/*
 * Runs the waiter's own tasks, the newest first, and says at the end how many have ended:
 * nobody is told before, as the waiter itself is the one whom the last of them would
 * wake.
 */
void
flc_group_run_own(struct flc_worker *worker, filch_group *group)
{
	struct own_run run;
	struct flc_job job;
	size_t ended = 0;

	run.group = group;
	run.mode = flc_float_mode();
	begin_scope(&run.scope, worker, group, 0);
	run.place = flc_scope_enter(worker, &run.scope);
	worker->depth++;
	while (!flc_stack_is_short() && flc_job_deque_pop(&worker->jobs, (size_t)group, &job)) {
		run_one(worker, &run, &job);
		ended++;
	}
	worker->depth--;
	flc_scope_leave(worker, run.place);
	if (!flc_group_end_bias(worker, group, ended) && ended > 0)
		(void)flc_pending_end_some(flc_group_pending(group), ended, worker->pool);
}

static FLC_ALWAYS_INLINE void
run_here(struct flc_worker *worker, filch_group *group, int (*task)(void *context),
    void *context, size_t index)
{
	size_t mode = flc_float_mode();

	flc_count(&worker->counters->tasks_inlined, 1);
	(void)run_task(worker, group, task, context, index);
	/* The task may leave another behind. */
	flc_float_set_mode(mode);
	flc_group_end_task(group, worker->pool);
}

/* The same where there is room. */
struct elsewhere {
	struct flc_worker *worker;
	const struct flc_group_task *task;
};

static void
run_there(void *argument)
{
	const struct elsewhere *e = (const struct elsewhere *)argument;
	const struct flc_group_task *t = e->task;

	run_here(e->worker, t->group, t->task, t->context, t->index);
}

static FLC_COLD int
run_elsewhere(struct flc_worker *worker, filch_group *group, int (*task)(void *context),
    void *context, size_t index)
{
	const struct flc_group_task t = { group, task, context, index };
	struct elsewhere elsewhere = { worker, &t };

	if (!flc_stack_call(worker, run_there, &elsewhere))
		run_there(&elsewhere);
	return FILCH_OK;
}

int
flc_group_run_now(struct flc_worker *worker, filch_group *group, int (*task)(void *context),
    void *context, size_t index)
{
	if (FLC_UNLIKELY(flc_stack_is_short()))
		return run_elsewhere(worker, group, task, context, index);
	run_here(worker, group, task, context, index);
	return FILCH_OK;
}

int
flc_group_run_verb(struct flc_worker *worker, void *task)
{
	const struct flc_group_task *t = (const struct flc_group_task *)task;

	return flc_group_run_now(worker, t->group, t->task, t->context, t->index);
}
