/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The DAGs of the benchmark's kernels.  Each generator walks the same
 * recursion as its kernel; the ns per node are the serial times of
 * docs/scaling.md divided by the nodes.  Below a cut-off a subtree is one leaf
 * that remembers how many forks it stands for.
 */
#include "dag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* splitmix64: one step gives an unrelated number for any key. */
static uint64_t
hash(uint64_t key)
{
	key += 0x9e3779b97f4a7c15u;
	key = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9u;
	key = (key ^ (key >> 27)) * 0x94d049bb133111ebu;
	return key ^ (key >> 31);
}

static double
unit(uint64_t key)
{
	return (double)(hash(key) >> 11) * 0x1p-53;
}

/* fib: 0.7 ns a call. */
#define FIB_CUT 16

static int32_t
fib_calls(int n)
{
	return n < 2 ? 1 : 1 + fib_calls(n - 1) + fib_calls(n - 2);
}

static void
fib(struct dag *dag, int n)
{
	if (n < FIB_CUT) {
		int32_t calls = fib_calls(n);

		dag_leaf(dag, calls * 7 / 10 + 1, calls / 2);
		return;
	}
	int32_t node = dag_open(dag, DAG_PARALLEL, 1);

	fib(dag, n - 1);
	fib(dag, n - 2);
	dag_close(dag, node, 0);
}

/* nqueens: 24 ns a row and board. */
struct board {
	int size;
	int column[24];
};

static bool
safe(const struct board *board, int row, int column)
{
	for (int i = 0; i < row; i++) {
		int apart = board->column[i] - column;

		if (apart == 0 || apart == row - i || apart == i - row)
			return false;
	}
	return true;
}

static int32_t
boards_below(struct board *board, int row)
{
	int32_t boards = 1;

	for (int c = 0; row < board->size && c < board->size; c++)
		if (safe(board, row, c)) {
			board->column[row] = c;
			boards += boards_below(board, row + 1);
		}
	return boards;
}

static void
nqueens(struct dag *dag, struct board *board, int row)
{
	int ns = 24 * board->size;

	if (board->size - row <= 3) {
		int32_t boards = boards_below(board, row);

		dag_leaf(dag, ns * boards, boards - 1);
		return;
	}
	int32_t node = dag_open(dag, DAG_PARALLEL, ns);

	for (int c = 0; c < board->size; c++)
		if (safe(board, row, c)) {
			board->column[row] = c;
			nqueens(dag, board, row + 1);
		}
	dag_close(dag, node, 0);
}

/* UTS T1: geometric, b0 = 4, fixed shape; 110 ns a node. */
static void
uts_geometric(struct dag *dag, uint64_t key, int depth)
{
	int32_t node = dag_open(dag, DAG_PARALLEL, 110);
	int children = 0;

	/* P(children = k) = p (1 - p)^k with mean 4. */
	if (depth > 0)
		for (uint64_t i = 1; children < 100 && unit(key + i) < 0.8; i++)
			children++;
	for (int i = 0; i < children; i++)
		uts_geometric(dag, hash(key ^ hash((uint64_t)i)), depth - 1);
	dag_close(dag, node, 0);
}

/* Binomial: a root of `roots`, below it `m` children with probability `q`. */
struct binomial {
	int m;
	double q;
	int ns;
};

static void
binomial(struct dag *dag, const struct binomial *tree, uint64_t key)
{
	int32_t node = dag_open(dag, DAG_PARALLEL, tree->ns);

	if (!dag->failed && unit(key) < tree->q)
		for (int i = 0; i < tree->m; i++)
			binomial(dag, tree, hash(key ^ hash((uint64_t)i)));
	dag_close(dag, node, 0);
}

static void
binomial_root(struct dag *dag, int roots, struct binomial tree)
{
	int32_t node = dag_open(dag, DAG_PARALLEL, tree.ns);

	for (int i = 0; i < roots; i++)
		binomial(dag, &tree, hash(42 + (uint64_t)i));
	dag_close(dag, node, 0);
}

