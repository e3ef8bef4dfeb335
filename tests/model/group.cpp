/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A group of tasks: whoever waits after a spawn has returned waits for its task, and
 * hears of its failure, whatever waited beside the spawn.
 */
#include "world.hpp"

static struct flc_worker *model_worker[MODEL_WORKERS];
static struct flc_static_lock *model_failures;
static struct filch_pool *model_choice[MODEL_WORKERS];  /* of each thread */

#include "pool/default_pool.h"
#include "sched/guest.h"

/* Every thread is in the pool. */
int
flc_pool_call_until(struct filch_pool *pool,
    int (*verb)(struct flc_worker *worker, void *argument), void *argument, uint64_t deadline)
{
	(void)deadline;
	RL_ASSERT(pool == model_worker[rl::thread_index()]->pool);
	return verb(model_worker[rl::thread_index()], argument);
}

int
flc_pool_call(struct filch_pool *pool, int (*verb)(struct flc_worker *worker, void *argument),
    void *argument)
{
	return flc_pool_call_until(pool, verb, argument, FILCH_FOREVER);
}

struct filch_pool *
flc_pool_choose(struct filch_pool *option, int *status)
{
	(void)status;
	return option != NULL ? option : model_choice[rl::thread_index()];
}

#include "task/group_system.h"

int
flc_group_wait_outside(filch_group *group, uint64_t deadline)
{
	(void)group;
	(void)deadline;
	RL_ASSERT(!"there is memory");
	return FILCH_NOMEM;
}

#define flc_group_failures (*model_failures)
#define flc_self() (model_worker[rl::thread_index()])
#define flc_pool_living_default() (NULL)
#define flc_scope_is_stopped(scope) (false)
#include "task/group_count.c"
#include "task/group_run.c"
#include "task/group_spawn.c"
#include "task/group_wait.c"

/* What a task does is plain: a wait that does not cover it is a race. */
struct task {
	rl::var<int> ran;
	int status;
};

static int
run_it(void *context)
{
	struct task *task = (struct task *)context;

	model_delay(4);
	task->ran($).store(1);
	return task->status;
}

template <class Scene, int THREADS> struct group_scene : world<Scene, THREADS> {
	filch_group *group;
	flc_lock *lock;
	struct task task[3];
	flc_atomic begun, told;

	void
	begin_group()
	{
		this->begin(THREADS);
		model_stops = RL_NEW_PROXY flc_atomic;
		flc_store_relaxed(model_stops, 1);
		model_failures = RL_NEW_PROXY flc_static_lock;
		for (size_t i = 0; i < THREADS; i++) {
			model_choice[i] = &this->pool;
			model_worker[i] = this->worker(i);
			model_worker[i]->awaited = 0;
			flc_sleep_enter(&this->pool.sleep, &this->worker(i)->sleeper, FLC_NO_CPU);
		}
		group = RL_NEW_PROXY filch_group;
		flc_store_relaxed(&group->pending_, 0);
		flc_store_relaxed(&group->state_, 0);
		flc_store_relaxed(&group->failed_at_, 0);
		flc_store_relaxed(&group->spawned_, 0);
		flc_store_relaxed(&group->pool_, 0);
		group->pool = NULL;
		group->cancel = NULL;
		group->max_backlog = 0;
		group->on_done = NULL;
		group->failure_($).store(0);
		group->shielded = 0;
		group->fifo = 0;
		group->wide_help = 0;
		flc_store_relaxed(&group->owner_, 0);
		flc_store_relaxed(&group->own_, 0);
		for (int i = 0; i < 3; i++) {
			task[i].ran($).store(0);
			task[i].status = FILCH_OK;
		}
		flc_store_relaxed(&begun, 0);
		flc_store_relaxed(&told, 0);
	}

	void
	spawn(int i)
	{
		RL_ASSERT(filch_group_spawn(group, run_it, &task[i]) == FILCH_OK);
	}

	int
	wait()
	{
		return filch_group_wait(group, FILCH_FOREVER);
	}

	void
	after()
	{
		RL_DELETE_PROXY group;
		RL_DELETE_PROXY model_failures;
		RL_DELETE_PROXY model_stops;
		this->end();
	}
};

/* The second spawns beside the first one's wait; the next wait covers its task.  status:
 * of that task, which one of the waits tells, and one only. */
