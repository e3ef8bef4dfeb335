/* SPDX-License-Identifier: BSD-2-Clause */
#include "wait/block.h"

#include "sched/guest.h"
#include "sched/places.h"
#include "sched/worker.h"
#include "wait/held_locks.h"
#include "wait/stall.h"

#include <filch/task.h>

/* A wait looks for a cancellation after one millisecond, and then when it has lasted
 * twice as long, but each 5 ms at least.  A thread that has just run, for a look, is
 * behind the one that wakes it: that goes on with its time slice first, if they share a
 * CPU. */
#define POLL_NS 1000000u
#define POLL_MOST_NS 5000000u

static uint64_t
until_poll(uint64_t since)
{
	uint64_t now = filch_now(), waited = now - since;

	return now + (waited < POLL_NS ? POLL_NS : waited < POLL_MOST_NS ? waited : POLL_MOST_NS);
}

static uint64_t
earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/*
 * A waiter for an owner looks for a cycle again: the owner may have begun to wait since,
 * for a task perhaps, and of a join nobody could be told.  After an eighth of the time it
 * has waited each time, so that it costs nothing in the end.
 */
#define AGAIN_PART 8

/* A long wait: when it was begun, and when it looks around next. */
struct long_wait {
	uint64_t since;
	uint64_t look_at;
	struct flc_worker *worker;
	struct flc_blocked *entry;
	bool may_be_cycle;
};

static void
begin_long_wait(struct long_wait *wait, const struct flc_block_how *how,
    struct flc_worker *worker, struct flc_blocked *entry)
{
	wait->since = filch_now();
	wait->worker = worker;
	wait->entry = entry;
	wait->may_be_cycle = how->on.owner != NULL && how->deadline == FILCH_FOREVER;
	wait->look_at = worker != NULL || wait->may_be_cycle
	    ? wait->since + FLC_STALL_NS : FILCH_FOREVER;
}

/* True: it would never end. */
static FLC_COLD bool
look_around(struct long_wait *wait, uint64_t now)
{
	uint64_t apart = (now - wait->since) / AGAIN_PART;

	if (wait->may_be_cycle && flc_blocked_is_cycle(wait->entry))
		return true;
	if (wait->worker != NULL)
		flc_stall_look(wait->worker);
	wait->worker = NULL;
	wait->look_at = !wait->may_be_cycle ? FILCH_FOREVER
	    : now + (apart > FLC_STALL_NS ? apart : FLC_STALL_NS);
	return false;
}

static enum flc_block_end
park(struct flc_waiter *waiter, const struct flc_block_how *how, struct flc_worker *worker,
    struct flc_blocked *entry)
{
	struct long_wait wait;

	begin_long_wait(&wait, how, worker, entry);
	for (;;) {
		uint64_t until = earlier(how->deadline, wait.look_at);
		uint64_t now;

		if (how->poll != NULL)
			until = earlier(until, until_poll(wait.since));
		if (worker != NULL)
			until = earlier(until, flc_ask_again(worker));
		if (flc_parker_wait(&waiter->parker, until))
			return FLC_BLOCK_WOKEN;
		if (how->poll != NULL && how->poll(how->context) != 0)
			return FLC_BLOCK_POLLED;
		now = filch_now();
		if (now >= how->deadline)
			return FLC_BLOCK_TIMEOUT;
		if (now >= wait.look_at && look_around(&wait, now))
			return FLC_BLOCK_DEADLOCK;
	}
}

/* As a worker: its state and its place change hands. */
static enum flc_block_end
park_worker(struct flc_waiter *waiter, const struct flc_block_how *how, struct flc_worker *worker,
    struct flc_blocked *entry)
{
	struct flc_counters *counters = worker->counters;
	size_t before = flc_counters_enter(counters, (size_t)how->on.state);
	enum flc_block_end end;

	flc_count(&counters->parks, 1);
	flc_give_up_places(worker);
	end = park(waiter, how, worker, entry);
	flc_take_back_places(worker);
	flc_count(end == FLC_BLOCK_WOKEN ? &counters->wakeups_task : &counters->wakeups_timeout, 1);
	flc_counters_enter(counters, before);
	return end;
}

enum flc_block_end
flc_block(struct flc_waiter *waiter, const struct flc_block_how *how)
{
	struct flc_worker *worker = flc_self_entered();
	struct flc_blocked *entry = flc_blocked_enter(&how->on, how->deadline == FILCH_FOREVER);
	enum flc_block_end end;

	if (flc_blocked_is_cycle(entry))
		end = FLC_BLOCK_DEADLOCK;
	else if (worker == NULL)
		end = park(waiter, how, NULL, entry);
	else
		end = park_worker(waiter, how, worker, entry);
	flc_blocked_leave(entry);
	return end;
}

void
flc_block_on_to_the_end(struct flc_waiter *waiter, const struct flc_block_how *how)
{
	struct flc_block_how for_ever = *how;

	for_ever.deadline = FILCH_FOREVER;
	for_ever.poll = NULL;
	while (flc_block(waiter, &for_ever) != FLC_BLOCK_WOKEN)
		;
}

int
filch_blocking_begin(void)
{
	struct flc_worker *worker = flc_self_entered();
	uint64_t refused;

	if (worker == NULL) {
		(void)flc_thread_number();
		flc_thread.blocking++;
		return FILCH_OK;
	}
	if (worker->blocking++ > 0)
		return FILCH_OK;
	flc_counters_enter(worker->counters, FILCH_STATE_BLOCKING);
	refused = flc_load_relaxed(&worker->counters->spares_refused);
	flc_count_blocking(worker, 1);
	flc_give_up_places(worker);
	return flc_load_relaxed(&worker->counters->spares_refused) == refused
	    ? FILCH_OK : FILCH_AGAIN;
}

/* A mark belongs to the worker that the thread was when it was set: what a call into a
 * pool finds set outside it cannot end. */
int
filch_blocking_end(void)
{
	struct flc_worker *worker = flc_self_entered();
	unsigned *blocking = worker == NULL ? &flc_thread.blocking : &worker->blocking;

	(void)flc_thread_number();
	if (*blocking == 0)
		return FILCH_INVAL;
	if (--*blocking > 0 || worker == NULL)
		return FILCH_OK;
	flc_take_back_places(worker);
	flc_count_blocking(worker, (size_t)-1);
	flc_counters_enter(worker->counters, FILCH_STATE_RUN);
	return FILCH_OK;
}
