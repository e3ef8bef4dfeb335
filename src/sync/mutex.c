/* SPDX-License-Identifier: BSD-2-Clause */
#include "sync/mutex.h"

#include "base/fork_generation.h"
#include "count/sample.h"
#include "sync/parking_lot.h"
#include "sync/spin.h"

static flc_atomic *
word_of(filch_mutex *mutex)
{
	return (flc_atomic *)&mutex->word_;
}

static void
begin_measured(filch_mutex *mutex, struct flc_mutex_row *row)
{
	uint64_t now = flc_ticks();
	size_t mask = flc_load_relaxed(&row->sample_mask);

	/* A shared row keeps its mask of 0. */
	if (mask != 0)
		flc_store_relaxed(&row->sample_mask, flc_sample_next_mask(mask,
		    now - flc_load_relaxed(&row->sampled_at)));
	flc_store_relaxed(&row->sampled_at, now);
	mutex->held_since_ = now;
}

/* This hold is measured, or others count in the same row. */
static FLC_NOINLINE int
begin_unusual(filch_mutex *mutex, struct flc_mutex_row *row)
{
	if (flc_sample_may_be_due(flc_load_relaxed(&row->acquisitions)))
		begin_measured(mutex, row);
	flc_row_count(&row->row, &row->acquisitions, 1);
	return FILCH_OK;
}

/* What the owner does first; all of it under the lock.  FILCH_OK. */
static inline int
begin_hold(filch_mutex *mutex)
{
	struct flc_mutex_row *row = flc_held_row(&mutex->held_);
	size_t count = flc_load_relaxed(&row->acquisitions);

	flc_held_push(&mutex->held_);
	if (FLC_UNLIKELY(flc_sample_is_due(count, flc_load_relaxed(&row->sample_mask))))
		return begin_unusual(mutex, row);
	/* release [count.order]: what was counted before, before this. */
	if (FLC_COUNTING)
		flc_store_release(&row->acquisitions, count + 1);
	return FILCH_OK;
}

static bool
take(filch_mutex *mutex)
{
	/* Full, hence acquire [mutex.word]: what the last owner did. */
	return flc_load_relaxed(word_of(mutex)) == 0
	    && flc_cas_full(word_of(mutex), 0, flc_thread_claim());
}

/* The owner is told while a thread waits. */
static bool
is_taken(void *context)
{
	filch_mutex *mutex = (filch_mutex *)context;
	size_t owner;

	if (take(mutex))
		return true;
	owner = flc_thread_of_claim(flc_load_relaxed(word_of(mutex)));
	if (owner != 0)
		flc_store_relaxed(&flc_held_row(&mutex->held_)->owner, owner);
	return false;
}

/*
 * It looks this often before it parks, and leaves the line of the lock to its owner in
 * between: a look fetches it, and takes the line away from an owner that would use it
 * again at once.  All of it takes about as long as to park and be woken.
 */
#ifndef SPIN_ROUNDS
#define SPIN_ROUNDS 18
#endif
#define SPIN_LOOK_NS 1000u

static bool
spin(filch_mutex *mutex)
{
	for (unsigned round = 0; round < SPIN_ROUNDS; round++) {
		flc_spin_for(SPIN_LOOK_NS);
		if (take(mutex))
			return true;
	}
	return false;
}

static int
park(struct flc_mutex_row *row, struct flc_lot_how *how)
{
	int status;

	flc_add_full(&row->waiters, 1);
	status = flc_lot_wait(how, NULL);
	/* Of a lock that nobody waits for the owner is not told. */
	if (flc_add_full(&row->waiters, (size_t)-1) == 1)
		flc_store_relaxed(&row->owner, 0);
	else if (status == FILCH_OK)
		flc_store_relaxed(&row->owner, flc_thread.number);
	if (status == FILCH_TIMEOUT)
		flc_add_full(&row->try_failed, 1);
	else if (status == FILCH_DEADLOCK)
		flc_add_full(&row->deadlocks, 1);
	return status;
}

/* Somebody has it: spins, parks, counts. */
static FLC_NOINLINE int
wait_and_lock(filch_mutex *mutex, uint64_t deadline)
{
	struct flc_mutex_row *row = flc_held_row(&mutex->held_);
	struct flc_lot_how how = {
		.key = mutex,
		.on = {
			.state = FILCH_STATE_LOCK_WAIT,
			.what = "mutex",
			.name = flc_held_name(row),
			.owner = word_of(mutex),
		},
		.deadline = deadline,
		.ready = is_taken,
		.context = mutex,
		.heavy = true,
	};
	uint64_t since = flc_ticks();
	int status;

	if (!spin(mutex)) {
		status = park(row, &how);
		if (status != FILCH_OK)
			return status;
	}
	begin_hold(mutex);
	flc_row_count(&row->row, &row->contended, 1);
	if (how.parks == 0)
		flc_row_count(&row->row, &row->spin_acquired, 1);
	else
		flc_row_count(&row->row, &row->parks, how.parks);
	since = flc_ticks() - since;
	flc_row_time(&row->row, &row->wait, since);
	flc_row_max(&row->row, &row->wait_max, since);
	return FILCH_OK;
}

static FLC_NOINLINE int
wake_one(filch_mutex *mutex)
{
	/* store-load [lot.park]: free, before the look for waiters. */
	flc_fence_full();
	flc_lot_wake(mutex, 1);
	return FILCH_OK;
}

