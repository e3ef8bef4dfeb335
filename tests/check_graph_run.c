/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs of graphs: order, failures, cancellation, many threads. */
#include "graphs.h"

static filch_pool *pool;

/* -- Allocations, for the runs that must make none -- */

static flc_atomic allocations;

void *__real_aligned_alloc(size_t align, size_t size);
void *__real_malloc(size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);
void *__wrap_malloc(size_t size);

void *
__wrap_aligned_alloc(size_t align, size_t size)
{
	count_up(&allocations);
	return __real_aligned_alloc(align, size);
}

void *
__wrap_malloc(size_t size)
{
	count_up(&allocations);
	return __real_malloc(size);
}

/* -- A random graph whose nodes check what is before them -- */

#define NODES 200
#define BEFORE 3

struct item {
	size_t number;
	size_t runs;                 /* plain: the edges carry it */
	struct item *before[BEFORE];
	size_t befores;
	int fails;                   /* what it returns */
	flc_atomic ran;
};

static struct item item[NODES];

static int
run_item(void *context)
{
	struct item *me = context;

	for (size_t i = 0; i < me->befores; i++)
		MUST(me->before[i]->runs == me->runs + 1);
	me->runs++;
	flc_store_relaxed(&me->ran, 1);
	return me->fails;
}

static filch_graph *
random_graph(uint64_t seed)
{
	filch_graph *made = new_graph();

	memset(item, 0, sizeof(item));
	for (size_t i = 0; i < NODES; i++) {
		item[i].number = i;
		MUST(add_node(made, NULL, run_item, &item[i]) == i);
		for (size_t k = 0; i > 0 && k < random_of(&seed) % (BEFORE + 1); k++) {
			size_t before = i - 1 - random_of(&seed) % (i < 20 ? i : 20);

			item[i].before[item[i].befores++] = &item[before];
			add_edge(made, before, i);
		}
	}
	ck_assert_int_eq(filch_graph_build(made), FILCH_OK);
	return made;
}

START_TEST(each_node_runs_once_after_those_before_it)
{
	pool = pool_with(worker_counts[_i]);
	for (uint64_t seed = 1; seed <= 3; seed++) {
		graph = random_graph(seed);
		for (size_t i = 1; i <= rounds(100); i++) {
			MUST(run_it(graph, pool, NULL, 0) == FILCH_OK);
			for (size_t n = 0; n < NODES; n++)
				MUST(item[n].runs == i);
		}
		ck_assert_int_eq(filch_graph_destroy(graph), FILCH_OK);
	}
	end_pool(pool);
}
END_TEST

/* -- Failures -- */

START_TEST(the_first_failure_of_the_serial_order_is_returned)
{
	pool = pool_with(worker_counts[_i]);
	for (uint64_t seed = 1; seed <= 20; seed++) {
		graph = random_graph(seed);
		item[60].fails = 60;
		item[61].fails = 61;
		item[150].fails = 150;
		MUST(run_it(graph, pool, NULL, 0) == 60);
		/* Edges go up here, so the serial order is that of the numbers. */
		for (size_t n = 0; n <= 60; n++)
			MUST(flc_load_relaxed(&item[n].ran) == 1);
		for (size_t n = 61; n < NODES; n++)
			for (size_t k = 0; k < item[n].befores; k++)
				MUST(item[n].before[k] != &item[60]
				    || flc_load_relaxed(&item[n].ran) == 0);
		item[60].fails = item[61].fails = item[150].fails = 0;
		for (size_t n = 0; n < NODES; n++)
			item[n].runs = 0;
		MUST(run_it(graph, pool, NULL, 0) == FILCH_OK);
		ck_assert_int_eq(filch_graph_destroy(graph), FILCH_OK);
	}
	end_pool(pool);
}
END_TEST

static flc_atomic begun, gate;
static filch_cancel token;
static char second_name[] = "second";

static int
fail_with_7(void *unused)
{
	(void)unused;
	MUST(reaches(&begun, 1));
	return 7;
}

