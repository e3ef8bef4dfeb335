/* SPDX-License-Identifier: BSD-2-Clause */
/* Once, condition, latch, broadcast, blocking, phase. */
#include "program.h"

#include <pthread.h>
#include <string.h>

/* -- Once -- */

struct once_call {
	struct node *node;
	filch_once once;
	int child_status;
};

/* The first try fails, if the node says so; the child runs in the next. */
static int
once_task(void *argument)
{
	struct once_call *call = argument;
	struct node *node = call->node;

	if (node->fail != 0 && flc_add_full(&node->dones, 1) == 0)
		return node->fail;
	call->child_status = run_child(node, 0);
	return FILCH_OK;
}

static int
once_body(void *argument, size_t begin, size_t end)
{
	struct once_call *call = argument;

	for (; begin < end; begin++) {
		int status = filch_once_run(&call->once, once_task, call);

		if (status == call->node->fail && status != FILCH_OK)
			status = filch_once_run(&call->once, once_task, call);
		if (status == FILCH_CANCELED && !is_certain(call->node))
			return status;
		if (status != FILCH_OK)
			broken(call->node, "once: %d", status);
		/* What the task did is seen by everyone that comes back. */
		if (call->node->child[0]->status != call->child_status)
			broken(call->node, "once returned before its task");
	}
	return FILCH_OK;
}

int
run_once(struct node *node)
{
	struct once_call call = { node, FILCH_ONCE_INIT, FILCH_OK };
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	int status;

	options.grain_exact = 1;
	status = filch_for(0, node->n, once_body, &call, &options);
	return status != FILCH_OK ? status : call.child_status;
}

/* -- Condition: two threads take turns -- */

struct turns {
	struct node *node;
	filch_mutex mutex;
	filch_condition condition;
	size_t turn;
};

static void
take_turns(struct turns *turns, size_t own)
{
	struct node *node = turns->node;

	for (size_t i = 0; i < node->n; i++) {
		NODE_MUST(node, filch_mutex_lock(&turns->mutex, FILCH_FOREVER) == FILCH_OK);
		while (turns->turn % 2 != own) {
			int status = filch_condition_wait(&turns->condition, &turns->mutex,
			    i % 3 == 2 ? filch_now() + 1000000 : FILCH_FOREVER);

			NODE_MUST(node, status == FILCH_OK || status == FILCH_TIMEOUT
			    || (status == FILCH_CANCELED && !is_certain(node)));
		}
		turns->turn++;
		if (i % 2 == 0)
			NODE_MUST(node, filch_condition_signal(&turns->condition) == FILCH_OK);
		else
			NODE_MUST(node, filch_condition_broadcast(&turns->condition) == FILCH_OK);
		NODE_MUST(node, filch_mutex_unlock(&turns->mutex) == FILCH_OK);
	}
}

static void *
turns_main(void *turns)
{
	take_turns(turns, 1);
	return NULL;
}

int
run_condition(struct node *node)
{
	struct turns turns = { node, FILCH_MUTEX_INIT("turns"), FILCH_CONDITION_INIT, 0 };
	pthread_t thread;

	NODE_MUST(node, pthread_create(&thread, NULL, turns_main, &turns) == 0);
	take_turns(&turns, 0);
	pthread_join(thread, NULL);
	NODE_MUST(node, turns.turn == 2 * node->n);
	NODE_MUST(node, filch_mutex_fini(&turns.mutex) == FILCH_OK);
	return FILCH_OK;
}

/* -- Latch -- */

struct latched {
	struct node *node;
	filch_latch latch;
	bool all;
};

static int
latch_body(void *argument, size_t begin, size_t end)
{
	struct latched *latched = argument;
	int status = FILCH_OK;

	for (; begin < end && status == FILCH_OK; begin++) {
		status = run_child(latched->node, begin);
		(void)flc_add_full(&latched->node->dones, 1);
		NODE_MUST(latched->node, filch_latch_count_down(&latched->latch, 1) == FILCH_OK);
	}
	return status;
}

static void *
latch_main(void *argument)
{
	struct latched *latched = argument;
	struct node *node = latched->node;

	NODE_MUST(node, filch_latch_wait(&latched->latch, FILCH_FOREVER) == FILCH_OK);
	for (size_t i = 0;
	    node->sure == SURE && node->want_status == FILCH_OK && i < node->children; i++)
		NODE_MUST(node, node->child[i]->status == node->child[i]->want_status);
	return NULL;
}

