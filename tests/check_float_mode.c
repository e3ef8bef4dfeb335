/* SPDX-License-Identifier: BSD-2-Clause */
/* Whoever runs work computes with floating point as the caller does: rounding, and what
 * becomes of denormal numbers, of every verb, on every thread that takes part. */
#include "base/float_mode.h"
#include "pools.h"

#include <fenv.h>

static filch_pool *pool;
static size_t wanted, other;     /* modes: of the test, of the threads before */
static flc_atomic right, wrong, here, elsewhere;
static pthread_t caller;

static void
setup(void)
{
	other = flc_float_mode();
	pool = pool_with(4);
	caller = pthread_self();
	ck_assert_int_eq(fesetround(FE_UPWARD), 0);
	wanted = flc_float_mode();
	ck_assert_uint_ne(wanted, other);
}

static void
teardown(void)
{
	ck_assert_uint_eq(flc_float_mode(), wanted);
	ck_assert_uint_eq(count_of(&wrong), 0);
	ck_assert_uint_gt(count_of(&right), 0);
	fesetround(FE_TONEAREST);
	end_pool(pool);
}

/* Long enough that others come. */
static void
look(void)
{
	count_up(flc_float_mode() == wanted && fegetround() == FE_UPWARD ? &right : &wrong);
	count_up(pthread_equal(pthread_self(), caller) ? &here : &elsewhere);
	pause_ms(1);
}

static int
look_task(void *unused)
{
	(void)unused;
	look();
	return FILCH_OK;
}

static int
look_range(void *unused, size_t begin, size_t end)
{
	(void)unused;
	for (; begin < end; begin++)
		look();
	return FILCH_OK;
}

static int
look_fold(void *context, size_t begin, size_t end, void *into)
{
	(void)into;
	return look_range(context, begin, end);
}

static int
look_item(void *unused, void *item)
{
	(void)item;
	return look_task(unused);
}

static int
look_two(void *unused, void *into, void *from)
{
	(void)into;
	(void)from;
	return look_task(unused);
}

FILCH_TASK(int, look_tree, int, depth)
{
	look();
	if (depth == 0)
		return 1;
	FILCH_SPAWN(left, look_tree, depth - 1);
	int n = FILCH_CALL(look_tree, depth - 1);
	return n + FILCH_JOIN(left, look_tree);
}

static int
look_trees(void *unused)
{
	(void)unused;
	return FILCH_RUN(look_tree, 5) == 32 ? FILCH_OK : FILCH_INVAL;
}

START_TEST(loops)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;

	options.pool = pool;
	options.schedule = _i;
	ck_assert_int_eq(filch_for(0, 60, look_range, NULL, &options), FILCH_OK);
	ck_assert_uint_gt(count_of(&elsewhere), 0);
}
END_TEST

START_TEST(reductions)
{
	filch_reducer reducer = { sizeof(int), look_item, look_two, NULL };
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	int result;

	options.pool = pool;
	options.grain_exact = 1;
	ck_assert_int_eq(filch_reduce(0, 30, look_fold, NULL, &reducer, &result, &options),
	    FILCH_OK);
	ck_assert_int_eq(filch_fold_workers(0, 30, look_fold, NULL, &reducer, &result, &options),
	    FILCH_OK);
	ck_assert_uint_gt(count_of(&elsewhere), 0);
}
END_TEST

START_TEST(joins_and_typed_tasks)
{
	ck_assert_int_eq(filch_pool_run(pool, look_trees, NULL), FILCH_OK);
	ck_assert_uint_gt(count_of(&elsewhere), 0);
}
END_TEST

/* Of a group each task computes as the thread that spawned it. */
START_TEST(groups)
{
	filch_group group = FILCH_GROUP_INIT;

	group.pool = pool;
	for (int i = 0; i < 30; i++)
		ck_assert_int_eq(filch_group_spawn(&group, look_task, NULL), FILCH_OK);
	fesetround(FE_DOWNWARD);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	ck_assert_int_eq(fegetround(), FE_DOWNWARD);
	fesetround(FE_UPWARD);
	ck_assert_uint_gt(count_of(&elsewhere), 0);
}
END_TEST