static void
balanced(struct dag *dag, int depth)
{
	if (depth == 0) {
		dag_leaf(dag, 2000, 0);
		return;
	}
	int32_t node = dag_open(dag, DAG_PARALLEL, 10);

	balanced(dag, depth - 1);
	balanced(dag, depth - 1);
	dag_close(dag, node, 0);
}

/* A tree of `us` microseconds, each split between 1:9 and 9:1; the leaves,
 * too, are of very different length. */
static void
skewed(struct dag *dag, int64_t ns, uint64_t key)
{
	if (ns < 4000) {
		dag_leaf(dag, (int32_t)ns, 0);
		return;
	}
	int64_t left = (int64_t)((double)ns * (0.1 + 0.8 * (unit(key) > 0.5)));
	int32_t node = dag_open(dag, DAG_PARALLEL, 10);

	skewed(dag, left, hash(key));
	skewed(dag, ns - left, hash(~key));
	dag_close(dag, node, 0);
}

/* cilksort: quicksort of the leaf 25 ns an item at 2048, merge 3 ns an item. */
static void
merge(struct dag *dag, int64_t n, int32_t prefix)
{
	if (n <= 4096) {
		dag_leaf(dag, (int32_t)(3 * n) + prefix, 0);
		return;
	}
	int32_t node = dag_open(dag, DAG_PARALLEL, 200 + prefix);

	merge(dag, n / 2, 0);
	merge(dag, n - n / 2, 0);
	dag_close(dag, node, 0);
}

static void
cilksort(struct dag *dag, int64_t n)
{
	if (n <= 2048) {
		dag_leaf(dag, (int32_t)(25 * n), 0);
		return;
	}
	int32_t node = dag_open(dag, DAG_SERIES, 0);
	int32_t sorts = dag_open(dag, DAG_PARALLEL, 20);

	for (int i = 0; i < 4; i++)
		cilksort(dag, n / 4);
	dag_close(dag, sorts, 0);
	int32_t merges = dag_open(dag, DAG_PARALLEL, 10);

	merge(dag, n / 2, 0);
	merge(dag, n / 2, 0);
	dag_close(dag, merges, 0);
	merge(dag, n, 10);
	dag_close(dag, node, 0);
}

/* matmul: eight products of half the size, in two phases of four. */
static void
matmul(struct dag *dag, int n)
{
	if (n <= 32) {
		dag_leaf(dag, n * n * n, 0);
		return;
	}
	int32_t node = dag_open(dag, DAG_SERIES, 0);

	for (int phase = 0; phase < 2; phase++) {
		int32_t four = dag_open(dag, DAG_PARALLEL, 20);

		for (int i = 0; i < 4; i++)
			matmul(dag, n / 2);
		dag_close(dag, four, 0);
	}
	dag_close(dag, node, 0);
}

/* skynet: ten children a node; a hundred leaves of 1.5 ns make a leaf. */
static void
skynet(struct dag *dag, int depth)
{
	if (depth <= 2) {
		dag_leaf(dag, 165, 110);
		return;
	}
	int32_t node = dag_open(dag, DAG_PARALLEL, 10);

	for (int i = 0; i < 10; i++)
		skynet(dag, depth - 1);
	dag_close(dag, node, 0);
}

/*
 * Low parallelism: work / span is the argument in tenths.  Phases follow each
 * other; in each one leaf is the span (20 to 180 us), and leaves no longer
 * than it add the rest of the work.
 */
static void
low(struct dag *dag, int tenths)
{
	int32_t node = dag_open(dag, DAG_SERIES, 0);

	for (uint64_t phase = 0; phase < 400; phase++) {
		int32_t span = 20000 + (int32_t)(160000 * unit(phase));
		int64_t rest = (int64_t)span * (tenths - 10) / 10;
		int32_t par = dag_open(dag, DAG_PARALLEL, 0);

		for (uint64_t i = 0; rest > 0; i++) {
			int64_t ns = 1000 + (int64_t)((span - 1000) * unit(phase << 32 | i));

			ns = ns < rest ? ns : rest;
			dag_leaf(dag, (int32_t)ns, 0);
			rest -= ns;
		}
		dag_leaf(dag, span, 0);
		dag_close(dag, par, 0);
	}
	dag_close(dag, node, 0);
}

