/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every public macro, expanded once: headers_alone.sh compiles this file as C11 and as
 * C++17, and fails if a macro of a public header is not named here.  It is never linked.
 */
#include <filch.h>

/* What base.h puts before a declaration. */
FILCH_LINKAGE int linkage_only(void);
FILCH_API int exported_too(void);

/* Numbers. */
uint64_t numbers[] = {
	FILCH_VERSION_MAJOR, FILCH_VERSION_MINOR, FILCH_VERSION_PATCH,
	FILCH_FOREVER, FILCH_NO_WORKERS, FILCH_NO_SPIN, FILCH_NO_SPARES,
	FILCH_NOT_A_WORKER, FILCH_SUM_LANES, FILCH_PHASE_NS,
	FILCH_HISTOGRAM_BUCKETS, FILCH_HISTOGRAM_BUCKET_NS, FILCH_METRICS_NAME,
	FILCH_HELD_WAIT_SITES
};

/* Initialisers, for static storage and on the stack. */
filch_cancel token = FILCH_CANCEL_INIT;
filch_group tasks = FILCH_GROUP_INIT;
filch_mutex a_mutex = FILCH_MUTEX_INIT("cache");
filch_condition a_condition = FILCH_CONDITION_INIT;
filch_rwlock a_rwlock = FILCH_RWLOCK_INIT("table");
filch_once an_once = FILCH_ONCE_INIT;
filch_semaphore a_semaphore = FILCH_SEMAPHORE_INIT(3);
filch_latch a_latch = FILCH_LATCH_INIT(3);
filch_barrier a_barrier = FILCH_BARRIER_INIT;
filch_pool_options pool_options = FILCH_POOL_OPTIONS_INIT;
filch_for_options for_options = FILCH_FOR_OPTIONS_INIT;
filch_affinity affinity = FILCH_AFFINITY_INIT;
filch_pipeline_options pipeline_options = FILCH_PIPELINE_OPTIONS_INIT;
filch_sort_options sort_options = FILCH_SORT_OPTIONS_INIT;

FILCH_LINKAGE int initialised(void);
int
initialised(void)
{
	filch_cancel my_token = FILCH_CANCEL_INIT;
	filch_group my_tasks = FILCH_GROUP_INIT;
	filch_pool_options my_pool = FILCH_POOL_OPTIONS_INIT;
	filch_for_options my_loop = FILCH_FOR_OPTIONS_INIT;
	filch_affinity my_affinity = FILCH_AFFINITY_INIT;
	filch_graph_options my_run = FILCH_GRAPH_OPTIONS_INIT;
	filch_pipeline_options my_pipeline = FILCH_PIPELINE_OPTIONS_INIT;

	my_loop.affinity = &my_affinity;
	my_loop.cancel = &my_token;
	my_pipeline.cancel = &my_token;
	return my_loop.size == sizeof my_loop && my_run.size == sizeof my_run &&
	    my_pool.size == sizeof my_pool && my_pipeline.size == sizeof my_pipeline &&
	    filch_group_wait(&my_tasks, FILCH_FOREVER) == FILCH_OK;
}

/* A function of each type that a caller passes, declared by the type. */
FILCH_LINKAGE filch_task_fn a_task;
FILCH_LINKAGE filch_range_fn a_range;
FILCH_LINKAGE filch_range_void_fn a_range_that_cannot_fail;
FILCH_LINKAGE filch_tile_2d_fn a_tile;
FILCH_LINKAGE filch_tile_3d_fn a_block;
FILCH_LINKAGE filch_fold_fn a_fold;
FILCH_LINKAGE filch_stage_fn a_stage;
FILCH_LINKAGE filch_test_fn a_test;
FILCH_LINKAGE filch_classify_fn a_classifier;
FILCH_LINKAGE filch_same_fn a_test_of_two;
FILCH_LINKAGE filch_compare_fn a_comparison;
FILCH_LINKAGE filch_write_fn a_sink;
FILCH_LINKAGE filch_stall_fn told_of_a_stall;
FILCH_LINKAGE filch_worker_visit_fn see_worker;
FILCH_LINKAGE filch_mutex_visit_fn see_mutex;
FILCH_LINKAGE filch_channel_visit_fn see_channel;
FILCH_LINKAGE filch_held_wait_visit_fn see_held_wait;
FILCH_LINKAGE filch_graph_node_visit_fn see_node;

