/* SPDX-License-Identifier: BSD-2-Clause */
#include "wait/task_wait.h"

#include "base/futex.h"
#include "sched/inbox.h"
#include "sched/places.h"
#include "sched/steal.h"
#include "wait/held_locks.h"
#include "wait/stall.h"
#include "wait/wait_graph.h"

/* A parked waiter keeps its place this long; then a sleeper or a spare may take it.
 * Longer than a wake-up, so that short waits move nobody. */
#define GIVE_UP_NS 100000u

#define POLL_NS 1000000u

/* A thief has taken the record and has not begun: perhaps it waits for our CPU. */
#define BEGIN_NS 50000u

/* The first look for a cycle is made when a wait parks for long, the next after this
 * time, then after an eighth of the time that the wait has lasted. */
#define CYCLE_NS 2000000u
#define CYCLE_PART 8

/* A parked waiter that may help looks around after this time, then after twice that, up
 * to the second one.  The thread that put work there woke others, which may have met
 * other work first, and be blocked in it. */
#define LOOK_NS 1000000u
#define LOOK_MOST_NS 64000000u

/* How a worker parks. */
struct parking {
	const struct flc_blocked_on *on;
	const struct flc_waiting *helps; /* with what it may; NULL: nothing */
	uint64_t deadline;      /* or the time to look around */
	bool for_ever;          /* all the same */
	bool looks;             /* for a cycle of waits */
};

enum parked { PARKED_TIMEOUT, PARKED_WOKEN, PARKED_CYCLE };

/* Until woken, until work is seen that it may help with (true), or the time. */
static bool
park_and_look(struct flc_worker *worker, const struct parking *how, uint64_t until)
{
	const struct flc_waiting *helps = how->helps;
	uint64_t gap = LOOK_NS, next;

	while (helps != NULL && (next = filch_now() + gap) < until) {
		if (flc_parker_wait(&worker->sleeper.parker, next)
		    || flc_worker_sees(worker, helps->tag, helps->wide))
			return true;
		gap = gap < LOOK_MOST_NS ? 2 * gap : gap;
	}
	return flc_parker_wait(&worker->sleeper.parker, until);
}

/* The place is given up; if the whole pool is blocked, that is noticed once. */
static enum parked
park_for_long(struct flc_worker *worker, const struct parking *how)
{
	struct flc_blocked *entry = flc_blocked_enter(how->on, how->for_ever);
	uint64_t stall_at = filch_now() + FLC_STALL_NS;
	bool cycle = how->looks && flc_blocked_is_cycle(entry);
	bool woken = !cycle && park_and_look(worker, how,
	    how->deadline < stall_at ? how->deadline : stall_at);

	if (!cycle && !woken && stall_at < how->deadline) {
		flc_stall_look(worker);
		for (bool over = false; !woken && !over;) {
			uint64_t again = flc_ask_again(worker);

			over = again >= how->deadline;
			woken = park_and_look(worker, how, over ? how->deadline : again);
		}
	}
	flc_blocked_leave(entry);
	return cycle ? PARKED_CYCLE : woken ? PARKED_WOKEN : PARKED_TIMEOUT;
}

/* Until woken or the deadline; after a delay the core goes to another thread, if there is
 * work for it. */
static enum parked
park(struct flc_worker *worker, const struct parking *how)
{
	uint64_t give_up = filch_now() + GIVE_UP_NS;
	enum parked end;

	flc_count(&worker->counters->parks, 1);
	end = flc_parker_wait(&worker->sleeper.parker,
	    how->deadline < give_up ? how->deadline : give_up) ? PARKED_WOKEN : PARKED_TIMEOUT;
	if (end == PARKED_TIMEOUT && give_up < how->deadline) {
		flc_give_up_places(worker);
		end = park_for_long(worker, how);
		flc_take_back_places(worker);
	}
	flc_count(end == PARKED_WOKEN ? &worker->counters->wakeups_task
	    : &worker->counters->wakeups_timeout, 1);
	return end;
}

