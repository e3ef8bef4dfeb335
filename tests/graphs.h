/* SPDX-License-Identifier: BSD-2-Clause */
/* Graphs whose nodes check their order, for the tests of graphs. */
#ifndef FILCH_TEST_GRAPHS_H
#define FILCH_TEST_GRAPHS_H

#include "base/compiler.h"
#include "pools.h"

static filch_graph *graph;

static inline filch_graph *
new_graph(void)
{
	filch_graph *made = NULL;

	ck_assert_int_eq(filch_graph_create(&made, "test"), FILCH_OK);
	return made;
}

static inline size_t
add_node(filch_graph *to, const char *name, int (*task)(void *), void *context)
{
	size_t node = SIZE_MAX;

	MUST(filch_graph_add_node(to, name, task, context, &node) == FILCH_OK);
	return node;
}

static inline void
add_edge(filch_graph *to, size_t before, size_t after)
{
	MUST(filch_graph_add_edge(to, before, after) == FILCH_OK);
}

static inline int
run_it(filch_graph *which, filch_pool *in, filch_cancel *cancel, uint64_t deadline)
{
	filch_graph_options options = FILCH_GRAPH_OPTIONS_INIT;

	options.pool = in;
	options.cancel = cancel;
	options.stop_at = deadline;
	return filch_graph_run(which, &options);
}

#endif /* FILCH_TEST_GRAPHS_H */
