/* SPDX-License-Identifier: BSD-2-Clause */
/* Graphs and pipelines.  They are made once and run at each repetition. */
#include "program.h"

#include <stdlib.h>

/* -- Graphs -- */

struct graph_part {
	struct node *node;
	size_t i;
};

struct graph {
	filch_graph *graph;
	struct graph_part part[64];
};

static int
graph_task(void *argument)
{
	struct graph_part *part = argument;
	struct node *node = part->node;
	struct graph *made = node->object;

	/* What stands before has ended, and is seen. */
	for (size_t i = 0; i < node->children; i++)
		if (has_edge(node, i, part->i)) {
			NODE_MUST(node, flc_load_acquire(&node->child[i]->runs) == 1);
			if (is_certain(node->child[i]))
				NODE_MUST(node,
				    node->child[i]->status == node->child[i]->want_status);
		}
	if (node->self_call && part->i == 0)
		NODE_MUST(node, filch_graph_run(made->graph, NULL) == FILCH_BUSY);
	return run_child(node, part->i);
}

static void
graph_make(struct node *node)
{
	struct graph *made = calloc(1, sizeof(*made));

	if (made == NULL)
		abort();
	NODE_MUST(node, filch_graph_create(&made->graph, "random") == FILCH_OK);
	for (size_t i = 0; i < node->children; i++) {
		size_t number = SIZE_MAX;

		made->part[i].node = node;
		made->part[i].i = i;
		NODE_MUST(node, filch_graph_add_node(made->graph, NULL, graph_task, &made->part[i],
		    &number) == FILCH_OK);
		NODE_MUST(node, number == i);
	}
	for (size_t i = 0; i < node->children; i++)
		for (size_t k = 0; k < node->children; k++)
			if (has_edge(node, i, k))
				NODE_MUST(node,
				    filch_graph_add_edge(made->graph, i, k) == FILCH_OK);
	NODE_MUST(node, filch_graph_build(made->graph) == FILCH_OK);
	node->object = made;
}

int
run_graph(struct node *node)
{
	filch_graph_options options = FILCH_GRAPH_OPTIONS_INIT;

	if (node->object == NULL)
		graph_make(node);
	options.pool = named_pool(node);
	options.cancel = limit_token(node);
	options.stop_at = limit_deadline(node);
	return filch_graph_run(((struct graph *)node->object)->graph, &options);
}

/* -- Pipelines -- */

struct stage_of {
	struct node *node;
	int stage;
	size_t next;      /* plain: a stage in order is alone */
};

struct piped_item {
	size_t index;
	uint64_t hash;
};

struct flow {
	filch_pipeline *pipeline;
	struct stage_of stage[6];
};

static int
flow_source(struct stage_of *at, struct piped_item *item)
{
	struct node *node = at->node;

	if (at->next == node->children)
		return FILCH_CLOSED;
	item->index = at->next++;
	item->hash = mix(node->seed, item->index);
	(void)flc_add_full(&node->alive, 1);
	return FILCH_OK;
}

static int
flow_stage(void *argument, void *slot)
{
	struct stage_of *at = argument;
	struct node *node = at->node;
	struct piped_item *item = slot;
	int status = FILCH_OK, kind = stage_kind(node, at->stage);

	if (at->stage == 0)
		return flow_source(at, item);
	NODE_MUST(node, item->index < node->children);
	if (kind != FILCH_STAGE_PARALLEL) {
		if (kind == FILCH_STAGE_ORDERED && at->next != item->index)
			broken(node, "stage %d: item %zu instead of %zu", at->stage, item->index,
			    at->next);
		at->next++;
	}
	if (at->stage == node->child_stage) {
		status = run_child(node, item->index);
		item->hash = mix(item->hash, node->child[item->index]->value);
	} else {
		item->hash = mix(item->hash, (uint64_t)at->stage);
	}
	if (at->stage == node->stages && status == FILCH_OK) {
		node->item[item->index] = item->hash;
		(void)flc_add_full(&node->alive, (AO_t)-1);
	}
	return status;
}

static void
flow_discard(void *argument, void *item)
{
	struct node *node = argument;

	NODE_MUST(node, ((struct piped_item *)item)->index < node->children);
	(void)flc_add_full(&node->alive, (AO_t)-1);
}

static void
flow_options(struct node *node, filch_pipeline_options *options)
{
	options->pool = named_pool(node);
	options->tokens = (size_t)node->tokens;
	options->item_size = sizeof(struct piped_item);
	options->discard = flow_discard;
	options->discard_context = node;
	options->cancel = limit_token(node);
}

static void
flow_make(struct node *node)
{
	filch_pipeline_options options = FILCH_PIPELINE_OPTIONS_INIT;
	filch_stage stage[6] = { { NULL, NULL, 0, NULL } };
	struct flow *flow = calloc(1, sizeof(*flow));

	if (flow == NULL)
		abort();
	flow_options(node, &options);
	for (int i = 0; i <= node->stages; i++) {
		flow->stage[i].node = node;
		flow->stage[i].stage = i;
		stage[i].run = flow_stage;
		stage[i].context = &flow->stage[i];
		stage[i].kind = stage_kind(node, i);
		stage[i].name = "random";
	}
	NODE_MUST(node, filch_pipeline_create(&flow->pipeline, stage, (size_t)node->stages + 1,
	    &options) == FILCH_OK);
	node->object = flow;
}

static uint64_t
deadline_or_forever(const struct node *node)
{
	uint64_t deadline = limit_deadline(node);

	return deadline == 0 ? FILCH_FOREVER : deadline;
}

static int
check_flow(struct node *node, int status)
{
	if (flc_load_acquire(&node->alive) != 0)
		broken(node, "%zd items neither left nor were discarded",
		    (ssize_t)flc_load_acquire(&node->alive));
	return status;
}

int
run_pipeline(struct node *node)
{
	struct flow *flow;

	if (node->object == NULL)
		flow_make(node);
	flow = node->object;
	for (int i = 0; i <= node->stages; i++)
		flow->stage[i].next = 0;
	return check_flow(node, filch_pipeline_run(flow->pipeline, deadline_or_forever(node)));
}

/* One context for all three: what they do is told by the item. */
static int
map_source(void *argument, void *slot)
{
	return flow_source(argument, slot);
}

static int
map_map(void *argument, void *slot)
{
	struct stage_of stage = { ((struct stage_of *)argument)->node, 1, 0 };

	return flow_stage(&stage, slot);
}

static int
map_sink(void *argument, void *slot)
{
	struct stage_of *source = argument;
	struct stage_of stage = { source->node, 2, ((struct piped_item *)slot)->index };

	if (source->node->plain++ != stage.next)
		broken(source->node, "the sink got item %zu", stage.next);
	return flow_stage(&stage, slot);
}

int
run_ordered_map(struct node *node)
{
	filch_pipeline_options options = FILCH_PIPELINE_OPTIONS_INIT;
	struct stage_of source = { node, 0, 0 };

	node->plain = 0;
	flow_options(node, &options);
	return check_flow(node, filch_map_ordered(map_source, map_map, map_sink, &source, &options,
	    deadline_or_forever(node)));
}

void
flow_end(struct node *node)
{
	if (node->object == NULL)
		return;
	if (node->kind == KIND_GRAPH)
		NODE_MUST(node,
		    filch_graph_destroy(((struct graph *)node->object)->graph) == FILCH_OK);
	else
		NODE_MUST(node,
		    filch_pipeline_destroy(((struct flow *)node->object)->pipeline) == FILCH_OK);
	free(node->object);
	node->object = NULL;
}
