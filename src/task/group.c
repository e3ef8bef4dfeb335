/* SPDX-License-Identifier: BSD-2-Clause */
#include "task/group.h"

#include "base/float_mode.h"
#include "sched/guest.h"
#include "sched/stack.h"
#include "sched/wait.h"

/*
 * ROUNDS
 *
 * The first spawn of a round chooses its pool.  A wait that saw nothing pending ends
 * the round, and so does a spawn that would choose another pool.  The mark in pending_
 * is the round, odd or even; the low bit of pool_ is the round that the pool was chosen
 * in: the pool of another round is none.  A spawn counts its task before it asks for
 * the pool, and a round ends only if nothing is counted, in one step on the same word:
 * so its pool stays while one of its tasks is pending, and pending_ alone says whether
 * a wait has something to wait for.
 *
 * Nothing else is reset beside a spawn: a failure is taken under a lock, indexes of
 * spawns only grow.
 */

enum { GROUP_CANCELLED = 1 };

/* In pool_: the round. */
#define POOL_ROUND ((size_t)1)

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
fail(filch_group *group, size_t index, int status)
{
	size_t failed;

	flc_group_lock_failures();
	failed = flc_load_relaxed(failed_at_of(group));
	if (failed == 0 || index + 1 < failed) {
		flc_set(group->failure_, status);
		flc_store_relaxed(failed_at_of(group), index + 1);
		flc_stop_made();
	}
	flc_lock_give(&flc_group_failures);
}

/* The failure goes to one wait.  A task beside it may just fail: its failure goes to
 * this wait or to the next. */
