/* SPDX-License-Identifier: BSD-2-Clause */
/* Graphs: nodes, edges, what they cost. */
#include "task/graph.h"

#include "base/clock.h"
#include "memory/allocator.h"
#include "base/size.h"

#include <stdio.h>
#include <string.h>

#define FIRST_ROOM 16

static char *
copy_of(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = flc_memory_alloc_for(FILCH_MEMORY_GRAPH, &flc_memory_default, size,
	    FLC_CACHE_LINE);

	if (copy != NULL)
		memcpy(copy, text, size);
	return copy;
}

static void
forget(void *memory)
{
	flc_memory_free(&flc_memory_default, memory, 0);
}

int
filch_graph_create(filch_graph **made, const char *name)
{
	filch_graph *graph;

	if (made == NULL)
		return FILCH_INVAL;
	*made = NULL;
	graph = flc_memory_alloc_for(FILCH_MEMORY_GRAPH, &flc_memory_default, sizeof(*graph),
	    FLC_APART);
	if (graph == NULL)
		return FILCH_NOMEM;
	graph->name = copy_of(name == NULL ? "graph" : name);
	if (graph->name == NULL) {
		forget(graph);
		return FILCH_NOMEM;
	}
	*made = graph;
	return FILCH_OK;
}

int
filch_graph_destroy(filch_graph *graph)
{
	int status;

	if (graph == NULL)
		return FILCH_OK;
	status = flc_generation_acquire(&graph->running);
	if (status == FILCH_BUSY)
		return status;
	for (size_t i = 0; i < graph->nodes; i++)
		forget(graph->node[i].name);
	forget(graph->node);
	forget(graph->edge);
	forget(graph->next);
	forget(graph->order);
	forget(graph->name);
	forget(graph);
	return FILCH_OK;
}

/* Room for one more of `size` bytes; false without memory. */
static bool
make_room(void **items, size_t count, size_t *room, size_t size)
{
	size_t more = *room == 0 ? FIRST_ROOM : 2 * *room;
	size_t bytes;
	void *larger;

	if (count < *room)
		return true;
	if (!flc_size_of(more, size, 0, &bytes))
		return false;
	larger = flc_memory_alloc_for(FILCH_MEMORY_GRAPH, &flc_memory_default, bytes,
	    FLC_CACHE_LINE);
	if (larger == NULL)
		return false;
	if (count > 0)
		memcpy(larger, *items, count * size);
	forget(*items);
	*items = larger;
	*room = more;
	return true;
}

static int
add(filch_graph *graph, const char *name, int (*task)(void *context), void *context)
{
	void *nodes = graph->node;
	struct flc_node *node;
	char number[24];

	if (!make_room(&nodes, graph->nodes, &graph->node_room, sizeof(*graph->node)))
		return FILCH_NOMEM;
	graph->node = nodes;
	node = &graph->node[graph->nodes];
	memset(node, 0, sizeof(*node));
	snprintf(number, sizeof(number), "%zu", graph->nodes);
	node->name = copy_of(name == NULL ? number : name);
	if (node->name == NULL)
		return FILCH_NOMEM;
	node->graph = graph;
	node->task = task;
	node->context = context;
	node->via = FLC_NO_NODE;
	graph->nodes++;
	graph->built = false;
	return FILCH_OK;
}

int
filch_graph_add_node(filch_graph *graph, const char *name, filch_task_fn *task, void *context,
    size_t *node)
{
	int status;

	if (graph == NULL || task == NULL)
		return FILCH_INVAL;
	status = flc_generation_acquire(&graph->running);
	if (status != FILCH_OK)
		return status;
	status = add(graph, name, task, context);
	if (status == FILCH_OK && node != NULL)
		*node = graph->nodes - 1;
	flc_generation_release(&graph->running);
	return status;
}

int
filch_graph_add_edge(filch_graph *graph, size_t before, size_t after)
{
	void *edges;
	int status;

	if (graph == NULL)
		return FILCH_INVAL;
	status = flc_generation_acquire(&graph->running);
	if (status != FILCH_OK)
		return status;
	edges = graph->edge;
	if (before >= graph->nodes || after >= graph->nodes) {
		status = FILCH_INVAL;
	} else if (!make_room(&edges, graph->edges, &graph->edge_room, sizeof(*graph->edge))) {
		status = FILCH_NOMEM;
	} else {
		graph->edge = edges;
		graph->edge[graph->edges++] = (struct flc_edge){ before, after };
		graph->built = false;
	}
	flc_generation_release(&graph->running);
	return status;
}

