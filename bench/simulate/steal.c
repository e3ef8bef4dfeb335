/* SPDX-License-Identifier: BSD-2-Clause */
/* Thieves and sleepers. */
#include "state.h"

/* Lanes looked at per event: more would see lanes as they were too long ago. */
#define LOOKS 16

static void
interrupt(struct sim *sim, int32_t id)
{
	int64_t at = sim->calendar.at[id];

	if (at == EVENT_NEVER)
		return;
	calendar_set(&sim->calendar, id, at + sim->config->costs.interrupt);
	sim_spend(sim, SIM_INTERRUPT, sim->config->costs.interrupt);
}

static bool
core_runs(const struct sim *sim, int32_t core)
{
	int32_t id = sim->current[core];

	return id != NOBODY && sim->thread[id].state != DOZE;
}

/* The thief's membarrier: interrupts its targets, returns its ns. */
static int64_t
barrier(struct sim *sim, const struct thread *thief, const struct thread *victim, int64_t begin)
{
	const struct costs *costs = &sim->config->costs;
	bool broadcast = sim->config->policy.barrier == BARRIER_BROADCAST
	    || sim->config->policy.barrier == BARRIER_SWITCHED
	    || sim->config->policy.barrier == BARRIER_ASKED;
	int64_t ns = costs->barrier_idle;
	int32_t running = 0;

	for (int32_t core = 0; broadcast && core < sim->config->machine.cores; core++)
		if (core_runs(sim, core) && core != thief->core) {
			interrupt(sim, sim->current[core]);
			running++;
		}
	if (!broadcast && victim->core != NOBODY && victim->state != DOZE) {
		interrupt(sim, thread_id(sim, victim));
		running = 1;
	}
	if (running != 0)
		ns = costs->barrier + (running - 1) * costs->barrier_core;
	sim->result->barriers++;
	/* The kernel's lock: one for the machine, or one for each target. */
	if (costs->one_barrier != 0 || broadcast) {
		int64_t free = sim->barrier_free > begin ? sim->barrier_free : begin;

		sim->barrier_free = free + ns;
		ns += free - begin;
	}
	return ns;
}

/* The line of top goes from thief to thief, one at a time. */
static void
reach_for(struct sim *sim, struct thread *thread, int64_t begin, int64_t ns)
{
	struct thread *victim = &sim->thread[thread->victim];
	struct lane *lane = &victim->lane;
	int64_t from = sim->now + thread->debt;

	if (lane->line_free < begin + ns)
		lane->line_free = begin + ns;
	lane->line_free += cost_steal(&sim->config->costs, thread_distance(sim, thread, victim));
	sim_spend(sim, SIM_STEAL, lane->line_free - begin);
	sim_schedule(sim, thread, TAKE, lane->line_free - from);
}

void
thread_begin_take(struct sim *sim, struct thread *thread, int64_t looked)
{
	struct thread *victim = &sim->thread[thread->victim];
	struct lane *lane = &victim->lane;
	int64_t begin = sim->now + thread->debt + looked;
	int64_t ns = 0;

	thread->seen = lane->slot[lane->top];
	thread->pays = false;
	if (!lane_fenced(sim, lane)) {
		lane->claimed = true;
		thread->claims = true;
		if (sim->config->policy.barrier == BARRIER_ASKED) {
			int64_t backoff = looked + sim->config->costs.ask;

			lane->asker = thread_id(sim, thread);
			sim_spend(sim, SIM_STEAL, sim->config->costs.ask);
			sim_schedule(sim, thread, ASK, backoff);
			if (victim->forks_within && victim->state == RUN)
				thread_answer(sim, victim, lane->bottom);
			return;
		}
		thread->pays = true;
		ns = barrier(sim, thread, victim, begin);
	}
	reach_for(sim, thread, begin, ns);
}

/* The backoff is over: it helps itself. */
void
thread_unanswered(struct sim *sim, struct thread *thread)
{
	struct thread *victim = &sim->thread[thread->victim];

	victim->lane.asker = NOBODY;
	thread->pays = true;
	if (lane_empty(&victim->lane))
		thread->seen = NOBODY;
	else
		thread->seen = victim->lane.slot[victim->lane.top];
	reach_for(sim, thread, sim->now, barrier(sim, thread, victim, sim->now));
}

