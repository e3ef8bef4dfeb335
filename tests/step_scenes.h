/* SPDX-License-Identifier: BSD-2-Clause */
/* The scenes that step_signals.c steps through: one of each kind of call. */
#ifndef FILCH_TEST_STEP_SCENES_H
#define FILCH_TEST_STEP_SCENES_H

#include "tap.h"

#include <filch.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Where to write what nobody reads. */
static int null_fd;

static filch_pool *pool;
static filch_mutex mutex = FILCH_MUTEX_INIT("stepped");
static filch_condition condition = FILCH_CONDITION_INIT;
static filch_rwlock rwlock = FILCH_RWLOCK_INIT("stepped table");

static inline uint64_t
soon(void)
{
	return filch_now() + 200000;
}

static inline int
nothing(void *unused)
{
	(void)unused;
	return FILCH_OK;
}

static inline int
range(void *sum, size_t begin, size_t end)
{
	__atomic_fetch_add((size_t *)sum, end - begin, __ATOMIC_RELAXED);
	return FILCH_OK;
}

static inline void
make_pool(void)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	options.workers = 2;
	NEED(filch_pool_create(&pool, &options) == FILCH_OK);
	NEED(filch_pool_run(pool, nothing, NULL) == FILCH_OK);
}

static inline void
locks(void)
{
	static const filch_mutex fresh = FILCH_MUTEX_INIT("stepped");
	static const filch_condition signalled = FILCH_CONDITION_INIT;
	filch_mutex_metrics m;
	filch_mutex other;

	/* In a child the parent's are refused. */
	mutex = fresh;
	condition = signalled;
	NEED(filch_mutex_init(&other, "other") == FILCH_OK);
	NEED(filch_mutex_lock(&other, FILCH_FOREVER) == FILCH_OK);
	NEED(filch_mutex_lock(&mutex, soon()) == FILCH_OK);
	NEED(filch_condition_wait(&condition, &mutex, soon()) == FILCH_TIMEOUT);
	NEED(filch_condition_signal(&condition) == FILCH_OK);
	NEED(filch_mutex_lock(&mutex, soon()) == FILCH_DEADLOCK);
	NEED(filch_mutex_unlock(&mutex) == FILCH_OK);
	NEED(filch_mutex_stats(&mutex, &m, sizeof(m)) == FILCH_OK);
	NEED(filch_mutex_fini(&mutex) == FILCH_OK);
	NEED(filch_mutex_unlock(&other) == FILCH_OK);
	NEED(filch_mutex_fini(&other) == FILCH_OK);
}

static inline void
other_locks(void)
{
	filch_semaphore semaphore = FILCH_SEMAPHORE_INIT(1);
	filch_latch latch = FILCH_LATCH_INIT(1);
	filch_once once = FILCH_ONCE_INIT;

	NEED(filch_rwlock_read_lock(&rwlock, soon()) == FILCH_OK);
	NEED(filch_rwlock_write_lock(&rwlock, soon()) != FILCH_OK);
	NEED(filch_rwlock_read_unlock(&rwlock) == FILCH_OK);
	NEED(filch_rwlock_write_lock(&rwlock, soon()) == FILCH_OK);
	NEED(filch_rwlock_write_unlock(&rwlock) == FILCH_OK);
	NEED(filch_once_run(&once, nothing, NULL) == FILCH_OK);
	NEED(filch_semaphore_acquire(&semaphore, soon()) == FILCH_OK);
	NEED(filch_semaphore_acquire(&semaphore, soon()) == FILCH_TIMEOUT);
	NEED(filch_semaphore_release(&semaphore, 1) == FILCH_OK);
	NEED(filch_latch_wait(&latch, soon()) == FILCH_TIMEOUT);
	NEED(filch_latch_count_down(&latch, 1) == FILCH_OK);
	NEED(filch_latch_wait(&latch, soon()) == FILCH_OK);
}

static inline filch_channel *
channel_of(size_t capacity, int spsc)
{
	filch_channel_options options = FILCH_CHANNEL_OPTIONS_INIT;
	filch_channel *channel = NULL;

	options.name = "stepped";
	options.spsc = spsc;
	NEED(filch_channel_create(&channel, sizeof(uint64_t), capacity, &options) == FILCH_OK);
	return channel;
}

static inline void
use_channel(filch_channel *channel)
{
	uint64_t item = 7, items[2] = { 8, 9 };
	filch_channel_metrics m;
	size_t n;

	NEED(filch_channel_send(channel, &item, soon()) == FILCH_OK);
	NEED(filch_channel_send_many(channel, items, 2, &n, soon()) == FILCH_OK && n == 2);
	NEED(filch_channel_len(channel) == 3);
	NEED(filch_channel_recv(channel, &item, soon()) == FILCH_OK && item == 7);
	NEED(filch_channel_recv_many(channel, items, 2, &n, soon()) == FILCH_OK);
	NEED(filch_channel_stats(channel, &m, sizeof(m)) == FILCH_OK && m.sends == 3);
	filch_channel_close(channel);
	NEED(filch_channel_send(channel, &item, soon()) == FILCH_CLOSED);
	filch_channel_destroy(channel);
}

static inline void
channels(void)
{
	filch_channel *empty = channel_of(4, 0);
	uint64_t item;

	use_channel(channel_of(4, 0));
	use_channel(channel_of(4, 1));
	use_channel(channel_of(FILCH_UNBOUNDED, 0));
	NEED(filch_channel_recv(empty, &item, soon()) == FILCH_TIMEOUT);
	filch_channel_destroy(empty);
}