/* Stands behind the failing one in the order. */
static int
wait_to_be_canceled(void *unused)
{
	uint64_t until = in_ms(60000);

	(void)unused;
	count_up(&begun);
	while (!filch_canceled())
		MUST(filch_now() < until);
	return FILCH_OK;
}

START_TEST(a_long_node_sees_that_one_before_it_has_failed)
{
	pool = pool_with(2);
	graph = new_graph();
	add_node(graph, "fails", fail_with_7, NULL);
	add_node(graph, "long", wait_to_be_canceled, NULL);
	ck_assert_int_eq(filch_graph_build(graph), FILCH_OK);
	ck_assert_int_eq(run_it(graph, pool, NULL, 0), 7);
	ck_assert_int_eq(filch_graph_destroy(graph), FILCH_OK);
	end_pool(pool);
}
END_TEST

static int
cancel_token(void *unused)
{
	(void)unused;
	filch_cancel_request(&token);
	return FILCH_OK;
}

static int
must_not_run(void *unused)
{
	(void)unused;
	ck_abort_msg("a skipped node has run");
	return FILCH_OK;
}

static int
skipped_once(void *name, const filch_graph_node_metrics *node)
{
	if (strcmp(node->name, name) == 0) {
		MUST(node->skipped == 1);
		MUST(node->runs == 0);
	}
	return FILCH_OK;
}

START_TEST(a_canceled_run_skips_what_is_left)
{
	pool = pool_with(worker_counts[_i]);
	graph = new_graph();
	size_t first = add_node(graph, "first", cancel_token, NULL);
	size_t second = add_node(graph, "second", must_not_run, NULL);

	add_edge(graph, first, second);
	ck_assert_int_eq(filch_graph_build(graph), FILCH_OK);
	ck_assert_int_eq(run_it(graph, pool, &token, 0), FILCH_CANCELED);
	ck_assert_int_eq(filch_graph_foreach_node(graph, skipped_once, second_name), FILCH_OK);
	ck_assert_int_eq(run_it(graph, pool, &token, 0), FILCH_CANCELED);
	ck_assert_int_eq(filch_graph_destroy(graph), FILCH_OK);
	end_pool(pool);
}
END_TEST

static int
wait_for_deadline(void *deadline)
{
	while (filch_now() < *(uint64_t *)deadline)
		sched_yield();
	return FILCH_OK;
}

START_TEST(no_node_begins_after_the_deadline)
{
	uint64_t deadline = in_ms(20);

	pool = pool_with(worker_counts[_i]);
	graph = new_graph();
	size_t first = add_node(graph, "first", wait_for_deadline, &deadline);
	size_t second = add_node(graph, "second", must_not_run, NULL);

	add_edge(graph, first, second);
	ck_assert_int_eq(filch_graph_build(graph), FILCH_OK);
	ck_assert_int_eq(run_it(graph, pool, NULL, deadline), FILCH_TIMEOUT);
	ck_assert_int_eq(filch_graph_foreach_node(graph, skipped_once, second_name), FILCH_OK);
	ck_assert_int_eq(filch_graph_destroy(graph), FILCH_OK);
	end_pool(pool);
}
END_TEST

/* -- Building -- */

static int
touch_own_graph(void *unused)
{
	(void)unused;
	MUST(filch_graph_run(graph, NULL) == FILCH_BUSY);
	MUST(filch_graph_build(graph) == FILCH_BUSY);
	MUST(filch_graph_destroy(graph) == FILCH_BUSY);
	MUST(filch_graph_add_edge(graph, 0, 0) == FILCH_BUSY);
	return FILCH_OK;
}

START_TEST(a_graph_that_runs_is_left_alone)
{
	pool = pool_with(worker_counts[_i]);
	graph = new_graph();
	add_node(graph, NULL, touch_own_graph, NULL);
	ck_assert_int_eq(filch_graph_build(graph), FILCH_OK);
	ck_assert_int_eq(run_it(graph, pool, NULL, 0), FILCH_OK);
	ck_assert_int_eq(filch_graph_destroy(graph), FILCH_OK);
	end_pool(pool);
}
END_TEST

/* -- Runs -- */

static int
run_random(void *made)
{
	return filch_graph_run(made, NULL);
}

