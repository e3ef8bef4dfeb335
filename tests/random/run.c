/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a node, and compares what came out with what must. */
#include "program.h"

#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int
run_leaf(struct node *node)
{
	if (node->microseconds != 0)
		pause_us(node->microseconds);
	for (int i = 0; i < node->order * 100; i++)
		node->plain = mix(node->plain, (uint64_t)i);
	return node->fail;
}

static node_runner *const runner[KIND_COUNT] = {
	[KIND_LEAF] = run_leaf, [KIND_SERIES] = run_series,
	[KIND_FOR] = run_for, [KIND_TILES] = run_tiles, [KIND_REDUCE] = run_reduce,
	[KIND_FOLD] = run_fold, [KIND_SUMS] = run_sums,
	[KIND_JOIN] = run_join, [KIND_TYPED] = run_typed, [KIND_GROUP] = run_group,
	[KIND_GRAPH] = run_graph, [KIND_PIPELINE] = run_pipeline,
	[KIND_ORDERED_MAP] = run_ordered_map,
	[KIND_BUFFER] = run_buffer, [KIND_PEER] = run_peer, [KIND_SELECT] = run_select,
	[KIND_TIMER] = run_timer, [KIND_PAIR] = run_pair,
	[KIND_ONCE] = run_once, [KIND_CONDITION] = run_condition, [KIND_LATCH] = run_latch,
	[KIND_BROADCAST] = run_broadcast, [KIND_BLOCKING] = run_blocking,
	[KIND_PHASE] = run_phase,
	[KIND_POOL_RUN] = run_pool_run, [KIND_THREADS] = run_threads,
	[KIND_CROWD] = run_crowd, [KIND_BARRIER] = run_barrier,
	[KIND_PROCESS] = run_process, [KIND_OBSERVE] = run_observe,
};

char *program_failure;

_Noreturn void
broken(const struct node *node, const char *format, ...)
{
	char text[400];
	int length;
	va_list list;

	if (program_failure != NULL)
		snprintf(program_failure, PROGRAM_FAILURE, "%s", format);
	va_start(list, format);
	length = snprintf(text, sizeof(text), "\n# seed %llu, node %u: ",
	    (unsigned long long)program.seed, node == NULL ? 0 : node->id);
	length += vsnprintf(text + length, sizeof(text) - (size_t)length, format, list);
	va_end(list);
	fprintf(stderr, "%s\n", text);
	program_show(false);
	fflush(stderr);
	abort();
}

void
pause_us(int us)
{
	struct timespec span = { us / 1000000, us % 1000000 * 1000L };

	while (nanosleep(&span, &span) != 0)
		;
}

bool
is_certain(const struct node *node)
{
	return node->sure >= IF_RUN;
}

filch_pool *
named_pool(const struct node *node)
{
	return node->pool == 0 ? NULL : program.pool[node->pool - 1];
}

filch_cancel *
limit_token(struct node *node)
{
	return node->limit >= LIMIT_TOKEN_BEFORE && node->limit <= LIMIT_TOKEN_BY_THREAD
	    ? &node->token : NULL;
}

uint64_t
limit_deadline(const struct node *node)
{
	switch (node->limit) {
	case LIMIT_DEADLINE_PAST:
		return 1;
	case LIMIT_DEADLINE_SOON:
		return filch_now() + node->seed % 200000;
	case LIMIT_DEADLINE_FAR:
		return filch_now() + UINT64_C(3600000000000);
	default:
		return 0;
	}
}

/* -- Under the parent's lock -- */

struct locked_call {
	int (*task)(void *context);
	void *context;
};

static void
in_lock(struct node *node, size_t permits, int *status, const struct locked_call *call, bool reads)
{
	size_t now = flc_add_full(&node->inside, 1) + 1;

	if (now > permits)
		broken(node, "%zu at once under lock %d of %zu", now, node->lock, permits);
	if (!reads)
		node->plain++;
	*status = call->task(call->context);
	(void)flc_add_full(&node->inside, (AO_t)-1);
}