template <int STATUS> struct beside : group_scene<beside<STATUS>, 2> {
	void
	before()
	{
		this->begin_group();
		this->task[1].status = STATUS;
	}

	void
	thread(unsigned i)
	{
		int first, second;

		if (i == 1) {
			/* At any time of the other one's wait; not before its spawn, as a
			 * task that comes after a failed one is skipped. */
			while (flc_load_relaxed(&this->begun) == 0)
				flc_model_yield();
			model_delay((int)rl::rand(90));
			this->spawn(1);
			/* release [test]: the spawn has returned. */
			flc_store_release(&this->told, 1);
			/* Whatever lies in our deque is taken from there, or run here. */
			while (flc_worker_help(this->worker(1)))
				;
			return;
		}
		this->spawn(0);
		flc_store_relaxed(&this->begun, 1);
		first = this->wait();
		RL_ASSERT(this->task[0].ran($).load() == 1);
		while (flc_load_acquire(&this->told) == 0)
			flc_model_yield();
		second = this->wait();
		RL_ASSERT(this->task[1].ran($).load() == 1);
		RL_ASSERT(first == STATUS ? second == FILCH_OK
		    : first == FILCH_OK && second == STATUS);
	}
};

/* A wait after a wait: three rounds, and nothing of one is left in the next.  Where the
 * other steals the task, the first one's own count is still to end. */
struct rounds : group_scene<rounds, 2> {
	void before() { begin_group(); }

	void
	thread(unsigned i)
	{
		if (i == 1) {
			for (size_t r = 1; r <= 3; r++) {
				while (flc_load_relaxed(&begun) < r)
					flc_model_yield();
				(void)flc_worker_help(worker(1));
			}
			return;
		}
		for (int r = 0; r < 3; r++) {
			task[r].status = r == 1 ? 7 : FILCH_OK;
			spawn(r);
			flc_store_relaxed(&begun, (size_t)r + 1);
			/* Long enough that it may be stolen, and end, before the wait. */
			model_delay((int)rl::rand(60));
			RL_ASSERT(wait() == (r == 1 ? 7 : FILCH_OK));
			RL_ASSERT(task[r].ran($).load() == 1);
			RL_ASSERT(wait() == FILCH_OK);
			RL_ASSERT(flc_pending_count(flc_load_relaxed(&group->pending_)) == 0);
		}
	}
};

/* The first spawns, and counts for itself; the other waits at any time meanwhile, for
 * what it has heard of. */
struct revoked : group_scene<revoked, 2> {
	void before() { begin_group(); }

	void
	thread(unsigned i)
	{
		size_t heard;

		if (i == 0) {
			for (int k = 0; k < 3; k++) {
				spawn(k);
				/* release [test]: the spawn has returned. */
				flc_store_release(&told, (size_t)k + 1);
			}
			while (flc_worker_help(worker(0)))
				;
			return;
		}
		do {
			while ((heard = flc_load_acquire(&told)) == 0)
				flc_model_yield();
			model_delay((int)rl::rand(20));
			RL_ASSERT(wait() == FILCH_OK);
			for (size_t k = 0; k < heard; k++)
				RL_ASSERT(task[k].ran($).load() == 1);
		} while (heard < 3);
		RL_ASSERT(flc_pending_count(flc_load_relaxed(&group->pending_)) == 0);
	}
};

/* Both spawn first, and both wait when they have heard that all is spawned: one counts
 * for itself.  Then once more, and the second round is the same owner's, or nobody's. */
struct both : group_scene<both, 2> {
	void before() { begin_group(); }

	void
	thread(unsigned i)
	{
		spawn((int)i);
		flc_add_full(&told, 1);
		if (i == 1) {
			while (flc_worker_help(worker(1)))
				;
			return;
		}
		while (flc_load_acquire(&told) < 2)
			flc_model_yield();
		RL_ASSERT(wait() == FILCH_OK);
		RL_ASSERT(task[0].ran($).load() == 1 && task[1].ran($).load() == 1);
		spawn(2);
		RL_ASSERT(wait() == FILCH_OK);
		RL_ASSERT(task[2].ran($).load() == 1);
		RL_ASSERT(flc_pending_count(flc_load_relaxed(&group->pending_)) == 0);
	}
};

/* Two first spawns at once agree about the pool, although each would choose another. */
struct choice : group_scene<choice, 2> {
	struct filch_pool other;

	void
	before()
	{
		begin_group();
		worker(1)->pool = &other;
	}

	void
	thread(unsigned i)
	{
		int status = FILCH_OK;
		size_t pending = flc_add_full(&group->pending_, 1);
		struct filch_pool *chosen;

		chosen = pool_for_spawn(group, pending, &status);
		RL_ASSERT(chosen == flc_group_pool(group, flc_load_acquire(&group->pending_)));
		flc_add_full(&told, 1);
		while (flc_load_acquire(&told) < 2)
			flc_model_yield();
		RL_ASSERT(chosen == flc_group_pool(group, flc_load_acquire(&group->pending_)));
	}
};

int
main(int argc, char **argv)
{
	scene s = scene_of(argc, argv);

	play<beside<FILCH_OK> >(s, "beside", 100, 0);
	play<beside<9> >(s, "beside-failing", 50, 0);
	play<rounds>(s, "rounds", 50, 0);
	play<choice>(s, "choice", 20);
	play<revoked>(s, "revoked", 100, 0);
	play<both>(s, "both", 50, 0);
	return s.status;
}