FILCH_LINKAGE int passed(filch_graph *graph, filch_mutex *mutex, filch_pipeline **pipeline);
int
passed(filch_graph *graph, filch_mutex *mutex, filch_pipeline **pipeline)
{
	filch_reducer reducer = { sizeof(int), 0, 0, 0 };
	filch_stage stage = { a_stage, 0, FILCH_STAGE_SERIAL, 0 };
	filch_tile_2d plane = { 0, 1, 0, 1 };
	filch_tile_3d space = { 0, 1, 0, 1, 0, 1 };
	int result, items[2] = { 1, 2 }, out[2];
	size_t chosen, offsets[3], at;

	filch_pool_on_stall(told_of_a_stall, mutex);
	return filch_join(a_task, mutex, a_task, mutex) + filch_for(0, 1, a_range, 0, 0)
	    + filch_for_void(0, 1, a_range_that_cannot_fail, 0, 0)
	    + filch_for_2d(plane, 0, 0, a_tile, 0, 0) + filch_for_3d(space, 0, 0, 0, a_block, 0, 0)
	    + filch_reduce(0, 1, a_fold, 0, &reducer, &result, 0)
	    + filch_pack(items, out, 2, sizeof(int), a_test, 0, &chosen, 0)
	    + filch_split(items, out, 2, sizeof(int), 2, a_classifier, 0, offsets, 0)
	    + filch_mismatch(items, out, 2, sizeof(int), a_test_of_two, 0, &at, 0)
	    + filch_compare(items, 2, out, 2, sizeof(int), a_comparison, 0, &result, 0)
	    + filch_pipeline_create(pipeline, &stage, 1, 0)
	    + filch_metrics_write(0, FILCH_METRICS_TEXT, a_sink, 0)
	    + filch_metrics_foreach_worker(0, see_worker, 0)
	    + filch_metrics_foreach_mutex(see_mutex, 0)
	    + filch_metrics_foreach_channel(see_channel, 0)
	    + filch_metrics_foreach_held_wait(see_held_wait, 0)
	    + filch_graph_foreach_node(graph, see_node, 0);
}

/* Lists. */
#define TEXT(name, value, text) text,
#define LABEL(name, label) label,
#define HELP(field, name, help) help,
const char *texts[] = {
	FILCH_STATUS_MAP(TEXT)
	FILCH_DISTANCE_MAP(LABEL)
	FILCH_STATE_MAP(LABEL)
	FILCH_MEMORY_MAP(LABEL)
	FILCH_WORKER_COUNTER_MAP(HELP)
	FILCH_HELD_WAIT_MAP(LABEL)
	FILCH_WORKER_HISTOGRAM_MAP(HELP)
	FILCH_MUTEX_COUNTER_MAP(HELP)
	FILCH_MUTEX_HISTOGRAM_MAP(HELP)
	FILCH_CHANNEL_COUNTER_MAP(HELP)
	FILCH_CHANNEL_HISTOGRAM_MAP(HELP)
	FILCH_WORKER_TASK_MAP(HELP)
	FILCH_WORKER_STEAL_MAP(HELP)
	FILCH_WORKER_IDLE_MAP(HELP)
	FILCH_MUTEX_OWNER_MAP(HELP)
	FILCH_MUTEX_REFUSED_MAP(HELP)
	FILCH_CHANNEL_SEND_MAP(HELP)
	FILCH_CHANNEL_RECEIVE_MAP(HELP)
	FILCH_CHANNEL_SEND_HISTOGRAM_MAP(HELP)
	FILCH_CHANNEL_RECEIVE_HISTOGRAM_MAP(HELP)
	NULL
};

/* Typed faces. */
FILCH_DEFINE_REDUCE(greatest, double, -1e300, a > b ? a : b);
FILCH_DEFINE_REDUCE(last_of, int, 0, b != 0 ? b : a);
FILCH_DEFINE_SUM(sum_f64, double);
FILCH_DEFINE_SUM(sum_f32, float);
FILCH_DEFINE_SUM(sum_u64, uint64_t);

FILCH_LINKAGE double faces(const double *f64, const float *f32, const uint64_t *u64,
    const int *ints, size_t n);
double
faces(const double *f64, const float *f32, const uint64_t *u64, const int *ints, size_t n)
{
	return greatest(f64, n, 0) + last_of(ints, n, 0) + sum_f64(f64, n) +
	    sum_f32(f32, n) + sum_u64(u64, n);
}

FILCH_DEFINE_SCAN(scan_f64, double, x, y, x + y, 0);

FILCH_LINKAGE int scans(const double *f64, const unsigned char *heads, double *to, size_t n);
int
scans(const double *f64, const unsigned char *heads, double *to, size_t n)
{
	return scan_f64(f64, to, n, 0) + scan_f64_exclusive(f64, to, n, 0, 0)
	    + scan_f64_segments(f64, heads, to, n, 0)
	    + scan_f64_segments_exclusive(f64, heads, to, n, 0);
}

FILCH_DEFINE_PACK(pack_ints, int, x, x > 0);
FILCH_DEFINE_UNIQUE(unique_ints, int, a, b, a == b);
FILCH_DEFINE_PARTITION(part_ints, int, x, x > 0);
FILCH_DEFINE_SPLIT(split_ints, int, x, x & 7);

