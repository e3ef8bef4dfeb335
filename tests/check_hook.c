/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports at exit and by signals, as FILCH_METRICS says. */
#include "scenes.h"

START_TEST(at_exit_a_report_is_written_in_the_format_of_its_ending)
{
	static const struct {
		const char *name, *begin;
	} wanted[] = {
		{ "report", "worker " },
		{ "report.txt", "worker " },
		{ "report.json", "{\"version\":" },
		{ "report.prom", "# HELP filch_obs_rows_overflow_total " },
		{ "report.om", "# HELP filch_obs_rows_overflow " },
		{ "report.openmetrics", "# HELP filch_obs_rows_overflow " },
	};

	make_folder();
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		expect_exit(run_scene("live", wanted[i].name), 0);
		read_file(wanted[i].name);
		ck_assert_int_eq(strncmp(text, wanted[i].begin, strlen(wanted[i].begin)), 0);
	}
	ck_assert_uint_eq(entries_of(folder), sizeof(wanted) / sizeof(wanted[0]));
	remove_folder();
}
END_TEST

START_TEST(the_report_at_exit_has_what_was_destroyed)
{
	make_folder();
	expect_exit(run_scene("ended", "report.prom"), 0);
	read_file("report.prom");
	ck_assert(value_of("filch_worker_tasks_run_total{pool=\"brief\",worker=\"1\"} ") > 0);
	ck_assert(value_of("filch_mutex_acquisitions_total{mutex=\"brief\"} ") == 3);
	remove_folder();
}
END_TEST

START_TEST(a_signal_writes_a_report_and_calls_the_handler_that_was_there)
{
	make_folder();
	expect_exit(run_scene("signal", "report.prom"), 0);
	read_file("report.prom");
	remove_folder();
}
END_TEST

START_TEST(a_forked_child_leaves_its_parents_report_alone)
{
	char name[40];
	pid_t child;

	make_folder();
	expect_exit(run_scene("fork", "report.prom"), 0);
	read_file("report.prom");
	ck_assert(value_of("filch_mutex_acquisitions_total{mutex=\"fork\"} ") == 2);
	/* With the process in its name each has one. */
	child = run_scene("fork", "report-%p.prom");
	expect_exit(child, 0);
	snprintf(name, sizeof(name), "report-%d.prom", (int)child);
	read_file(name);
	ck_assert(value_of("filch_mutex_acquisitions_total{mutex=\"fork\"} ") == 2);
	ck_assert_uint_eq(entries_of(folder), 3);
	remove_folder();
}
END_TEST

START_TEST(without_the_variable_no_signal_is_handled)
{
	struct sigaction action;

	unsetenv("FILCH_METRICS");
	count_objects();
	ck_assert_int_eq(sigaction(SIGUSR1, NULL, &action), 0);
	ck_assert(action.sa_handler == SIG_DFL);
}
END_TEST

static int
run_tests(void)
{
	Suite *suite = suite_create("hook");
	TCase *variable = case_of(suite, "variable", NULL, NULL);

	unsetenv("FILCH_METRICS");
	tcase_add_test(variable, at_exit_a_report_is_written_in_the_format_of_its_ending);
	tcase_add_test(variable, the_report_at_exit_has_what_was_destroyed);
	tcase_add_test(variable, a_signal_writes_a_report_and_calls_the_handler_that_was_there);
	tcase_add_test(variable, a_forked_child_leaves_its_parents_report_alone);
	tcase_add_test(variable, without_the_variable_no_signal_is_handled);
	return run_suite(suite);
}

int
main(int argc, char **argv)
{
	return argc > 1 ? scene(argv[1]) : run_tests();
}