/* FILCH_OK. */
static inline int
give_back(filch_mutex *mutex)
{
	/* release [mutex.word]: what we did, before it is free. */
	flc_store_release(word_of(mutex), 0);
	/* From here on the mutex may be gone.  store-load [lot.park]: free, before the
	 * look for waiters, whose fence is heavy, where it is known to work. */
	flc_fence_light();
	if (FLC_UNLIKELY(!flc_fence_is_cheap() || flc_lot_has_waiters(mutex)))
		return wake_one(mutex);
	return FILCH_OK;
}

/* The first lock, the first of this thread, a child's, or somebody has it. */
static FLC_NOINLINE int
lock_slowly(filch_mutex *mutex, uint64_t deadline)
{
	int status;

	(void)flc_thread_number();
	if (flc_load_acquire((flc_atomic *)&mutex->made_) == 0)
		flc_held_take_row(&mutex->held_);
	status = flc_generation_bind(&mutex->made_);
	if (status != FILCH_OK)
		return status;
	if (flc_load_relaxed(word_of(mutex)) == flc_thread_claim()) {
		flc_add_full(&flc_held_row(&mutex->held_)->deadlocks, 1);
		return FILCH_DEADLOCK;
	}
	if (take(mutex)) {
		begin_hold(mutex);
		return FILCH_OK;
	}
	if (deadline != 0)
		return wait_and_lock(mutex, deadline);
	flc_add_full(&flc_held_row(&mutex->held_)->try_failed, 1);
	return FILCH_AGAIN;
}

int
filch_mutex_lock(filch_mutex *mutex, uint64_t deadline)
{
	size_t made;

	if (FLC_UNLIKELY(mutex == NULL))
		return FILCH_INVAL;
	/* acquire [generation.bound]: its row. */
	made = flc_load_acquire((const flc_atomic *)&mutex->made_);
	/* It was used before in this process, and this thread was seen before: one that
	 * was not has FLC_NO_GENERATION. */
	if (FLC_LIKELY(made == flc_thread.generation && !flc_generation_is_old(made))
	/* Full, hence acquire [mutex.word]: what the last owner did. */
	    && FLC_LIKELY(flc_cas_full(word_of(mutex), 0, flc_thread.number + made)))
		return begin_hold(mutex);
	return lock_slowly(mutex, deadline);
}

static void
measure_hold(filch_mutex *mutex)
{
	struct flc_mutex_row *row = flc_held_row(&mutex->held_);
	uint64_t held = flc_ticks() - mutex->held_since_;

	mutex->held_since_ = 0;
	flc_row_count(&row->row, &row->hold_samples, 1);
	flc_row_time(&row->row, &row->hold, held);
}

static inline bool
is_mine(const filch_mutex *mutex)
{
	return flc_load_relaxed((const flc_atomic *)&mutex->word_) == flc_thread_claim();
}

bool
flc_mutex_is_mine(const filch_mutex *mutex)
{
	return is_mine(mutex);
}

bool
flc_mutex_is_old(const filch_mutex *mutex)
{
	size_t made = flc_load_acquire((const flc_atomic *)&mutex->made_);

	return made != 0 && flc_generation_is_old(made);
}

/* A stranger, or a child. */
static FLC_NOINLINE int
refuse_unlock(const filch_mutex *mutex)
{
	return flc_mutex_is_old(mutex) ? FILCH_FORKED : FILCH_INVAL;
}

/* This hold is measured, or it is not the newest of the thread, or not the thread's. */
static FLC_NOINLINE int
unlock_slowly(filch_mutex *mutex)
{
	if (mutex == NULL)
		return FILCH_INVAL;
	if (!is_mine(mutex))
		return refuse_unlock(mutex);
	flc_held_pull(&mutex->held_);
	if (mutex->held_since_ != 0)
		measure_hold(mutex);
	return give_back(mutex);
}

int
filch_mutex_unlock(filch_mutex *mutex)
{
	/* The newest lock of this thread is no NULL, which the address alone tells. */
	if (FLC_UNLIKELY((size_t)flc_thread.held != (size_t)mutex + offsetof(filch_mutex, held_)))
		return unlock_slowly(mutex);
	if (FLC_UNLIKELY(!is_mine(mutex)))
		return refuse_unlock(mutex);
	if (FLC_UNLIKELY(mutex->held_since_ != 0))
		return unlock_slowly(mutex);
	flc_thread.held = mutex->held_.below;
	return give_back(mutex);
}

/* -- Its beginning, its end, its counters -- */

#ifndef FLC_MODEL
int
filch_mutex_init(filch_mutex *mutex, const char *name)
{
	if (mutex == NULL)
		return FILCH_INVAL;
	*mutex = (filch_mutex){ .held_ = { .name = name } };
	return FILCH_OK;
}

int
filch_mutex_fini(filch_mutex *mutex)
{
	return mutex == NULL ? FILCH_OK : flc_held_end(&mutex->held_, &mutex->word_, &mutex->made_);
}

int
filch_mutex_stats(const filch_mutex *mutex, struct filch_mutex_metrics *stats, size_t size)
{
	return mutex == NULL ? FILCH_INVAL : flc_held_read_row(&mutex->held_, stats, size);
}
#endif