FILCH_LINKAGE int packs(const int *from, int *to, size_t n, size_t *counts);
int
packs(const int *from, int *to, size_t n, size_t *counts)
{
	return FILCH_PACK_ITEMS + pack_ints(from, to, n, counts, 0)
	    + unique_ints(from, to, n, counts, 0) + part_ints(from, to, n, counts, 0)
	    + split_ints(from, to, n, 8, counts, 0);
}

FILCH_DEFINE_COUNT_BINS(count_ints, int, x, x & 7);

FILCH_LINKAGE int histograms(const int *from, size_t n, uint64_t *counts);
int
histograms(const int *from, size_t n, uint64_t *counts)
{
	return count_ints(from, n, 8, counts, 0);
}

FILCH_DEFINE_FIND(find_ints, int, x, x == 7);

FILCH_LINKAGE int finds(const int *from, size_t n, size_t *at);
int
finds(const int *from, size_t n, size_t *at)
{
	return find_ints(from, n, at, 0) + find_ints_last(from, n, at, 0)
	    + find_ints_any(from, n, at, 0) + find_ints_count(from, n, at, 0);
}

/* Typed tasks. */
FILCH_TASK_DECLARE(long, ahead, int, n);
FILCH_TASK(void, quiet, int *, to, const double, value)
{
	*to = value > 0;
}
FILCH_TASK(long, behind, int, n)
{
	typedef FILCH_RECORD(ahead) ahead_record;
	ahead_record record[2];

	for (int i = 0; i < 2; i++)
		FILCH_SPAWN_AT(&record[i], ahead, n);
	FILCH_SPAWN(quiet_record, quiet, &n, 1.5);
	long sum = FILCH_CALL(ahead, n);

	FILCH_JOIN(quiet_record, quiet);
	return sum + FILCH_JOIN_AT(&record[1], ahead) + FILCH_JOIN_AT(&record[0], ahead);
}
FILCH_TASK(long, ahead, int, n)
{
	return n;
}

FILCH_TASK(int, alone, int, n)
{
	return n;
}

FILCH_LINKAGE long tasks_here(int n);
long
tasks_here(int n)
{
	FILCH_TASKS_HERE;
	FILCH_SPAWN(one, ahead, n);
	return FILCH_RUN(behind, n) + FILCH_JOIN(one, ahead);
}

/* Channels. */
FILCH_LINKAGE int channels(void);
int
channels(void)
{
	filch_channel_options options = FILCH_CHANNEL_OPTIONS_INIT;
	filch_select_arm arms[FILCH_SELECT_ARMS];
	filch_channel *channel;

	arms[0].channel = 0;
	options.spsc = arms[0].channel == 0;
	return filch_channel_create(&channel, sizeof(int), FILCH_UNBOUNDED, &options);
}

/* What C has and C++ does not need. */
#ifndef __cplusplus
FILCH_LINKAGE int in_place(filch_channel *channel, filch_range_fn *body);
int
in_place(filch_channel *channel, filch_range_fn *body)
{
	FILCH_CHANNEL_OF(long) typed = { channel, 0 };
	filch_pool *pool;
	size_t chosen;
	long item = 1;
	int number;
	FILCH_RECORD(quiet) record;
	FILCH_RECORD(ahead) sum;

	return FILCH_CHANNEL_CREATE(&typed, 3, FILCH_CHANNEL_WITH(.spsc = 1)) == 0
	    && FILCH_CHANNEL_SEND(&typed, 2, 0) == 0 && FILCH_CHANNEL_RECV(&typed, &item, 0) == 0
	    && FILCH_SELECT(0, &chosen, FILCH_ON_RECV(channel, &item),
		FILCH_ON_SEND(channel, &item)) == 0
	    && FILCH_RUN_IN(NULL, ahead, 3) == 3 && FILCH_RUN_INTO(NULL, &item, ahead, 3) == 0
	    && FILCH_GROUP_SPAWN(&tasks, alone, 3) == 0
	    && FILCH_GROUP_TRY_SPAWN(&tasks, alone, 3) == 0
	    && FILCH_GROUP_SPAWN_AT(&tasks, &record, quiet, &number, 1.5) == 0
	    && FILCH_GROUP_TRY_SPAWN_AT(&tasks, &sum, ahead, 3) == 0
	    && FILCH_RESULT_AT(&sum, ahead) == 3
	    && filch_pool_create(&pool, FILCH_POOL_WITH(.workers = 1)) == 0
	    && filch_for(0, 9, body, 0, FILCH_FOR_WITH(.pool = pool)) == 0
	    && filch_sort_u64(0, 0, FILCH_SORT_WITH(.pool = pool)) == 0
	    && filch_graph_run(0, FILCH_GRAPH_WITH(.pool = pool)) == 0
	    && filch_pipeline_create(0, 0, 0, FILCH_PIPELINE_WITH(.pool = pool)) == 0;
}
#endif
