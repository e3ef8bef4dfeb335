/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiters, the spares that take their cores, and how they come back. */
#include "state.h"

void
thread_begin_wait(struct sim *sim, struct thread *thread, int32_t record)
{
	thread->waiting = record;
	sim->record[record].waiter = thread_id(sim, thread);
	thread->since = sim->now;
	thread->pause = sim->config->costs.pause;
	thread->sweep.next = 0;
	thread_wait(sim, thread);
}

/* From thief to thief, as far as each waits itself. */
static int64_t
look_along(struct sim *sim, struct thread *thread, bool further)
{
	int32_t record = thread->waiting;
	int64_t ns = 0;

	thread->victim = NOBODY;
	do {
		struct thread *thief = &sim->thread[sim->record[record].thief];

		/* Done: the thief may run something unrelated by now. */
		if (sim->record[record].done)
			break;
		ns += cost_look(&sim->config->costs, thread_distance(sim, thread, thief));
		if (!lane_empty(&thief->lane) && !lane_claimed(sim, &thief->lane)) {
			thread->victim = thread_id(sim, thief);
			break;
		}
		record = thief->waiting;
	} while (further && record != NOBODY);
	return ns;
}

static int64_t
look(struct sim *sim, struct thread *thread)
{
	switch (sim->config->policy.help) {
	case HELP_LEAP:
		return look_along(sim, thread, false);
	case HELP_CHAIN:
		return look_along(sim, thread, true);
	case HELP_TAGS:
		return thread_look(sim, thread, thread->waiting);
	case HELP_WIDE:
		return thread_look(sim, thread, NOBODY);
	case HELP_NONE:
		break;
	}
	thread->victim = NOBODY;
	return sim->config->costs.look_cached;
}

static void
resume(struct sim *sim, int32_t core)
{
	struct thread *thread = &sim->thread[sim->ready[0]];

	sim->readies--;
	for (int32_t i = 0; i < sim->readies; i++)
		sim->ready[i] = sim->ready[i + 1];
	sim_place(sim, thread, core);
	sim_owe(sim, thread, SIM_WAKE, sim->config->costs.change);
	sim_schedule(sim, thread, thread->saved, thread->remaining);
}

void
thread_start_spare(struct sim *sim, int32_t core)
{
	const struct costs *costs = &sim->config->costs;
	struct thread *spare = &sim->thread[sim->spare[--sim->spares_off]];
	int32_t out = sim->spares - sim->spares_off;

	sim_place(sim, spare, core);
	sim->searching++;
	spare->since = sim->now;
	spare->pause = costs->pause;
	spare->sweep.next = 0;
	sim->result->spare_starts++;
	if (out > sim->result->spares_most)
		sim->result->spares_most = out;
	sim_owe(sim, spare, SIM_WAKE, costs->wake + costs->change);
	sim_schedule(sim, spare, SEARCH, 0);
}

/* The waiter's core goes to a thread that is ready, or to a spare if work is queued;
 * false if there is neither. */
static bool
give_away(struct sim *sim, struct thread *thread)
{
	int32_t core = thread->core;

	if (sim->readies == 0 && (sim->queued == 0 || sim->spares_off == 0))
		return false;
	thread->state = PARKED;
	thread->core = NOBODY;
	if (sim->readies != 0)
		resume(sim, core);
	else
		thread_start_spare(sim, core);
	return true;
}

/* Asleep on its core until the record is done, or until it is time to give the core
 * away. */
static void
doze(struct sim *sim, struct thread *thread)
{
	int64_t after = sim->config->policy.spare_after;
	int64_t left = thread->since + after - sim->now;

	sim_schedule(sim, thread, DOZE,
	    after >= 0 && left > 0 ? left : sim->config->costs.keeper);
}

/* Its time is over: who is woken next may have the core. */
void
thread_doze(struct sim *sim, struct thread *thread)
{
	if (sim->config->policy.spare_after < 0) {
		doze(sim, thread);
	} else if (!give_away(sim, thread)) {
		thread->state = PARKED;
		sim_leave(sim, thread);
	}
}

