/* SPDX-License-Identifier: BSD-2-Clause */
#include "wait/call.h"

#include "base/float_mode.h"
#include "pool/default_pool.h"
#include "sched/publish.h"
#include "wait/block.h"

/* A call on its way through the injection queue. */
struct sent_call {
	int (*verb)(void *argument);
	void *argument;
	size_t mode;    /* of the caller's floating point */
	const struct flc_worker *sender; /* that the caller is; NULL: none */
	int status;
	struct flc_waiter waiter;
};

static void
run_sent(struct flc_worker *worker, const struct flc_job *job)
{
	struct sent_call *call = (struct sent_call *)job->object;
	struct filch_pool *pool = worker->pool;

	flc_float_set_mode(call->mode);
	if (flc_load_relaxed(&pool->discarding))
		flc_add_full(&pool->dropped, 1);
	else {
		/* Only at the bottom of a stack, so it has none yet. */
		worker->sender = call->sender;
		call->status = call->verb(call->argument);
		worker->sender = NULL;
	}
	/* Release [park.wake]: the status.  The call may be gone afterwards. */
	(void)flc_waiter_wake(&call->waiter);
}

int
flc_pool_send(struct filch_pool *pool, int (*verb)(void *argument), void *argument,
    uint64_t deadline)
{
	struct sent_call call = {
		.verb = verb, .argument = argument, .mode = flc_float_mode(),
		.sender = flc_self_entered(), .status = FILCH_CANCELED,
	};
	struct flc_job job = { .run = run_sent, .tag = FLC_SENT_TAG(&call), .object = &call };
	struct flc_block_how how = {
		.on = {
			.state = FILCH_STATE_JOIN_WAIT, .what = "a call sent to a pool",
			.name = pool->config.name,
		},
		.deadline = deadline,
	};

	flc_waiter_init(&call.waiter);
	if (!flc_worker_inject(pool, flc_self(), &job)) {
		call.status = FILCH_NOMEM;
	} else if (flc_block(&call.waiter, &how) != FLC_BLOCK_WOKEN) {
		if (flc_injector_take(&pool->injector, FLC_SENT_TAG(&call), &job))
			call.status = FILCH_TIMEOUT;
		else
			/* Begun: the verb itself heeds the deadline. */
			flc_block_on_to_the_end(&call.waiter, &how);
	}
	flc_waiter_fini(&call.waiter);
	return call.status;
}

/* The verb and its argument, for a worker that runs it for another thread. */
struct sent_verb {
	int (*verb)(struct flc_worker *worker, void *argument);
	void *argument;
};

static int
run_verb(void *argument)
{
	struct sent_verb *sent = argument;

	return sent->verb(flc_self(), sent->argument);
}

int
flc_pool_call_until(filch_pool *option,
    int (*verb)(struct flc_worker *worker, void *argument), void *argument, uint64_t deadline)
{
	int status = FILCH_OK;
	filch_pool *pool = flc_pool_choose(option, &status);
	struct sent_verb sent = { verb, argument };
	struct flc_call call;

	if (pool == NULL)
		return status;
	status = flc_guest_enter(pool, &call);
	if (status == FILCH_OK) {
		status = verb(call.worker, argument);
		if (call.entered)
			flc_worker_check_fork(call.worker);
		flc_guest_leave(&call);
	} else if (status == FILCH_BUSY) {
		status = flc_pool_send(pool, run_verb, &sent, deadline);
	}
	return status;
}

int
flc_pool_call(filch_pool *option, int (*verb)(struct flc_worker *worker, void *argument),
    void *argument)
{
	return flc_pool_call_until(option, verb, argument, FILCH_FOREVER);
}
