/* SPDX-License-Identifier: BSD-2-Clause */
/* Each kind of wait in the library, as one thread that holds and one that waits. */
#ifndef FILCH_TEST_LIFECYCLE_KINDS_H
#define FILCH_TEST_LIFECYCLE_KINDS_H

#include "tap.h"
#include "thread_state.h"

#include <filch.h>

#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static inline void
pause_ms(long ms)
{
	struct timespec span = { ms / 1000, ms % 1000 * 1000000 };
	int before;

	/* A task that is canceled in a call of its own is no matter of the library. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	nanosleep(&span, NULL);
	pthread_setcancelstate(before, &before);
}

static inline size_t
thread_number(void)
{
	return (size_t)syscall(SYS_gettid);
}

static inline void
until_state(const size_t *thread, char state)
{
	size_t number;

	do {
		pause_ms(1);
		number = __atomic_load_n(thread, __ATOMIC_ACQUIRE);
	} while (number == 0 || thread_state(number) != state);
}

/* -- What all kinds use: who holds, until it may let go -- */

static sem_t held, go;
static int opened;     /* what tasks look at */

static inline void
open_gate(void)
{
	__atomic_store_n(&opened, 1, __ATOMIC_RELEASE);
}

static inline int
pass_gate(void *unused)
{
	(void)unused;
	while (!__atomic_load_n(&opened, __ATOMIC_ACQUIRE))
		pause_ms(1);
	return FILCH_OK;
}

static inline int
pass_gate_in_range(void *unused, size_t begin, size_t end)
{
	(void)begin;
	(void)end;
	return pass_gate(unused);
}

static inline void
nothing(void)
{
}

static filch_pool *pool;

static inline void
make_pool(void)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	options.workers = 2;
	if (pool == NULL)
		NEED(filch_pool_create(&pool, &options) == FILCH_OK);
}

/* -- Kinds of wait -- */

static filch_mutex mutex;
static filch_condition condition;
static filch_rwlock rwlock;
static filch_once once;
static filch_semaphore semaphore;
static filch_latch latch;
static filch_barrier barrier;
static filch_channel *channel;
static int flag;

static inline void
lock_mutex(void)
{
	NEED(filch_mutex_lock(&mutex, FILCH_FOREVER) == FILCH_OK);
}

static inline void
unlock_mutex(void)
{
	NEED(filch_mutex_unlock(&mutex) == FILCH_OK);
}

static inline void
wait_mutex(void)
{
	lock_mutex();
	unlock_mutex();
}

static inline void
wait_condition(void)
{
	lock_mutex();
	while (flag == 0)
		NEED(filch_condition_wait(&condition, &mutex, FILCH_FOREVER) == FILCH_OK);
	unlock_mutex();
}

static inline void
signal_condition(void)
{
	lock_mutex();
	flag = 1;
	NEED(filch_condition_broadcast(&condition) == FILCH_OK);
	unlock_mutex();
}

static inline void
hold_rwlock(void)
{
	NEED(filch_rwlock_write_lock(&rwlock, FILCH_FOREVER) == FILCH_OK);
}

static inline void
release_rwlock(void)
{
	NEED(filch_rwlock_write_unlock(&rwlock) == FILCH_OK);
}

static inline void
wait_rwlock(void)
{
	NEED(filch_rwlock_read_lock(&rwlock, FILCH_FOREVER) == FILCH_OK);
	NEED(filch_rwlock_read_unlock(&rwlock) == FILCH_OK);
}

static inline int
do_once(void *unused)
{
	sem_post(&held);
	while (sem_wait(&go) != 0)
		;
	sem_post(&go);
	return unused == NULL ? FILCH_OK : FILCH_INVAL;
}

static inline void
run_once(void)
{
	NEED(filch_once_run(&once, do_once, NULL) == FILCH_OK);
}

static inline void
wait_semaphore(void)
{
	NEED(filch_semaphore_acquire(&semaphore, FILCH_FOREVER) == FILCH_OK);
}

static inline void
release_semaphore(void)
{
	NEED(filch_semaphore_release(&semaphore, 1) == FILCH_OK);
}

static inline void
wait_latch(void)
{
	NEED(filch_latch_wait(&latch, FILCH_FOREVER) == FILCH_OK);
}

static inline void
open_latch(void)
{
	NEED(filch_latch_count_down(&latch, 1) == FILCH_OK);
}

