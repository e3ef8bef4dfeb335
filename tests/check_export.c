/* SPDX-License-Identifier: BSD-2-Clause */
/* What was counted leaves the process: four formats, at exit, on SIGUSR1, in a
 * signal handler.  export_formats.sh shows the formats to their parsers. */
#include "base/compiler.h"
#include "count/page.h"
#include "count/read.h"
#include "pools.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* -- Something to count -- */

static int
spend(void *unused, size_t begin, size_t end)
{
	volatile size_t x = 0;

	(void)unused;
	for (size_t i = begin; i < end; i++)
		x += i;
	return FILCH_OK;
}

static int
nothing(void *unused)
{
	(void)unused;
	return FILCH_OK;
}

static int
work(void *unused)
{
	filch_group group = FILCH_GROUP_INIT;

	(void)unused;
	for (int i = 0; i < 50; i++)
		MUST(filch_group_spawn(&group, nothing, NULL) == FILCH_OK);
	MUST(filch_for(0, 100000, spend, NULL, NULL) == FILCH_OK);
	return filch_group_wait(&group, FILCH_FOREVER);
}

#define UGLY "quo\"te\\back\nline\ttab"

/* Mutexes and channels as their modules will count them. */
static void
count_objects(void)
{
	struct flc_mutex_row *cache = flc_page_mutex_row("cache");
	struct flc_mutex_row *ugly = flc_page_mutex_row(UGLY);
	struct flc_mutex_row *broken = flc_page_mutex_row("not \xff utf-8 \xc3\xa9");
	struct flc_channel_row *out = flc_page_channel_row("out", 64);
	struct flc_channel_row *all = flc_page_channel_row("all", SIZE_MAX);

	flc_row_count(&cache->row, &cache->acquisitions, 100);
	flc_row_count(&cache->row, &cache->contended, 2);
	flc_row_time(&cache->row, &cache->wait, flc_ns_to_ticks(1000));
	flc_row_time(&cache->row, &cache->wait, flc_ns_to_ticks(3000000));
	flc_row_max(&cache->row, &cache->wait_max, flc_ns_to_ticks(3000000));
	flc_row_count(&ugly->row, &ugly->acquisitions, 1);
	flc_row_count(&broken->row, &broken->acquisitions, 1);
	flc_page_give_back(&broken->row);
	flc_row_count(&out->row, &out->sends, 10);
	flc_row_count(&out->row, &out->send_blocked, 1);
	flc_row_time(&out->row, &out->send_wait, flc_ns_to_ticks(1000000000));
	flc_row_count(&out->row, &out->receives, 7);
	flc_store_relaxed(&out->depth, 3);
	flc_row_max(&out->row, &out->depth_high_water, 5);
	flc_row_count(&all->row, &all->sends, 1);
	flc_store_relaxed(&all->depth, 1);
}

static char text[4 << 20];

