/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/wait.h"

#include "sched/blocked.h"
#include "sched/broadcast.h"
#include "sched/held.h"
#include "sched/places.h"
#include "sched/stall.h"

/* A parked waiter keeps its place this long; then a sleeper or a spare may
 * take it.  Longer than a wake-up, so that short waits move nobody. */
#define GIVE_UP_NS 100000u

#define POLL_NS 1000000u

/* A thief has taken the record and has not begun: perhaps it waits for our CPU. */
#define BEGIN_NS 50000u

/* The place is given up; if the whole pool is blocked, that is noticed once. */
static bool
park_for_long(struct flc_worker *worker, uint64_t deadline, const struct flc_blocked_on *on,
    bool for_ever)
{
	struct flc_blocked *entry = flc_blocked_enter(on, for_ever);
	uint64_t stall_at = filch_now() + FLC_STALL_NS;
	bool woken = flc_parker_wait(&worker->sleeper.parker,
	    deadline < stall_at ? deadline : stall_at);

	if (!woken && stall_at < deadline) {
		flc_stall_look(worker);
		for (bool over = false; !woken && !over;) {
			uint64_t again = flc_ask_again(worker);

			over = again >= deadline;
			woken = flc_parker_wait(&worker->sleeper.parker, over ? deadline : again);
		}
	}
	flc_blocked_leave(entry);
	return woken;
}

bool
flc_worker_park(struct flc_worker *worker, uint64_t deadline, const struct flc_blocked_on *on,
    bool for_ever)
{
	uint64_t give_up = filch_now() + GIVE_UP_NS;
	bool woken;

	flc_count(&worker->counters->parks, 1);
	woken = flc_parker_wait(&worker->sleeper.parker, deadline < give_up ? deadline : give_up);
	if (!woken && give_up < deadline) {
		flc_give_up_places(worker);
		woken = park_for_long(worker, deadline, on, for_ever);
		flc_take_back_places(worker);
	}
	flc_count(woken ? &worker->counters->wakeups_task : &worker->counters->wakeups_timeout, 1);
	return woken;
}

bool
flc_pending_end(flc_atomic *pending, struct filch_pool *pool)
{
	/* Full, hence release [pending.end]: what was done, before the count. */
	size_t before = flc_add_full(pending, (size_t)-1);

	if (flc_pending_count(before) != 1)
		return false;
	if (before >> FLC_PENDING_WAITER_SHIFT != 0) {
		struct flc_worker *waiter = flc_pool_worker(pool,
		    (before >> FLC_PENDING_WAITER_SHIFT) - 1);

		(void)flc_parker_wake(&waiter->sleeper.parker);
	}
	return true;
}

/* Steals from the thief that has our record what descends from it. */
static bool
leapfrog(struct flc_worker *worker, const filch_record_ *awaited, size_t state)
{
	struct flc_worker *thief = flc_pool_worker(worker->pool,
	    (state & ~(FLC_RECORD_STOLEN | FLC_RECORD_WAITED_FOR)) >> FLC_RECORD_BASE_BITS);
	struct flc_leap leap = {
		.awaited = awaited,
		.state = state,
		.base = state & (((size_t)1 << FLC_RECORD_BASE_BITS) - 1),
	};
	filch_record_ *record;
	size_t at;

	if (flc_forks_seen(&thief->forks) == 0)
		return false;
	enum flc_steal outcome = flc_forks_steal(&thief->forks, &leap, &record, &at);

	flc_worker_count_probe(worker, flc_worker_distance(worker, thief), outcome);
	if (outcome != FLC_STEAL_TASK)
		return false;
	flc_count(&worker->counters->joins_helped, 1);
	flc_worker_run_record(worker, thief, record, at);
	return true;
}

/* Parks until the thief says DONE. */
static void
park_for_record(struct flc_worker *worker, filch_record_ *record, size_t state)
{
	const struct flc_blocked_on on = {
		.state = FILCH_STATE_JOIN_WAIT, .what = "a forked task", .awaited = record,
	};
	size_t waited_for = state | FLC_RECORD_WAITED_FOR;

	/* Full: we say that we are about to park; the thief's
	 * CAS to DONE fails and it wakes us. */
	if (!flc_cas_full(&record->state, state, waited_for))
		return;
	while (flc_load_acquire(&record->state) == waited_for) {
		flc_worker_park(worker, FILCH_FOREVER, &on, true);
		flc_broadcast_run(worker);
	}
}

