/* SPDX-License-Identifier: BSD-2-Clause */
/* Once on every worker of a pool, through their inboxes. */
#include "base/float_mode.h"
#include "sched/early_exit.h"
#include "sched/idle.h"
#include "sched/inbox.h"
#include "sched/wake.h"
#include "wait/call.h"
#include "wait/held_locks.h"
#include "wait/task_wait.h"

struct flc_broadcast {
	struct flc_inbox_call call; /* first: it is what an inbox holds */
	struct filch_pool *pool;
	int (*task)(void *context);
	void *context;
	uint64_t deadline;
	size_t mode;           /* of the caller's floating point */
	flc_atomic pending;    /* workers that have not ended */
	struct flc_early_exit ending; /* by workers; all of them run their share */
};

static void
run_share(struct flc_broadcast *broadcast, size_t worker)
{
	int status;

	/* So that a barrier knows where it is. */
	flc_thread.sharing++;
	status = broadcast->task(broadcast->context);
	flc_thread.sharing--;
	if (status != FILCH_OK)
		flc_early_exit_fail(&broadcast->ending, broadcast->pool, worker, status);
}

/* As the worker whose inbox it was in. */
static void
run_called(struct flc_worker *worker, struct flc_inbox_call *call)
{
	struct flc_broadcast *broadcast = (struct flc_broadcast *)call;
	struct filch_pool *pool = worker->pool;
	size_t before, mode;

	flc_worker_stop_search(worker, false);
	before = flc_counters_enter(worker->counters, FILCH_STATE_RUN);
	mode = flc_float_mode();
	flc_float_set_mode(broadcast->mode);
	run_share(broadcast, worker->index);
	flc_float_set_mode(mode);
	flc_worker_check_fork(worker);
	flc_counters_enter(worker->counters, before);
	flc_pending_end(&broadcast->pending, pool);
}

/* Between looks at an inbox that is full: its worker may be at work for long, or wait for
 * our CPU. */
#define FULL_NS 50000u

/* Puts it in every worker's inbox but the caller's, one broadcast at a time. */
static size_t
deliver(struct flc_worker *caller, struct flc_broadcast *broadcast)
{
	struct filch_pool *pool = broadcast->pool;
	size_t missed = 0;

	for (size_t i = 0; i < pool->threads; i++) {
		struct flc_worker *worker = flc_pool_worker(pool, i);

		if (worker == caller)
			continue;
		while (!flc_inbox_put(worker, &broadcast->call)) {
			(void)flc_inbox_run(caller);
			if (filch_now() >= broadcast->deadline) {
				missed++;
				flc_pending_end(&broadcast->pending, pool);
				break;
			}
			(void)flc_parker_wait(&caller->sleeper.parker, filch_now() + FULL_NS);
		}
		(void)flc_sleep_choose_this(&pool->sleep, &worker->sleeper);
		(void)flc_parker_wake(&worker->sleeper.parker);
	}
	return missed;
}

static size_t
withdraw_all(struct flc_broadcast *broadcast)
{
	struct filch_pool *pool = broadcast->pool;
	size_t missed = 0;

	for (size_t i = 0; i < pool->threads; i++)
		if (flc_inbox_withdraw(flc_pool_worker(pool, i), &broadcast->call)) {
			missed++;
			flc_pending_end(&broadcast->pending, pool);
		}
	return missed;
}

static int
broadcast_verb(struct flc_worker *caller, void *argument)
{
	struct flc_broadcast *broadcast = argument;
	struct filch_pool *pool = caller->pool;
	bool ours = caller->kind == FILCH_SLOT_WORKER;
	struct flc_waiting how = { .tag = (size_t)broadcast, .deadline = broadcast->deadline };
	size_t missed;
	int status;

	broadcast->pool = pool;
	if (pool->threads == 0) {
		run_share(broadcast, 0);
		return flc_early_exit_failure(&broadcast->ending);
	}
	flc_store_relaxed(&broadcast->pending, pool->threads);
	missed = deliver(caller, broadcast);
	if (ours) {
		run_share(broadcast, caller->index);
		flc_pending_end(&broadcast->pending, pool);
	}
	if (flc_wait_pending(caller, &broadcast->pending, &how) == FILCH_TIMEOUT) {
		missed += withdraw_all(broadcast);
		how.deadline = FILCH_FOREVER;
		flc_wait_pending(caller, &broadcast->pending, &how);
	}
	status = flc_early_exit_failure(&broadcast->ending);
	return status == FILCH_OK && missed > 0 ? FILCH_TIMEOUT : status;
}

int
filch_pool_broadcast(filch_pool *pool, int (*task)(void *context), void *context, uint64_t deadline)
{
	struct flc_broadcast broadcast = {
		.call = { run_called }, .task = task, .context = context, .deadline = deadline,
		.mode = flc_float_mode(),
	};

	if (task == NULL)
		return FILCH_INVAL;
	flc_early_exit_begin(&broadcast.ending, NULL);
	return flc_pool_call_until(pool, broadcast_verb, &broadcast, deadline);
}