void
flc_pending_wake(size_t before, struct filch_pool *pool)
{
	struct flc_worker *waiter = flc_pool_worker(pool, flc_pending_waiter(before) - 1);

	(void)flc_parker_wake(&waiter->sleeper.parker);
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

	if (flc_fork_deque_seen(&thief->forks) == 0)
		return false;
	enum flc_steal outcome = flc_fork_deque_steal(&thief->forks, &leap, &record, &at);

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
	const struct parking how = { &on, NULL, FILCH_FOREVER, true, false };
	size_t waited_for = state | FLC_RECORD_WAITED_FOR;

	/* Full: we say that we are about to park; the thief's CAS to DONE fails and it
	 * wakes us. */
	if (!flc_cas_full(&record->state, state, waited_for))
		return;
	while (flc_load_acquire(&record->state) == waited_for) {
		(void)park(worker, &how);
		flc_inbox_run(worker);
	}
}

void
flc_wait_record(struct flc_worker *worker, filch_record_ *record)
{
	size_t before = flc_counters_enter(worker->counters, FILCH_STATE_JOIN_WAIT);
	struct flc_backoff backoff = { 0, 0 };

	flc_held_before_wait(FILCH_HELD_WAIT_JOIN, NULL);
	flc_count(&worker->counters->joins_waited, 1);
	for (;;) {
		/* acquire [record.done]: the result comes with DONE. */
		size_t state = flc_load_acquire(&record->state);

		if (state == FLC_RECORD_DONE)
			break;
		flc_worker_check_fork(worker);
		flc_inbox_run(worker);
		if ((state & FLC_RECORD_STOLEN) && leapfrog(worker, record, state))
			backoff.since = 0;
		else if (flc_backoff_spin(worker, &backoff))
			continue;
		else if (state & FLC_RECORD_STOLEN)
			park_for_record(worker, record, state);
		else
			(void)flc_futex_wait(&record->state, (unsigned)state,
			    filch_now() + BEGIN_NS);
	}
	flc_counters_enter(worker->counters, before);
}

/* Whom the last one to end will wake. */
enum registered { NOTHING_PENDING, OURSELVES, ANOTHER };

/* Names us as the one to wake, unless another thread is: then we look again soon. */
static enum registered
register_waiter(struct flc_worker *worker, flc_atomic *pending)
{
	size_t me = (worker->index + 1) << FLC_PENDING_WAITER_SHIFT;

	for (;;) {
		size_t count = flc_load_acquire(pending);

		if (flc_pending_count(count) == 0)
			return NOTHING_PENDING;
		if (flc_pending_waiter(count) != 0)
			return flc_pending_waiter(count) == worker->index + 1 ? OURSELVES : ANOTHER;
		if (flc_cas_full(pending, count, count | me))
			return OURSELVES;
	}
}

static void
unregister_waiter(const struct flc_worker *worker, flc_atomic *pending)
{
	for (;;) {
		size_t count = flc_load_acquire(pending);

		if (flc_pending_waiter(count) != worker->index + 1
		    || flc_cas_full(pending, count, count
			& (FLC_PENDING_STICKY | FLC_PENDING_COUNT | FLC_PENDING_MARK)))
			return;
	}
}

/* Looks for a cycle of waits: since when, and when next. */
struct looks {
	uint64_t since, next;
};

static uint64_t
earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* With a deadline a waiter runs nothing that may last beyond it, unless it was told to or
 * nobody else is awake or could be woken. */
static bool
helps(const struct flc_worker *worker, const struct flc_waiting *how)
{
	return how->deadline == FILCH_FOREVER || how->wide || worker->pool->threads == 0
	    || flc_sleep_is_lonely(&worker->pool->sleep);
}

/* Parks until the count is zero, the deadline, or time to poll.  False: it would be for
 * ever. */
