/* SPDX-License-Identifier: BSD-2-Clause */
/* Loops, reductions, forks, groups, graphs, pipelines. */
#include "faults.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define N 200

static flc_atomic ran[N];

static void
none_ran(void)
{
	for (size_t i = 0; i < N; i++)
		flc_store_relaxed(&ran[i], 0);
}

static int
all_ran(int status, size_t n)
{
	for (size_t i = 0; i < N; i++) {
		size_t times = flc_load_acquire(&ran[i]);

		MUST(times <= 1);
		MUST(status != FILCH_OK || times == (i < n));
	}
	return status;
}

/* Blocks now and then, so that others come, and spares. */
static void
run_index(size_t i)
{
	if (i % 64 == 5) {
		(void)filch_blocking_begin();
		sched_yield();
		(void)filch_blocking_end();
	}
	(void)flc_add_full(&ran[i], 1);
}

static int
range_body(void *unused, size_t begin, size_t end)
{
	(void)unused;
	for (; begin < end; begin++)
		run_index(begin);
	return FILCH_OK;
}

static int
loop(filch_pool *pool, int schedule)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	filch_affinity memory = FILCH_AFFINITY_INIT;

	options.pool = pool;
	options.schedule = schedule;
	options.grain_exact = schedule == FILCH_SCHEDULE_STATIC ? 0 : 1;
	options.affinity = &memory;
	none_ran();
	return all_ran(filch_for(0, N, range_body, NULL, &options), N);
}

int
verb_for(filch_pool *pool)
{
	return loop(pool, FILCH_SCHEDULE_AUTO);
}

int
verb_for_static(filch_pool *pool)
{
	return loop(pool, FILCH_SCHEDULE_STATIC);
}

int
verb_for_dynamic(filch_pool *pool)
{
	return loop(pool, FILCH_SCHEDULE_DYNAMIC);
}

int
verb_for_affinity(filch_pool *pool)
{
	return loop(pool, FILCH_SCHEDULE_AFFINITY);
}

static int
tile_2d(void *unused, filch_tile_2d tile)
{
	(void)unused;
	for (size_t i = tile.begin0; i < tile.end0; i++)
		for (size_t k = tile.begin1; k < tile.end1; k++)
			run_index(i * 10 + k);
	return FILCH_OK;
}

int
verb_for_2d(filch_pool *pool)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	filch_tile_2d range = { 0, 10, 0, 10 };

	options.pool = pool;
	none_ran();
	return all_ran(filch_for_2d(range, 2, 3, tile_2d, NULL, &options), 100);
}

static int
tile_3d(void *unused, filch_tile_3d tile)
{
	filch_tile_2d flat = { tile.begin0, tile.end0, tile.begin1, tile.end1 };

	return tile.begin2 == 0 ? tile_2d(unused, flat) : FILCH_OK;
}

int
verb_for_3d(filch_pool *pool)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	filch_tile_3d range = { 0, 10, 0, 10, 0, 2 };

	options.pool = pool;
	none_ran();
	return all_ran(filch_for_3d(range, 2, 3, 1, tile_3d, NULL, &options), 100);
}

static int
nested_body(void *unused, size_t begin, size_t end)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;

	options.grain_exact = 1;
	for (; begin < end; begin++) {
		int status = filch_for(begin * 10, begin * 10 + 10, range_body, unused, &options);

		if (status != FILCH_OK)
			return status;
	}
	return FILCH_OK;
}

int
verb_nested(filch_pool *pool)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;

	options.pool = pool;
	options.grain_exact = 1;
	none_ran();
	return all_ran(filch_for(0, 20, nested_body, NULL, &options), 200);
}

/* -- Reductions: values that are alive are counted -- */

struct large {
	uint64_t sum;
	void *memory;
	unsigned char rest[20000];
};

static flc_atomic alive;

static int
large_identity(void *unused, void *into)
{
	struct large *large = into;

	(void)unused;
	large->sum = 0;
	large->memory = malloc(8);
	if (large->memory == NULL)
		return FILCH_NOMEM;
	(void)flc_add_full(&alive, 1);
	return FILCH_OK;
}

