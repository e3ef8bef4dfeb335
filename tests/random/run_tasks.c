/* SPDX-License-Identifier: BSD-2-Clause */
/* Series, joins, typed tasks, groups. */
#include "program.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#define MOST_CHILDREN 64

int
run_series(struct node *node)
{
	for (size_t i = 0; i < node->children; i++) {
		int status = run_child(node, i);

		if (status != FILCH_OK)
			return status;
	}
	return FILCH_OK;
}

/* A child, as the context of a task. */
struct part {
	struct node *node;
	size_t i;
};

/* -- Join -- */

static int
join_half(void *argument)
{
	struct part *part = argument;

	return run_child(part->node, part->i);
}

int
run_join(struct node *node)
{
	struct part a = { node, 0 }, b = { node, 1 };

	return filch_join(join_half, &a, join_half, &b);
}

/* -- Typed -- */

FILCH_TASK(int, random_child, struct node *, node, size_t, i)
{
	return run_child(node, i);
}

typedef FILCH_RECORD(random_child) child_record;

/* Joins newest first, oldest first, or in an order of the seed's. */
FILCH_TASK(int, random_row, struct node *, node)
{
	child_record record[MOST_CHILDREN];
	int status[MOST_CHILDREN];
	size_t n = node->children, own = node->seed % n;

	for (size_t i = 0; i < n; i++)
		if (i != own)
			FILCH_SPAWN_AT(&record[i], random_child, node, i);
	status[own] = FILCH_CALL(random_child, node, own);
	for (size_t k = 0; k < n; k++) {
		size_t i = node->order == 0 ? n - 1 - k
		    : node->order == 1 ? k
		    : (k + node->seed / 64) % n;

		if (i != own)
			status[i] = FILCH_JOIN_AT(&record[i], random_child);
	}
	for (size_t i = 0; i < n; i++)
		if (status[i] != FILCH_OK)
			return status[i];
	return FILCH_OK;
}

FILCH_TASK_DECLARE(int, random_half, struct node *, node, size_t, begin, size_t, end);
FILCH_TASK(int, random_half, struct node *, node, size_t, begin, size_t, end)
{
	size_t middle = begin + (end - begin) / 2;

	if (end - begin == 1)
		return run_child(node, begin);
	FILCH_SPAWN(lower, random_half, node, begin, middle);
	int upper = FILCH_CALL(random_half, node, middle, end);
	int first = FILCH_JOIN(lower, random_half);

	return first != FILCH_OK ? first : upper;
}

/* A plain function that spawns; outside of any pool its tasks run inline. */
static int
plain_spawner(struct node *node)
{
	size_t middle = node->children / 2;
	int lower = FILCH_OK, upper;

	FILCH_TASKS_HERE;
	if (middle == 0)
		return FILCH_CALL(random_half, node, 0, node->children);
	FILCH_SPAWN(first, random_half, node, 0, middle);
	upper = FILCH_CALL(random_half, node, middle, node->children);
	lower = FILCH_JOIN(first, random_half);
	return lower != FILCH_OK ? lower : upper;
}

int
run_typed(struct node *node)
{
	if (node->children == 0)
		return FILCH_OK;
	if (node->order == 3)
		return filch_pool_current() == NULL
		    ? FILCH_RUN(random_half, node, 0, node->children)
		    : plain_spawner(node);
	return FILCH_RUN(random_row, node);
}

/* -- Groups -- */

static void group_spawn(struct node *node, struct part *part);

/* -- A wait for the group from inside it -- */

static int
wait_for_own_group(void *argument)
{
	struct node *node = argument;
	int status = filch_group_wait(node->group, FILCH_FOREVER);

	if (status != FILCH_DEADLOCK && (status != FILCH_CANCELED || is_certain(node)))
		broken(node, "a wait for the group around it: %d", status);
	return FILCH_OK;
}

static int
wait_in_chunk(void *node, size_t begin, size_t end)
{
	sched_yield();
	return begin < end && begin == 3 ? wait_for_own_group(node) : FILCH_OK;
}

static void
call_oneself(struct node *node)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	filch_group inner = FILCH_GROUP_INIT;

	options.grain_exact = 1;
	if (node->self_call == 1) {
		(void)wait_for_own_group(node);
	} else if (node->self_call == 2) {
		(void)filch_for(0, 6, wait_in_chunk, node, &options);
	} else {
		NODE_MUST(node, filch_group_spawn(&inner, wait_for_own_group, node) == FILCH_OK);
		sched_yield();
		(void)filch_group_wait(&inner, FILCH_FOREVER);
	}
}

