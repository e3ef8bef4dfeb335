/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What it costs to block: on a pool of one worker a task queues another one and then
 * waits for it.
 *
 *     core      from the block to the first instruction of the other task, which
 *               a spare runs
 *     return    from the block until the waiting task goes on
 *     mark      filch_blocking_begin() and _end() with nothing queued
 */
#include "harness.h"

#include <filch.h>

#include <stdio.h>
#include <stdlib.h>

#define MOST 100000

static filch_semaphore done = FILCH_SEMAPHORE_INIT(0);
static filch_semaphore round_over = FILCH_SEMAPHORE_INIT(0);
static filch_group group = FILCH_GROUP_INIT;
static uint64_t blocked_at, began_at;
static double core[MOST], back[MOST];

static int
other(void *unused)
{
	(void)unused;
	began_at = filch_now();
	return filch_semaphore_release(&done, 1);
}

static int
block(void *at)
{
	size_t i = (size_t)((double *)at - core);
	int status = filch_group_spawn(&group, other, NULL);

	if (status != FILCH_OK)
		return status;
	blocked_at = filch_now();
	status = filch_semaphore_acquire(&done, FILCH_FOREVER);
	core[i] = (double)(began_at - blocked_at);
	back[i] = (double)(filch_now() - blocked_at);
	(void)filch_semaphore_release(&round_over, 1);
	return status;
}

#define MARKS 1000000

static int
mark(void *ns)
{
	uint64_t since = filch_now();

	for (size_t i = 0; i < MARKS; i++) {
		(void)filch_blocking_begin();
		(void)filch_blocking_end();
	}
	*(double *)ns = (double)(filch_now() - since) / MARKS;
	return FILCH_OK;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
show(const char *what, double *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare);
	printf("block\t%s\t%.0f ns, quartiles %.0f to %.0f\n", what, values[n / 2],
	    values[n / 4], values[n * 3 / 4]);
}

int
main(int argc, char **argv)
{
	size_t n = argc > 1 ? (size_t)atol(argv[1]) : 2000;
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	filch_pool *pool;
	double ns = 0;

	options.workers = 1;
	if (n == 0 || n > MOST || filch_pool_create(&pool, &options) != FILCH_OK)
		return 2;
	group.pool = pool;
	for (size_t i = 0; i < n; i++)
		if (filch_group_spawn(&group, block, &core[i]) != FILCH_OK
		    || filch_semaphore_acquire(&round_over, FILCH_FOREVER) != FILCH_OK)
			return 2;
	if (filch_group_wait(&group, FILCH_FOREVER) != FILCH_OK
	    || filch_pool_run(pool, mark, &ns) != FILCH_OK)
		return 2;
	show("core", core, n);
	show("return", back, n);
	printf("block\tmark\t%.1f ns\n", ns);
	return filch_pool_destroy(pool) == FILCH_OK ? 0 : 2;
}
