/* SPDX-License-Identifier: BSD-2-Clause */
#include "state.h"

#include <stdlib.h>
#include <string.h>

void
sim_spend(struct sim *sim, enum sim_time what, int64_t ns)
{
	sim->result->spent[what] += ns;
}

void
sim_owe(struct sim *sim, struct thread *thread, enum sim_time what, int64_t ns)
{
	sim_spend(sim, what, ns);
	thread->debt += ns;
}

void
sim_owe_fork(struct sim *sim, struct thread *thread, int64_t ps)
{
	thread->debt_ps += ps;
	sim_owe(sim, thread, SIM_FORK, thread->debt_ps / 1000);
	thread->debt_ps %= 1000;
}

void
sim_schedule(struct sim *sim, struct thread *thread, enum state state, int64_t ns)
{
	thread->state = state;
	calendar_set(&sim->calendar, thread_id(sim, thread), sim->now + thread->debt + ns);
	thread->debt = 0;
}

/* Per million, at random between -limit and limit per mille. */
static int64_t
vary(uint64_t *random, int64_t limit)
{
	uint64_t steps = 2000 * (uint64_t)limit + 1;

	return limit == 0 ? 0 : (int64_t)(random_step(random) % steps) - 1000 * limit;
}

void
sim_work(struct sim *sim, struct thread *thread, int64_t ns)
{
	int64_t more = sim->pace[thread->core]
	    + vary(&thread->random, sim->config->costs.noise_pm);

	/* What is less than a ns is kept, so that small nodes vary together. */
	thread->drift += more * ns;
	ns += thread->drift / 1000000;
	thread->drift %= 1000000;
	if (ns < 0)
		ns = 0;
	sim_spend(sim, SIM_WORK, ns);
	sim_schedule(sim, thread, RUN, ns);
}

void
sim_place(struct sim *sim, struct thread *thread, int32_t core)
{
	sim->cores_free -= sim->current[core] == NOBODY;
	sim->current[core] = thread_id(sim, thread);
	thread->core = core;
	thread->home = core;
}

void
sim_leave(struct sim *sim, struct thread *thread)
{
	sim->current[thread->core] = NOBODY;
	sim->cores_free++;
	thread->core = NOBODY;
}

static void
dispatch(struct sim *sim, struct thread *thread)
{
	switch (thread->state) {
	case RUN:
		thread_advance(sim, thread);
		break;
	case WAKING:
		sim->searching++;
		thread->since = sim->now;
		thread->pause = sim->config->costs.pause;
		thread->state = SEARCH;
		/* fallthrough */
	case SEARCH:
		thread_search(sim, thread);
		break;
	case ASK:
		thread_unanswered(sim, thread);
		break;
	case GRANTED:
		thread_granted(sim, thread);
		break;
	case TAKE:
		thread_take(sim, thread);
		break;
	case WAIT:
		thread_wait(sim, thread);
		break;
	case DOZE:
		thread_doze(sim, thread);
		break;
	case RETURNING:
		thread_return(sim, thread);
		break;
	case ASLEEP:
		thread_keep(sim, thread);
		break;
	case OFF:
	case PARKED:
	case READY:
		/* These have no event. */
		sim->failed = true;
		break;
	}
}

static void
thread_init(struct sim *sim, struct thread *thread, int32_t id)
{
	int32_t cores = sim->config->machine.cores;

	thread->core = NOBODY;
	thread->waiting = NOBODY;
	thread->victim = NOBODY;
	thread->lane.asker = NOBODY;
	thread->random = (sim->config->seed + 1) * 0x9e3779b97f4a7c15u ^ (uint64_t)id << 20;
	thread->random |= 1;
	thread->swept = -1;
	thread->known = -1;
	thread->last_wake = -sim->config->costs.wake_gap;
	thread->pause = sim->config->costs.pause;
	thread->lane.fenced = policy_adapts(&sim->config->policy)
	    && sim->config->policy.begin == BEGIN_FENCED;
	thread->lane.last_stolen = -sim->config->costs.burst_gap;
	if (id >= cores) {
		thread->state = OFF;
		sim->spare[sim->spares_off++] = id;
		return;
	}
	sim_place(sim, thread, id);
	if (id != 0 && sim->config->cold) {
		sim_leave(sim, thread);
		thread->state = ASLEEP;
		sim->sleeper[sim->sleepers++] = id;
	} else if (id == 0) {
		thread_call(sim, thread, 0, NOBODY);
		sim_schedule(sim, thread, RUN, 0);
	} else {
		sim->searching++;
		sim_schedule(sim, thread, SEARCH, 0);
	}
}

static bool
sim_init(struct sim *sim)
{
	int32_t cores = sim->config->machine.cores;

	sim->spares = sim->config->policy.spares != 0 ? sim->config->policy.spares : cores;
	if (sim->config->policy.spare_after < 0)
		sim->spares = 0;
	sim->threads = cores + sim->spares;
	size_t threads = (size_t)sim->threads;

	sim->thread = calloc(threads, sizeof(*sim->thread));
	sim->current = malloc((size_t)cores * sizeof(int32_t));
	sim->pace = malloc((size_t)cores * sizeof(int64_t));
	sim->sleeper = malloc(threads * sizeof(int32_t));
	sim->ready = malloc(threads * sizeof(int32_t));
	sim->spare = malloc(threads * sizeof(int32_t));
	sim->records_free = NOBODY;
	sim->keeper = NOBODY;
	if (sim->thread == NULL || sim->current == NULL || sim->pace == NULL || sim->sleeper == NULL
	    || sim->ready == NULL || sim->spare == NULL
	    || !calendar_init(&sim->calendar, sim->threads))
		return false;
	sim->cores_free = cores;
	uint64_t random = sim->config->seed * 0x9e3779b97f4a7c15u | 1;

	for (int32_t core = 0; core < cores; core++) {
		sim->current[core] = NOBODY;
		sim->pace[core] = vary(&random, sim->config->costs.speed_pm);
	}
	for (int32_t id = sim->threads - 1; id >= 0; id--)
		thread_init(sim, &sim->thread[id], id);
	thread_set_keeper(sim);
	return !sim->failed;
}

static void
sim_fini(struct sim *sim)
{
	for (int32_t id = 0; sim->thread != NULL && id < sim->threads; id++) {
		free(sim->thread[id].frame);
		free(sim->thread[id].lane.slot);
	}
	free(sim->thread);
	free(sim->current);
	free(sim->pace);
	free(sim->sleeper);
	free(sim->ready);
	free(sim->spare);
	free(sim->record);
	calendar_fini(&sim->calendar);
}

bool
simulate(const struct dag *dag, const struct sim_config *config, struct sim_result *result)
{
	struct sim sim = { .dag = dag, .config = config, .result = result };

	memset(result, 0, sizeof(*result));
	bool ok = sim_init(&sim);

	while (ok && !sim.done) {
		int32_t id = calendar_first(&sim.calendar);
		int64_t at = sim.calendar.at[id];

		ok = at != EVENT_NEVER && !sim.failed;
		if (!ok)
			break;
		sim.now = at;
		calendar_set(&sim.calendar, id, EVENT_NEVER);
		dispatch(&sim, &sim.thread[id]);
	}
	result->time = sim.now;
	sim_fini(&sim);
	return ok && !sim.failed;
}
