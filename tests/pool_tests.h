/* SPDX-License-Identifier: BSD-2-Clause */
/* Pools by options, and tasks that wait at a gate, for their tests. */
#ifndef FILCH_TEST_POOL_TESTS_H
#define FILCH_TEST_POOL_TESTS_H

#include "pools.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static filch_pool_options options;
static flc_atomic gate, begun, ended;

static inline void
setup(void)
{
	static const filch_pool_options init = FILCH_POOL_OPTIONS_INIT;

	clear_variables();
	options = init;
	options.workers = 2;
}

static inline int
nothing(void *unused)
{
	(void)unused;
	return FILCH_OK;
}

static inline int
count_task(void *counter)
{
	count_up(counter);
	return FILCH_OK;
}

/* Blocks its worker until the gate opens. */
static inline int
block(void *unused)
{
	(void)unused;
	count_up(&begun);
	ck_assert(reaches(&gate, 1));
	count_up(&ended);
	return FILCH_OK;
}

/* -- Life -- */

/* What could be left: malloc keeps some blocks for a thread's next call and says that
 * they are in use, so bytes are compared only by a smallest block per round; the same
 * goes for the maps of cached stacks. */
struct left {
	size_t threads, files, bytes, maps;
};

static inline size_t
maps_now(void)
{
	FILE *file = fopen("/proc/self/maps", "r");
	size_t lines = 0;

	for (int c; (c = getc(file)) != EOF; )
		lines += c == '\n';
	fclose(file);
	return lines;
}

static inline struct left
look(void)
{
	struct left left = {
		threads_now(), entries_of("/proc/self/fd"), mallinfo2().uordblks, maps_now(),
	};

	return left;
}

/* Two workers blocked, n tasks queued behind them. */
static inline void
queue_behind_blocked(filch_group *group, flc_atomic *runs, size_t n)
{
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(filch_group_spawn(group, block, NULL), FILCH_OK);
	ck_assert(reaches(&begun, 2));
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(filch_group_spawn(group, count_task, runs), FILCH_OK);
}

#endif /* FILCH_TEST_POOL_TESTS_H */
