/* SPDX-License-Identifier: BSD-2-Clause */
/* Building graphs: cycles, and what makes no sense. */
#include "graphs.h"

#include <stdio.h>

/* -- Failures -- */

static int
nothing(void *unused)
{
	(void)unused;
	return FILCH_OK;
}

/* -- Building -- */

START_TEST(a_cycle_is_named)
{
	graph = new_graph();
	size_t read = add_node(graph, "read", nothing, NULL);
	size_t parse = add_node(graph, "parse", nothing, NULL);
	size_t link = add_node(graph, "link", nothing, NULL);
	size_t write = add_node(graph, "write", nothing, NULL);

	add_edge(graph, read, parse);
	add_edge(graph, parse, link);
	add_edge(graph, link, write);
	ck_assert_int_eq(filch_graph_build(graph), FILCH_OK);
	ck_assert_str_eq(filch_graph_error(graph), "");
	add_edge(graph, link, parse);
	ck_assert_int_eq(filch_graph_run(graph, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_graph_build(graph), FILCH_DEADLOCK);
	ck_assert_str_eq(filch_graph_error(graph), "cycle: parse -> link -> parse");
	ck_assert_int_eq(filch_graph_run(graph, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_graph_destroy(graph), FILCH_OK);

	graph = new_graph();
	add_node(graph, NULL, nothing, NULL);
	add_edge(graph, 0, 0);
	ck_assert_int_eq(filch_graph_build(graph), FILCH_DEADLOCK);
	ck_assert_str_eq(filch_graph_error(graph), "cycle: 0 -> 0");
	ck_assert_int_eq(filch_graph_destroy(graph), FILCH_OK);
}
END_TEST

START_TEST(a_long_cycle_is_named_as_far_as_there_is_room)
{
	const char *error;

	graph = new_graph();
	for (size_t i = 0; i < 1000; i++)
		add_node(graph, "a name of some length", nothing, NULL);
	for (size_t i = 0; i < 1000; i++)
		add_edge(graph, i, (i + 1) % 1000);
	ck_assert_int_eq(filch_graph_build(graph), FILCH_DEADLOCK);
	error = filch_graph_error(graph);
	ck_assert_uint_lt(strlen(error), 512);
	ck_assert_str_eq(error + strlen(error) - 3, "...");
	ck_assert_int_eq(filch_graph_destroy(graph), FILCH_OK);
}
END_TEST

START_TEST(what_makes_no_sense_is_refused)
{
	filch_graph_metrics m;

	graph = new_graph();
	ck_assert_int_eq(filch_graph_create(NULL, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_graph_add_node(graph, NULL, NULL, NULL, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_graph_add_edge(graph, 0, 0), FILCH_INVAL);
	ck_assert_int_eq(filch_graph_run(NULL, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_graph_run(graph, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_graph_stats(graph, &m, sizeof(m)), FILCH_INVAL);
	ck_assert_int_eq(filch_graph_write_dot(graph, filch_write_file, stderr), FILCH_INVAL);
	ck_assert_int_eq(filch_graph_foreach_node(graph, NULL, NULL), FILCH_INVAL);
	/* Nothing at all can be built and run. */
	ck_assert_int_eq(filch_graph_build(graph), FILCH_OK);
	ck_assert_int_eq(filch_graph_run(graph, NULL), FILCH_OK);
	ck_assert_int_eq(filch_graph_destroy(graph), FILCH_OK);
	ck_assert_int_eq(filch_graph_destroy(NULL), FILCH_OK);
}
END_TEST

/* -- Many threads -- */

static void *
add_often(void *unused)
{
	int status;

	(void)unused;
	for (size_t i = 0; i < 50; i++) {
		do
			status = filch_graph_add_node(graph, NULL, nothing, NULL, NULL);
		while (status == FILCH_BUSY && sched_yield() == 0);
		MUST(status == FILCH_OK);
	}
	return NULL;
}

static int
count_node(void *nodes, const filch_graph_node_metrics *node)
{
	(void)node;
	++*(size_t *)nodes;
	return FILCH_OK;
}

START_TEST(changes_exclude_each_other)
{
	size_t nodes = 0;

	graph = new_graph();
	run_threads(4, add_often, NULL);
	ck_assert_int_eq(filch_graph_build(graph), FILCH_OK);
	ck_assert_int_eq(filch_graph_foreach_node(graph, count_node, &nodes), FILCH_OK);
	ck_assert_uint_eq(nodes, 200);
	ck_assert_int_eq(filch_graph_destroy(graph), FILCH_OK);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("graph_build");
	TCase *runs = case_of(suite, "graph", NULL, NULL);

	tcase_add_test(runs, a_cycle_is_named);
	tcase_add_test(runs, a_long_cycle_is_named_as_far_as_there_is_room);
	tcase_add_test(runs, what_makes_no_sense_is_refused);
	tcase_add_test(runs, changes_exclude_each_other);
	return run_suite(suite);
}
