/* SPDX-License-Identifier: BSD-2-Clause */
/* The formats that are exported, also under load. */
#include "exports.h"

/* -- No heap while writing -- */

static flc_atomic allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_aligned_alloc(size_t align, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);

void *
__wrap_malloc(size_t size)
{
	count_up(&allocations);
	return __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	count_up(&allocations);
	return __real_calloc(n, size);
}

void *
__wrap_aligned_alloc(size_t align, size_t size)
{
	count_up(&allocations);
	return __real_aligned_alloc(align, size);
}

/* What the pool's report says in that format. */
static const char *
written(filch_pool *pool, int format)
{
	FILE *file = tmpfile();
	size_t length;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(filch_metrics_write_fd(pool, format, fileno(file)), FILCH_OK);
	rewind(file);
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	return text;
}

static void
assert_says(const char *line)
{
	if (strstr(text, line) == NULL)
		ck_abort_msg("nothing like \"%s\" in:\n%s", line, text);
}

/* -- The formats -- */

START_TEST(openmetrics_says_what_the_snapshot_says)
{
	filch_pool *pool = pool_with(1);
	filch_metrics m;

	ck_assert_int_eq(filch_pool_run(pool, work, NULL), FILCH_OK);
	count_objects();
	/* At rest: a snapshot that is taken before may lack what was counted
	 * meanwhile. */
	until_active(pool, 0);
	ck_assert_int_eq(filch_metrics_snapshot(pool, &m, sizeof(m)), FILCH_OK);
	written(pool, FILCH_METRICS_OPENMETRICS);
	ck_assert_str_eq(text + strlen(text) - 6, "# EOF\n");
	ck_assert(value_of("filch_worker_tasks_run_total{pool=\"filch\",worker=\"0\"} ")
	    + value_of("filch_worker_tasks_run_total{pool=\"filch\",worker=\"1\"} ")
	    == (double)m.sum.tasks_run);
	ck_assert(value_of("filch_mutex_acquisitions_total{mutex=\"cache\"} ") == 100);
	ck_assert(value_of("filch_mutex_wait_seconds_count{mutex=\"cache\"} ") == 2);
	ck_assert(value_of("filch_mutex_wait_seconds_bucket{mutex=\"cache\",le=\"0.000002048\"} ")
	    == 1);
	ck_assert(value_of("filch_mutex_wait_seconds_bucket{mutex=\"cache\",le=\"+Inf\"} ") == 2);
	double sum = value_of("filch_mutex_wait_seconds_sum{mutex=\"cache\"} ");

	ck_assert(sum > 0.0029 && sum < 0.0031);
	assert_says("filch_mutex_acquisitions_total{mutex=\"quo\\\"te\\\\back\\nline\ttab\"} 1\n");
	assert_says("filch_channel_capacity{channel=\"all\"} +Inf\n");
	assert_says("filch_channel_capacity{channel=\"out\"} 64\n");
	assert_says("# TYPE filch_worker_tasks_run counter\n");
	assert_says("# UNIT filch_channel_send_wait_seconds seconds\n");
	assert_says("filch_pool_workers{pool=\"filch\"} 1\n");
	assert_says("filch_malloc_calls_total{subsystem=\"graph\"} 0\n");
	ck_assert(value_of("filch_malloc_calls_total{subsystem=\"pool\"} ") > 0);
	assert_says("filch_build_info{version=\"" PACKAGE_VERSION "\"} 1\n");
	end_pool(pool);
}
END_TEST

START_TEST(prometheus_names_counters_by_their_full_name)
{
	filch_pool *pool = pool_with(1);

	ck_assert_int_eq(filch_pool_run(pool, work, NULL), FILCH_OK);
	count_objects();
	written(pool, FILCH_METRICS_PROMETHEUS);
	assert_says("# TYPE filch_worker_tasks_run_total counter\n");
	assert_says("# TYPE filch_build_info gauge\n");
	ck_assert_ptr_null(strstr(text, "# EOF"));
	ck_assert_ptr_null(strstr(text, "# UNIT"));
	end_pool(pool);
}
END_TEST

START_TEST(json_escapes_names_and_has_no_infinity)
{
	count_objects();
	written(NULL, FILCH_METRICS_JSON);
	assert_says("{\"name\":\"quo\\\"te\\\\back\\u000aline\\u0009tab\",\"live\":true,");
	assert_says("{\"name\":\"not ? utf-8 \xc3\xa9\",\"live\":false,");
	assert_says("\"capacity\":null");
	assert_says("\"pools\":[]");
}
END_TEST

START_TEST(the_tables_show_pools_mutexes_and_channels)
{
	filch_pool *pool = pool_with(2);

	ck_assert_int_eq(filch_pool_run(pool, work, NULL), FILCH_OK);
	count_objects();
	written(pool, FILCH_METRICS_TEXT);
	assert_says("\nmutex ");
	assert_says("\nquo\"te\\back?line?tab           1          0    0.0");
	assert_says("\ncache                        100          2    2.0");
	assert_says("\nchannel ");
	/* A second in ticks and back may be some nanoseconds short, and digits are cut
	 * off. */
	ck_assert(strstr(text, "\nout                   10          7      3       64       5"
	    "             1   10.0     1000.0") != NULL
	    || strstr(text, "\nout                   10          7      3       64       5"
	    "             1   10.0      999.9") != NULL);
	assert_says("* destroyed");
	end_pool(pool);
}
END_TEST