static inline void
send(void)
{
	uint64_t item = 1;

	NEED(filch_channel_send(channel, &item, FILCH_FOREVER) == FILCH_OK);
}

static inline void
receive(void)
{
	uint64_t item;

	NEED(filch_channel_recv(channel, &item, FILCH_FOREVER) == FILCH_OK);
}

static inline void
select_one(void)
{
	uint64_t item;
	filch_select_arm arm = { channel, FILCH_SELECT_RECV, &item };
	size_t chosen;

	NEED(filch_select(&arm, 1, &chosen, FILCH_FOREVER) == FILCH_OK);
}

static inline void
wait_group(void)
{
	filch_group group = FILCH_GROUP_INIT;

	group.pool = pool;
	for (int i = 0; i < 4; i++)
		NEED(filch_group_spawn(&group, pass_gate, NULL) == FILCH_OK);
	NEED(filch_group_wait(&group, FILCH_FOREVER) == FILCH_OK);
}

static inline void
wait_loop(void)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;

	options.pool = pool;
	options.grain_exact = 1;
	NEED(filch_for(0, 4, pass_gate_in_range, NULL, &options) == FILCH_OK);
}

static inline int
meet(void *unused)
{
	if (filch_worker_index() == 0)
		NEED(pass_gate(unused) == FILCH_OK);
	return filch_barrier_wait(&barrier, FILCH_FOREVER);
}

static inline void
wait_barrier(void)
{
	NEED(filch_pool_broadcast(pool, meet, NULL, FILCH_FOREVER) == FILCH_OK);
}

static inline int
source(void *left, void *slot)
{
	(void)slot;
	return (*(size_t *)left)-- == 0 ? FILCH_CLOSED : FILCH_OK;
}

static inline int
map(void *left, void *slot)
{
	(void)left;
	(void)slot;
	return pass_gate(NULL);
}

static inline int
sink(void *left, void *slot)
{
	(void)left;
	(void)slot;
	return FILCH_OK;
}

static inline void
wait_pipeline(void)
{
	filch_pipeline_options options = FILCH_PIPELINE_OPTIONS_INIT;
	size_t left = 4;

	options.pool = pool;
	NEED(filch_map_ordered(source, map, sink, &left, &options, FILCH_FOREVER) == FILCH_OK);
}

static inline void
wait_graph(void)
{
	filch_graph_options options = FILCH_GRAPH_OPTIONS_INIT;
	filch_graph *graph = NULL;
	size_t node[3];

	NEED(filch_graph_create(&graph, "lifecycle") == FILCH_OK);
	for (size_t i = 0; i < 3; i++)
		NEED(filch_graph_add_node(graph, "node", pass_gate, NULL, &node[i]) == FILCH_OK);
	NEED(filch_graph_add_edge(graph, node[0], node[2]) == FILCH_OK);
	NEED(filch_graph_build(graph) == FILCH_OK);
	options.pool = pool;
	NEED(filch_graph_run(graph, &options) == FILCH_OK);
	NEED(filch_graph_destroy(graph) == FILCH_OK);
}

static inline void
leave_once(void)
{
}

/* One thread holds and lets go, the other waits; `wait` ends after `release`. */
static const struct kind {
	const char *name;
	void (*hold)(void), (*release)(void), (*wait)(void);
} kinds[] = {
	{ "group", make_pool, open_gate, wait_group },
	{ "loop", make_pool, open_gate, wait_loop },
	{ "channel send", send, receive, send },
	{ "channel receive", nothing, send, receive },
	{ "select", nothing, send, select_one },
	{ "mutex", lock_mutex, unlock_mutex, wait_mutex },
	{ "condition", nothing, signal_condition, wait_condition },
	{ "semaphore", nothing, release_semaphore, wait_semaphore },
	{ "latch", nothing, open_latch, wait_latch },
	{ "barrier", make_pool, open_gate, wait_barrier },
	{ "rwlock", hold_rwlock, release_rwlock, wait_rwlock },
	{ "once", run_once, leave_once, run_once },
	{ "pipeline", make_pool, open_gate, wait_pipeline },
	{ "graph", make_pool, open_gate, wait_graph },
};
#define KINDS ((int)(sizeof(kinds) / sizeof(kinds[0])))

#endif /* FILCH_TEST_LIFECYCLE_KINDS_H */