/* What the pool's report says in that format. */
static const char *
written(filch_pool *pool, int format)
{
	FILE *file = tmpfile();
	size_t length;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(filch_metrics_write_fd(pool, fileno(file), format), FILCH_OK);
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

/* The number behind what begins a line. */
static double
value_of(const char *sample)
{
	const char *at = text;
	size_t length = strlen(sample);

	while (at != NULL && strncmp(at, sample, length) != 0) {
		at = strchr(at, '\n');
		at = at == NULL ? NULL : at + 1;
	}
	if (at == NULL)
		ck_abort_msg("no sample %s in:\n%s", sample, text);
	return strtod(at + length, NULL);
}

/* -- The formats -- */

START_TEST(openmetrics_says_what_the_snapshot_says)
{
	filch_pool *pool = pool_with(1);
	filch_metrics m;

	ck_assert_int_eq(filch_pool_run(pool, work, NULL), FILCH_OK);
	count_objects();
	while (filch_metrics_snapshot(pool, &m, sizeof(m)) == FILCH_OK && m.active > 0)
		pause_ms(1);
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
	assert_says("filch_build_info{version=\"0.1.0\"} 1\n");
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
	assert_says("\nout                   10          7      3       64       5"
	    "             1   10.0     1000.0");
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
		MUST(filch_metrics_write_fd(pool, null, format) == FILCH_OK);
		MUST(filch_metrics_write_fd(NULL, null, format) == FILCH_OK);
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
	ck_assert_int_eq(filch_metrics_write_fd(NULL, full, FILCH_METRICS_JSON), FILCH_CLOSED);
	ck_assert_int_eq(errno, ENOSPC);
	ck_assert_int_eq(filch_metrics_write_fd(NULL, -1, FILCH_METRICS_TEXT), FILCH_CLOSED);
	ck_assert_int_eq(filch_metrics_write_fd(NULL, full, 99), FILCH_UNSUPPORTED);
	close(full);
}
END_TEST

/* -- Signals -- */

static int handler_fd;
static volatile sig_atomic_t reports, failures;

static void
report_now(int unused)
{
	int error = errno;

	(void)unused;
	if (lseek(handler_fd, 0, SEEK_SET) != 0
	    || filch_metrics_write_fd(NULL, handler_fd, FILCH_METRICS_PROMETHEUS) != FILCH_OK)
		failures = 1;
	reports = reports + 1;
	errno = error;
}

/* The next signal meets this thread somewhere in what follows. */
static void
arm(uint64_t *seed)
{
	struct itimerval once = { { 0, 0 }, { 0, 1 + (suseconds_t)(random_of(seed) % 100) } };

	MUST(setitimer(ITIMER_REAL, &once, NULL) == 0);
}

START_TEST(a_signal_handler_may_write_at_any_moment)
{
	struct sigaction action = { .sa_handler = report_now };
	filch_pool *pool = pool_with(2);
	FILE *file = tmpfile();
	uint64_t seed = 1;
	char name[16];

	handler_fd = fileno(file);
	ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
	for (size_t i = 0; i < rounds(300); i++) {
		sig_atomic_t before = reports;

		arm(&seed);
		/* Also where it hands out rows. */
		for (int k = 0; reports == before; k++) {
			struct flc_mutex_row *row;

			snprintf(name, sizeof(name), "m%d", k % 20);
			row = flc_page_mutex_row(name);
			flc_row_count(&row->row, &row->acquisitions, 1);
			flc_page_give_back(&row->row);
			if (i % 10 == 0)
				MUST(filch_pool_run(pool, work, NULL) == FILCH_OK);
		}
	}
	ck_assert_int_eq(failures, 0);
	fclose(file);
	end_pool(pool);
}
END_TEST

static void
ignore(int unused)
{
	(void)unused;
}

static void *
drain_slowly(void *pipe_end)
{
	static char piece[512];
	size_t length = 0;
	ssize_t n;
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	while ((n = read(*(int *)pipe_end, piece, sizeof(piece))) > 0) {
		MUST(length + (size_t)n < sizeof(text));
		memcpy(text + length, piece, (size_t)n);
		length += (size_t)n;
		sched_yield();
	}
	text[length] = '\0';
	return NULL;
}

START_TEST(interrupted_and_partial_writes_lose_nothing)
{
	struct sigaction action = { .sa_handler = ignore };
	struct itimerval every = { { 0, 300 }, { 0, 300 } }, never = { { 0, 0 }, { 0, 0 } };
	filch_pool *pool = pool_with(3);
	pthread_t reader;
	int ends[2];

	ck_assert_int_eq(filch_pool_run(pool, work, NULL), FILCH_OK);
	count_objects();
	ck_assert_int_eq(pipe(ends), 0);
	(void)fcntl(ends[1], F_SETPIPE_SZ, 4096);
	ck_assert_int_eq(pthread_create(&reader, NULL, drain_slowly, &ends[0]), 0);
	ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &every, NULL), 0);
	for (int i = 0; i < 20; i++)
		MUST(filch_metrics_write_fd(NULL, ends[1], FILCH_METRICS_OPENMETRICS) == FILCH_OK);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
	close(ends[1]);
	pthread_join(reader, NULL);
	close(ends[0]);
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, "\n# EOF\n")) != NULL; at++, n++)
		;
	ck_assert_uint_eq(n, 20);
	end_pool(pool);
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

/* The sums of a family over its samples; `with` stands in them. */
static double
family_sum(const char *name, const char *with)
{
	double sum = 0;

	for (const char *at = text; at != NULL; at = strchr(at, '\n'), at = at ? at + 1 : at) {
		const char *end = strchr(at, '\n');
		const char *found = strstr(at, with);

		if (strncmp(at, name, strlen(name)) == 0 && at[strlen(name)] == '{'
		    && found != NULL && found < end)
			sum += strtod(strstr(at, "} ") + 2, NULL);
	}
	return sum;
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

/* -- FILCH_METRICS -- */

static char folder[] = "/tmp/filch-export.XXXXXX";

static void
make_folder(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
remove_folder(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static void
read_file(const char *name)
{
	char path[200];
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "r");
	if (file == NULL)
		ck_abort_msg("no %s", path);
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
}

/* Runs this program as `scene`, with FILCH_METRICS=folder/name. */
static pid_t
run_scene(const char *scene, const char *name)
{
	char variable[200];
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child != 0)
		return child;
	snprintf(variable, sizeof(variable), name[0] == '/' ? "%.0s%s" : "%s/%s", folder, name);
	setenv("FILCH_METRICS", variable, 1);
	execl("/proc/self/exe", "check_export", scene, (char *)NULL);
	_exit(99);
}

static void
expect_exit(pid_t child, int code)
{
	int status;

	ck_assert_int_eq(waitpid(child, &status, 0), child);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != code)
		ck_abort_msg("the child's status is %#x", (unsigned)status);
}

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