static inline void
selects(void)
{
	filch_channel *meeting = channel_of(0, 0), *ring = channel_of(1, 0), *timer = NULL;
	uint64_t item = 1, time;
	filch_select_arm arms[] = {
		{ meeting, FILCH_SELECT_SEND, &item },
		{ ring, FILCH_SELECT_RECV, &item },
		{ NULL, FILCH_SELECT_RECV, &time },
	};
	size_t chosen;

	NEED(filch_select(arms, 3, &chosen, soon()) == FILCH_TIMEOUT);
	NEED(filch_channel_create_timer(&timer, soon(), 0, NULL) == FILCH_OK);
	arms[2].channel = timer;
	NEED(filch_select(arms, 3, &chosen, FILCH_FOREVER) == FILCH_OK && chosen == 2);
	filch_channel_destroy(meeting);
	filch_channel_destroy(ring);
	filch_channel_destroy(timer);
}

static inline void
groups(void)
{
	filch_group group = FILCH_GROUP_INIT;

	group.pool = pool;
	for (int i = 0; i < 5; i++)
		NEED(filch_group_spawn(&group, nothing, NULL) == FILCH_OK);
	NEED(filch_group_wait(&group, FILCH_FOREVER) == FILCH_OK);
	NEED(filch_group_spawn(&group, nothing, NULL) == FILCH_OK);
	filch_group_cancel(&group);
	(void)filch_group_wait(&group, FILCH_FOREVER);
	NEED(filch_pool_broadcast(pool, nothing, NULL, FILCH_FOREVER) == FILCH_OK);
}

static inline int
inside(void *unused)
{
	size_t sum = 0;

	(void)unused;
	NEED(filch_join(nothing, NULL, nothing, NULL) == FILCH_OK);
	NEED(filch_blocking_begin() == FILCH_OK && filch_blocking_end() == FILCH_OK);
	NEED(filch_for(0, 2000, range, &sum, NULL) == FILCH_OK && sum == 2000);
	NEED(filch_worker_index() < filch_worker_limit(NULL));
	return filch_canceled();
}

static inline void
loops(void)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	size_t sum = 0;

	NEED(filch_pool_run(pool, inside, NULL) == FILCH_OK);
	options.pool = pool;
	options.grain_exact = 10;
	NEED(filch_for(0, 100, range, &sum, &options) == FILCH_OK && sum == 100);
	NEED(filch_phase_begin(pool) == FILCH_OK && filch_phase_end(pool) == FILCH_OK);
}

static inline int
source(void *left, void *slot)
{
	(void)slot;
	return (*(size_t *)left)-- == 0 ? FILCH_CLOSED : FILCH_OK;
}

static inline int
stage(void *unused, void *slot)
{
	(void)unused;
	(void)slot;
	return FILCH_OK;
}

static inline void
graphs(void)
{
	filch_pipeline_options options = FILCH_PIPELINE_OPTIONS_INIT;
	filch_graph_options run = FILCH_GRAPH_OPTIONS_INIT;
	filch_graph *graph = NULL;
	size_t node[2], left = 3;

	NEED(filch_graph_create(&graph, "stepped") == FILCH_OK);
	NEED(filch_graph_add_node(graph, "a", nothing, NULL, &node[0]) == FILCH_OK);
	NEED(filch_graph_add_node(graph, "b", nothing, NULL, &node[1]) == FILCH_OK);
	NEED(filch_graph_add_edge(graph, node[0], node[1]) == FILCH_OK);
	NEED(filch_graph_build(graph) == FILCH_OK);
	run.pool = pool;
	NEED(filch_graph_run(graph, &run) == FILCH_OK);
	NEED(filch_graph_destroy(graph) == FILCH_OK);
	options.pool = pool;
	NEED(filch_map_ordered(source, stage, stage, &left, &options, FILCH_FOREVER) == FILCH_OK);
}

static inline void
snapshots(void)
{
	filch_metrics m;
	int status = filch_metrics_snapshot(pool, &m, sizeof(m));

	NEED(status == FILCH_OK || status == FILCH_FORKED);
	NEED(filch_metrics_write_fd(NULL, FILCH_METRICS_PROMETHEUS, null_fd) == FILCH_OK);
	NEED(filch_dump(null_fd) == FILCH_OK);
}

static inline void
end_pool(void)
{
	NEED(filch_pool_destroy(pool) == FILCH_OK);
}

/* In a child of a process that has used everything. */
static inline void
use_all(void)
{
	make_pool();
	groups();
	channels();
	locks();
}

static inline void
first_of_all(void)
{
}

static const struct scene {
	const char *name;
	void (*prepare)(void);
	bool forked;           /* prepared by the parent of the process that is stepped */
	void (*run)(void);
} scenes[] = {
	{ "the first channel of a process", first_of_all, false, channels },
	{ "the first lock of a process", first_of_all, false, locks },
	{ "the first timer and select of a process", first_of_all, false, selects },
	{ "mutex and condition", locks, false, locks },
	{ "rwlock, once, semaphore, latch", locks, false, other_locks },
	{ "channels", channels, false, channels },
	{ "select and timer", channels, false, selects },
	{ "group and broadcast", make_pool, false, groups },
	{ "join and loops", make_pool, false, loops },
	{ "graph and pipeline", make_pool, false, graphs },
	{ "reports", use_all, false, snapshots },
	{ "a pool ends", use_all, false, end_pool },
	{ "a pool begins", use_all, false, make_pool },
	{ "channels in a forked child", use_all, true, channels },
	{ "locks in a forked child", use_all, true, locks },
	{ "a report in a forked child", use_all, true, snapshots },
};
#define SCENES ((int)(sizeof(scenes) / sizeof(scenes[0])))

#endif /* FILCH_TEST_STEP_SCENES_H */