START_TEST(a_node_may_run_another_graph)
{
	filch_graph *inner = random_graph(5);

	pool = pool_with(worker_counts[_i]);
	graph = new_graph();
	size_t a = add_node(graph, "a", run_random, inner);
	size_t b = add_node(graph, "b", run_random, inner);

	add_edge(graph, a, b);
	ck_assert_int_eq(filch_graph_build(graph), FILCH_OK);
	for (int i = 0; i < 20; i++)
		MUST(run_it(graph, pool, NULL, 0) == FILCH_OK);
	ck_assert_uint_eq(item[NODES - 1].runs, 40);
	ck_assert_int_eq(filch_graph_destroy(graph), FILCH_OK);
	ck_assert_int_eq(filch_graph_destroy(inner), FILCH_OK);
	end_pool(pool);
}
END_TEST

START_TEST(runs_allocate_nothing)
{
	filch_metrics first, last;
	size_t before, slots;

	pool = pool_with(worker_counts[_i]);
	slots = filch_worker_limit(pool);
	graph = random_graph(7);
	for (int i = 0; i < 10; i++)
		MUST(run_it(graph, pool, NULL, 0) == FILCH_OK);
	before = count_of(&allocations);
	MUST(filch_metrics_snapshot(pool, &first, sizeof(first)) == FILCH_OK);
	for (int i = 0; i < 300; i++)
		MUST(run_it(graph, pool, NULL, 0) == FILCH_OK);
	before = count_of(&allocations) - before;
	MUST(filch_metrics_snapshot(pool, &last, sizeof(last)) == FILCH_OK);
	ck_assert_uint_eq(last.malloc_calls[FILCH_MEMORY_GRAPH],
	    first.malloc_calls[FILCH_MEMORY_GRAPH]);
	ck_assert_uint_gt(last.malloc_calls[FILCH_MEMORY_GRAPH], NODES);
	/* A worker's deque comes with its first push, and may grow once or twice. */
	ck_assert_uint_le(before, worker_counts[_i] == FILCH_NO_WORKERS ? 0 : 3 * slots);
	ck_assert_int_eq(filch_graph_destroy(graph), FILCH_OK);
	end_pool(pool);
}
END_TEST

/* -- Many threads -- */

static void *
run_often(void *unused)
{
	(void)unused;
	for (size_t i = 0; i < rounds(50); i++) {
		int status = run_it(graph, pool, NULL, 0);

		MUST(status == FILCH_OK || status == FILCH_BUSY);
		if (status == FILCH_OK)
			count_up(&gate);
	}
	return NULL;
}

START_TEST(threads_share_a_graph_one_at_a_time)
{
	pool = pool_with(worker_counts[_i]);
	graph = random_graph(9);
	run_threads(4, run_often, NULL);
	ck_assert_uint_eq(item[0].runs, count_of(&gate));
	ck_assert_uint_ge(count_of(&gate), 1);
	ck_assert_int_eq(filch_graph_destroy(graph), FILCH_OK);
	end_pool(pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("graph_run");
	TCase *runs = case_of(suite, "graph", NULL, NULL);

	tcase_add_loop_test(runs, each_node_runs_once_after_those_before_it, 0, ALL_COUNTS);
	tcase_add_loop_test(runs, the_first_failure_of_the_serial_order_is_returned, 0, ALL_COUNTS);
	tcase_add_test(runs, a_long_node_sees_that_one_before_it_has_failed);
	tcase_add_loop_test(runs, a_canceled_run_skips_what_is_left, 0, ALL_COUNTS);
	tcase_add_loop_test(runs, no_node_begins_after_the_deadline, 0, ALL_COUNTS);
	tcase_add_loop_test(runs, a_graph_that_runs_is_left_alone, 0, ALL_COUNTS);
	tcase_add_loop_test(runs, a_node_may_run_another_graph, 0, ALL_COUNTS);
	tcase_add_loop_test(runs, runs_allocate_nothing, 0, ALL_COUNTS);
	tcase_add_loop_test(runs, threads_share_a_graph_one_at_a_time, 0, ALL_COUNTS);
	return run_suite(suite);
}
