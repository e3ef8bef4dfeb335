/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a graph is made of.
 */
#ifndef FLC_GRAPH_H
#define FLC_GRAPH_H

#include "base/atomic.h"
#include "base/fork_generation.h"
#include "sched/early_exit.h"

#include <filch/graph.h>

#define FLC_GRAPH_ERROR 512

/* One writer at a time: the thread that runs the node. */
struct flc_node {
	flc_atomic waiting;       /* predecessors that have not ended in this run */
	filch_graph *graph;
	int (*task)(void *context);
	void *context;
	char *name;
	size_t at;                /* in the serial order */
	size_t first, end;        /* its successors, in graph->next */
	size_t before;            /* how many predecessors */
	flc_atomic ready;         /* ticks: the last of them ended */
	flc_atomic done;          /* number of the last run it ran in */
	flc_atomic runs, skipped, failures;
	flc_atomic run_ticks, run_max_ticks, delay_ticks;
	uint64_t longest;         /* ns of the longest path that ends here */
	size_t via;               /* the node before on it, or FLC_NO_NODE */
	flc_atomic critical;      /* on the path that was last found */
};

#define FLC_NO_NODE SIZE_MAX

struct flc_edge {
	size_t before, after;
};

struct filch_graph {
	char *name;
	struct flc_node *node;
	size_t nodes, node_room;
	struct flc_edge *edge;
	size_t edges, edge_room;
	size_t *next;             /* the ends of the edges, by their beginnings */
	size_t *order;            /* nodes in serial order */
	bool built;
	flc_atomic running;       /* taken for a run or a change; flc_generation_acquire() */
	flc_atomic runs;

	/* Of the run under way. */
	FLC_SET_APART struct flc_early_exit ending; /* by places in the serial order */
	filch_for_options limits; /* what ends it early: cancel and stop_at */
	filch_group *group;

	char error[FLC_GRAPH_ERROR];
};

/* Mean time of a node in nanoseconds. */
uint64_t flc_node_mean_ns(const struct flc_node *node);

/* Marks the critical path of an entered, built graph; its length in *span. */
void flc_graph_find_critical(filch_graph *graph, uint64_t *span);

#endif /* FLC_GRAPH_H */