START_TEST(pools_of_one_name_are_one_for_prometheus_and_two_for_people)
{
	filch_pool *a = pool_with(1), *b = pool_with(1);
	const char *at;
	size_t n = 0;

	ck_assert_int_eq(filch_pool_run(a, work, NULL), FILCH_OK);
	ck_assert_int_eq(filch_pool_run(b, work, NULL), FILCH_OK);
	written(NULL, FILCH_METRICS_PROMETHEUS);
	for (at = text; (at = strstr(at, "\nfilch_pool_workers{")) != NULL; at++, n++)
		;
	ck_assert_uint_eq(n, 1);
	ck_assert(value_of("filch_pool_workers{pool=\"filch\"} ") == 2);
	written(NULL, FILCH_METRICS_TEXT);
	for (n = 0, at = text; (at = strstr(at, "pool filch\n")) != NULL; at++, n++)
		;
	ck_assert_uint_eq(n, 2);
	end_pool(a);
	end_pool(b);
	/* What they counted stands. */
	written(NULL, FILCH_METRICS_TEXT);
	assert_says("pool filch (ended)\n");
	written(NULL, FILCH_METRICS_PROMETHEUS);
	ck_assert(value_of("filch_pool_workers{pool=\"filch\"} ") == 0);
	ck_assert(value_of("filch_worker_tasks_run_total{pool=\"filch\",worker=\"1\"} ") > 0);
}
END_TEST

START_TEST(writing_takes_nothing_from_the_heap)
{
	int null = open("/dev/null", O_WRONLY);
	filch_pool *pool = pool_with(2);
	size_t before;

	ck_assert_int_eq(filch_pool_run(pool, work, NULL), FILCH_OK);
	count_objects();
	before = count_of(&allocations);
	for (int format = FILCH_METRICS_TEXT; format <= FILCH_METRICS_PROMETHEUS; format++) {
		MUST(filch_metrics_write_fd(pool, format, null) == FILCH_OK);
		MUST(filch_metrics_write_fd(NULL, format, null) == FILCH_OK);
	}
	MUST(count_of(&allocations) == before);
	ck_assert_uint_gt(before, 0);
	close(null);
	end_pool(pool);
}
END_TEST

START_TEST(a_failed_write_is_told)
{
	int full = open("/dev/full", O_WRONLY);

	count_objects();
	ck_assert_int_eq(filch_metrics_write_fd(NULL, FILCH_METRICS_JSON, full), FILCH_CLOSED);
	ck_assert_int_eq(errno, ENOSPC);
	ck_assert_int_eq(filch_metrics_write_fd(NULL, FILCH_METRICS_TEXT, -1), FILCH_CLOSED);
	ck_assert_int_eq(filch_metrics_write_fd(NULL, 99, full), FILCH_UNSUPPORTED);
	close(full);
}
END_TEST

/* -- Under load -- */

static flc_atomic stop;

static void *
load_main(void *pool)
{
	while (count_of(&stop) == 0)
		MUST(filch_pool_run(pool, work, NULL) == FILCH_OK);
	return NULL;
}

START_TEST(a_report_under_load_keeps_the_invariants)
{
	filch_pool *pool = pool_with(worker_counts[_i]);
	pthread_t thread[2];
	double before = 0;

	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, load_main, pool), 0);
	for (size_t i = 0; i < rounds(50); i++) {
		double attempts, steals, misses, ran;

		written(pool, FILCH_METRICS_PROMETHEUS);
		attempts = family_sum("filch_worker_steal_attempts_total", "");
		steals = family_sum("filch_worker_steals_total", "");
		misses = family_sum("filch_worker_steal_misses_total", "");
		MUST(attempts >= steals + misses);
		ran = family_sum("filch_worker_tasks_run_total", "");
		MUST(family_sum("filch_task_run_seconds_count", "") <= ran);
		MUST(family_sum("filch_task_sched_delay_seconds_count", "")
		    <= family_sum("filch_worker_injected_run_total", ""));
		MUST(family_sum("filch_wake_latency_seconds_count", "")
		    <= family_sum("filch_worker_wakeups_total", "reason=\"task\""));
		MUST(ran >= before);
		before = ran;
	}
	flc_store_release(&stop, 1);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	end_pool(pool);
}
END_TEST

static int
run_tests(void)
{
	Suite *suite = suite_create("formats");
	TCase *formats = case_of(suite, "formats", NULL, NULL);

	unsetenv("FILCH_METRICS");
	tcase_add_test(formats, openmetrics_says_what_the_snapshot_says);
	tcase_add_test(formats, prometheus_names_counters_by_their_full_name);
	tcase_add_test(formats, json_escapes_names_and_has_no_infinity);
	tcase_add_test(formats, the_tables_show_pools_mutexes_and_channels);
	tcase_add_test(formats, pools_of_one_name_are_one_for_prometheus_and_two_for_people);
	tcase_add_test(formats, writing_takes_nothing_from_the_heap);
	tcase_add_test(formats, a_failed_write_is_told);
	tcase_add_loop_test(formats, a_report_under_load_keeps_the_invariants, 0, ALL_COUNTS);
	return run_suite(suite);
}

/* For export_formats.sh: everything, in a format. */
static int
write_all(const char *format)
{
	if (ended_scene() != 0)
		return 99;
	count_objects();
	for (int i = 0; i < 20; i++)
		if (filch_pool_run(NULL, work, NULL) != FILCH_OK)
			return 1;
	return filch_metrics_write_fd(NULL, atoi(format), STDOUT_FILENO);
}

int
main(int argc, char **argv)
{
	return argc == 3 && strcmp(argv[1], "write") == 0 ? write_all(argv[2]) : run_tests();
}
