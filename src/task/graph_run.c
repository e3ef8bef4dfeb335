/* SPDX-License-Identifier: BSD-2-Clause */
/* A run of a graph: each node that its last predecessor has made ready is run by the
 * thread that ended that, or spawned in one group. */
#include "task/graph.h"

#include "count/counters.h"
#include "wait/call.h"

#include <string.h>

struct run {
	filch_graph *graph;
	filch_graph_options options;
	filch_group group;
	size_t number;            /* of runs of this graph, from 1 */
	int status;               /* of its nodes */
};

static void
count(struct flc_node *node, uint64_t begun, int status)
{
	uint64_t ended = flc_ticks(), ready = flc_load_relaxed(&node->ready);
	uint64_t took = ended > begun ? ended - begun : 0;

	flc_count(&node->runs, 1);
	flc_count(&node->failures, status != FILCH_OK);
	flc_count(&node->run_ticks, took);
	flc_count(&node->delay_ticks, begun > ready ? begun - ready : 0);
	if (took > flc_load_relaxed(&node->run_max_ticks))
		flc_store_relaxed(&node->run_max_ticks, took);
}

/* False: it is skipped, and so is all that comes after it. */
static bool
run_node(struct flc_worker *worker, struct flc_node *node)
{
	filch_graph *graph = node->graph;
	struct flc_scope_place place;
	struct flc_scope scope;
	uint64_t begun;
	int status;

	/* Around it is the group that the node was spawned in, not the run's caller. */
	flc_early_exit_scope(&graph->ending, &scope, worker->scope, graph->limits.cancel);
	scope.outer = worker->scope;
	flc_scope_move(&scope, node->at);
	if (flc_early_exit_is_over(&graph->ending, node->at, &graph->limits)
	    || flc_scope_is_stopped(&scope))
		return false;
	place = flc_scope_enter(worker, &scope);
	begun = flc_ticks();
	status = node->task(node->context);
	flc_scope_leave(worker, place);
	flc_worker_check_fork(worker);
	count(node, begun, status);
	if (status != FILCH_OK)
		flc_early_exit_fail(&graph->ending, worker->pool, node->at, status);
	flc_store_relaxed(&node->done, flc_load_relaxed(&graph->runs) + 1);
	return true;
}

static int node_task(void *context);

/* Makes its successors ready; the first of these is for the caller. */
static struct flc_node *
release_successors(struct flc_node *node)
{
	filch_graph *graph = node->graph;
	struct flc_node *mine = NULL;
	uint64_t now = flc_ticks();

	for (size_t i = node->first; i < node->end; i++) {
		struct flc_node *after = &graph->node[graph->next[i]];

		/* Full, hence release and acquire: what the predecessors did, before what
		 * their successor does. */
		if (flc_add_full(&after->waiting, (size_t)-1) != 1)
			continue;
		flc_store_relaxed(&after->ready, now);
		if (mine == NULL)
			mine = after;
		else
			(void)filch_group_spawn(graph->group, node_task, after);
	}
	return mine;
}

static int
node_task(void *context)
{
	struct flc_node *node = context;

	while (node != NULL && run_node(flc_self(), node))
		node = release_successors(node);
	return FILCH_OK;
}

/* Without workers there is nobody to spawn for. */
static void
run_in_order(struct flc_worker *worker, struct run *run)
{
	filch_graph *graph = run->graph;
	uint64_t ready = flc_ticks();

	for (size_t i = 0; i < graph->nodes; i++) {
		struct flc_node *node = &graph->node[graph->order[i]];

		flc_store_relaxed(&node->ready, ready);
		if (!run_node(worker, node))
			return;
		ready = flc_ticks();
	}
}

static void
run_beside(struct run *run)
{
	filch_graph *graph = run->graph;
	uint64_t now = flc_ticks();

	/* The newest is run first: the last of the order is spawned first. */
	for (size_t i = graph->nodes; i > 0; i--) {
		struct flc_node *node = &graph->node[graph->order[i - 1]];

		if (node->before > 0)
			continue;
		flc_store_relaxed(&node->ready, now);
		(void)filch_group_spawn(&run->group, node_task, node);
	}
	(void)filch_group_wait(&run->group, FILCH_FOREVER);
}

static int
run_verb(struct flc_worker *worker, void *argument)
{
	struct run *run = argument;

	run->group.pool = worker->pool;
	flc_early_exit_begin(&run->graph->ending, worker->scope);
	if (worker->pool->threads == 0)
		run_in_order(worker, run);
	else
		run_beside(run);
	run->status = flc_early_exit_status(&run->graph->ending, &run->graph->limits);
	return FILCH_OK;
}

static void
begin(struct run *run)
{
	filch_graph *graph = run->graph;

	run->number = flc_load_relaxed(&graph->runs) + 1;
	graph->group = &run->group;
	graph->limits.cancel = run->options.cancel;
	graph->limits.stop_at = run->options.stop_at;
	for (size_t i = 0; i < graph->nodes; i++)
		flc_store_relaxed(&graph->node[i].waiting, graph->node[i].before);
}

/* What was skipped, and the run's status. */
static int
conclude(struct run *run)
{
	filch_graph *graph = run->graph;
	size_t skipped = 0;

	for (size_t i = 0; i < graph->nodes; i++)
		if (flc_load_relaxed(&graph->node[i].done) != run->number) {
			flc_count(&graph->node[i].skipped, 1);
			skipped++;
		}
	flc_store_relaxed(&graph->runs, run->number);
	if (run->status != FILCH_OK)
		return run->status;
	/* The pool was destroyed meanwhile, and drops what is queued. */
	return skipped == 0 ? FILCH_OK : FILCH_CANCELED;
}

int
filch_graph_run(filch_graph *graph, const filch_graph_options *options)
{
	struct run run = { .graph = graph, .options = FILCH_GRAPH_OPTIONS_INIT,
		.group = FILCH_GROUP_INIT };
	int status;

	if (graph == NULL || (options != NULL && options->size < sizeof(size_t)))
		return FILCH_INVAL;
	if (options != NULL)
		memcpy(&run.options, options, options->size < sizeof(run.options)
		    ? options->size : sizeof(run.options));
	status = flc_generation_acquire(&graph->running);
	if (status != FILCH_OK)
		return status;
	if (!graph->built)
		status = FILCH_INVAL;
	if (status == FILCH_OK) {
		begin(&run);
		status = flc_pool_call_until(run.options.pool, run_verb, &run,
		    run.options.stop_at != 0 ? run.options.stop_at : FILCH_FOREVER);
		if (status == FILCH_OK)
			status = conclude(&run);
	}
	flc_generation_release(&graph->running);
	return status;
}