static int
run_locked(struct node *node, struct node *child, const struct locked_call *call)
{
	bool reads = node->lock == LOCK_RWLOCK && child->seed % 3 != 0;
	uint64_t deadline = child->seed % 5 == 0 ? filch_now() + 20000 : FILCH_FOREVER;
	int status = FILCH_OK, got = FILCH_OK;

	do {
		if (node->lock == LOCK_MUTEX)
			got = filch_mutex_lock(&node->mutex, deadline);
		else if (node->lock == LOCK_SEMAPHORE)
			got = filch_semaphore_acquire(&node->semaphore, deadline);
		else
			got = reads ? filch_rwlock_read_lock(&node->rwlock, deadline)
			    : filch_rwlock_write_lock(&node->rwlock, deadline);
		if (got == FILCH_CANCELED && !is_certain(child))
			return got;
		if (got != FILCH_OK && (got != FILCH_TIMEOUT || deadline == FILCH_FOREVER))
			broken(node, "lock %d: %s", node->lock, filch_status_text(got));
		deadline = FILCH_FOREVER;
	} while (got != FILCH_OK);
	if (node->lock == LOCK_MUTEX) {
		in_lock(node, 1, &status, call, false);
		got = filch_mutex_unlock(&node->mutex);
	} else if (node->lock == LOCK_SEMAPHORE) {
		in_lock(node, (size_t)node->permits, &status, call, true);
		got = filch_semaphore_release(&node->semaphore, 1);
	} else if (reads) {
		in_lock(node, SIZE_MAX, &status, call, true);
		got = filch_rwlock_read_unlock(&node->rwlock);
	} else {
		in_lock(node, 1, &status, call, false);
		got = filch_rwlock_write_unlock(&node->rwlock);
	}
	NODE_MUST(node, got == FILCH_OK);
	return status;
}

static int
child_task(void *child)
{
	return run_node(child);
}

/* A call into a pool, made with the lock held. */
struct pool_call {
	struct node *node;
	int (*task)(void *context);
	void *context;
};

static int
pool_call(void *argument)
{
	struct pool_call *call = argument;

	return filch_pool_run(named_pool(call->node), call->task, call->context);
}

int
run_under_lock(struct node *node, struct node *child, int (*task)(void *context), void *context)
{
	struct locked_call call = { task, context };

	if (node->lock == LOCK_NONE)
		return filch_pool_run(named_pool(node), task, context);
	call.task = pool_call;
	call.context = &(struct pool_call){ node, task, context };
	return run_locked(node, child, &call);
}

int
run_child(struct node *node, size_t i)
{
	struct node *child = node->child[i];

	if (node->limit == LIMIT_TOKEN_BY_CHILD && node->limit_child == (int)i)
		filch_cancel_request(&node->token);
	return node->lock == LOCK_NONE ? run_node(child)
	    : run_locked(node, child, &(struct locked_call){ child_task, child });
}

/* -- Comparison -- */

/* Some child that ran returned this. */
static bool
came_from_a_child(const struct node *node, int status)
{
	for (size_t i = 0; i < node->children; i++)
		if (flc_load_acquire(&node->child[i]->runs) != 0
		    && node->child[i]->status == status)
			return true;
	return false;
}

/* What a call that was cut short may return. */
static bool
is_allowed(const struct node *node, int status)
{
	switch (node->limit) {
	case LIMIT_TOKEN_BEFORE:
		return status == FILCH_CANCELED;
	case LIMIT_DEADLINE_PAST:
		return status == FILCH_TIMEOUT;
	case LIMIT_TOKEN_BY_CHILD:
		if (status == FILCH_OK)
			return flc_load_acquire(&node->child[node->limit_child]->runs) == 0;
		return status == FILCH_CANCELED || came_from_a_child(node, status);
	case LIMIT_TOKEN_BY_THREAD:
		return status == FILCH_OK || status == FILCH_CANCELED
		    || came_from_a_child(node, status);
	case LIMIT_DEADLINE_SOON:
		return status == FILCH_OK || status == FILCH_TIMEOUT
		    || came_from_a_child(node, status);
	default:
		return status == FILCH_CANCELED || came_from_a_child(node, status);
	}
}

static int
settle(struct node *node, int status)
{
	if (is_cut(node) && is_certain(node)) {
		if (!is_allowed(node, status))
			broken(node, "cut short, and returned %d", status);
		node->value = mix(node->seed, 77);
		status = FILCH_OK;
	} else if (status == FILCH_OK) {
		node->value = value_of(node, false);
	} else if (status > 0 && node->absorb) {
		node->value = mix(node->seed, (uint64_t)status);
		status = FILCH_OK;
	}
	/* A task's own FILCH_TIMEOUT looks like that of the wait for it. */
	if (status == FILCH_TIMEOUT)
		status = 1001;
	node->status = status;
	if (!is_certain(node))
		return status;
	if (status != node->want_status)
		broken(node, "returned %d instead of %d", status, node->want_status);
	if (status == FILCH_OK && node->value != node->want)
		broken(node, "value %llx instead of %llx", (unsigned long long)node->value,
		    (unsigned long long)node->want);
	return status;
}

