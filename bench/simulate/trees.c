/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The DAGs of the benchmark's kernels, recorded: each generator is the recursion of its
 * kernel (bench/kernels/) over the same leaf code (bench/leaf/), so the trees are those
 * that the kernel runs, child by child.  cilksort alone takes all its merges to split in
 * halves.  The ns are rounded shares of a node; `simulate --work` and --against scale
 * them to a measured time.
 */
#include "trees.h"

#include <string.h>

#include "../leaf/leaf.h"
#include "../leaf/workload.h"

/* All children are spawned: what is called, last, is nothing. */
static void
nqueens(struct dag *dag, int n, int row, struct leaf_board board)
{
	int32_t node = dag_open(dag, DAG_PARALLEL, 4);
	int children = 0;

	for (int column = 0; row < n && column < n; column++) {
		board.row[row] = (int8_t)column;
		if (leaf_queens_safe(&board, row + 1)) {
			nqueens(dag, n, row + 1, board);
			children++;
		}
	}
	if (children != 0)
		dag_leaf(dag, 0, 0);
	if (!dag->failed && children != 0)
		dag->node[node].gap = n * (4 + row) / (children + 1);
	dag_close(dag, node, 0);
}

/* A child's hash, 100 ns, is made before its spawn. */
static void
uts(struct dag *dag, const struct leaf_uts *tree, const struct leaf_uts_node *at)
{
	int32_t node = dag_open(dag, DAG_PARALLEL, 5);
	int children = leaf_uts_children(tree, at);
	struct leaf_uts_node next;

	if (!dag->failed)
		dag->node[node].gap = children != 0 ? 100 : 0;
	for (int i = 0; i < children && !dag->failed; i++) {
		leaf_uts_child(at, i, &next);
		uts(dag, tree, &next);
	}
	dag_close(dag, node, 0);
}

static bool
uts_of(struct dag *dag, const struct workload *workload, int n)
{
	struct leaf_uts *tree = workload->create((uint64_t)n);

	if (tree == NULL)
		return false;
	uts(dag, tree, &tree->root);
	workload->destroy(tree);
	return true;
}

/* A node's arithmetic is 56 ns, a child's state 4 ns. */
static void
binomial(struct dag *dag, uint64_t state, int given)
{
	int children = given != 0 ? given : leaf_binomial_children(state);
	int32_t node = dag_open(dag, DAG_PARALLEL, given != 0 ? 0 : 56);

	if (!dag->failed)
		dag->node[node].gap = children != 0 ? 4 : 0;
	for (int i = 0; i < children && !dag->failed; i++)
		binomial(dag, leaf_binomial_child(state, i), 0);
	dag_close(dag, node, 0);
}

static bool
binomial_of(struct dag *dag, int n)
{
	struct leaf_binomial *tree = workload_binomial.create((uint64_t)n);

	if (tree == NULL)
		return false;
	binomial(dag, tree->root, tree->roots);
	workload_binomial.destroy(tree);
	return true;
}

/* Ten children a node; from `cut` levels above the leaves on all is one leaf. */
static void
skynet(struct dag *dag, int depth, int cut)
{
	int32_t leaves = 1, nodes = 1;

	if (depth <= cut) {
		for (int i = 0; i < depth; i++) {
			leaves *= 10;
			nodes += leaves;
		}
		dag_leaf(dag, nodes * 3 / 2, nodes - 1 - (nodes - 1) / 10);
		return;
	}
	int32_t node = dag_open(dag, DAG_PARALLEL, 10);

	for (int i = 0; i < 10; i++)
		skynet(dag, depth - 1, cut);
	dag_close(dag, node, 0);
}

/* A merge: 3 ns an item. */
static void
merge(struct dag *dag, int64_t n)
{
	if (n <= LEAF_SORT) {
		dag_leaf(dag, (int32_t)(3 * n), 0);
		return;
	}
	int32_t node = dag_open(dag, DAG_PARALLEL, 200);

	merge(dag, n / 2);
	merge(dag, n - n / 2);
	dag_close(dag, node, 0);
}

/* A leaf's sort: 25 ns an item. */
static void
cilksort(struct dag *dag, int64_t n)
{
	if (n <= LEAF_SORT) {
		dag_leaf(dag, (int32_t)(25 * n), 0);
		return;
	}
	int64_t q = n / 4;
	int32_t node = dag_open(dag, DAG_SERIES, 0);
	int32_t sorts = dag_open(dag, DAG_PARALLEL, 0);

	for (int i = 0; i < 3; i++)
		cilksort(dag, q);
	cilksort(dag, n - 3 * q);
	dag_close(dag, sorts, 0);
	int32_t merges = dag_open(dag, DAG_PARALLEL, 0);

	merge(dag, 2 * q);
	merge(dag, n - 2 * q);
	dag_close(dag, merges, 0);
	merge(dag, n);
	dag_close(dag, node, 0);
}

/* Eight products of half the size, in two phases of four. */
static void
matmul(struct dag *dag, int n)
{
	if (n <= LEAF_MATMUL) {
		dag_leaf(dag, n * n * n / 8, 0);
		return;
	}
	int32_t node = dag_open(dag, DAG_SERIES, 0);

	for (int phase = 0; phase < 2; phase++) {
		int32_t four = dag_open(dag, DAG_PARALLEL, 0);

		for (int i = 0; i < 4; i++)
			matmul(dag, n / 2);
		dag_close(dag, four, 0);
	}
	dag_close(dag, node, 0);
}

bool
dag_generate_tree(struct dag *dag, const char *name, int n, int cut)
{
	if (strcmp(name, "nqueens") == 0 && n <= LEAF_QUEENS_MAX)
		nqueens(dag, n, 0, (struct leaf_board){ { 0 } });
	else if (strcmp(name, "uts_t1") == 0)
		return uts_of(dag, &workload_uts_t1, n);
	else if (strcmp(name, "uts_t3") == 0)
		return uts_of(dag, &workload_uts_t3, n);
	else if (strcmp(name, "binomial") == 0)
		return binomial_of(dag, n);
	else if (strcmp(name, "skynet") == 0 && n <= 8)
		skynet(dag, n, cut != 0 ? cut : 2);
	else if (strcmp(name, "cilksort") == 0)
		cilksort(dag, n);
	else if (strcmp(name, "matmul") == 0)
		matmul(dag, n);
	else
		return false;
	return true;
}
