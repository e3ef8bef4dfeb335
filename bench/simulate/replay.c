/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a DAG for real: filch_join for its forks, spinning for its work.  It answers `run`
 * and `stats` of the suite's line protocol (bench/README), the kernel and N being the
 * DAG's: "run low 15 2" runs low:15 on two workers.
 */
#include "dag.h"

#include <filch/metrics.h>
#include <filch/pool.h>
#include <filch/task.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct dag *dag;
static double turns_per_ns;

static uint64_t
now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* A chain of dependent steps: its length does not depend on what else runs, and time in
 * which the thread is off its core does not count as work. */
static void
turn(uint64_t turns)
{
	for (uint64_t i = 0; i < turns; i++)
		__asm__ volatile("" : "+r"(i));
}

static void
spin(int64_t ns)
{
	turn((uint64_t)((double)ns * turns_per_ns));
}

/* The best of many: the core undisturbed, at its full clock. */
static void
calibrate(void)
{
	enum { TURNS = 1000000 };

	for (int i = 0; i < 100; i++) {
		uint64_t begin = now_ns();

		turn(TURNS);
		double rate = TURNS / (double)(now_ns() - begin);

		if (rate > turns_per_ns)
			turns_per_ns = rate;
	}
}

static int run_node(void *context);

/* The children from this one on: it is the record, the others are called, so that the
 * lane fills in the order in which the simulation fills it. */
struct siblings {
	int32_t child;
	int32_t end;
	int32_t gap;
};

static int
run_siblings(void *context)
{
	struct siblings *from = context;
	struct siblings rest = { dag->node[from->child].end, from->end, from->gap };
	struct dag_node *first = &dag->node[from->child];

	spin(from->gap);
	if (rest.child == rest.end)
		return run_node(first);
	return filch_join(run_siblings, &rest, run_node, first);
}

static int
run_node(void *context)
{
	const struct dag_node *node = context;
	int32_t first = (int32_t)(node - dag->node) + 1;
	int failed = 0;

	spin(node->pre);
	if (node->kind == DAG_PARALLEL && first != node->end) {
		failed = run_siblings(&(struct siblings){ first, node->end, node->gap });
	} else {
		for (int32_t c = first; c < node->end && failed == 0; c = dag->node[c].end) {
			spin(node->gap);
			failed = run_node(&dag->node[c]);
		}
	}
	spin(node->post);
	return failed;
}

static uint64_t
steals_of(filch_pool *pool)
{
	filch_metrics metrics;
	uint64_t steals = 0;

	if (filch_metrics_snapshot(pool, &metrics, sizeof(metrics)) != 0)
		return 0;
	for (int i = 0; i < FILCH_DISTANCES; i++)
		steals += metrics.sum.steals[i];
	return steals;
}

/* What the last run showed. */
static double last_seconds;
static uint64_t last_steals;

static bool
run(filch_pool *pool, const char *name)
{
	struct dag built;

	if (!dag_generate(&built, name) || built.ranges != 0)
		return false;
	dag = &built;
	uint64_t steals = steals_of(pool);
	uint64_t begin = now_ns();
	int failed = filch_pool_run(pool, run_node, built.node);

	last_seconds = (double)(now_ns() - begin) / 1e9;
	last_steals = steals_of(pool) - steals;
	dag_fini(&built);
	return failed == 0;
}

/* The pool of that size; the one before is destroyed. */
static filch_pool *
pool_of(int workers)
{
	static filch_pool *pool;
	static int size;
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	if (size == workers)
		return pool;
	if (size != 0 && filch_pool_destroy(pool) != 0)
		return NULL;
	size = 0;
	options.workers = (size_t)workers;
	if (workers <= 0 || filch_pool_create(&pool, &options) != 0)
		return NULL;
	size = workers;
	return pool;
}

int
main(void)
{
	char line[128];

	calibrate();
	while (fgets(line, sizeof(line), stdin) != NULL) {
		char kernel[32], name[64];
		int n, workers;
		filch_pool *pool;

		if (strcmp(line, "stats\n") == 0) {
			printf("steals=%llu\n", (unsigned long long)last_steals);
		} else if (sscanf(line, "run %31[a-z0-9_] %d %d", kernel, &n, &workers) == 3
		    && snprintf(name, sizeof(name), "%s:%d", kernel, n) > 0
		    && (pool = pool_of(workers)) != NULL && run(pool, name)) {
			printf("%.9f 0\n", last_seconds);
		} else {
			printf("error\n");
		}
		fflush(stdout);
	}
	(void)pool_of(0);
	return 0;
}
