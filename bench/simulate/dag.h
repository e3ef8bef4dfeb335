/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fork-join computation as a series-parallel tree, nodes in preorder: the first child
 * of node i is i + 1, the next sibling of child c is node[c].end, so that d descends from
 * i exactly if i <= d < node[i].end.
 */
#ifndef SIMULATE_DAG_H
#define SIMULATE_DAG_H

#include <stdbool.h>
#include <stdint.h>

enum dag_kind {
	DAG_SERIES,   /* children one after the other; none: a leaf */
	DAG_PARALLEL, /* all children but the last are spawned, the last is called */
	DAG_RANGE,    /* a loop, split lazily; `forks` is the index of its range */
};

struct dag_node {
	int32_t end;
	int32_t forks; /* below the cut-off: forks that this leaf stands for */
	int32_t pre;   /* ns before the children */
	int32_t gap;   /* ns before each child */
	int32_t post;  /* ns after the last join */
	uint8_t kind;
};

/* Iteration i costs first + slope * i ns. */
struct dag_range {
	int32_t count;
	int32_t grain;
	double first;
	double slope;
};

struct dag {
	struct dag_node *node;
	struct dag_range *range;
	int32_t count;
	int32_t room;
	int32_t ranges;
	bool failed; /* out of memory, or larger than DAG_NODES_MAX */
};

#define DAG_NODES_MAX 20000000

/* Building: open a node, add its children, close it. */
int32_t dag_open(struct dag *dag, enum dag_kind kind, int32_t pre);
void dag_close(struct dag *dag, int32_t node, int32_t post);
void dag_leaf(struct dag *dag, int32_t ns, int32_t forks);
void dag_loop(struct dag *dag, struct dag_range range);
void dag_fini(struct dag *dag);

/* ns of the iterations [begin, end). */
int64_t dag_range_cost(const struct dag_range *range, int32_t begin, int32_t end);

/* Without any overhead.  A loop's span is that of its dearest iteration. */
struct dag_size {
	int64_t work;
	int64_t span;
	int64_t forks;
};
struct dag_size dag_measure(const struct dag *dag);
/* Makes the work that many ns, each part in proportion. */
void dag_scale(struct dag *dag, double work);

/* Builds the DAG that a text such as "fib:30" or "fib:30:8" names; false if unknown or
 * too large.  dag_names() lists the forms. */
bool dag_generate(struct dag *dag, const char *text);
const char *dag_names(void);

#endif /* SIMULATE_DAG_H */