void
thread_wait(struct sim *sim, struct thread *thread)
{
	const struct costs *costs = &sim->config->costs;
	int64_t after = sim->config->policy.spare_after;

	if (sim->record[thread->waiting].done) {
		thread->waiting = NOBODY;
		thread->state = RUN;
		thread_advance(sim, thread);
		return;
	}
	int64_t ns = look(sim, thread);

	sim_spend(sim, SIM_WAIT, ns);
	if (thread->victim != NOBODY) {
		thread_begin_take(sim, thread, ns);
		return;
	}
	if (after >= 0 && sim->now - thread->since >= after && give_away(sim, thread))
		return;
	/* Wide help would be woken for any work; that it looks on instead makes it the
	 * ideal that the others are compared with. */
	if (sim->now - thread->since >= costs->spin && sim->config->policy.help != HELP_WIDE) {
		doze(sim, thread);
		return;
	}
	if (thread->sweep.next == 0) {
		sim_spend(sim, SIM_WAIT, thread->pause);
		ns += thread->pause;
		thread->pause = 2 * thread->pause < costs->pause_max ? 2 * thread->pause
		    : costs->pause_max;
	}
	sim_schedule(sim, thread, WAIT, ns);
}

void
thread_complete(struct sim *sim, struct thread *by, int32_t record)
{
	const struct costs *costs = &sim->config->costs;

	sim->record[record].done = true;
	if (sim->record[record].waiter == NOBODY)
		return;
	struct thread *waiter = &sim->thread[sim->record[record].waiter];

	/* It may be busy with other work on top of its wait. */
	if (waiter->waiting != record)
		return;
	if (waiter->state == WAIT) {
		/* It polls a line that only now changes. */
		sim_schedule(sim, waiter, WAIT,
		    cost_look(costs, thread_distance(sim, waiter, by)));
	} else if (waiter->state == READY
	    && (waiter->saved == WAIT || waiter->saved == DOZE)) {
		waiter->saved = WAIT;
		waiter->remaining = 0;
	} else if (waiter->state == DOZE) {
		sim_owe(sim, by, SIM_WAKE, costs->wake);
		sim_schedule(sim, waiter, WAIT, costs->wake + costs->wake_latency);
	} else if (waiter->state == PARKED) {
		sim_owe(sim, by, SIM_WAKE, costs->wake);
		sim_schedule(sim, waiter, RETURNING, costs->wake + costs->wake_latency);
	}
}

static void
make_ready(struct sim *sim, struct thread *thread, enum state saved, int64_t remaining)
{
	thread->saved = saved;
	thread->remaining = remaining;
	thread->state = READY;
	thread->core = NOBODY;
	sim->ready[sim->readies++] = thread_id(sim, thread);
}

/* A thread without work leaves its core. */
static void
retire(struct sim *sim, struct thread *thread)
{
	int32_t id = thread_id(sim, thread);

	thread_unclaim(sim, thread);
	sim->searching -= thread->state != WAKING;
	thread->core = NOBODY;
	calendar_set(&sim->calendar, id, EVENT_NEVER);
	if (id >= sim->config->machine.cores) {
		thread->state = OFF;
		sim->spare[sim->spares_off++] = id;
	} else {
		thread->state = ASLEEP;
		sim->sleeper[sim->sleepers++] = id;
	}
}

bool
thread_hand_over(struct sim *sim, struct thread *thread)
{
	int32_t core = thread->core;

	if (sim->readies == 0)
		return false;
	retire(sim, thread);
	resume(sim, core);
	return true;
}

/* Its thread has no work, nor just been given some. */
static bool
core_idles(const struct sim *sim, int32_t core)
{
	const struct thread *thread = &sim->thread[sim->current[core]];

	return thread->depth == 0 && thread->state != GRANTED;
}

/* The home core, else one that nobody uses, else one whose thread has no work. */
static int32_t
core_for(const struct sim *sim, const struct thread *thread)
{
	int32_t idle = NOBODY;

	if (sim->current[thread->home] == NOBODY
	    || core_idles(sim, thread->home))
		return thread->home;
	for (int32_t core = 0; core < sim->config->machine.cores; core++) {
		if (sim->current[core] == NOBODY)
			return core;
		if (core_idles(sim, core))
			idle = core;
	}
	return idle;
}

void
thread_return(struct sim *sim, struct thread *thread)
{
	int32_t core = core_for(sim, thread);

	if (core == NOBODY) {
		sim->result->returns_late++;
		if (sim->config->policy.comeback == RETURN_QUEUE) {
			make_ready(sim, thread, WAIT, 0);
			return;
		}
		core = thread->home;
		int32_t id = sim->current[core];

		make_ready(sim, &sim->thread[id], sim->thread[id].state,
		    sim->calendar.at[id] - sim->now);
		calendar_set(&sim->calendar, id, EVENT_NEVER);
	} else if (sim->current[core] != NOBODY) {
		retire(sim, &sim->thread[sim->current[core]]);
	}
	sim_place(sim, thread, core);
	sim_owe(sim, thread, SIM_WAKE, sim->config->costs.change);
	sim_schedule(sim, thread, WAIT, 0);
}