static void
large_discard(void *unused, void *value)
{
	(void)unused;
	free(((struct large *)value)->memory);
	(void)flc_add_full(&alive, (AO_t)-1);
}

static int
large_combine(void *unused, void *into, void *from)
{
	((struct large *)into)->sum += ((struct large *)from)->sum;
	large_discard(unused, from);
	return FILCH_OK;
}

static int
large_fold(void *unused, size_t begin, size_t end, void *into)
{
	(void)unused;
	for (; begin < end; begin++) {
		if (begin % 64 == 5)
			sched_yield();
		((struct large *)into)->sum += begin;
	}
	return FILCH_OK;
}

static int
reduction(filch_pool *pool, size_t size, bool per_worker)
{
	static const filch_reducer reducer = { sizeof(struct large), large_identity, large_combine,
		large_discard };
	filch_reducer sized = reducer;
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	static struct large result;
	int status;

	sized.value_size = size;
	options.pool = pool;
	options.grain_exact = 1;
	status = per_worker ? filch_fold_workers(0, N, large_fold, NULL, &sized, &result, &options)
	    : filch_reduce(0, N, large_fold, NULL, &sized, &result, &options);
	if (status == FILCH_OK) {
		MUST(result.sum == N * (N - 1) / 2);
		large_discard(NULL, &result);
	}
	MUST(flc_load_acquire(&alive) == 0);
	return status;
}

int
verb_reduce(filch_pool *pool)
{
	return reduction(pool, offsetof(struct large, rest), false);
}

int
verb_reduce_large(filch_pool *pool)
{
	return reduction(pool, sizeof(struct large), false);
}

int
verb_fold(filch_pool *pool)
{
	return reduction(pool, sizeof(struct large), true);
}

FILCH_DEFINE_SUM(sum_all, double);

static int
sum_task(void *unused)
{
	static double items[5000];

	(void)unused;
	for (size_t i = 0; i < 5000; i++)
		items[i] = 1;
	MUST(sum_all(items, 5000) > 4999.5);
	return FILCH_OK;
}

int
verb_sum(filch_pool *pool)
{
	return filch_pool_run(pool, sum_task, NULL);
}

/* -- Forks -- */

static int
join_tree(void *depth)
{
	size_t d = (size_t)depth;

	if (d == 0) {
		sched_yield();
		(void)flc_add_full(&ran[0], 1);
		return FILCH_OK;
	}
	return filch_join(join_tree, (void *)(d - 1), join_tree, (void *)(d - 1));
}

int
verb_join(filch_pool *pool)
{
	int status;

	none_ran();
	status = filch_pool_run(pool, join_tree, (void *)5);
	MUST(status != FILCH_OK || flc_load_acquire(&ran[0]) == 32);
	return status;
}

FILCH_TASK(int, faults_tree, int, depth)
{
	if (depth == 0)
		return 1;
	FILCH_SPAWN(left, faults_tree, depth - 1);
	int right = FILCH_CALL(faults_tree, depth - 1);

	sched_yield();
	return FILCH_JOIN(left, faults_tree) + right;
}

static int
typed_task(void *unused)
{
	(void)unused;
	MUST(FILCH_RUN(faults_tree, 6) == 64);
	return FILCH_OK;
}

int
verb_typed(filch_pool *pool)
{
	MUST(FILCH_RUN(faults_tree, 3) == 8);
	return filch_pool_run(pool, typed_task, NULL);
}

/* -- Groups: what a spawn took is run, what it refused is not -- */

static int
group_task(void *index)
{
	run_index((size_t)index);
	return FILCH_OK;
}

static int
spawn_all(filch_group *group, bool tries)
{
	bool refused[N];
	int waited;

	none_ran();
	for (size_t i = 0; i < N; i++) {
		int got = tries ? filch_group_try_spawn(group, group_task, (void *)i)
		    : filch_group_spawn(group, group_task, (void *)i);

		refused[i] = got != FILCH_OK;
		MUST(got == FILCH_OK || got == FILCH_NOMEM || (tries && got == FILCH_AGAIN));
	}
	/* It ends when the tasks have ended, with memory or without. */
	waited = filch_group_wait(group, FILCH_FOREVER);
	MUST(waited == FILCH_OK);
	for (size_t i = 0; i < N; i++)
		MUST(flc_load_acquire(&ran[i]) == !refused[i]);
	return waited;
}

