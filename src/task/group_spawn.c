/* SPDX-License-Identifier: BSD-2-Clause */
/* A task comes into a group: it is counted, then queued, or run on the spot. */
#include "pool/default_pool.h"
#include "sched/publish.h"
#include "task/group_count.h"
#include "task/group_rounds.h"
#include "wait/call.h"

/* Queues the job where the caller's own are, or for all if it is none of the pool's
 * workers; false: there is no memory for it. */
static bool
enqueue(struct flc_worker *worker, struct filch_pool *pool, const struct flc_job *job)
{
	if (worker != NULL && worker->pool == pool)
		return flc_worker_spawn(worker, job);
	return flc_worker_inject(pool, worker, job);
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

static FLC_NOINLINE filch_pool *
choose_pool(filch_group *group, size_t pending, int *status)
{
	flc_atomic *word = (flc_atomic *)&group->pool_;
	size_t before = flc_load_relaxed(word);
	const struct flc_worker *worker = flc_self();
	filch_pool *pool = flc_group_pool(group, pending);

	if (pool != NULL)
		return pool;
	pool = worker != NULL && group->pool == NULL ? worker->pool
	    : flc_pool_choose(group->pool, status);
	/* Full, hence release [group.pool]: the pool, before the word. */
	if (pool == NULL || flc_cas_full(word, before, (size_t)pool | flc_group_round(pending)))
		return pool;
	return flc_group_pool(group, pending);
}

/* The pool for a spawn, which has counted its task: the first one chooses. */
static inline filch_pool *
pool_for_spawn(filch_group *group, size_t pending, int *status)
{
	filch_pool *pool = flc_group_pool(group, pending);

	return FLC_LIKELY(pool != NULL) ? pool : choose_pool(group, pending, status);
}

/* A task that was counted and will not be run.  If others rely on the count, they have
 * chosen the pool. */
static void
uncount(filch_group *group, size_t pending)
{
	filch_pool *pool = flc_group_pool(group, pending);

	if (pool != NULL)
		flc_group_end_task(group, pool);
	else
		flc_add_full(flc_group_pending(group), (size_t)-1);
}

/* Whether the caller is a worker of the pool that a spawn would choose: then it lives. */
static inline bool
is_at_home(const struct flc_worker *worker, const filch_group *group, const filch_pool *pool)
{
	return worker != NULL && worker->pool == pool
	    && (group->pool == NULL || group->pool == pool);
}

/* Runs a task that was counted, for a caller that does not work in the pool. */
static FLC_NOINLINE int
run_as_guest(filch_pool *pool, struct flc_group_task *task)
{
	int status = flc_pool_call(pool, flc_group_run_verb, task);

	/* Neither queued nor run: no memory, or the pool ends and drops what it has. */
	if (FLC_UNLIKELY(status != FILCH_OK))
		flc_group_end_task(task->group, pool);
	return status;
}

/* Fills the job in; a copy would cost, as compilers keep no union in registers. */
static FLC_ALWAYS_INLINE void
make_job(struct flc_job *job, filch_group *group, int (*task)(void *context), void *context,
    size_t index)
{
	job->run = flc_group_run_job;
	job->tag = (size_t)group;
	job->call.task = task;
	job->call.context = context;
	job->call.number = (index & FLC_GROUP_INDEX_MASK)
	    | flc_float_mode() << FLC_GROUP_INDEX_BITS;
}

/* The task is counted, with this count before it: queues it, or runs it if there is no
 * room. */
static FLC_NOINLINE int
start(struct flc_worker *worker, struct flc_group_task *task, size_t pending, bool full)
{
	int status = FILCH_OK;
	filch_pool *pool = pool_for_spawn(task->group, pending, &status);

	if (FLC_UNLIKELY(pool == NULL)) {
		uncount(task->group, pending);
		return status;
	}
	if (!full && pool->threads > 0) {
		struct flc_job job;

		make_job(&job, task->group, task->task, task->context, task->index);
		if (enqueue(worker, pool, &job))
			return FILCH_OK;
	}
	if (worker != NULL && worker->pool == pool)
		return flc_group_run_verb(worker, task);
	return run_as_guest(pool, task);
}

/* Counts a task that is about to begin, and returns the count before it; its number. */
static size_t
count_task(const struct flc_worker *worker, filch_group *group, size_t pending, size_t *index)
{
	filch_pool *pool = flc_group_pool(group, pending);

	if (worker != NULL && (group->pool == NULL || group->pool == worker->pool)
	    && (pool == NULL || pool == worker->pool)
	    && flc_group_begin_bias(worker, group, pending, index))
		return pending;
	pending = flc_add_full(flc_group_pending(group), 1);
	*index = flc_group_next_index(group);
	return pending;
}

static FLC_NOINLINE int
spawn(filch_group *group, int (*task)(void *context), void *context, bool may_refuse)
{
	struct flc_worker *worker = flc_self();
	struct flc_group_task t = { group, task, context, 0 };
	filch_pool *pool;
	size_t pending;
	bool full;

	if (group == NULL || task == NULL)
		return FILCH_INVAL;
	/* acquire [pending.end]: the pool of a round that was ended. */
	pending = flc_load_acquire(flc_group_pending(group));
	pool = flc_group_pool(group, pending);
	if (pool != NULL && !is_at_home(worker, group, pool)) {
		if (flc_group_is_biased(pending)) {
			flc_group_share(group);
			pending = flc_load_acquire(flc_group_pending(group));
		}
		/* With nothing pending the pool may be gone, or another one's turn. */
		if (flc_pending_count(pending) == 0 && !is_choice(group, pool))
			flc_group_end_round(group);
		else if (flc_pool_is_old(pool))
			return FILCH_FORKED;
	}
	full = group->max_backlog != 0 && flc_pending_count(pending) >= group->max_backlog;
	if (full && may_refuse)
		return FILCH_AGAIN;
	if (flc_group_is_canceled(group))
		return FILCH_OK;
	pending = count_task(worker, group, pending, &t.index);
	return start(worker, &t, pending, full);
}

/* Whether this is the pool of the round. */
static FLC_ALWAYS_INLINE bool
is_in_round(filch_group *group, size_t pending, const filch_pool *pool)
{
	/* acquire [group.pool]: as in flc_group_pool(). */
	return flc_load_acquire((flc_atomic *)&group->pool_)
	    == ((size_t)pool | flc_group_round(pending));
}

/* Whether a spawn needs not look at anything else: neither an option nor the round is in
 * its way. */
static FLC_ALWAYS_INLINE bool
is_plain(filch_group *group, const filch_pool *pool)
{
	/* acquire [pending.end]: the pool of a round that was ended. */
	return is_in_round(group, flc_load_acquire(flc_group_pending(group)), pool)
	    && (group->pool == NULL || group->pool == pool)
	    && (group->max_backlog | (size_t)group->cancel
		| flc_load_relaxed(flc_group_state(group))) == 0;
}

static FLC_NOINLINE int
start_late(struct flc_worker *worker, filch_group *group, int (*task)(void *context),
    void *context, size_t pending)
{
	struct flc_group_task t = { group, task, context, flc_group_next_index(group) };

	return start(worker, &t, pending, false);
}

/* The task is counted: queues it where the caller's own are, or runs it. */
static FLC_NOINLINE int
start_own(struct flc_worker *worker, filch_group *group, int (*task)(void *context),
    void *context, size_t index)
{
	if (worker->pool->threads > 0) {
		struct flc_job job;

		make_job(&job, group, task, context, index);
		if (FLC_LIKELY(flc_worker_spawn(worker, &job)))
			return FILCH_OK;
	}
	return flc_group_run_now(worker, group, task, context, index);
}

/* Whether the caller's own count says all that a spawn needs: it owns the group, which is
 * biased, so its options and its pool are as they were when that began. */
static FLC_ALWAYS_INLINE bool
is_biased_to(const struct flc_worker *worker, filch_group *group, size_t *own)
{
	*own = flc_load_relaxed(flc_group_own(group));
	return flc_group_is_owner(worker, group) && flc_group_may_count(*own)
	    && (flc_load_relaxed((flc_atomic *)&group->pool_) & ~FLC_GROUP_POOL_ROUND)
		== (size_t)worker->pool
	    && flc_load_relaxed(flc_group_state(group)) == 0;
}

/* With an atomic count. */
static FLC_NOINLINE int
spawn_shared(struct flc_worker *worker, filch_group *group, int (*task)(void *context),
    void *context)
{
	const filch_pool *pool = worker->pool;
	size_t pending;

	if (FLC_UNLIKELY(!is_plain(group, pool)))
		return spawn(group, task, context, false);
	pending = flc_add_full(flc_group_pending(group), 1);
	if (FLC_UNLIKELY(!is_in_round(group, pending, pool)))
		return start_late(worker, group, task, context, pending);
	return start_own(worker, group, task, context, flc_group_next_index(group));
}

/* The bias ended beside our count. */
static FLC_NOINLINE int
spawn_settled(struct flc_worker *worker, filch_group *group, int (*task)(void *context),
    void *context, size_t index)
{
	return flc_group_settle(group) ? start_own(worker, group, task, context, index)
	    : spawn_shared(worker, group, task, context);
}

/* Whether a thread outside needs not look at anything else, as above. */
static inline bool
is_plain_outside(filch_group *group, size_t pending, const filch_pool *pool)
{
	return pool != NULL && !flc_group_is_biased(pending)
	    && (group->max_backlog | (size_t)group->cancel
		| flc_load_relaxed(flc_group_state(group))) == 0
	    && (flc_pending_count(pending) > 0 || pool == (group->pool != NULL ? group->pool
		: flc_pool_living_default()))
	    && !flc_pool_is_old(pool);
}

/* For a thread that is no worker.  It often has slept, and its caches are cold: what this
 * touches is little, and asked for at the beginning. */
static FLC_HOT FLC_NOINLINE int
spawn_outside(filch_group *group, int (*task)(void *context), void *context)
{
	struct flc_group_task t = { group, task, context, 0 };
	filch_pool *pool;
	struct flc_job job;
	size_t pending;

	if (group == NULL || task == NULL)
		return FILCH_INVAL;
	FLC_PREFETCH(flc_group_pending(group));
	/* acquire [pending.end]: the pool of a round that was ended. */
	pending = flc_load_acquire(flc_group_pending(group));
	pool = flc_group_pool(group, pending);
	if (FLC_UNLIKELY(!is_plain_outside(group, pending, pool)))
		return spawn(group, task, context, false);
	FLC_PREFETCH(&pool->injector);
	FLC_PREFETCH(&pool->sleep);
	pending = flc_add_full(flc_group_pending(group), 1);
	t.index = flc_group_next_index(group);
	if (FLC_UNLIKELY(!is_in_round(group, pending, pool) || pool->threads == 0))
		return start(NULL, &t, pending, false);
	flc_sleep_prefetch(&pool->sleep);
	make_job(&job, group, task, context, t.index);
	if (FLC_UNLIKELY(!flc_worker_inject(pool, NULL, &job)))
		return run_as_guest(pool, &t);
	return FILCH_OK;
}

int
filch_group_spawn(filch_group *group, int (*task)(void *context), void *context)
{
	struct flc_worker *worker = flc_self();
	struct flc_job job;
	size_t own, index;

	if (FLC_UNLIKELY(group == NULL || task == NULL || worker == NULL))
		return spawn_outside(group, task, context);
	if (FLC_UNLIKELY(!is_biased_to(worker, group, &own)))
		return flc_pending_count(flc_load_relaxed(flc_group_pending(group))) == 0
		    ? spawn(group, task, context, false)
		    : spawn_shared(worker, group, task, context);
	index = flc_group_own_index(group, own);
	if (FLC_UNLIKELY(!flc_group_count_own(group, own)))
		return spawn_settled(worker, group, task, context, index);
	if (worker->pool->threads == 0)
		return flc_group_run_now(worker, group, task, context, index);
	make_job(&job, group, task, context, index);
	if (FLC_LIKELY(flc_worker_spawn_if(worker, &job, false)))
		return FILCH_OK;
	/* All calls but one end this function, which so has little to save. */
	return start_own(worker, group, task, context, index);
}

int
filch_group_try_spawn(filch_group *group, int (*task)(void *context), void *context)
{
	return spawn(group, task, context, true);
}