static int
take_failure(filch_group *group)
{
	int status;

	if (flc_load_relaxed(failed_at_of(group)) == 0)
		return FILCH_OK;
	flc_group_lock_failures();
	status = flc_get(group->failure_);
	flc_store_relaxed(failed_at_of(group), 0);
	flc_lock_give(&flc_group_failures);
	return status;
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
		fail(group, index, status);
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

/* With the number of a task stands how its spawner computed with floating point. */
#define INDEX_BITS (64 - FLC_FLOAT_BITS)
#define INDEX_MASK (((size_t)1 << INDEX_BITS) - 1)

static void
run_job(struct flc_worker *worker, const struct flc_job *job)
{
	filch_group *group = (filch_group *)job->tag;
	struct filch_pool *pool = worker->pool;

	flc_float_set_mode(job->c >> INDEX_BITS);
	if (flc_load_relaxed(&pool->discarding))
		filch_group_cancel(group);
	if (!run_task(worker, group, (int (*)(void *))job->a, (void *)job->b,
	    job->c & INDEX_MASK)) {
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

static inline int
run_inlined(struct flc_worker *worker, const struct inlined *i)
{
	size_t mode = flc_float_mode();

	flc_count(&worker->counters->tasks_inlined, 1);
	run_task(worker, i->group, i->task, i->context, i->index);
	/* The task may leave another behind. */
	flc_float_set_mode(mode);
	end_task(i->group, worker->pool);
	return FILCH_OK;
}

/* The same where there is room. */
struct inlined_elsewhere {
	struct flc_worker *worker;
	const struct inlined *inlined;
};

static void
run_there(void *argument)
{
	const struct inlined_elsewhere *e = (const struct inlined_elsewhere *)argument;

	(void)run_inlined(e->worker, e->inlined);
}

static FLC_COLD int
run_elsewhere(struct flc_worker *worker, const struct inlined *i)
{
	struct inlined_elsewhere elsewhere = { worker, i };

	if (!flc_stack_call(worker, run_there, &elsewhere))
		run_there(&elsewhere);
	return FILCH_OK;
}

static int
inline_verb(struct flc_worker *worker, void *argument)
{
	const struct inlined *i = (const struct inlined *)argument;

	return FLC_UNLIKELY(flc_stack_is_short()) ? run_elsewhere(worker, i) : run_inlined(worker, i);
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

static size_t
round_of(size_t pending)
{
	return (pending & FLC_PENDING_MARK) != 0 ? POOL_ROUND : 0;
}

/* The pool of the round that pending_ tells of; NULL: no spawn has chosen it yet. */
static filch_pool *
pool_in_round(filch_group *group, size_t pending)
{
	/* acquire [group.pool]: the pool comes with the word. */
	size_t word = flc_load_acquire((flc_atomic *)&group->pool_);

	return (word & POOL_ROUND) == round_of(pending)
	    ? (filch_pool *)(word & ~POOL_ROUND) : NULL;
}

/* With nothing pending the next spawn begins a round, unless one was beside us. */
static void
end_round(filch_group *group)
{
	/* acquire [pending.end]: what the ended tasks did. */
	size_t pending = flc_load_acquire(pending_of(group));

	/* Full, hence release [pending.end]: the pool of this round, for the next
	 * spawn. */
	if (flc_pending_count(pending) == 0 && pool_in_round(group, pending) != NULL)
		(void)flc_cas_full(pending_of(group), pending, pending ^ FLC_PENDING_MARK);
}

/* Whether a spawn that is the first of its round would choose this pool. */
static bool
is_choice(const filch_group *group, const filch_pool *pool)
{
	const struct flc_worker *worker;

	if (group->pool != NULL)
		return pool == group->pool;
	worker = flc_self();
	return pool == (worker != NULL ? worker->pool : flc_pool_living_default());
}

/* The pool for a spawn, which has counted its task: the first one chooses. */
static filch_pool *
pool_for_spawn(filch_group *group, size_t pending, int *status)
{
	flc_atomic *word = (flc_atomic *)&group->pool_;
	size_t before = flc_load_relaxed(word);
	filch_pool *pool = pool_in_round(group, pending);

	if (pool != NULL)
		return pool;
	pool = flc_pool_choose(group->pool, status);
	/* Full, hence release [group.pool]: the pool, before the word. */
	if (pool == NULL || flc_cas_full(word, before, (size_t)pool | round_of(pending)))
		return pool;
	return pool_in_round(group, pending);
}

/* A task that was counted and will not be run.  If others rely on the count, they
 * have chosen the pool. */
static void
uncount(filch_group *group, size_t pending)
{
	filch_pool *pool = pool_in_round(group, pending);

	if (pool != NULL)
		end_task(group, pool);
	else
		flc_add_full(pending_of(group), (size_t)-1);
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
	/* acquire [pending.end]: the pool of a round that was ended. */
	pending = flc_load_acquire(pending_of(group));
	pool = pool_in_round(group, pending);
	/* With nothing pending the pool may be gone, or another one's turn. */
	if (pool != NULL && flc_pending_count(pending) == 0 && !is_choice(group, pool))
		end_round(group);
	else if (pool != NULL && flc_pool_is_old(pool))
		return FILCH_FORKED;
	full = group->max_backlog != 0 && flc_pending_count(pending) >= group->max_backlog;
	if (full && may_refuse)
		return FILCH_AGAIN;
	if (is_cancelled(group))
		return FILCH_OK;
	pending = flc_add_full(pending_of(group), 1);
	pool = pool_for_spawn(group, pending, &status);
	if (pool == NULL) {
		uncount(group, pending);
		return status;
	}
	inlined.index = flc_add_full((flc_atomic *)&group->spawned_, 1);
	if (!full && pool->threads > 0) {
		struct flc_job job = {
			(size_t)run_job, (size_t)group, (size_t)task, (size_t)context,
			(inlined.index & INDEX_MASK) | flc_float_mode() << INDEX_BITS,
		};

		if (enqueue(pool, &job))
			return FILCH_OK;
	}
	status = flc_guest_call(pool, inline_verb, &inlined);
	/* Neither queued nor run: no memory, or the pool ends and drops what it has. */
	if (FLC_UNLIKELY(status != FILCH_OK))
		end_task(group, pool);
	return status;
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
	const struct wait *wait = (const struct wait *)context;

	if (flc_scope_is_stopped(wait->scope))
		filch_group_cancel(wait->group);
}

/* A task that waits for its own group would wait for itself. */
static int
is_own(void *context)
{
	const struct wait *wait = (const struct wait *)context;

	return flc_worker_is_inside(wait->worker, state_of(wait->group))
	    ? FILCH_DEADLOCK : FILCH_OK;
}

/*
 * Whether the group stands in the frames of the task that waits for it.  Such a wait
 * is never told of a cycle: who is, leaves the group with tasks in it.  In each cycle
 * another wait can be told, because a group that is made inside of a task is not what
 * that task is part of.
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
	};
	size_t awaited;
	int status;

	if (flc_scope_is_near(worker->scope, state_of(group), NEAR))
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

/* What the round gave. */
static int
conclude(filch_group *group)
{
	int status = take_failure(group);

	if (status == FILCH_OK && is_cancelled(group))
		status = FILCH_CANCELED;
	if (flc_load_relaxed(state_of(group)) != 0)
		flc_store_relaxed(state_of(group), 0);
	return status;
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
	pending = flc_load_acquire(pending_of(group));
	/* Without a pool no spawn of this round has returned yet. */
	pool = pool_in_round(group, pending);
	if (pool == NULL)
		return conclude(group);
	/* With nothing pending the pool may be gone. */
	if (flc_pending_count(pending) != 0) {
		if (flc_pool_is_old(pool))
			return FILCH_FORKED;
		status = flc_guest_call_until(pool, wait_verb, &wait, deadline);
		if (FLC_UNLIKELY(status == FILCH_NOMEM))
			status = flc_group_wait_outside(group, deadline);
		if (status != FILCH_OK)
			return status;
	}
	/* The last of the tasks may have ended by a cancellation around us that
	 * no poll has seen. */
	worker = flc_self();
	if (worker != NULL && !group->shielded && flc_scope_is_stopped(worker->scope))
		filch_group_cancel(group);
	end_round(group);
	return conclude(group);
}