int
run_node(struct node *node)
{
	size_t index = filch_worker_index();
	filch_pool *pool = filch_pool_current();
	int status;

	if (flc_add_full(&node->runs, 1) != 0)
		broken(node, "runs a second time");
	if (node->sure == NEVER)
		broken(node, "must not run");
	if (node->rest == 1)
		sched_yield();
	else if (node->rest != 0)
		pause_us(node->rest);
	if (node->limit == LIMIT_TOKEN_BY_THREAD)
		disturb_token(node);
	status = runner[node->kind](node);
	if (node->limit == LIMIT_TOKEN_BY_THREAD)
		disturb_token_end(node);
	if (filch_worker_index() != index)
		broken(node, "worker %zd became %zd", (ssize_t)index,
		    (ssize_t)filch_worker_index());
	if (filch_pool_current() != pool)
		broken(node, "the current pool changed");
	return settle(node, status);
}

/* -- The whole -- */

static void
reset_node(struct node *node)
{
	static const filch_mutex mutex = FILCH_MUTEX_INIT("random");
	static const filch_rwlock rwlock = FILCH_RWLOCK_INIT("random");
	static const filch_semaphore semaphore = FILCH_SEMAPHORE_INIT(0);

	flc_store_relaxed(&node->runs, 0);
	flc_store_relaxed(&node->inside, 0);
	flc_store_relaxed(&node->most_inside, 0);
	flc_store_relaxed(&node->dones, 0);
	node->status = 0;
	node->value = node->plain = 0;
	filch_cancel_reset(&node->token);
	if (node->limit == LIMIT_TOKEN_BEFORE)
		filch_cancel_request(&node->token);
	node->mutex = mutex;
	node->rwlock = rwlock;
	node->semaphore = semaphore;
	node->semaphore.count_ = (size_t)node->permits;
}

/* The locks' rows of counters are given back. */
static void
end_locks(struct node *node)
{
	NODE_MUST(node, filch_mutex_fini(&node->mutex) == FILCH_OK);
	NODE_MUST(node, filch_rwlock_fini(&node->rwlock) == FILCH_OK);
	NODE_MUST(node,
	    node->lock != LOCK_SEMAPHORE || node->semaphore.count_ == (size_t)node->permits);
	NODE_MUST(node, flc_load_acquire(&node->alive) == 0);
	NODE_MUST(node, flc_load_acquire(&node->inside) == 0);
}

static void
check_counts(struct node *node)
{
	size_t runs = flc_load_acquire(&node->runs);
	bool wrong = runs > 1 || (node->sure == SURE && runs != 1)
	    || (node->sure == NEVER && runs != 0);

	if (wrong)
		broken(node, "ran %zu times", runs);
	/* A shielded group that ran has run all of its tasks before its failure. */
	if (node->kind == KIND_GROUP && node->shielded && runs == 1 && is_certain(node)
	    && node->limit == LIMIT_NONE && node->cancel_at == 0)
		for (size_t i = 0; i < node->children; i++)
			if (node->child[i]->sure >= IF_RUN && !node->child[i]->shielded
			    && flc_load_acquire(&node->child[i]->runs) != 1)
				broken(node->child[i], "its shielded group left it out");
	for (size_t i = 0; i < node->children; i++)
		check_counts(node->child[i]);
}

/* Hooks that may come after the wait: once all threads have ended they have come. */
static void
check_late(struct node *node)
{
	if (node->kind == KIND_GROUP && node->on_done && node->sure == SURE && node->children > 0
	    && node->cancel_at == 0 && node->limit == LIMIT_NONE)
		NODE_MUST(node, flc_load_acquire(&node->dones) > 0);
}

void
run_program(void)
{
	predict_program();
	pools_make();
	disturb_begin();
	for (int i = 0; i < program.repetitions; i++) {
		for (unsigned k = 0; k < program.nodes; k++)
			reset_node(program.node[k]);
		(void)run_node(program.root);
		check_counts(program.root);
		for (unsigned k = 0; k < program.nodes; k++)
			end_locks(program.node[k]);
	}
	for (unsigned k = 0; k < program.nodes; k++)
		flow_end(program.node[k]);
	disturb_end();
	pools_end();
	for (unsigned k = 0; k < program.nodes; k++)
		check_late(program.node[k]);
}
