/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/guest.h"

#include "base/float_mode.h"

#include <errno.h>
#include <sched.h>
#include <time.h>

/* Takes the lowest free slot, or none. */
static bool
take_slot(struct filch_pool *pool, size_t *slot)
{
	for (;;) {
		size_t available = flc_load_relaxed(&pool->guests_free);

		if (available == 0)
			return false;
		*slot = (size_t)__builtin_ctzll(available);
		/* Full, hence acquire [guest.slot]: what its last owner left. */
		if (flc_cas_full(&pool->guests_free, available, available & (available - 1)))
			return true;
	}
}

void
flc_guest_give_slots(struct filch_pool *pool, size_t bits)
{
	/* Full, hence release [guest.slot]: the workers, before their bits. */
	if (flc_add_full(&pool->guests_free, bits) == 0 && pool->threads == 0) {
		flc_lock_take(&pool->lock);
		pthread_cond_broadcast(&pool->call_ended);
		flc_lock_give(&pool->lock);
	}
}

/* Without workers nobody could do the call for us. */
static void
wait_for_slot(struct filch_pool *pool)
{
	flc_lock_take(&pool->lock);
	while (flc_load_relaxed(&pool->guests_free) == 0)
		pthread_cond_wait(&pool->call_ended, &pool->lock);
	flc_lock_give(&pool->lock);
}

/* The worker of a guest slot, made by the first who takes the slot. */
static struct flc_worker *
guest_worker(struct filch_pool *pool, size_t slot)
{
	size_t index = pool->threads + slot;
	struct flc_worker *worker = flc_pool_worker(pool, index);

	if (FLC_LIKELY(worker != NULL))
		return worker;
	return flc_pool_make_worker(pool, index) ? flc_pool_worker(pool, index) : NULL;
}

int
flc_guest_enter(struct filch_pool *pool, struct flc_call *call)
{
	size_t slot;

	call->outer = flc_self();
	call->worker = call->outer;
	call->entered = false;
	if (call->outer != NULL && call->outer->pool == pool)
		return FILCH_OK;
	if (flc_pool_is_old(pool))
		return FILCH_FORKED;
	while (!take_slot(pool, &slot)) {
		if (pool->threads > 0)
			return FILCH_BUSY;
		wait_for_slot(pool);
	}
	call->worker = guest_worker(pool, slot);
	if (call->worker == NULL) {
		flc_guest_give_slots(pool, (size_t)1 << slot);
		return FILCH_NOMEM;
	}
	call->entered = true;
	/* What cancels the caller cancels what it does elsewhere, too. */
	call->worker->scope = NULL;
	flc_store_relaxed(&call->worker->marks, 0);
	/* Also without a scope: with it stands how the caller computes. */
	(void)flc_scope_enter(call->worker, call->outer == NULL ? NULL : call->outer->scope);
	call->worker->awaited = 0;
	call->worker->brief_until = 0;
	call->worker->frame = NULL;
	call->worker->depth = 0;
	call->worker->outer = call->outer;
	flc_counters_enter(call->worker->counters, FILCH_STATE_RUN);
	flc_set_self(call->worker);
	flc_sleep_enter(&pool->sleep, &call->worker->sleeper, (uint32_t)sched_getcpu());
	return FILCH_OK;
}

/* What a leaving guest still has queued goes where others find it; without
 * memory it is run here. */
static void
hand_over(struct flc_worker *worker)
{
	struct flc_job job;
	bool moved = false;

	while (flc_loose_pop(&worker->loose, FLC_ANY_TAG, &job)) {
		if (flc_injector_put(&worker->pool->injector, &job))
			moved = true;
		else
			flc_worker_run_job(worker, &job);
	}
	if (moved)
		flc_worker_injected(worker->pool);
}

void
flc_guest_leave(struct flc_call *call)
{
	struct flc_worker *worker = call->worker;
	struct filch_pool *pool = worker->pool;

	if (!call->entered)
		return;
	if (flc_loose_seen(&worker->loose) > 0)
		hand_over(worker);
	flc_counters_enter(worker->counters, FILCH_STATES);
	flc_set_self(call->outer);
	flc_worker_after_leaving(NULL, pool, flc_sleep_leave(&pool->sleep, &worker->sleeper));
	flc_guest_give_slots(pool, (size_t)1 << (worker->index - pool->threads));
}