void
thread_unclaim(struct sim *sim, struct thread *thread)
{
	if (thread->claims) {
		struct lane *lane = &sim->thread[thread->victim].lane;

		lane->claimed = false;
		if (lane->asker == thread_id(sim, thread))
			lane->asker = NOBODY;
	}
	thread->claims = false;
}

int64_t
thread_look(struct sim *sim, struct thread *thread, int32_t below)
{
	const struct sim_config *config = sim->config;
	int64_t ns = 0;

	thread->victim = NOBODY;
	/* Nothing anywhere: the pass at once, as if each lane were in our cache. */
	if (sim->queued == 0 && thread->sweep.next == 0) {
		thread->known = thread->swept;
		thread->swept = sim->now;
		return (config->machine.cores - 1) * config->costs.look_cached;
	}
	for (int looks = 0; looks < LOOKS; looks++) {
		if (thread->sweep.next == 0) {
			thread->known = thread->swept;
			thread->swept = sim->now;
		}
		int32_t id = sweep_next(&thread->sweep, config->policy.victims, &config->machine,
		    thread->home, sim->spares, &thread->random);

		if (id == NOBODY) {
			thread->sweep.next = 0;
			break;
		}
		struct thread *victim = &sim->thread[id];

		/* A spare stands where it runs in the order of victims. */
		if (id < config->machine.cores && lane_empty(&victim->lane)
		    && sim->current[id] != NOBODY)
			victim = &sim->thread[sim->current[id]];
		struct lane *lane = &victim->lane;

		if (victim == thread || victim->state == OFF)
			continue;
		/* What did not change since the pass before is in our cache. */
		ns += lane->changed < thread->known ? config->costs.look_cached
		    : cost_look(&config->costs, thread_distance(sim, thread, victim));
		if (!lane_empty(lane) && !lane_claimed(sim, lane)
		    && (below == NOBODY || record_descends(sim, lane->slot[lane->top], below))) {
			thread->victim = thread_id(sim, victim);
			thread->sweep.next = 0;
			break;
		}
	}
	return ns;
}

/* Runs the record, which has left its lane. */
static void
begin_stolen(struct sim *sim, struct thread *thread)
{
	int32_t record = thread->seen;
	bool waited = thread->waiting != NOBODY;

	sim->record[record].thief = thread_id(sim, thread);
	sim->result->steals++;
	sim->result->leaps += waited;
	thread->waiting = NOBODY;
	thread->pause = sim->config->costs.pause;
	thread_call(sim, thread, sim->record[record].node, record);
	if (!waited) {
		sim->searching--;
		if (sim->searching == 0 && sim->cores_free != 0 && sim->queued != 0)
			thread_wake_one(sim, thread);
	}
	thread->state = RUN;
	thread_advance(sim, thread);
}

static void
took(struct sim *sim, struct thread *thread, struct thread *victim)
{
	victim->lane.top++;
	victim->lane.paid += thread->pays;
	lane_stolen_from(sim, &victim->lane);
	begin_stolen(sim, thread);
}

static void
go_on(struct sim *sim, struct thread *thread)
{
	sim->result->lost++;
	if (thread->waiting != NOBODY)
		thread_wait(sim, thread);
	else
		thread_search(sim, thread);
}

void
thread_granted(struct sim *sim, struct thread *thread)
{
	thread_unclaim(sim, thread);
	if (thread->seen != NOBODY)
		begin_stolen(sim, thread);
	else
		go_on(sim, thread);
}

/*
 * Isolation: a waiter runs only what it waits for.  Leapfrogging is safe because the
 * waiter read its own record again (thread_take); a chain has to read each of its links
 * again, which this stands for.
 */
static bool
isolated(struct sim *sim, const struct thread *thread)
{
	enum help help = sim->config->policy.help;

	if (help == HELP_WIDE || record_descends(sim, thread->seen, thread->waiting))
		return true;
	if (help == HELP_LEAP)
		sim->failed = true;
	return false;
}

