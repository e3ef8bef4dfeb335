/* SPDX-License-Identifier: BSD-2-Clause */
/* The serial order of a graph, or a cycle. */
#include "task/graph.h"

#include "memory/allocator.h"
#include "base/size.h"

#include <stdlib.h>
#include <string.h>

/* A heap of node numbers, the lowest on top. */
struct heap {
	size_t *item;
	size_t n;
};

static void
swap(size_t *a, size_t *b)
{
	size_t kept = *a;

	*a = *b;
	*b = kept;
}

static void
heap_put(struct heap *heap, size_t item)
{
	size_t at = heap->n++;

	heap->item[at] = item;
	for (; at > 0 && heap->item[at] < heap->item[(at - 1) / 2]; at = (at - 1) / 2)
		swap(&heap->item[at], &heap->item[(at - 1) / 2]);
}

static size_t
heap_take(struct heap *heap)
{
	size_t top = heap->item[0], at = 0;

	heap->item[0] = heap->item[--heap->n];
	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < heap->n && heap->item[child + 1] < heap->item[child])
			child++;
		if (child >= heap->n || heap->item[at] <= heap->item[child])
			return top;
		swap(&heap->item[at], &heap->item[child]);
		at = child;
	}
}

static int
compare_edges(const void *a, const void *b)
{
	const struct flc_edge *x = a, *y = b;

	if (x->before != y->before)
		return x->before < y->before ? -1 : 1;
	return x->after < y->after ? -1 : x->after > y->after;
}

/* The same edge twice is one. */
static void
sort_edges(filch_graph *graph)
{
	size_t kept = 0;

	if (graph->edges == 0)
		return;
	qsort(graph->edge, graph->edges, sizeof(*graph->edge), compare_edges);
	for (size_t i = 1; i < graph->edges; i++)
		if (compare_edges(&graph->edge[kept], &graph->edge[i]) != 0)
			graph->edge[++kept] = graph->edge[i];
	graph->edges = kept + 1;
}

static void
link_nodes(filch_graph *graph)
{
	size_t at = 0;

	for (size_t i = 0; i < graph->nodes; i++)
		graph->node[i].before = 0;
	for (size_t i = 0; i < graph->edges; i++) {
		graph->next[i] = graph->edge[i].after;
		graph->node[graph->edge[i].after].before++;
	}
	for (size_t i = 0; i < graph->nodes; i++) {
		graph->node[i].first = at;
		while (at < graph->edges && graph->edge[at].before == i)
			at++;
		graph->node[i].end = at;
	}
}

/* A. B. Kahn, "Topological sorting of large networks" (1962).  How many nodes stand in
 * the order; `waiting` of the others is not zero. */
static size_t
find_order(filch_graph *graph, struct heap *heap)
{
	size_t n = 0;

	for (size_t i = 0; i < graph->nodes; i++) {
		flc_store_relaxed(&graph->node[i].waiting, graph->node[i].before);
		if (graph->node[i].before == 0)
			heap_put(heap, i);
	}
	while (heap->n > 0) {
		struct flc_node *node = &graph->node[heap_take(heap)];

		node->at = n;
		graph->order[n++] = (size_t)(node - graph->node);
		for (size_t i = node->first; i < node->end; i++) {
			flc_atomic *waiting = &graph->node[graph->next[i]].waiting;

			flc_store_relaxed(waiting, flc_load_relaxed(waiting) - 1);
			if (flc_load_relaxed(waiting) == 0)
				heap_put(heap, graph->next[i]);
		}
	}
	return n;
}

/* -- A cycle -- */

/* Appends, and ends in "..." where there is no room. */
static void
say(filch_graph *graph, const char *text)
{
	size_t used = strlen(graph->error), more = strlen(text);

	if (used + more < FLC_GRAPH_ERROR - 4)
		memcpy(graph->error + used, text, more + 1);
	else if (used < 3 || strcmp(graph->error + used - 3, "...") != 0)
		strcpy(graph->error + used, "...");
}

/* Every node that is left has one before it that is left: walking back from one comes to
 * a node a second time, and from there around the cycle. */
static void
name_cycle(filch_graph *graph, size_t *seen)
{
	size_t at = FLC_NO_NODE, start, n = 0;

	for (size_t i = 0; i < graph->edges; i++)
		if (flc_load_relaxed(&graph->node[graph->edge[i].before].waiting) != 0)
			graph->node[graph->edge[i].after].via = graph->edge[i].before;
	for (size_t i = 0; i < graph->nodes && at == FLC_NO_NODE; i++)
		if (flc_load_relaxed(&graph->node[i].waiting) != 0)
			at = i;
	for (size_t i = 0; i < graph->nodes; i++)
		at = graph->node[at].via;
	start = at;
	do {
		seen[n++] = at;
		at = graph->node[at].via;
	} while (at != start);
	/* Forward, from its lowest node. */
	size_t lowest = 0;

	for (size_t i = 1; i < n; i++)
		if (seen[i] < seen[lowest])
			lowest = i;
	strcpy(graph->error, "cycle: ");
	for (size_t i = 0; i < n; i++) {
		say(graph, graph->node[seen[(lowest + n - i) % n]].name);
		say(graph, " -> ");
	}
	say(graph, graph->node[seen[lowest]].name);
}

/* -- Build -- */

/* Room for n numbers and one. */
static size_t *
make_numbers(size_t n)
{
	size_t bytes;

	if (!flc_size_of(n, sizeof(size_t), sizeof(size_t), &bytes))
		return NULL;
	return flc_memory_alloc_for(FILCH_MEMORY_GRAPH, &flc_memory_default, bytes, FLC_CACHE_LINE);
}

static bool
make_tables(filch_graph *graph)
{
	const struct flc_memory *memory = &flc_memory_default;

	flc_memory_free(memory, graph->next, 0);
	flc_memory_free(memory, graph->order, 0);
	graph->next = make_numbers(graph->edges);
	graph->order = make_numbers(graph->nodes);
	return graph->next != NULL && graph->order != NULL;
}

static int
build(filch_graph *graph)
{
	struct heap heap = { NULL, 0 };
	int status = FILCH_OK;

	graph->error[0] = '\0';
	graph->built = false;
	sort_edges(graph);
	heap.item = make_numbers(graph->nodes);
	if (heap.item == NULL || !make_tables(graph)) {
		flc_memory_free(&flc_memory_default, heap.item, 0);
		return FILCH_NOMEM;
	}
	link_nodes(graph);
	if (find_order(graph, &heap) < graph->nodes) {
		name_cycle(graph, heap.item);
		status = FILCH_DEADLOCK;
	}
	graph->built = status == FILCH_OK;
	flc_memory_free(&flc_memory_default, heap.item, 0);
	return status;
}

int
filch_graph_build(filch_graph *graph)
{
	int status;

	if (graph == NULL)
		return FILCH_INVAL;
	status = flc_generation_acquire(&graph->running);
	if (status != FILCH_OK)
		return status;
	status = build(graph);
	flc_generation_release(&graph->running);
	return status;
}
