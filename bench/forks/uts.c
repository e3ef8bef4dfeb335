/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree T1 of the Unbalanced Tree Search, n levels deep; a node is passed by
 * pointer. */
#include "run.h"

#ifdef __cplusplus
extern "C" {
#endif
#include "../leaf/leaf.h"
#include "../leaf/workload.h"
#ifdef __cplusplus
}
#endif

#include <alloca.h>

typedef const struct leaf_uts tree_of;
typedef const struct leaf_uts_node node_of;

/* A child without children is still a call; the last child is called by its parent. */
#if defined(FORK_SERIAL)
static __attribute__((noinline)) uint64_t
uts(tree_of *tree, node_of *node)
{
	int children = leaf_uts_children(tree, node);
	uint64_t sum = LEAF_UTS_COUNT(children);

	for (int i = 0; i < children; i++) {
		struct leaf_uts_node child;

		leaf_uts_child(node, i, &child);
		sum += uts(tree, &child);
	}
	return sum;
}
#elif defined(FORK_LACE)
TASK_2(uint64_t, uts, tree_of *, tree, node_of *, node)
{
	int children = leaf_uts_children(tree, node);
	uint64_t sum = LEAF_UTS_COUNT(children);

	if (children == 0)
		return sum;
	struct leaf_uts_node *child =
	    (struct leaf_uts_node *)alloca((size_t)children * sizeof(*child));

	for (int i = 0; i < children - 1; i++) {
		leaf_uts_child(node, i, &child[i]);
		SPAWN(uts, tree, &child[i]);
	}
	leaf_uts_child(node, children - 1, &child[children - 1]);
	sum += CALL(uts, tree, &child[children - 1]);
	for (int i = children - 1; i-- > 0;)
		sum += SYNC(uts);
	return sum;
}
#else
FILCH_TASK(uint64_t, uts, tree_of *, tree, node_of *, node)
{
	int children = leaf_uts_children(tree, node);
	uint64_t sum = LEAF_UTS_COUNT(children);

	if (children == 0)
		return sum;
	struct child {
		FILCH_RECORD(uts) record;
		struct leaf_uts_node node;
	} *child = (struct child *)alloca((size_t)children * sizeof(*child));

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
#endif

static tree_of *tree;

static uint64_t
kernel_run(int n)
{
	node_of *root = &tree->root;

	(void)n;
#ifdef FORK_SERIAL
	return uts(tree, root);
#else
	return FORK_RUN(uts, tree, root);
#endif
}

static uint64_t
walk(node_of *node)
{
	int children = leaf_uts_children(tree, node);
	uint64_t sum = LEAF_UTS_COUNT(children);

	for (int i = 0; i < children; i++) {
		struct leaf_uts_node child;

		leaf_uts_child(node, i, &child);
		sum += walk(&child);
	}
	return sum;
}

static double
kernel_calls(int n, uint64_t *wanted)
{
	tree = (tree_of *)workload_uts_t1.create((uint64_t)n);
	if (tree == NULL)
		exit(2);
	*wanted = walk(&tree->root);
	return (double)(*wanted & 0xffffffff);
}
