/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Graphs of tasks: nodes and edges are added once, checked for cycles, and run as often
 * as wanted without an allocation.
 *
 *                           who may call, and beside whom
 *     filch_graph_create    any thread
 *     filch_graph_add_node, _add_edge, _build, _destroy
 *                           one thread at a time per graph, not while it runs
 *     filch_graph_run       any thread; FILCH_BUSY beside another run of the graph
 *     filch_graph_stats, _foreach_node
 *                           any thread, also while it runs
 *     filch_graph_write_dot any thread; FILCH_BUSY while it runs
 *
 * The serial order of a built graph is that in which, again and again, the first added
 * node whose predecessors are done comes next.  Any run gives what running the nodes one
 * by one in that order gives.
 */
#ifndef FILCH_GRAPH_H
#define FILCH_GRAPH_H

#include <filch/metrics.h>
#include <filch/task.h>

typedef struct filch_graph filch_graph;

/* name is for reports, copied; NULL: "graph".  FILCH_NOMEM, FILCH_INVAL. */
FILCH_API int filch_graph_create(filch_graph **graph, const char *name);

/* FILCH_BUSY while it runs; NULL is ignored. */
FILCH_API int filch_graph_destroy(filch_graph *graph);

/*
 * Adds a node that runs task(context); *node is its number: they count from 0.  name is
 * copied; NULL: its number.  node may be NULL.  The graph must be built (again) before it
 * runs.  FILCH_NOMEM, FILCH_INVAL, FILCH_BUSY.
 */
FILCH_API int filch_graph_add_node(filch_graph *graph, const char *name,
    filch_task_fn *task, void *context, size_t *node);

/* `after` begins when `before` has ended, and sees what it did.  The same edge twice is
 * one.  FILCH_INVAL: no such node; FILCH_NOMEM, FILCH_BUSY. */
FILCH_API int filch_graph_add_edge(filch_graph *graph, size_t before, size_t after);

/*
 * Finds the serial order.  FILCH_DEADLOCK: there is a cycle, which filch_graph_error()
 * names.  O((n + e) log n); every allocation that the runs need.  FILCH_NOMEM,
 * FILCH_BUSY.
 */
FILCH_API int filch_graph_build(filch_graph *graph);

/* What the last build found: "cycle: parse -> link -> parse"; "" if nothing.  Valid until
 * the next build. */
FILCH_API const char *filch_graph_error(const filch_graph *graph);

typedef struct filch_graph_options {
	size_t size;               /* of this struct; set by the _INIT macro */
	struct filch_pool *pool;   /* NULL: current or default */
	filch_cancel *cancel;      /* looked at before each node */
	uint64_t stop_at;          /* no node begins after this time; 0: never */
} filch_graph_options;

#define FILCH_GRAPH_OPTIONS_INIT { sizeof(filch_graph_options), NULL, NULL, 0 }

/* Options in place, in C; what is not named is the default. */
#ifndef __cplusplus
#define FILCH_GRAPH_WITH(...) \
	(&(const filch_graph_options){ .size = sizeof(filch_graph_options), __VA_ARGS__ })
#endif

/*
 * Runs every node once, each after its predecessors, many at the same time; the caller
 * works.  A node that returns non-zero fails the run: nodes behind it in the serial order
 * are skipped, those before it still run, and the first failure of the serial order is
 * returned.  Else FILCH_CANCELED if the token or what the caller runs in was canceled;
 * FILCH_TIMEOUT if stop_at skipped a node.  Nodes under way end in any case.
 * FILCH_INVAL: not built; FILCH_BUSY: it runs; FILCH_FORKED: a run was under way at
 * fork().
 *
 * A node costs three looks at the clock, a locked instruction per edge, and a spawn if it
 * becomes ready beside another.  No allocation once the deques have grown.
 */
FILCH_API int filch_graph_run(filch_graph *graph, const filch_graph_options *options);

/* A node as its runs went. */
typedef struct filch_graph_node_metrics {
	const char *name;
	size_t node;
	uint64_t runs;
	uint64_t skipped;
	uint64_t failures;
	uint64_t run_ns;          /* in the task, over all runs */
	uint64_t run_max_ns;
	uint64_t delay_ns;        /* from its last predecessor's end to its begin */
	int critical;             /* on the path that was last measured */
} filch_graph_node_metrics;

/* Calls visit for each node, by number, until it returns non-zero, which is then
 * returned.  critical is what filch_graph_stats() or _write_dot() last found. */
typedef int filch_graph_node_visit_fn(void *context, const filch_graph_node_metrics *node);
FILCH_API int filch_graph_foreach_node(filch_graph *graph, filch_graph_node_visit_fn *visit,
    void *context);

typedef struct filch_graph_metrics {
	size_t nodes;
	size_t edges;
	uint64_t runs;            /* begun and ended */
	uint64_t work_ns;         /* the nodes' mean times, added up */
	uint64_t span_ns;         /* of these, along the critical path */
} filch_graph_metrics;

/* Finds the critical path of the mean times.  work_ns / span_ns is how many workers the
 * graph can use.  O(n + e).  FILCH_INVAL: not built; FILCH_BUSY: it runs. */
FILCH_API int filch_graph_stats(filch_graph *graph, filch_graph_metrics *metrics, size_t size);

/* The graph for Graphviz: nodes with their mean times, the critical path in red.  Before
 * the first run the critical path is the one with most nodes. */
FILCH_API int filch_graph_write_dot(filch_graph *graph, filch_write_fn *write, void *context);

#endif /* FILCH_GRAPH_H */
