/* SPDX-License-Identifier: BSD-2-Clause */
#include "form.h"

/* As uts.c, with a state of one word and cheaper nodes; the number of the root's children
 * is given, that of the others is 0 and drawn. */
#ifndef BENCH_PLAIN

FILCH_TASK(uint64_t, binomial, uint64_t, state, int, given)
{
	int children = given != 0 ? given : leaf_binomial_children(state);
	uint64_t nodes = 1;

	if (children == 0)
		return nodes;

	typedef FILCH_RECORD(binomial) record; /* one type for both uses */
	record *child = FORM_ON_STACK(record, children);

	for (int i = 0; i < children - 1; i++)
		FILCH_SPAWN_AT(&child[i], binomial, leaf_binomial_child(state, i), 0);
	nodes += FILCH_CALL(binomial, leaf_binomial_child(state, children - 1), 0);
	for (int i = children - 1; i-- > 0;)
		nodes += FILCH_JOIN_AT(&child[i], binomial);
	return nodes;
}

#else

struct binomial {
	uint64_t state;
	int given;
	uint64_t nodes;
};

static int
binomial_task(void *context)
{
	struct binomial *call = context;
	int children = call->given != 0 ? call->given : leaf_binomial_children(call->state);
	filch_group group = FILCH_GROUP_INIT;

	call->nodes = 1;
	if (children == 0)
		return 0;

	struct binomial *child = FORM_ON_STACK(struct binomial, children);

	for (int i = 0; i < children; i++) {
		child[i] = (struct binomial){ leaf_binomial_child(call->state, i), 0, 0 };
		if (i < children - 1)
			filch_group_spawn(&group, binomial_task, &child[i]);
	}
	binomial_task(&child[children - 1]);
	filch_group_wait(&group, FILCH_FOREVER);
	for (int i = 0; i < children; i++)
		call->nodes += child[i].nodes;
	return 0;
}

static uint64_t
binomial(uint64_t state, int given)
{
	struct binomial call = { state, given, 0 };

	filch_pool_run(NULL, binomial_task, &call);
	return call.nodes;
}

#endif

uint64_t
bench_binomial(const struct bench_case *run)
{
	const struct leaf_binomial *tree = run->data;

	return FORM_RUN(binomial, tree->root, tree->roots);
}
