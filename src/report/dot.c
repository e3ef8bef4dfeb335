/* SPDX-License-Identifier: BSD-2-Clause */
/* A graph for Graphviz. */
#include "base/text.h"
#include "task/graph.h"

/* Microseconds with one decimal. */
static void
put_time(struct flc_text *out, uint64_t ns)
{
	flc_text_number(out, (ns + 50) / 1000);
	flc_text_char(out, '.');
	flc_text_number(out, (ns + 50) / 100 % 10);
	flc_text_text(out, " us");
}

/* Inside of a quoted string. */
static void
put_escaped(struct flc_text *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			flc_text_char(out, '\\');
		if (*text == '\n')
			flc_text_text(out, "\\n");
		else
			flc_text_char(out, *text);
	}
}

static void
put_node(struct flc_text *out, const struct flc_node *node, size_t number)
{
	flc_text_text(out, "\tn");
	flc_text_number(out, number);
	flc_text_text(out, " [label=\"");
	put_escaped(out, node->name);
	if (flc_load_relaxed(&node->runs) > 0) {
		flc_text_text(out, "\\n");
		put_time(out, flc_node_mean_ns(node));
	}
	flc_text_text(out, flc_load_relaxed(&node->critical) ? "\", color=red, penwidth=2];\n"
	    : "\"];\n");
}

static void
put_edge(struct flc_text *out, const filch_graph *graph, const struct flc_edge *edge)
{
	const struct flc_node *after = &graph->node[edge->after];

	flc_text_text(out, "\tn");
	flc_text_number(out, edge->before);
	flc_text_text(out, " -> n");
	flc_text_number(out, edge->after);
	flc_text_text(out, flc_load_relaxed(&after->critical) && after->via == edge->before
	    ? " [color=red, penwidth=2];\n" : ";\n");
}

int
filch_graph_write_dot(filch_graph *graph, filch_write_fn *write, void *context)
{
	struct flc_text out;
	uint64_t span;
	int status;

	if (graph == NULL || write == NULL)
		return FILCH_INVAL;
	status = flc_generation_acquire(&graph->running);
	if (status != FILCH_OK)
		return status;
	if (!graph->built) {
		flc_generation_release(&graph->running);
		return FILCH_INVAL;
	}
	flc_graph_find_critical(graph, &span);
	flc_text_begin(&out, write, context);
	flc_text_text(&out, "digraph \"");
	put_escaped(&out, graph->name);
	flc_text_text(&out, "\" {\n\tnode [shape=box];\n");
	for (size_t i = 0; i < graph->nodes; i++)
		put_node(&out, &graph->node[i], i);
	for (size_t i = 0; i < graph->edges; i++)
		put_edge(&out, graph, &graph->edge[i]);
	flc_text_text(&out, "}\n");
	status = flc_text_end(&out);
	flc_generation_release(&graph->running);
	return status;
}