START_TEST(a_path_of_no_use_does_no_harm)
{
	expect_exit(run_scene("live", "/nowhere/at/all"), 0);
	expect_exit(run_scene("live", "/dev/null"), 0);
	expect_exit(run_scene("live", "/dev/full"), 0);
	struct stat status;

	ck_assert_int_eq(stat("/dev/null", &status), 0);
	ck_assert(S_ISCHR(status.st_mode));
}
END_TEST

/* -- The scenes -- */

static volatile sig_atomic_t handled;

static void
on_signal(int number, siginfo_t *info, void *unused)
{
	(void)unused;
	handled = number == SIGUSR1 && info->si_pid == getpid();
}

/* Exit code 0 if all was right. */
static int
signal_scene(void)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO };
	const char *path = getenv("FILCH_METRICS");

	action.sa_sigaction = on_signal;
	sigaction(SIGUSR1, &action, NULL);
	count_objects();
	if (access(path, F_OK) == 0)
		return 1;
	errno = 1234;
	raise(SIGUSR1);
	if (errno != 1234 || !handled || access(path, R_OK) != 0)
		return 2;
	unlink(path);
	raise(SIGUSR1);
	return access(path, R_OK) == 0 ? 0 : 3;
}

static int
fork_scene(void)
{
	struct flc_mutex_row *row = flc_page_mutex_row("fork");
	pid_t child;
	int status;

	flc_row_count(&row->row, &row->acquisitions, 2);
	child = fork();
	if (child == 0) {
		flc_page();
		flc_row_count(&row->row, &row->acquisitions, 70);
		exit(0);
	}
	return waitpid(child, &status, 0) == child && status == 0 ? 0 : 1;
}

static int
ended_scene(void)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	struct flc_mutex_row *row = flc_page_mutex_row("brief");
	filch_pool *pool;

	options.workers = 1;
	options.name = "brief";
	flc_row_count(&row->row, &row->acquisitions, 3);
	flc_page_give_back(&row->row);
	if (filch_pool_create(&pool, &options) != FILCH_OK
	    || filch_pool_run(pool, work, NULL) != FILCH_OK)
		return 1;
	return filch_pool_destroy(pool) == FILCH_OK ? 0 : 2;
}

static int
scene(const char *name, const char *argument)
{
	if (strcmp(name, "signal") == 0)
		return signal_scene();
	if (strcmp(name, "fork") == 0)
		return fork_scene();
	if (strcmp(name, "ended") == 0)
		return ended_scene();
	if (strcmp(name, "live") == 0)
		return filch_pool_run(NULL, work, NULL);
	/* For export_formats.sh: everything, in a format. */
	if (strcmp(name, "write") != 0 || argument == NULL || ended_scene() != 0)
		return 99;
	count_objects();
	for (int i = 0; i < 20; i++)
		if (filch_pool_run(NULL, work, NULL) != FILCH_OK)
			return 1;
	return filch_metrics_write_fd(NULL, STDOUT_FILENO, atoi(argument));
}

static void
add_tests(TCase *formats, TCase *signals, TCase *variable)
{
	tcase_add_test(formats, openmetrics_says_what_the_snapshot_says);
	tcase_add_test(formats, prometheus_names_counters_by_their_full_name);
	tcase_add_test(formats, json_escapes_names_and_has_no_infinity);
	tcase_add_test(formats, the_tables_show_pools_mutexes_and_channels);
	tcase_add_test(formats, pools_of_one_name_are_one_for_prometheus_and_two_for_people);
	tcase_add_test(formats, writing_takes_nothing_from_the_heap);
	tcase_add_test(formats, a_failed_write_is_told);
	tcase_add_loop_test(formats, a_report_under_load_keeps_the_invariants, 0, ALL_COUNTS);
	tcase_add_test(signals, a_signal_handler_may_write_at_any_moment);
	tcase_add_test(signals, interrupted_and_partial_writes_lose_nothing);
	tcase_add_test(variable, at_exit_a_report_is_written_in_the_format_of_its_ending);
	tcase_add_test(variable, the_report_at_exit_has_what_was_destroyed);
	tcase_add_test(variable, a_signal_writes_a_report_and_calls_the_handler_that_was_there);
	tcase_add_test(variable, a_forked_child_leaves_its_parents_report_alone);
	tcase_add_test(variable, without_the_variable_no_signal_is_handled);
	tcase_add_test(variable, a_path_of_no_use_does_no_harm);
}

static int
run_tests(void)
{
	Suite *suite = suite_create("export");
	TCase *formats = tcase_create("formats");
	TCase *signals = tcase_create("signals");
	TCase *variable = tcase_create("variable");

	unsetenv("FILCH_METRICS");
	tcase_set_timeout(formats, TIMEOUT_S);
	tcase_set_timeout(signals, TIMEOUT_S);
	tcase_set_timeout(variable, TIMEOUT_S);
	add_tests(formats, signals, variable);
	suite_add_tcase(suite, formats);
	suite_add_tcase(suite, signals);
	suite_add_tcase(suite, variable);
	return run_suite(suite);
}

int
main(int argc, char **argv)
{
	return argc > 1 ? scene(argv[1], argv[2]) : run_tests();
}
