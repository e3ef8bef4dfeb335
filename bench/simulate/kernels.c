/* SPDX-License-Identifier: BSD-2-Clause */
/* DAGs by name: fib, and made-up ones; the other kernels' are in trees.c. */
#include "trees.h"

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

/* fib: 1 ns a call; from `cut` on a subtree is a leaf. */
#define FIB_CUT 16

static int32_t
fib_calls(int n)
{
	return n < 2 ? 1 : 1 + fib_calls(n - 1) + fib_calls(n - 2);
}

static void
fib(struct dag *dag, int n, int cut)
{
	if (n < cut) {
		int32_t calls = fib_calls(n);

		dag_leaf(dag, calls, calls / 2);
		return;
	}
	int32_t node = dag_open(dag, DAG_PARALLEL, 1);

	fib(dag, n - 1, cut);
	fib(dag, n - 2, cut);
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

/* A tree of `us` microseconds, each split between 1:9 and 9:1; the leaves, too, are of
 * very different length. */
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

/*
 * Low parallelism: work / span is the argument in tenths.  Phases follow each other; in
 * each one leaf is the span (20 to 180 us), and leaves no longer than it add the rest of
 * the work.
 */
static void
low(struct dag *dag, int tenths)
{
	int32_t node = dag_open(dag, DAG_SERIES, 0);

	for (uint64_t phase = 0; phase < 200; phase++) {
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
	return "fib:N[:CUT] nqueens:N uts_t1:DEPTH uts_t3:ROOTS binomial:ROOTS skynet:DEPTH[:CUT]\n"
	    "cilksort:N matmul:N balanced:DEPTH skewed:US low:TENTHS random:SEED chain:LINKS\n"
	    "loop:N triangle:N\n";
}

static bool
generate_made_up(struct dag *dag, const char *name, int n)
{
	if (strcmp(name, "balanced") == 0 && n <= 22)
		balanced(dag, n);
	else if (strcmp(name, "skewed") == 0)
		skewed(dag, (int64_t)n * 1000, 7);
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
	int n, cut = 0;

	*dag = (struct dag){ 0 };
	if (sscanf(text, "%31[a-z0-9_]:%d:%d", name, &n, &cut) < 2 || n <= 0 || cut < 0)
		return false;
	if (strcmp(name, "fib") == 0 && n <= 45)
		fib(dag, n, cut > 1 ? cut : FIB_CUT);
	else if (!dag_generate_tree(dag, name, n, cut) && !generate_made_up(dag, name, n))
		return false;
	if (dag->failed)
		dag_fini(dag);
	return dag->count != 0;
}
