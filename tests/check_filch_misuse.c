/* SPDX-License-Identifier: BSD-2-Clause */
/* NULL, and two callers where there may be one. */
#include "pools.h"

#include "base/size.h"
#include "loop/cost_model.h"

#include <stdio.h>

static filch_pool *pool;

/* -- NULL -- */

START_TEST(null_is_refused)
{
	filch_metrics metrics;

	ck_assert_int_eq(filch_mutex_lock(NULL, 0), FILCH_INVAL);
	ck_assert_int_eq(filch_mutex_unlock(NULL), FILCH_INVAL);
	ck_assert_uint_eq(filch_progress_done(NULL), 0);
	ck_assert_int_eq(filch_write_file(NULL, "x", 1), FILCH_INVAL);
	ck_assert_int_eq(filch_write_file(stderr, NULL, 1), FILCH_INVAL);
	filch_metrics_delta(NULL, &metrics, &metrics);
	filch_metrics_delta(&metrics, NULL, &metrics);
	filch_metrics_delta(&metrics, &metrics, NULL);
}
END_TEST

/* -- Two where there may be one -- */

static filch_graph *graph;
static filch_pipeline *pipeline;
static flc_atomic fine;

/* As short as a use of the graph can be: it has no such nodes. */
static void *
use_often(void *unused)
{
	(void)unused;
	for (size_t i = 0; i < rounds(300000); i++) {
		int status = filch_graph_add_edge(graph, 0, 0);

		MUST(status == FILCH_INVAL || status == FILCH_BUSY);
		if (status == FILCH_INVAL)
			count_up(&fine);
	}
	return NULL;
}

START_TEST(a_graph_is_busy_and_not_a_parents)
{
	ck_assert_int_eq(filch_graph_create(&graph, NULL), FILCH_OK);
	run_threads(4, use_often, NULL);
	ck_assert_uint_gt(count_of(&fine), 0);
	ck_assert_int_eq(filch_graph_destroy(graph), FILCH_OK);
}
END_TEST

static int
no_item(void *context, void *slot)
{
	(void)context;
	(void)slot;
	return FILCH_CLOSED;
}

static void *
run_often(void *unused)
{
	(void)unused;
	for (size_t i = 0; i < rounds(5000); i++) {
		int status = filch_pipeline_run(pipeline, FILCH_FOREVER);

		MUST(status == FILCH_OK || status == FILCH_BUSY);
		if (status == FILCH_OK)
			count_up(&fine);
	}
	return NULL;
}

START_TEST(a_pipeline_is_busy_and_not_a_parents)
{
	const filch_stage stage = { no_item, NULL, FILCH_STAGE_SERIAL, "source" };
	filch_pipeline_options options = FILCH_PIPELINE_OPTIONS_INIT;

	options.pool = pool = pool_with(2);
	ck_assert_int_eq(filch_pipeline_create(&pipeline, &stage, 1, &options), FILCH_OK);
	run_threads(4, run_often, NULL);
	ck_assert_uint_gt(count_of(&fine), 0);
	ck_assert_int_eq(filch_pipeline_destroy(pipeline), FILCH_OK);
	end_pool(pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("filch_misuse");
	TCase *null = case_of(suite, "null", NULL, NULL);
	TCase *two = case_of(suite, "two", NULL, NULL);

	tcase_add_test(null, null_is_refused);
	tcase_add_test(two, a_graph_is_busy_and_not_a_parents);
	tcase_add_test(two, a_pipeline_is_busy_and_not_a_parents);
	return run_suite(suite);
}
