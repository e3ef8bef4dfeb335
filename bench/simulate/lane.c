/* SPDX-License-Identifier: BSD-2-Clause */
/* The owner's side of a lane: push, pop, answers, and the mode of its pops. */
#include "state.h"

#include <stdlib.h>

/* What took a barrier since the last look: more of a burst, or a new one. */
static void
count_theft(struct sim *sim, struct lane *lane)
{
	const struct costs *costs = &sim->config->costs;
	int64_t paid = lane->paid - lane->paid_seen;

	lane->pops = 0;
	if (paid == 0 || lane->fenced || !policy_adapts(&sim->config->policy))
		return;
	lane->burst = sim->now - lane->last_stolen < costs->burst_gap * paid
	    ? lane->burst + paid : 0;
	lane->paid_seen = lane->paid;
	lane->last_stolen = sim->now;
	if (lane->burst >= costs->burst) {
		lane->fenced = true;
		lane->burst = 0;
	}
}

void
lane_stolen_from(struct sim *sim, struct lane *lane)
{
	lane->changed = sim->now;
	sim->queued -= lane_empty(lane);
	if (sim->config->policy.count == COUNT_STEALS)
		count_theft(sim, lane);
}

bool
record_descends(const struct sim *sim, int32_t record, int32_t from)
{
	int32_t node = sim->record[record].node;
	int32_t root = sim->record[from].node;

	return node >= root && node < sim->dag->node[root].end;
}

/* Isolation is judged by who answers; wide help takes anything. */
static bool
may_have(const struct sim *sim, const struct thread *thief, int32_t record)
{
	return thief->waiting == NOBODY || sim->config->policy.help == HELP_WIDE
	    || (!sim->record[thief->waiting].done && record_descends(sim, record, thief->waiting));
}

/* Whoever asks gets the oldest below `end`, or nothing. */
void
thread_answer(struct sim *sim, struct thread *thread, int32_t end)
{
	struct lane *lane = &thread->lane;

	if (lane->asker == NOBODY)
		return;
	struct thread *thief = &sim->thread[lane->asker];
	int64_t ns = sim->config->costs.answer;

	lane->asker = NOBODY;
	thief->seen = NOBODY;
	if (lane->top < end && may_have(sim, thief, lane->slot[lane->top])) {
		thief->seen = lane->slot[lane->top++];
		sim->record[thief->seen].thief = thread_id(sim, thief);
		lane_stolen_from(sim, lane);
	}
	sim_owe(sim, thread, SIM_FORK, sim->config->costs.answer);
	if (thief->state == READY) {
		thief->saved = GRANTED;
		thief->remaining = ns;
	} else {
		sim_schedule(sim, thief, GRANTED, ns);
	}
}

void
thread_push(struct sim *sim, struct thread *thread, int32_t record)
{
	const struct costs *costs = &sim->config->costs;
	struct lane *lane = &thread->lane;
	bool first = lane_empty(lane);

	thread_answer(sim, thread, lane->bottom);
	first = lane_empty(lane);
	if (first)
		lane->top = lane->bottom = 0;
	if (lane->bottom == lane->room) {
		int32_t room = lane->room != 0 ? 2 * lane->room : 64;
		int32_t *grown = realloc(lane->slot, (size_t)room * sizeof(*grown));

		if (grown == NULL) {
			sim->failed = true;
			return;
		}
		lane->slot = grown;
		lane->room = room;
	}
	lane->slot[lane->bottom++] = record;
	lane->changed = sim->now;
	sim->queued += first;
	sim_owe_fork(sim, thread, costs->spawn_ps);
	if (first && sim->cores_free != 0 && sim->searching == 0
	    && sim->now - thread->last_wake >= costs->wake_gap) {
		thread->last_wake = sim->now;
		thread_wake_one(sim, thread);
	}
}

void
thread_popped(struct sim *sim, struct thread *thread, int32_t pops)
{
	struct lane *lane = &thread->lane;
	int64_t until = sim->config->policy.until;
	int64_t below = until != 0 ? until : sim->config->costs.fence_below;

	sim->result->pops += pops;
	if (!lane->fenced)
		return;
	lane->pops += pops;
	if (lane->pops >= below) {
		lane->fenced = false;
		lane->pops = 0;
	}
}

void
thread_was_robbed(struct sim *sim, struct thread *thread)
{
	if (sim->config->policy.count == COUNT_JOINS)
		count_theft(sim, &thread->lane);
}

void
thread_pop(struct sim *sim, struct thread *thread)
{
	const struct costs *costs = &sim->config->costs;
	struct lane *lane = &thread->lane;

	thread_answer(sim, thread, lane->bottom - 1);
	lane->bottom--;
	lane->changed = sim->now;
	if (lane_empty(lane)) {
		sim->queued--;
		sim_owe(sim, thread, SIM_FORK, costs->last);
	} else if (lane_fenced(sim, lane)) {
		sim_owe_fork(sim, thread, costs->fence_ps);
	}
	thread_popped(sim, thread, 1);
}