/* A call on its way through the injection queue. */
struct sent_call {
	struct filch_pool *pool;
	int (*verb)(void *argument);
	void *argument;
	size_t mode;    /* of the caller's floating point */
	int status;
	bool ended;     /* under the pool's lock */
};

static void
run_sent(struct flc_worker *worker, const struct flc_job *job)
{
	struct sent_call *call = (struct sent_call *)job->a;
	struct filch_pool *pool = worker->pool;
	int status = FILCH_CANCELED;

	flc_float_set_mode(call->mode);
	if (flc_load_relaxed(&pool->discarding))
		flc_add_full(&pool->dropped, 1);
	else
		status = call->verb(call->argument);

	flc_lock_take(&pool->lock);
	call->status = status;
	call->ended = true;
	pthread_cond_broadcast(&pool->call_ended);
	flc_lock_give(&pool->lock);
}

/* Parks until the call has ended, or the deadline. */
static bool
await(struct sent_call *call, uint64_t deadline)
{
	struct timespec until = {
		.tv_sec = (time_t)(deadline / 1000000000u),
		.tv_nsec = (long)(deadline % 1000000000u),
	};
	int error = 0;
	bool ended;

	flc_lock_take(&call->pool->lock);
	while (!call->ended && error != ETIMEDOUT)
		error = deadline == FILCH_FOREVER
		    ? pthread_cond_wait(&call->pool->call_ended, &call->pool->lock)
		    : pthread_cond_timedwait(&call->pool->call_ended, &call->pool->lock, &until);
	ended = call->ended;
	flc_lock_give(&call->pool->lock);
	return ended;
}

int
flc_guest_send(struct filch_pool *pool, int (*verb)(void *argument), void *argument,
    uint64_t deadline)
{
	struct sent_call call = { pool, verb, argument, flc_float_mode(), 0, false };
	struct flc_job job = { (size_t)run_sent, (size_t)&call, (size_t)&call, 0, 0 };

	if (!flc_injector_put(&pool->injector, &job))
		return FILCH_NOMEM;
	flc_worker_injected(pool);
	if (!await(&call, deadline)) {
		if (flc_injector_take(&pool->injector, (size_t)&call, &job))
			return FILCH_TIMEOUT;
		/* Begun: the verb itself heeds the deadline. */
		(void)await(&call, FILCH_FOREVER);
	}
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
flc_guest_call_until(filch_pool *option,
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
		status = flc_guest_send(pool, run_verb, &sent, deadline);
	}
	return status;
}

int
flc_guest_call(filch_pool *option, int (*verb)(struct flc_worker *worker, void *argument),
    void *argument)
{
	return flc_guest_call_until(option, verb, argument, FILCH_FOREVER);
}

/* Small loops under way on this thread, and the slot they took, if any. */
static __thread unsigned light_depth FLC_OF_THREAD;
static __thread struct flc_call light_call FLC_OF_THREAD;

size_t
flc_light_begin(void)
{
	light_depth++;
	return flc_generation_now();
}

void
flc_light_end(size_t generation)
{
	/* A child that was forked inside ends here, as in any task. */
	if (FLC_UNLIKELY(flc_generation_is_old(generation)))
		pthread_exit(NULL);
	if (--light_depth == 0 && FLC_UNLIKELY(light_call.entered)) {
		flc_guest_leave(&light_call);
		light_call.entered = false;
	}
}

struct flc_worker *
flc_self_entered(void)
{
	struct flc_worker *worker = flc_self();
	int status = FILCH_OK;
	filch_pool *pool;

	if (worker != NULL || light_depth == 0)
		return worker;
	pool = flc_pool_choose(NULL, &status);
	/* A slot is free again as soon as some caller's verb ends. */
	while (pool != NULL && (status = flc_guest_enter(pool, &light_call)) == FILCH_BUSY)
		sched_yield();
	return flc_self();
}