int
run_latch(struct node *node)
{
	struct latched latched = { node, FILCH_LATCH_INIT(0), false };
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	size_t n = node->children, left;
	pthread_t thread;
	int status;

	if (n == 0)
		return FILCH_OK;
	latched.latch.count_ = n;
	NODE_MUST(node, pthread_create(&thread, NULL, latch_main, &latched) == 0);
	options.pool = named_pool(node);
	options.grain_exact = 1;
	status = filch_for(0, n, latch_body, &latched, &options);
	left = n - flc_load_acquire(&node->dones);
	NODE_MUST(node, left == 0 || status != FILCH_OK);
	NODE_MUST(node, filch_latch_count_down(&latched.latch, left + 1) == FILCH_INVAL);
	NODE_MUST(node, filch_latch_count_down(&latched.latch, left) == FILCH_OK);
	NODE_MUST(node, filch_latch_wait(&latched.latch, 0) == FILCH_OK);
	pthread_join(thread, NULL);
	return status;
}

/* -- Broadcast -- */

struct broadcast {
	struct node *node;
	flc_atomic came[64];
	flc_atomic all;
};

static int
broadcast_task(void *argument)
{
	struct broadcast *broadcast = argument;
	size_t index = filch_worker_index();

	if (index < 64 && flc_add_full(&broadcast->came[index], 1) != 0)
		broken(broadcast->node, "a broadcast came twice to worker %zu", index);
	(void)flc_add_full(&broadcast->all, 1);
	return FILCH_OK;
}

int
run_broadcast(struct node *node)
{
	static const struct broadcast none;
	struct broadcast broadcast = none;
	size_t workers = 0;
	int status;

	broadcast.node = node;
	for (size_t i = 0; i < program.pools; i++)
		if (program.pool[i] != NULL && program.pool[i] == filch_pool_current())
			workers = program.plan[i].workers;
	status = filch_pool_broadcast(NULL, broadcast_task, &broadcast, FILCH_FOREVER);
	if (status == FILCH_OK && workers != 0 && workers != FILCH_NO_WORKERS)
		NODE_MUST(node, flc_load_acquire(&broadcast.all) == workers);
	if (status != FILCH_OK && (is_certain(node) || status != FILCH_CANCELED))
		broken(node, "broadcast: %s", filch_status_text(status));
	return status;
}

/* -- Barrier: in a pool of its own -- */

struct barrier {
	struct node *node;
	filch_barrier barrier;
	size_t workers;
	size_t step[4];    /* plain: the barrier orders */
};

static int
barrier_task(void *argument)
{
	struct barrier *barrier = argument;
	size_t index = filch_worker_index();

	NODE_MUST(barrier->node, index < barrier->workers);
	for (size_t i = 0; i < 5 + barrier->node->n; i++) {
		barrier->step[index] = i;
		NODE_MUST(barrier->node,
		    filch_barrier_wait(&barrier->barrier, FILCH_FOREVER) == FILCH_OK);
		for (size_t k = 0; k < barrier->workers; k++)
			NODE_MUST(barrier->node, barrier->step[k] == i);
		NODE_MUST(barrier->node,
		    filch_barrier_wait(&barrier->barrier, FILCH_FOREVER) == FILCH_OK);
	}
	return FILCH_OK;
}

int
run_barrier(struct node *node)
{
	struct barrier barrier = { node, FILCH_BARRIER_INIT, 1 + node->seed % 4, { 0 } };
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	filch_pool *pool = NULL;
	int status;

	options.workers = barrier.workers;
	NODE_MUST(node, filch_pool_create(&pool, &options) == FILCH_OK);
	status = filch_pool_broadcast(pool, barrier_task, &barrier, FILCH_FOREVER);
	if (status != FILCH_OK && (is_certain(node) || status != FILCH_CANCELED))
		broken(node, "broadcast with barriers: %d", status);
	NODE_MUST(node, filch_pool_destroy(pool) == FILCH_OK);
	return FILCH_OK;
}

/* -- Marks -- */

int
run_blocking(struct node *node)
{
	int began;

	for (int i = 0; i < node->rounds; i++) {
		began = filch_blocking_begin();
		NODE_MUST(node, began == FILCH_OK || began == FILCH_AGAIN);
		if (i == 1) {
			began = filch_blocking_begin();
			NODE_MUST(node, began == FILCH_OK || began == FILCH_AGAIN);
			NODE_MUST(node, filch_blocking_end() == FILCH_OK);
		}
		pause_us(node->microseconds);
		NODE_MUST(node, filch_blocking_end() == FILCH_OK);
	}
	return FILCH_OK;
}

int
run_phase(struct node *node)
{
	int status;

	NODE_MUST(node, filch_phase_begin(NULL) == FILCH_OK);
	status = node->children == 0 ? FILCH_OK : run_child(node, 0);
	NODE_MUST(node, filch_phase_end(NULL) == FILCH_OK);
	return status;
}