void
flc_wait_record(struct flc_worker *worker, filch_record_ *record)
{
	size_t before = flc_counters_enter(worker->counters, FILCH_STATE_JOIN_WAIT);
	struct flc_patience patience = { 0, 0 };

	flc_held_before_wait(FILCH_HELD_WAIT_JOIN, NULL);
	flc_count(&worker->counters->joins_waited, 1);
	for (;;) {
		/* acquire [record.done]: the result comes with DONE. */
		size_t state = flc_load_acquire(&record->state);

		if (state == FLC_RECORD_DONE)
			break;
		flc_worker_check_fork(worker);
		flc_broadcast_run(worker);
		if ((state & FLC_RECORD_STOLEN) && leapfrog(worker, record, state))
			patience.since = 0;
		else if (flc_patience_spin(worker, &patience))
			continue;
		else if (state & FLC_RECORD_STOLEN)
			park_for_record(worker, record, state);
		else
			(void)flc_parker_wait(&worker->sleeper.parker, filch_now() + BEGIN_NS);
	}
	flc_counters_enter(worker->counters, before);
}

/* Names us as the one to wake; false if there is nothing to wait for. */
static bool
register_waiter(struct flc_worker *worker, flc_atomic *pending)
{
	size_t me = (worker->index + 1) << FLC_PENDING_WAITER_SHIFT;

	for (;;) {
		size_t count = flc_load_acquire(pending);

		if (flc_pending_count(count) == 0)
			return false;
		if (count >> FLC_PENDING_WAITER_SHIFT != 0
		    || flc_cas_full(pending, count, count | me))
			return true;
	}
}

static void
unregister_waiter(flc_atomic *pending)
{
	for (;;) {
		size_t count = flc_load_acquire(pending);

		if (flc_cas_full(pending, count, count & (FLC_PENDING_COUNT | FLC_PENDING_MARK)))
			return;
	}
}

/* Parks until the count is zero, the deadline, or time to poll. */
static void
park_for_count(struct flc_worker *worker, flc_atomic *pending, const struct flc_waiting *how)
{
	const struct flc_blocked_on on = {
		.state = FILCH_STATE_JOIN_WAIT, .what = "a task", .awaited = flc_pending_stop(pending),
	};
	uint64_t until = how->poll == NULL ? FILCH_FOREVER : filch_now() + POLL_NS;

	if (register_waiter(worker, pending))
		flc_worker_park(worker, how->deadline < until ? how->deadline : until, &on,
		    how->deadline == FILCH_FOREVER);
}

int
flc_wait_pending(struct flc_worker *worker, flc_atomic *pending, const struct flc_waiting *how)
{
	struct flc_patience patience = { 0, 0 };
	int (*stuck)(void *context) = how->stuck;
	int status = FILCH_OK;
	size_t before;

	flc_held_before_wait(FILCH_HELD_WAIT_GROUP, NULL);
	/* Its own jobs first: while there are some it works and does not wait. */
	while (how->deadline == FILCH_FOREVER
	    && flc_worker_run_own(worker, how->tag, how->fifo))
		flc_count(&worker->counters->joins_helped, 1);
	/* acquire [pending.end]: what the ended ones did. */
	if (flc_pending_count(flc_load_acquire(pending)) == 0)
		return FILCH_OK;
	before = flc_counters_enter(worker->counters, FILCH_STATE_JOIN_WAIT);
	while (flc_pending_count(flc_load_acquire(pending)) != 0) {
		flc_worker_check_fork(worker);
		flc_broadcast_run(worker);
		if (how->poll != NULL)
			how->poll(how->context);
		if (how->deadline != FILCH_FOREVER && filch_now() >= how->deadline) {
			status = FILCH_TIMEOUT;
			break;
		}
		if (flc_worker_help_tag(worker, how->tag, how->fifo)
		    || (how->wide && flc_worker_help(worker))) {
			flc_count(&worker->counters->joins_helped, 1);
			patience = (struct flc_patience){ 0, 0 };
		} else if (!flc_patience_spin(worker, &patience)) {
			if (stuck != NULL && (status = stuck(how->context)) != FILCH_OK)
				break;
			stuck = NULL;
			park_for_count(worker, pending, how);
		}
	}
	unregister_waiter(pending);
	flc_counters_enter(worker->counters, before);
	return status;
}
