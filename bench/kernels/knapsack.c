/* SPDX-License-Identifier: BSD-2-Clause */
#include "form.h"

/* Branch and bound; the result is the number of nodes visited, which depends on who found
 * a good value first: compare time per node. */
#ifndef BENCH_PLAIN

FILCH_TASK(uint64_t, knapsack, struct leaf_knapsack *, sack, size_t, i, int64_t, room,
    int64_t, value)
{
	if (!leaf_knapsack_visit(sack, i, room, value))
		return 1;

	int64_t weight = sack->item[i].weight;
	uint64_t nodes = 1;

	FILCH_SPAWN(without, knapsack, sack, i + 1, room, value);
	if (weight <= room)
		nodes += FILCH_CALL(knapsack, sack, i + 1, room - weight,
		    value + sack->item[i].value);
	return FILCH_JOIN(without, knapsack) + nodes;
}

#else

struct knapsack {
	struct leaf_knapsack *sack;
	size_t i;
	int64_t room, value;
	uint64_t nodes;
};

static int
knapsack_task(void *context)
{
	struct knapsack *call = context;
	struct leaf_knapsack *sack = call->sack;
	size_t i = call->i;

	call->nodes = 1;
	if (!leaf_knapsack_visit(sack, i, call->room, call->value))
		return 0;

	struct knapsack without = { sack, i + 1, call->room, call->value, 0 };
	struct knapsack with = { sack, i + 1, call->room - sack->item[i].weight,
		call->value + sack->item[i].value, 0 };

	if (with.room < 0)
		knapsack_task(&without);
	else
		filch_join(knapsack_task, &with, knapsack_task, &without);
	call->nodes += without.nodes + with.nodes;
	return 0;
}

static uint64_t
knapsack(struct leaf_knapsack *sack, size_t i, int64_t room, int64_t value)
{
	struct knapsack call = { sack, i, room, value, 0 };

	filch_pool_run(NULL, knapsack_task, &call);
	return call.nodes;
}

#endif

uint64_t
bench_knapsack(const struct bench_case *run)
{
	struct leaf_knapsack *sack = run->data;

	return FORM_RUN(knapsack, sack, 0, sack->capacity, 0);
}