START_TEST(graphs)
{
	filch_graph_options options = FILCH_GRAPH_OPTIONS_INIT;
	filch_graph *graph;

	options.pool = pool;
	ck_assert_int_eq(filch_graph_create(&graph, NULL), FILCH_OK);
	for (size_t i = 0; i < 30; i++) {
		ck_assert_int_eq(filch_graph_add_node(graph, NULL, look_task, NULL, NULL),
		    FILCH_OK);
		if (i > 3)
			ck_assert_int_eq(filch_graph_add_edge(graph, i - 3, i), FILCH_OK);
	}
	ck_assert_int_eq(filch_graph_build(graph), FILCH_OK);
	ck_assert_int_eq(filch_graph_run(graph, &options), FILCH_OK);
	ck_assert_int_eq(filch_graph_destroy(graph), FILCH_OK);
	ck_assert_uint_gt(count_of(&elsewhere), 0);
}
END_TEST

static int
next_item(void *left, void *item)
{
	(void)item;
	if (*(size_t *)left == 0)
		return FILCH_CLOSED;
	--*(size_t *)left;
	return look_task(NULL);
}

START_TEST(pipelines)
{
	filch_pipeline_options options = FILCH_PIPELINE_OPTIONS_INIT;
	size_t left = 30;

	options.pool = pool;
	ck_assert_int_eq(filch_map_ordered(next_item, look_item, look_item, &left, &options,
	    FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_gt(count_of(&elsewhere), 0);
}
END_TEST

START_TEST(broadcasts)
{
	ck_assert_int_eq(filch_pool_broadcast(pool, look_task, NULL, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(count_of(&elsewhere), 4);
}
END_TEST

/* A caller for whom no slot is free has its call made by a worker. */
static filch_pool *narrow;
static flc_atomic in, out;

static int
stay(void *unused)
{
	(void)unused;
	count_up(&in);
	MUST(reaches(&out, 1));
	return FILCH_OK;
}

static void *
take_the_slot(void *unused)
{
	(void)unused;
	MUST(filch_pool_run(narrow, stay, NULL) == FILCH_OK);
	return NULL;
}

START_TEST(calls_that_are_sent)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	pthread_t thread;

	options.workers = 2;
	options.guests = 1;
	fesetround(FE_TONEAREST);
	narrow = pool_by(&options);
	ck_assert_int_eq(pthread_create(&thread, NULL, take_the_slot, NULL), 0);
	ck_assert(reaches(&in, 1));
	fesetround(FE_UPWARD);
	ck_assert_int_eq(filch_pool_run(narrow, look_task, NULL), FILCH_OK);
	ck_assert_uint_eq(count_of(&elsewhere), 1);
	count_up(&out);
	pthread_join(thread, NULL);
	end_pool(narrow);
}
END_TEST

static int
change_mode(void *unused)
{
	(void)unused;
	fesetround(FE_TOWARDZERO);
	return FILCH_OK;
}

/* A task that does not restore its mode spoils no other. */
START_TEST(tasks_do_not_leave_their_mode_behind)
{
	filch_group group = FILCH_GROUP_INIT;

	group.pool = pool;
	for (int i = 0; i < 30; i++) {
		ck_assert_int_eq(filch_group_spawn(&group, change_mode, NULL), FILCH_OK);
		ck_assert_int_eq(filch_group_spawn(&group, look_task, NULL), FILCH_OK);
	}
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
}
END_TEST

/* Nor its spawner, which runs it on the spot. */
START_TEST(tasks_on_the_spot_do_not_leave_their_mode_behind)
{
	filch_group group = FILCH_GROUP_INIT;
	filch_pool *alone;

	fesetround(FE_TONEAREST);
	alone = pool_with(FILCH_NO_WORKERS);
	fesetround(FE_UPWARD);
	group.pool = alone;
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(filch_group_spawn(&group, change_mode, NULL), FILCH_OK);
		ck_assert_uint_eq(flc_float_mode(), wanted);
		ck_assert_int_eq(filch_group_spawn(&group, look_task, NULL), FILCH_OK);
	}
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	end_pool(alone);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("float_mode");
	TCase *verbs = case_of(suite, "verbs", setup, teardown);

	tcase_add_loop_test(verbs, loops, FILCH_SCHEDULE_AUTO, FILCH_SCHEDULE_AFFINITY + 1);
	tcase_add_test(verbs, reductions);
	tcase_add_test(verbs, joins_and_typed_tasks);
	tcase_add_test(verbs, groups);
	tcase_add_test(verbs, graphs);
	tcase_add_test(verbs, pipelines);
	tcase_add_test(verbs, broadcasts);
	tcase_add_test(verbs, calls_that_are_sent);
	tcase_add_test(verbs, tasks_do_not_leave_their_mode_behind);
	tcase_add_test(verbs, tasks_on_the_spot_do_not_leave_their_mode_behind);
	return run_suite(suite);
}
