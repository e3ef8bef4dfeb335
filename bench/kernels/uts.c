/* SPDX-License-Identifier: BSD-2-Clause */
#include "form.h"

/* One task per node: all children but the last are spawned, that is called. */
#ifndef BENCH_PLAIN

/* A node stays in its parent's frame until the child is joined: a pointer is what is
   passed. */
FILCH_TASK(uint64_t, uts, const struct leaf_uts *, tree, const struct leaf_uts_node *, node)
{
	int children = leaf_uts_children(tree, node);
	uint64_t sum = LEAF_UTS_COUNT(children);

	if (children == 0)
		return sum;

	struct child {
		FILCH_RECORD(uts) record;
		struct leaf_uts_node node;
	} *child = FORM_ON_STACK(struct child, children);

	for (int i = 0; i < children - 1; i++) {
		leaf_uts_child(node, i, &child[i].node);
		FILCH_SPAWN_AT(&child[i].record, uts, tree, &child[i].node);
	}
	leaf_uts_child(node, children - 1, &child[children - 1].node);
	sum += FILCH_CALL(uts, tree, &child[children - 1].node);
	for (int i = children - 1; i-- > 0;)
		sum += FILCH_JOIN_AT(&child[i].record, uts);
	return sum;
}

#else

struct uts {
	const struct leaf_uts *tree;
	struct leaf_uts_node node;
	uint64_t sum;
};

static int
uts_task(void *context)
{
	struct uts *call = context;
	int children = leaf_uts_children(call->tree, &call->node);
	filch_group group = FILCH_GROUP_INIT;

	call->sum = LEAF_UTS_COUNT(children);
	if (children == 0)
		return 0;

	struct uts *child = FORM_ON_STACK(struct uts, children);

	for (int i = 0; i < children; i++) {
		child[i].tree = call->tree;
		leaf_uts_child(&call->node, i, &child[i].node);
		if (i < children - 1)
			filch_group_spawn(&group, uts_task, &child[i]);
	}
	uts_task(&child[children - 1]);
	filch_group_wait(&group, FILCH_FOREVER);
	for (int i = 0; i < children; i++)
		call->sum += child[i].sum;
	return 0;
}

static uint64_t
uts(const struct leaf_uts *tree, const struct leaf_uts_node *node)
{
	struct uts call = { tree, *node, 0 };

	filch_pool_run(NULL, uts_task, &call);
	return call.sum;
}

#endif

uint64_t
bench_uts_t1(const struct bench_case *run)
{
	const struct leaf_uts *tree = run->data;

	return FORM_RUN(uts, tree, &tree->root);
}

uint64_t
bench_uts_t3(const struct bench_case *run)
{
	return bench_uts_t1(run);
}