int
verb_group(filch_pool *pool)
{
	filch_group group = FILCH_GROUP_INIT;

	group.pool = pool;
	return spawn_all(&group, false);
}

int
verb_try_spawn(filch_pool *pool)
{
	filch_group group = FILCH_GROUP_INIT;

	group.pool = pool;
	group.max_backlog = 10;
	return spawn_all(&group, true);
}

static int
inside_task(void *unused)
{
	filch_group group = FILCH_GROUP_INIT;

	(void)unused;
	return spawn_all(&group, false);
}

int
verb_group_inside(filch_pool *pool)
{
	return filch_pool_run(pool, inside_task, NULL);
}

/* -- Graphs -- */

static int
fill_graph(filch_graph *graph)
{
	int status = FILCH_OK;

	for (size_t i = 0; i < 20 && status == FILCH_OK; i++)
		status = filch_graph_add_node(graph, "node", group_task, (void *)i, NULL);
	for (size_t i = 1; i < 20 && status == FILCH_OK; i++)
		status = filch_graph_add_edge(graph, i / 3, i);
	return status == FILCH_OK ? filch_graph_build(graph) : status;
}

static int
drop_text(void *unused, const char *text, size_t length)
{
	(void)unused;
	(void)text;
	(void)length;
	return FILCH_OK;
}

int
verb_graph(filch_pool *pool)
{
	filch_graph_options options = FILCH_GRAPH_OPTIONS_INIT;
	filch_graph_metrics metrics;
	filch_graph *graph = NULL;
	int status = filch_graph_create(&graph, "faults");

	options.pool = pool;
	if (status != FILCH_OK)
		return status;
	status = fill_graph(graph);
	for (int i = 0; i < 2 && status == FILCH_OK; i++) {
		none_ran();
		status = all_ran(filch_graph_run(graph, &options), 20);
	}
	if (status == FILCH_OK)
		status = filch_graph_stats(graph, &metrics, sizeof(metrics));
	if (status == FILCH_OK)
		status = filch_graph_write_dot(graph, drop_text, NULL);
	MUST(filch_graph_destroy(graph) == FILCH_OK);
	return status;
}

/* -- Pipelines -- */

static size_t made, left;

static int
source_stage(void *unused, void *item)
{
	(void)unused;
	if (made == N)
		return FILCH_CLOSED;
	*(size_t *)item = made++;
	return FILCH_OK;
}

static int
middle_stage(void *unused, void *item)
{
	(void)unused;
	run_index(*(size_t *)item);
	return FILCH_OK;
}

static int
last_stage(void *unused, void *item)
{
	(void)unused;
	MUST(*(size_t *)item == left);
	left++;
	return FILCH_OK;
}

int
verb_pipeline(filch_pool *pool)
{
	static const filch_stage stages[] = {
		{ source_stage, NULL, FILCH_STAGE_SERIAL, "source" },
		{ middle_stage, NULL, FILCH_STAGE_PARALLEL, "middle" },
		{ last_stage, NULL, FILCH_STAGE_ORDERED, "last" },
	};
	filch_pipeline_options options = FILCH_PIPELINE_OPTIONS_INIT;
	filch_pipeline *pipeline = NULL;
	int status;

	options.pool = pool;
	status = filch_pipeline_create(&pipeline, stages, 3, &options);
	for (int i = 0; i < 2 && status == FILCH_OK; i++) {
		made = left = 0;
		none_ran();
		status = all_ran(filch_pipeline_run(pipeline, FILCH_FOREVER), N);
		MUST(status != FILCH_OK || left == N);
	}
	if (pipeline != NULL)
		MUST(filch_pipeline_destroy(pipeline) == FILCH_OK);
	return status;
}

int
verb_ordered_map(filch_pool *pool)
{
	filch_pipeline_options options = FILCH_PIPELINE_OPTIONS_INIT;

	options.pool = pool;
	made = left = 0;
	none_ran();
	return all_ran(filch_map_ordered(source_stage, middle_stage, last_stage, NULL, &options,
	    FILCH_FOREVER), N);
}
