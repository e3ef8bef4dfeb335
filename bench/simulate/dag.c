/* SPDX-License-Identifier: BSD-2-Clause */
#include "dag.h"

#include <stdlib.h>

int32_t
dag_open(struct dag *dag, enum dag_kind kind, int32_t pre)
{
	if (dag->count == dag->room) {
		int32_t room = dag->room != 0 ? 2 * dag->room : 1024;
		struct dag_node *node = NULL;

		if (dag->count < DAG_NODES_MAX)
			node = realloc(dag->node, (size_t)room * sizeof(*node));
		if (node == NULL) {
			dag->failed = true;
			return 0;
		}
		dag->node = node;
		dag->room = room;
	}
	dag->node[dag->count] = (struct dag_node){ .pre = pre, .kind = (uint8_t)kind };
	return dag->count++;
}

void
dag_close(struct dag *dag, int32_t node, int32_t post)
{
	if (dag->failed)
		return;
	dag->node[node].end = dag->count;
	dag->node[node].post = post;
}

void
dag_leaf(struct dag *dag, int32_t ns, int32_t forks)
{
	int32_t leaf = dag_open(dag, DAG_SERIES, ns);

	if (!dag->failed)
		dag->node[leaf].forks = forks;
	dag_close(dag, leaf, 0);
}

void
dag_loop(struct dag *dag, struct dag_range range)
{
	int32_t node = dag_open(dag, DAG_RANGE, 0);
	struct dag_range *grown = realloc(dag->range, (size_t)(dag->ranges + 1) * sizeof(range));

	if (grown == NULL) {
		dag->failed = true;
		return;
	}
	dag->range = grown;
	dag->range[dag->ranges] = range;
	if (!dag->failed)
		dag->node[node].forks = dag->ranges++;
	dag_close(dag, node, 0);
}

void
dag_fini(struct dag *dag)
{
	free(dag->node);
	free(dag->range);
	*dag = (struct dag){ 0 };
}

int64_t
dag_range_cost(const struct dag_range *range, int32_t begin, int32_t end)
{
	double count = end - begin;
	double middle = ((double)begin + (double)end - 1) / 2;

	return (int64_t)(count * (range->first + range->slope * middle) + 0.5);
}

static struct dag_size
range_size(const struct dag_range *range)
{
	int64_t first = dag_range_cost(range, 0, 1);
	int64_t last = dag_range_cost(range, range->count - 1, range->count);

	return (struct dag_size){
		.work = dag_range_cost(range, 0, range->count),
		.span = first > last ? first : last,
	};
}

/* Preorder backwards: every child is measured before its parent. */
struct dag_size
dag_measure(const struct dag *dag)
{
	struct dag_size *size = calloc((size_t)dag->count, sizeof(*size));
	struct dag_size whole = { 0 };

	if (size == NULL)
		return whole;
	for (int32_t i = dag->count - 1; i >= 0; i--) {
		const struct dag_node *node = &dag->node[i];
		int64_t own = (int64_t)node->pre + node->post;
		int64_t gaps = 0;

		if (node->kind == DAG_RANGE)
			size[i] = range_size(&dag->range[node->forks]);
		else
			size[i].forks = node->forks;
		for (int32_t c = i + 1; c < node->end; c = dag->node[c].end) {
			bool spawned = node->kind == DAG_PARALLEL && dag->node[c].end < node->end;

			gaps += node->gap;
			size[i].work += size[c].work + node->gap;
			size[i].forks += size[c].forks + spawned;
			if (node->kind == DAG_SERIES)
				size[i].span += size[c].span + node->gap;
			else if (gaps + size[c].span > size[i].span)
				size[i].span = gaps + size[c].span;
		}
		size[i].work += own;
		size[i].span += own;
	}
	whole = size[0];
	free(size);
	return whole;
}

/* The rounded value; what rounding took goes to the next one. */
static int32_t
scaled(int32_t ns, double factor, double *rest)
{
	double exact = ns * factor + *rest;
	int32_t whole = exact > 0 ? (int32_t)exact : 0;

	*rest = exact - whole;
	return whole;
}

void
dag_scale(struct dag *dag, double work)
{
	double factor = work / (double)dag_measure(dag).work;
	double rest = 0, gaps = 0;

	for (int32_t i = 0; i < dag->count; i++) {
		struct dag_node *node = &dag->node[i];

		node->pre = scaled(node->pre, factor, &rest);
		node->gap = scaled(node->gap, factor, &gaps);
		node->post = scaled(node->post, factor, &rest);
	}
	for (int32_t i = 0; i < dag->ranges; i++) {
		dag->range[i].first *= factor;
		dag->range[i].slope *= factor;
	}
}