static bool
park_for_count(struct flc_worker *worker, flc_atomic *pending, const struct flc_waiting *how,
    struct looks *looks)
{
	const struct flc_blocked_on on = {
		.state = FILCH_STATE_JOIN_WAIT, .what = how->what != NULL ? how->what : "a task",
		.name = how->name, .awaited = flc_pending_stop(pending),
	};
	struct parking parking = {
		&on, helps(worker, how) ? how : NULL, how->deadline,
		how->deadline == FILCH_FOREVER, false,
	};
	enum registered waiter = register_waiter(worker, pending);
	uint64_t now = filch_now();

	if (waiter == NOTHING_PENDING)
		return true;
	if (how->poll != NULL || how->deadline != FILCH_FOREVER || waiter == ANOTHER)
		parking.deadline = earlier(parking.deadline, now + POLL_NS);
	if (looks->since == 0)
		looks->since = looks->next = now;
	if (how->tell && how->deadline == FILCH_FOREVER) {
		parking.looks = now >= looks->next;
		if (parking.looks)
			looks->next = now + CYCLE_NS + (now - looks->since) / CYCLE_PART;
		parking.deadline = earlier(parking.deadline, looks->next);
	}
	return park(worker, &parking) != PARKED_CYCLE;
}

/* Runs something, or has the backoff to look again, or not: then it is time to park. */
static bool
help_or_spin(struct flc_worker *worker, const struct flc_waiting *how,
    struct flc_backoff *backoff)
{
	bool may_help = helps(worker, how);

	if (!may_help || !(flc_worker_help_tag(worker, how->tag, how->fifo)
	    || (how->wide && flc_worker_help(worker)))) {
		if (flc_backoff_spin(worker, backoff))
			return true;
		if (!may_help || !flc_worker_help_buried(worker, how->tag))
			return false;
	}
	flc_count(&worker->counters->joins_helped, 1);
	*backoff = (struct flc_backoff){ 0, 0 };
	return true;
}

/* Before it parks first. */
static int
is_stuck(const struct flc_waiting *how, struct looks *looks)
{
	return looks->since != 0 || how->stuck == NULL ? FILCH_OK : how->stuck(how->context);
}

int
flc_wait_pending(struct flc_worker *worker, flc_atomic *pending, const struct flc_waiting *how)
{
	struct flc_backoff backoff = { 0, 0 };
	struct looks looks = { 0, 0 };
	int status = FILCH_OK;
	size_t before;

	flc_held_before_wait(FILCH_HELD_WAIT_GROUP, how->name);
	/* Its own jobs first: while there are some it works and does not wait. */
	if (how->own != NULL && how->deadline == FILCH_FOREVER)
		how->own(worker, how->context);
	while (how->deadline == FILCH_FOREVER
	    && flc_worker_run_own(worker, how->tag, how->fifo))
		flc_count(&worker->counters->joins_helped, 1);
	/* acquire [pending.end]: what the ended ones did. */
	if (flc_pending_count(flc_load_acquire(pending)) == 0)
		return FILCH_OK;
	before = flc_counters_enter(worker->counters, FILCH_STATE_JOIN_WAIT);
	while (status == FILCH_OK && flc_pending_count(flc_load_acquire(pending)) != 0) {
		flc_worker_check_fork(worker);
		flc_inbox_run(worker);
		if (how->poll != NULL)
			how->poll(how->context);
		if (how->deadline != FILCH_FOREVER && filch_now() >= how->deadline) {
			status = FILCH_TIMEOUT;
		} else if (!help_or_spin(worker, how, &backoff)) {
			status = is_stuck(how, &looks);
			if (status == FILCH_OK && !park_for_count(worker, pending, how, &looks))
				status = FILCH_DEADLOCK;
		}
	}
	unregister_waiter(worker, pending);
	flc_counters_enter(worker->counters, before);
	return status;
}