const char *
filch_graph_error(const filch_graph *graph)
{
	return graph == NULL ? "" : graph->error;
}

/* -- What it costs -- */

uint64_t
flc_node_mean_ns(const struct flc_node *node)
{
	size_t runs = flc_load_relaxed(&node->runs);

	return runs == 0 ? 0 : flc_ticks_to_ns(flc_load_relaxed(&node->run_ticks) / runs);
}

int
filch_graph_foreach_node(filch_graph *graph,
    int (*visit)(void *context, const filch_graph_node_metrics *node), void *context)
{
	int status = FILCH_OK;

	if (graph == NULL || visit == NULL)
		return FILCH_INVAL;
	for (size_t i = 0; i < graph->nodes && status == FILCH_OK; i++) {
		const struct flc_node *node = &graph->node[i];
		filch_graph_node_metrics m = {
			.name = node->name,
			.node = i,
			.runs = flc_load_relaxed(&node->runs),
			.skipped = flc_load_relaxed(&node->skipped),
			.failures = flc_load_relaxed(&node->failures),
			.run_ns = flc_ticks_to_ns(flc_load_relaxed(&node->run_ticks)),
			.run_max_ns = flc_ticks_to_ns(flc_load_relaxed(&node->run_max_ticks)),
			.delay_ns = flc_ticks_to_ns(flc_load_relaxed(&node->delay_ticks)),
			.critical = flc_load_relaxed(&node->critical) != 0,
		};

		status = visit(context, &m);
	}
	return status;
}

/* The longest path that ends at each node, in serial order.  Nodes that never ran count 1
 * ns, so that before a run the path of most nodes is the longest. */
void
flc_graph_find_critical(filch_graph *graph, uint64_t *span)
{
	size_t last = FLC_NO_NODE;

	*span = 0;
	for (size_t i = 0; i < graph->nodes; i++) {
		graph->node[i].longest = 0;
		graph->node[i].via = FLC_NO_NODE;
		flc_store_relaxed(&graph->node[i].critical, 0);
	}
	for (size_t k = 0; k < graph->nodes; k++) {
		struct flc_node *node = &graph->node[graph->order[k]];
		uint64_t mean = flc_node_mean_ns(node);

		node->longest += mean > 0 ? mean : 1;
		if (last == FLC_NO_NODE || node->longest > graph->node[last].longest)
			last = graph->order[k];
		for (size_t i = node->first; i < node->end; i++) {
			struct flc_node *after = &graph->node[graph->next[i]];

			if (node->longest > after->longest) {
				after->longest = node->longest;
				after->via = graph->order[k];
			}
		}
	}
	for (; last != FLC_NO_NODE; last = graph->node[last].via) {
		*span += flc_node_mean_ns(&graph->node[last]);
		flc_store_relaxed(&graph->node[last].critical, 1);
	}
}

int
filch_graph_stats(filch_graph *graph, filch_graph_metrics *metrics, size_t size)
{
	filch_graph_metrics full;
	int status;

	if (graph == NULL || metrics == NULL || size < sizeof(size_t))
		return FILCH_INVAL;
	status = flc_generation_acquire(&graph->running);
	if (status != FILCH_OK)
		return status;
	memset(&full, 0, sizeof(full));
	full.nodes = graph->nodes;
	full.edges = graph->edges;
	full.runs = flc_load_relaxed(&graph->runs);
	if (graph->built)
		flc_graph_find_critical(graph, &full.span_ns);
	else
		status = FILCH_INVAL;
	for (size_t i = 0; i < graph->nodes; i++)
		full.work_ns += flc_node_mean_ns(&graph->node[i]);
	flc_generation_release(&graph->running);
	if (status == FILCH_OK)
		memcpy(metrics, &full, size < sizeof(full) ? size : sizeof(full));
	return status;
}
