/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/guest.h"

#include "base/this_cpu.h"
#include "pool/default_pool.h"
#include "sched/places.h"
#include "sched/publish.h"

/* Takes the lowest free slot, or none. */
static inline bool
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

/* The same among those whose worker is there; for want of memory. */
static FLC_COLD bool
take_made_slot(struct filch_pool *pool, size_t *slot)
{
	size_t available = flc_load_relaxed(&pool->guests_free);

	for (*slot = 0; available >> *slot != 0; ++*slot) {
		size_t bit = (size_t)1 << *slot;

		if (!(available & bit) || flc_pool_worker(pool, pool->threads + *slot) == NULL)
			continue;
		/* Full, hence acquire [guest.slot]: as above. */
		if (flc_cas_full(&pool->guests_free, available, available & ~bit))
			return true;
		available = flc_load_relaxed(&pool->guests_free);
		*slot = (size_t)-1;
	}
	return false;
}

void
flc_guest_give_slots(struct filch_pool *pool, size_t bits)
{
	/* Full, hence release [guest.slot]: the workers, before their bits. */
	if (flc_add_full(&pool->guests_free, bits) == 0 && pool->threads == 0) {
		flc_lock_acquire(&pool->lock);
		pthread_cond_broadcast(&pool->call_ended);
		flc_lock_release(&pool->lock);
	}
}

/* Without workers nobody could do the call for us. */
static void
wait_for_slot(struct filch_pool *pool)
{
	flc_lock_acquire(&pool->lock);
	while (flc_load_relaxed(&pool->guests_free) == 0)
		pthread_cond_wait(&pool->call_ended, &pool->lock);
	flc_lock_release(&pool->lock);
}

/* The worker of a guest slot, made by the first thread that takes the slot. */
static struct flc_worker *
guest_worker(struct filch_pool *pool, size_t slot)
{
	size_t index = pool->threads + slot;
	struct flc_worker *worker = flc_pool_worker(pool, index);

	if (FLC_LIKELY(worker != NULL))
		return worker;
	return flc_pool_make_worker(pool, index) ? flc_pool_worker(pool, index) : NULL;
}

/* A slot with its worker; FILCH_OK, FILCH_BUSY, FILCH_NOMEM. */
static FLC_ALWAYS_INLINE int
take_worker(struct filch_pool *pool, struct flc_worker **worker)
{
	size_t slot;

	while (!take_slot(pool, &slot)) {
		if (pool->threads > 0)
			return FILCH_BUSY;
		wait_for_slot(pool);
	}
	*worker = guest_worker(pool, slot);
	if (FLC_LIKELY(*worker != NULL))
		return FILCH_OK;
	flc_guest_give_slots(pool, (size_t)1 << slot);
	if (!take_made_slot(pool, &slot))
		return FILCH_NOMEM;
	*worker = flc_pool_worker(pool, pool->threads + slot);
	return FILCH_OK;
}

/* The thread becomes this worker. */
static FLC_ALWAYS_INLINE void
enter_as(struct flc_call *call, struct flc_worker *worker)
{
	call->worker = worker;
	call->entered = true;
	/* What cancels the caller cancels what it does elsewhere, too. */
	worker->scope = NULL;
	flc_store_relaxed(&worker->marks, 0);
	/* Also without a scope: with it stands how the caller computes. */
	(void)flc_scope_enter(worker, call->outer == NULL ? NULL : call->outer->scope);
	worker->awaited = 0;
	worker->brief_until = 0;
	worker->frame = NULL;
	worker->depth = 0;
	worker->outer = call->outer;
	flc_counters_enter(worker->counters, FILCH_STATE_RUN);
	flc_set_self(worker);
	flc_sleep_enter(&worker->pool->sleep, &worker->sleeper, flc_this_cpu());
}

int
flc_guest_enter(struct filch_pool *pool, struct flc_call *call)
{
	struct flc_worker *worker;
	int status;

	call->outer = flc_self_entered();
	call->worker = call->outer;
	call->entered = false;
	if (call->outer != NULL && call->outer->pool == pool)
		return FILCH_OK;
	if (flc_pool_is_old(pool))
		return FILCH_FORKED;
	status = take_worker(pool, &worker);
	if (status == FILCH_OK)
		enter_as(call, worker);
	return status;
}

void
flc_guest_enter_ended(struct filch_pool *pool, struct flc_call *call)
{
	call->outer = flc_self();
	enter_as(call, flc_pool_worker(pool, 0));
}

/* What a leaving guest still has queued goes where others find it; without memory it is
 * run here. */
static void
hand_over(struct flc_worker *worker)
{
	struct flc_job job;
	bool moved = false;

	while (flc_job_deque_pop(&worker->jobs, FLC_ANY_TAG, &job)) {
		if (flc_injector_put(&worker->pool->injector, &job))
			moved = true;
		else
			flc_worker_run_job(worker, &job);
	}
	if (moved)
		flc_worker_injected(worker->pool, worker);
}

static FLC_ALWAYS_INLINE void
leave_as(const struct flc_call *call, struct flc_worker *worker)
{
	struct filch_pool *pool = worker->pool;

	if (FLC_UNLIKELY(worker->blocking > 0))
		flc_blocking_forgotten(worker);
	if (flc_job_deque_seen(&worker->jobs) > 0)
		hand_over(worker);
	flc_counters_enter(worker->counters, FILCH_STATES);
	flc_set_self(call->outer);
	flc_worker_after_leaving(NULL, pool, flc_sleep_leave(&pool->sleep, &worker->sleeper));
}

void
flc_guest_leave(struct flc_call *call)
{
	struct flc_worker *worker = call->worker;

	if (!call->entered)
		return;
	leave_as(call, worker);
	flc_guest_give_slots(worker->pool,
	    (size_t)1 << (worker->index - worker->pool->threads));
}

void
flc_guest_leave_ended(struct flc_call *call)
{
	leave_as(call, call->worker);
}

/* Small loops under way on this thread, and the slot that they have. */
__thread unsigned flc_light_depth FLC_OF_THREAD;
static __thread struct flc_call light_call FLC_OF_THREAD;

bool
flc_light_begin(void)
{
	struct filch_pool *pool;
	size_t slot;

	if (flc_light_depth > 0) {
		/* In a forked child it has nothing any more. */
		if (flc_pool_is_old(light_call.worker->pool))
			return false;
		flc_light_depth++;
		return true;
	}
	pool = flc_pool_living_default();
	if (pool == NULL || !take_slot(pool, &slot))
		return false;
	light_call.worker = flc_pool_worker(pool, pool->threads + slot);
	if (FLC_UNLIKELY(light_call.worker == NULL)) {
		flc_guest_give_slots(pool, (size_t)1 << slot);
		return false;
	}
	flc_light_depth = 1;
	return true;
}

void
flc_light_end(void)
{
	struct flc_worker *worker = light_call.worker;

	/* A child that was forked inside ends here, as in any task. */
	flc_worker_check_fork(worker);
	if (--flc_light_depth > 0)
		return;
	if (FLC_UNLIKELY(light_call.entered)) {
		flc_guest_leave(&light_call);
		light_call.entered = false;
	} else {
		flc_guest_give_slots(worker->pool,
		    (size_t)1 << (worker->index - worker->pool->threads));
	}
}

struct flc_worker *
flc_light_worker(void)
{
	/* Entered and not ourselves: in a forked child. */
	if (light_call.entered || flc_pool_is_old(light_call.worker->pool))
		return NULL;
	light_call.outer = NULL;
	enter_as(&light_call, light_call.worker);
	return light_call.worker;
}
