/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/fork_generation.h"
#include "sync/mutex.h"
#include "sync/parking_lot.h"

static void
give_back(void *mutex)
{
	(void)filch_mutex_unlock(mutex);
}

/* Being woken is all. */
static bool
never(void *mutex)
{
	(void)mutex;
	return false;
}

static void
count_wait(const filch_mutex *mutex, uint64_t ticks)
{
	struct flc_mutex_row *row = flc_held_row(&mutex->held_);

	flc_row_count(&row->row, &row->cond_waits, 1);
	flc_row_count(&row->row, &row->cond_wait, ticks);
}

int
filch_condition_wait(filch_condition *condition, filch_mutex *mutex, uint64_t deadline)
{
	struct flc_lot_how how = {
		.key = condition,
		.on = { .state = FILCH_STATE_LOCK_WAIT, .what = "condition" },
		.deadline = deadline,
		.ready = never,
		.context = mutex,
		.once = true,
	};
	uint64_t since;
	int status, locked;

	if (condition == NULL || mutex == NULL)
		return FILCH_INVAL;
	if (!flc_mutex_is_mine(mutex))
		return flc_mutex_is_old(mutex) ? FILCH_FORKED : FILCH_INVAL;
	status = flc_generation_bind(&condition->made_);
	if (status != FILCH_OK)
		return status;
	if (deadline == 0)
		return FILCH_AGAIN;
	how.on.name = flc_held_name(flc_held_row(&mutex->held_));
	since = flc_ticks();
	/* In the queue before the mutex is free: no signal is missed. */
	status = flc_lot_wait(&how, give_back);
	since = flc_ticks() - since;
	locked = filch_mutex_lock(mutex, FILCH_FOREVER);
	if (locked != FILCH_OK)
		return locked;
	count_wait(mutex, since);
	return status;
}

static int
wake(filch_condition *condition, size_t n)
{
	int status;

	if (condition == NULL)
		return FILCH_INVAL;
	status = flc_generation_bind(&condition->made_);
	/* A waiter was in the queue before it released the mutex, under which the caller
	 * changed the condition: no fence. */
	if (status == FILCH_OK)
		flc_lot_wake(condition, n);
	return status;
}

int
filch_condition_signal(filch_condition *condition)
{
	return wake(condition, 1);
}

int
filch_condition_broadcast(filch_condition *condition)
{
	return wake(condition, FLC_LOT_ALL);
}

int
filch_condition_init(filch_condition *condition)
{
	if (condition == NULL)
		return FILCH_INVAL;
	*condition = (filch_condition)FILCH_CONDITION_INIT;
	return FILCH_OK;
}

int
filch_condition_fini(filch_condition *condition)
{
	return condition == NULL ? FILCH_OK : flc_lot_end(condition, &condition->made_);
}
