/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a DAG for real: filch_join for its forks, spinning for its work.  A line
 * of output is what `simulate --against` reads:
 *
 *     replay [--repeat N] WORKERS DAG...
 *     DAG WORKERS SECONDS STEALS
 *
 * The time is that of the shortest run, since only foreign load makes the
 * others longer than the order of steals does; the steals are the mean.
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

/* A chain of dependent steps: its length does not depend on what else runs,
 * and time in which the thread is off its core does not count as work. */
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

/* The children from this one on: it is the record, the others are called, so
 * that the lane fills in the order in which the simulation fills it. */
struct siblings {
	int32_t child;
	int32_t end;
};

static int
run_siblings(void *context)
{
	struct siblings *from = context;
	struct siblings rest = { dag->node[from->child].end, from->end };
	struct dag_node *first = &dag->node[from->child];

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
		failed = run_siblings(&(struct siblings){ first, node->end });
	} else {
		for (int32_t c = first; c < node->end && failed == 0; c = dag->node[c].end)
			failed = run_node(&dag->node[c]);
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

static bool
replay(filch_pool *pool, const char *name, int workers, int repeat)
{
	uint64_t shortest = UINT64_MAX;
	struct dag built;

	if (!dag_generate(&built, name) || built.ranges != 0) {
		fprintf(stderr, "replay: cannot run %s\n", name);
		return false;
	}
	dag = &built;
	/* The first run finds cold workers and is not counted. */
	int failed = filch_pool_run(pool, run_node, built.node);
	uint64_t steals = steals_of(pool);

	for (int i = 0; i < repeat && failed == 0; i++) {
		uint64_t begin = now_ns();

		failed = filch_pool_run(pool, run_node, built.node);
		uint64_t took = now_ns() - begin;

		shortest = took < shortest ? took : shortest;
	}
	steals = steals_of(pool) - steals;
	dag_fini(&built);
	if (failed != 0)
		return false;
	printf("%s %d %.9f %.1f\n", name, workers, (double)shortest / 1e9,
	    (double)steals / repeat);
	fflush(stdout);
	return true;
}

int
main(int argc, char **argv)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	filch_pool *pool;
	int repeat = 11;
	int first = 1;
	bool ok = true;

	if (argc > 3 && strcmp(argv[1], "--repeat") == 0) {
		repeat = atoi(argv[2]);
		first = 3;
	}
	int workers = argc > first + 1 ? atoi(argv[first]) : 0;

	if (workers <= 0 || repeat <= 0) {
		fprintf(stderr, "replay [--repeat N] WORKERS DAG...\n%s", dag_names());
		return 2;
	}
	options.workers = (size_t)workers;
	calibrate();
	if (filch_pool_create(&pool, &options) != 0) {
		fprintf(stderr, "replay: no pool\n");
		return 1;
	}
	for (int i = first + 1; i < argc && ok; i++)
		ok = replay(pool, argv[i], workers, repeat);
	return filch_pool_destroy(pool) != 0 || !ok;
}