void
thread_take(struct sim *sim, struct thread *thread)
{
	struct thread *victim = &sim->thread[thread->victim];
	struct lane *lane = &victim->lane;
	bool waits = thread->waiting != NOBODY;

	thread_unclaim(sim, thread);
	if (waits && sim->record[thread->waiting].done) {
		thread_wait(sim, thread);
	} else if (!lane_empty(lane) && lane->slot[lane->top] == thread->seen
	    && (!waits || isolated(sim, thread))) {
		took(sim, thread, victim);
	} else {
		go_on(sim, thread);
	}
}

void
thread_idle(struct sim *sim, struct thread *thread)
{
	sim->searching++;
	thread->state = SEARCH;
	thread->since = sim->now;
	thread->pause = sim->config->costs.pause;
	thread->sweep.next = 0;
	thread_search(sim, thread);
}

void
thread_set_keeper(struct sim *sim)
{
	if (sim->keeper != NOBODY || sim->sleepers == 0)
		return;
	sim->keeper = sim->sleeper[0];
	calendar_set(&sim->calendar, sim->keeper, sim->now + sim->config->costs.keeper);
}

static void
fall_asleep(struct sim *sim, struct thread *thread)
{
	sim->searching--;
	sim_leave(sim, thread);
	thread->state = ASLEEP;
	sim->sleeper[sim->sleepers++] = thread_id(sim, thread);
	thread_set_keeper(sim);
}

void
thread_search(struct sim *sim, struct thread *thread)
{
	const struct costs *costs = &sim->config->costs;

	if (sim->readies != 0 && thread_hand_over(sim, thread))
		return;
	int64_t ns = thread_look(sim, thread, NOBODY);

	sim_spend(sim, SIM_SEARCH, ns);
	if (thread->victim != NOBODY) {
		thread_begin_take(sim, thread, ns);
		return;
	}
	if (thread->sweep.next == 0) {
		/* With work queued somewhere the last look would find it. */
		if (sim->now - thread->since >= costs->spin && sim->queued == 0) {
			fall_asleep(sim, thread);
			return;
		}
		sim_spend(sim, SIM_SEARCH, thread->pause);
		ns += thread->pause;
		thread->pause = 2 * thread->pause < costs->pause_max ? 2 * thread->pause
		    : costs->pause_max;
	}
	sim_schedule(sim, thread, SEARCH, ns);
}

/* A core for the sleeper, its own if that is free. */
static int32_t
free_core(const struct sim *sim, int32_t home)
{
	if (sim->current[home] == NOBODY)
		return home;
	for (int32_t core = 0; core < sim->config->machine.cores; core++)
		if (sim->current[core] == NOBODY)
			return core;
	return NOBODY;
}

static void
wake(struct sim *sim, int32_t place, int32_t core, int64_t ns)
{
	int32_t id = sim->sleeper[place];
	struct thread *thread = &sim->thread[id];

	sim->sleeper[place] = sim->sleeper[--sim->sleepers];
	if (sim->keeper == id)
		sim->keeper = NOBODY;
	sim_place(sim, thread, core);
	thread->sweep.next = 0;
	sim_schedule(sim, thread, WAKING, ns);
	thread_set_keeper(sim);
}

void
thread_wake_one(struct sim *sim, struct thread *by)
{
	const struct costs *costs = &sim->config->costs;
	int32_t place = sim->sleepers - 1;
	int32_t home = place >= 0 ? sim->thread[sim->sleeper[place]].home : 0;
	int32_t core = free_core(sim, home);

	if (core == NOBODY || (place < 0 && sim->spares_off == 0))
		return;
	if (place < 0) {
		/* All workers are out: a waiter has given the core up. */
		thread_start_spare(sim, core);
		sim_owe(sim, by, SIM_WAKE, costs->wake);
		return;
	}
	sim->result->wakes++;
	wake(sim, place, core, costs->wake + costs->wake_latency);
	sim_owe(sim, by, SIM_WAKE, costs->wake);
}

/* The keeper's timeout. */
void
thread_keep(struct sim *sim, struct thread *thread)
{
	int32_t place = 0;
	int32_t core = sim->queued != 0 ? free_core(sim, thread->home) : NOBODY;

	if (core == NOBODY) {
		sim_schedule(sim, thread, ASLEEP, sim->config->costs.keeper);
		return;
	}
	while (sim->sleeper[place] != thread_id(sim, thread))
		place++;
	wake(sim, place, core, 0);
}
