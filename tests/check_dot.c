/* SPDX-License-Identifier: BSD-2-Clause */
/* The drawing of a graph and its critical path. */
#include "graphs.h"

static filch_pool *pool;

#include <stdio.h>

static int
sleep_ms(void *ms)
{
	/* Time itself is measured. */
	pause_ms((size_t)ms);
	return FILCH_OK;
}

static int
on_path(void *names, const filch_graph_node_metrics *node)
{
	if (node->critical)
		strcat(names, node->name);
	MUST(node->runs == 2);
	MUST(node->run_max_ns <= node->run_ns);
	return FILCH_OK;
}

START_TEST(the_critical_path_is_found_and_drawn)
{
	static char text[5000];
	FILE *file = tmpfile();
	filch_graph_metrics m;
	char names[20] = "";

	pool = pool_with(2);
	graph = new_graph();
	size_t a = add_node(graph, "a", sleep_ms, (void *)1);
	size_t b = add_node(graph, "b", sleep_ms, (void *)60);
	size_t c = add_node(graph, "c", sleep_ms, (void *)1);
	size_t d = add_node(graph, "quo\"te", sleep_ms, (void *)1);

	add_edge(graph, a, b);
	add_edge(graph, a, c);
	add_edge(graph, b, d);
	add_edge(graph, c, d);
	add_edge(graph, c, d);
	ck_assert_int_eq(filch_graph_build(graph), FILCH_OK);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(run_it(graph, pool, NULL, 0), FILCH_OK);
	ck_assert_int_eq(filch_graph_stats(graph, &m, sizeof(m)), FILCH_OK);
	ck_assert_uint_eq(m.nodes, 4);
	ck_assert_uint_eq(m.edges, 4);
	ck_assert_uint_eq(m.runs, 2);
	ck_assert_uint_ge(m.span_ns, 62 * MS * 99 / 100);
	ck_assert_uint_ge(m.work_ns, m.span_ns);
	ck_assert_int_eq(filch_graph_foreach_node(graph, on_path, names), FILCH_OK);
	if (m.span_ns < 100 * MS)  /* else the machine was very busy in c */
		ck_assert_str_eq(names, "abquo\"te");
	ck_assert_int_eq(filch_graph_write_dot(graph, filch_write_file, file), FILCH_OK);
	rewind(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	ck_assert_int_eq(strncmp(text, "digraph \"test\" {\n", 17), 0);
	ck_assert_ptr_nonnull(strstr(text, "\tn3 [label=\"quo\\\"te\\n"));
	ck_assert_ptr_nonnull(strstr(text, "\tn0 -> n1"));
	ck_assert_ptr_nonnull(strstr(text, " us\", color=red, penwidth=2];\n"));
	ck_assert_ptr_nonnull(strstr(text, " [color=red, penwidth=2];\n"));
	ck_assert_str_eq(text + strlen(text) - 2, "}\n");
	ck_assert_int_eq(filch_graph_destroy(graph), FILCH_OK);
	end_pool(pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dot");
	TCase *runs = case_of(suite, "graph", NULL, NULL);

	tcase_add_test(runs, the_critical_path_is_found_and_drawn);
	return run_suite(suite);
}