/* Random series-parallel trees for the tests: leaves of 1 to 20 us. */
static void
random_tree(struct dag *dag, int depth, uint64_t key)
{
	if (depth == 0 || unit(key) < 0.1) {
		dag_leaf(dag, 1000 + (int32_t)(19000 * unit(key + 1)), 0);
		return;
	}
	enum dag_kind kind = unit(key + 2) < 0.3 ? DAG_SERIES : DAG_PARALLEL;
	int children = 2 + (int)(3 * unit(key + 3));
	int32_t node = dag_open(dag, kind, (int32_t)(500 * unit(key + 4)));

	for (int i = 0; i < children; i++)
		random_tree(dag, depth - 1, hash(key ^ hash((uint64_t)i)));
	dag_close(dag, node, 100);
}

static void
chain(struct dag *dag, int links)
{
	int32_t node = dag_open(dag, DAG_SERIES, 0);

	for (int i = 0; i < links; i++)
		dag_leaf(dag, 1000, 0);
	dag_close(dag, node, 0);
}

const char *
dag_names(void)
{
	return "fib:N nqueens:N uts1:DEPTH uts3:ROOTS binomial:ROOTS balanced:DEPTH skewed:US\n"
	    "cilksort:N matmul:N skynet:DEPTH low:TENTHS random:SEED chain:LINKS\n"
	    "loop:N triangle:N\n";
}

static bool
generate_tree(struct dag *dag, const char *name, int n)
{
	struct board board = { .size = n };

	if (strcmp(name, "fib") == 0 && n <= 45)
		fib(dag, n);
	else if (strcmp(name, "nqueens") == 0 && n <= 13)
		nqueens(dag, &board, 0);
	else if (strcmp(name, "uts1") == 0)
		uts_geometric(dag, 19, n);
	else if (strcmp(name, "uts3") == 0)
		binomial_root(dag, n, (struct binomial){ 8, 0.124875, 98 });
	else if (strcmp(name, "binomial") == 0)
		binomial_root(dag, n, (struct binomial){ 2, 0.4995, 60 });
	else if (strcmp(name, "balanced") == 0 && n <= 22)
		balanced(dag, n);
	else if (strcmp(name, "skewed") == 0)
		skewed(dag, (int64_t)n * 1000, 7);
	else
		return false;
	return true;
}

static bool
generate_other(struct dag *dag, const char *name, int n)
{
	if (strcmp(name, "cilksort") == 0)
		cilksort(dag, n);
	else if (strcmp(name, "matmul") == 0)
		matmul(dag, n);
	else if (strcmp(name, "skynet") == 0 && n <= 8)
		skynet(dag, n);
	else if (strcmp(name, "low") == 0)
		low(dag, n);
	else if (strcmp(name, "random") == 0)
		random_tree(dag, 8, hash((uint64_t)n));
	else if (strcmp(name, "chain") == 0)
		chain(dag, n);
	else if (strcmp(name, "loop") == 0)
		dag_loop(dag, (struct dag_range){ n, 16, 200, 0 });
	else if (strcmp(name, "triangle") == 0)
		dag_loop(dag, (struct dag_range){ n, 16, 1, 400.0 / n });
	else
		return false;
	return true;
}

bool
dag_generate(struct dag *dag, const char *text)
{
	char name[32];
	int n;

	*dag = (struct dag){ 0 };
	if (sscanf(text, "%31[a-z0-9]:%d", name, &n) != 2 || n <= 0)
		return false;
	if (!generate_tree(dag, name, n) && !generate_other(dag, name, n))
		return false;
	if (dag->failed)
		dag_fini(dag);
	return dag->count != 0;
}