static int
group_task(void *argument)
{
	struct part *part = argument;
	struct node *node = part->node;
	int status;

	(void)flc_add_full(&node->most_inside, 1);
	if (node->self_call && part->i == 0)
		call_oneself(node);
	if (node->spread && part->i == 0)
		for (size_t i = 1; i < node->children / (size_t)node->rounds; i++)
			group_spawn(node, part + i);
	status = run_child(node, part->i);
	(void)flc_add_full(&node->most_inside, (AO_t)-1);
	return status;
}

static void
group_spawn(struct node *node, struct part *part)
{
	int status = FILCH_AGAIN;

	if (node->try_spawn)
		status = filch_group_try_spawn(node->group, group_task, part);
	if (status == FILCH_AGAIN && (!node->try_spawn || node->backlog != 0))
		status = filch_group_spawn(node->group, group_task, part);
	if (status != FILCH_OK)
		broken(node, "spawn: %s", filch_status_text(status));
}

static void
group_done(void *argument)
{
	struct node *node = argument;

	(void)flc_add_full(&node->dones, 1);
}

static int
group_wait(struct node *node, filch_group *group)
{
	int status = FILCH_TIMEOUT;

	for (int i = 0; i < node->polls && status == FILCH_TIMEOUT; i++)
		status = filch_group_wait(group, i % 2 == 0 ? 0 : filch_now() + node->seed % 50000);
	if (status == FILCH_TIMEOUT)
		status = filch_group_wait(group, FILCH_FOREVER);
	return status;
}

static int
group_round(struct node *node, filch_group *group, struct part *part, size_t begin, size_t end)
{
	int status;

	for (size_t i = begin; i < end; i++) {
		if (node->cancel_at == (int)i + 1)
			filch_group_cancel(group);
		if (!node->spread || i == begin)
			group_spawn(node, &part[i]);
	}
	if (node->cancel_at == (int)node->children + 1)
		filch_group_cancel(group);
	status = group_wait(node, group);
	if (flc_load_acquire(&node->most_inside) != 0)
		broken(node, "the wait returned %d beside a task", status);
	return status;
}

/* -- Threads that spawn beside the wait -- */

struct helper {
	struct node *node;
	pthread_t thread;
};

static int
count_helped(void *node)
{
	(void)flc_add_full(&((struct node *)node)->inside, 1);
	return FILCH_OK;
}

/* Its tasks are no children: what a child returns would have an index of chance. */
static void *
helper_main(void *argument)
{
	struct helper *helper = argument;

	for (int i = 0; i < 50; i++) {
		NODE_MUST(helper->node, filch_group_spawn(helper->node->group, count_helped,
		    helper->node) == FILCH_OK);
		if (i % 8 == 0)
			sched_yield();
	}
	return NULL;
}

static int
group_crowded(struct node *node, filch_group *group, struct part *part)
{
	struct helper helper[3];
	size_t n = (size_t)node->helpers;
	int first, status;

	for (size_t i = 0; i < n; i++) {
		helper[i].node = node;
		NODE_MUST(node,
		    pthread_create(&helper[i].thread, NULL, helper_main, &helper[i]) == 0);
	}
	for (int i = 0; i < 20; i++) {
		status = filch_group_wait(group, i % 3 == 0 ? 0 : FILCH_FOREVER);
		NODE_MUST(node, status == FILCH_OK || status == FILCH_TIMEOUT
		    || (status == FILCH_CANCELED && !is_certain(node)));
	}
	(void)filch_blocking_begin();
	for (size_t i = 0; i < n; i++)
		pthread_join(helper[i].thread, NULL);
	(void)filch_blocking_end();
	first = group_wait(node, group);
	/* None is spawned beside this wait: all have run, or were skipped. */
	if (first == FILCH_OK && flc_load_acquire(&node->inside) != n * 50 && is_certain(node))
		broken(node, "a wait returned before %zu tasks of helpers",
		    n * 50 - flc_load_acquire(&node->inside));
	flc_store_release(&node->inside, 0);
	status = group_round(node, group, part, 0, node->children);
	return first != FILCH_OK ? first : status;
}

int
run_group(struct node *node)
{
	filch_group group = FILCH_GROUP_INIT;
	struct part part[MOST_CHILDREN];
	size_t half = node->rounds == 2 ? node->children / 2 : node->children;
	int status;

	group.pool = named_pool(node);
	group.cancel = limit_token(node);
	group.max_backlog = (size_t)node->backlog;
	group.fifo = node->fifo;
	group.wide_help = node->wide_help;
	group.shielded = node->shielded;
	if (node->on_done) {
		group.on_done = group_done;
		group.on_done_context = node;
	}
	node->group = &group;
	for (size_t i = 0; i < node->children; i++) {
		part[i].node = node;
		part[i].i = i;
	}
	status = node->helpers > 0 ? group_crowded(node, &group, part)
	    : group_round(node, &group, part, 0, half);
	if (status == FILCH_OK && half < node->children)
		status = group_round(node, &group, part, half, node->children);
	return status;
}
