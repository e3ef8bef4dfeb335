/* SPDX-License-Identifier: BSD-2-Clause */
/* Pools, threads from outside, processes, and who reads what is counted. */
#include "program.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_THREADS 8

/* -- The program's pools -- */

static void
set_variable(const char *name, uint64_t value, bool set)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	if (set)
		setenv(name, text, 1);
	else
		unsetenv(name);
}

void
pools_make(void)
{
	const filch_pool_options *plan = &program.plan[0];

	set_variable("FILCH_WORKERS", plan->workers, true);
	set_variable("FILCH_SPIN_NS", plan->spin_ns,
	    plan->spin_ns != 0 && plan->spin_ns != FILCH_NO_SPIN);
	program.pool[0] = filch_pool_default();
	NODE_MUST(NULL, program.pool[0] != NULL);
	for (size_t i = 1; i < program.pools; i++)
		NODE_MUST(NULL, filch_pool_create(&program.pool[i], &program.plan[i]) == FILCH_OK);
}

void
pools_end(void)
{
	for (size_t i = 1; i < program.pools; i++)
		NODE_MUST(NULL, filch_pool_destroy(program.pool[i]) == FILCH_OK);
	NODE_MUST(NULL, filch_pool_destroy_default() == FILCH_OK);
}

/* -- Calls from one pool into another, and from outside -- */

struct call {
	struct node *node;
	size_t i;
	int status;
	pthread_t thread;
};

static int
call_task(void *argument)
{
	struct call *call = argument;

	NODE_MUST(call->node, filch_pool_current() != NULL);
	if (call->node->pool != 0)
		NODE_MUST(call->node, filch_pool_current() == named_pool(call->node));
	return run_node(call->node->child[call->i]);
}

int
run_pool_run(struct node *node)
{
	struct call call = { node, 0, 0, 0 };

	return node->children == 0 ? FILCH_OK : filch_pool_run(named_pool(node), call_task, &call);
}

/* A lock of the node is held by this thread, outside of the pool. */
static void *
call_main(void *argument)
{
	struct call *call = argument;

	call->status = run_under_lock(call->node, call->node->child[call->i], call_task, call);
	return NULL;
}

static void *
crowd_main(void *argument)
{
	struct call *call = argument;

	call->status = run_child(call->node, call->i);
	return NULL;
}

static int
run_by_threads(struct node *node, void *(*main_)(void *))
{
	struct call call[MOST_THREADS];
	size_t n = node->children;

	(void)filch_blocking_begin();
	for (size_t i = 0; i < n; i++) {
		call[i].node = node;
		call[i].i = i;
		NODE_MUST(node, pthread_create(&call[i].thread, NULL, main_, &call[i]) == 0);
	}
	for (size_t i = 0; i < n; i++)
		pthread_join(call[i].thread, NULL);
	(void)filch_blocking_end();
	for (size_t i = 0; i < n; i++)
		if (call[i].status != FILCH_OK)
			return call[i].status;
	return FILCH_OK;
}

int
run_threads(struct node *node)
{
	return run_by_threads(node, call_main);
}

int
run_crowd(struct node *node)
{
	return run_by_threads(node, crowd_main);
}

/* -- A child process -- */

static int
count_body(void *count, size_t begin, size_t end)
{
	(void)flc_add_full(count, end - begin);
	return FILCH_OK;
}

/* What is wrong in the child, as its status. */
static int
in_child(bool in_task, filch_mutex *used)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	flc_atomic count = FLC_ATOMIC_INIT(0);
	int status;

	options.grain_exact = 1;
	for (size_t i = 1; i < program.pools; i++) {
		options.pool = program.pool[i];
		if (filch_for(0, 10, count_body, &count, &options) != FILCH_FORKED)
			return 2;
	}
	options.pool = NULL;
	status = filch_for(0, 100, count_body, &count, &options);
	if (status != FILCH_OK && !(in_task && status == FILCH_FORKED))
		return 3;
	if (status == FILCH_OK && flc_load_acquire(&count) != 100)
		return 4;
	if (filch_mutex_lock(used, FILCH_FOREVER) != FILCH_FORKED)
		return 5;
	return 0;
}

int
run_process(struct node *node)
{
	filch_mutex used = FILCH_MUTEX_INIT("used");
	bool in_task = filch_pool_current() != NULL;
	int status = 0;
	pid_t pid;

	if (!program_may_fork)
		return FILCH_OK;
	NODE_MUST(node, filch_mutex_lock(&used, FILCH_FOREVER) == FILCH_OK);
	NODE_MUST(node, filch_mutex_unlock(&used) == FILCH_OK);
	pid = fork();
	if (pid == 0) {
		alarm(60);
		_exit(in_child(in_task, &used));
	}
	NODE_MUST(node, pid > 0);
	(void)filch_blocking_begin();
	while (waitpid(pid, &status, 0) != pid)
		;
	(void)filch_blocking_end();
	if (status != 0)
		broken(node, "the child process ended with status %x", (unsigned)status);
	NODE_MUST(node, filch_mutex_fini(&used) == FILCH_OK);
	return FILCH_OK;
}

/* -- Readers -- */

static int
count_bytes(void *bytes, const char *text, size_t length)
{
	(void)text;
	*(size_t *)bytes += length;
	return FILCH_OK;
}

int
run_observe(struct node *node)
{
	filch_metrics metrics;
	char text[256];
	size_t bytes = 0;
	int fd, status;

	switch (node->seed % 4) {
	case 0:
		NODE_MUST(node,
		    filch_metrics_snapshot(NULL, &metrics, sizeof(metrics)) == FILCH_OK);
		break;
	case 1:
		fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
		NODE_MUST(node, fd >= 0 && filch_dump(fd) == FILCH_OK);
		close(fd);
		break;
	case 2:
		NODE_MUST(node, filch_pool_describe(NULL, text, sizeof(text)) > 0);
		status = filch_pool_trim(filch_pool_current());
		NODE_MUST(node,
		    status == FILCH_OK || status == FILCH_AGAIN || status == FILCH_INVAL);
		break;
	default:
		NODE_MUST(node,
		    filch_metrics_write(NULL, (int)(node->seed / 4 % 4), count_bytes, &bytes)
		    == FILCH_OK);
		NODE_MUST(node, bytes > 0);
	}
	return FILCH_OK;
}
