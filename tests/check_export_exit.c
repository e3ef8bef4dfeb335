/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports in signal handlers, at exit, and by FILCH_METRICS. */
#include "exports.h"

#include <sys/resource.h>

/* -- Signals -- */

static int handler_fd;
static volatile sig_atomic_t reports, failures;

static void
report_now(int unused)
{
	int error = errno;

	(void)unused;
	if (lseek(handler_fd, 0, SEEK_SET) != 0
	    || filch_metrics_write_fd(NULL, FILCH_METRICS_PROMETHEUS, handler_fd) != FILCH_OK)
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
		MUST(filch_metrics_write_fd(NULL, FILCH_METRICS_OPENMETRICS, ends[1]) == FILCH_OK);
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

/* -- Paths that are traps -- */

static const char *
in_folder(const char *name)
{
	static char path[4][200];
	static unsigned n;
	char *at = path[n++ % 4];

	snprintf(at, sizeof(path[0]), "%s/%s", folder, name);
	return at;
}

static void
put_file(const char *name, mode_t mode)
{
	int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "mine\n", 5), 5);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

static mode_t
mode_of(const char *name)
{
	struct stat status;

	ck_assert_int_eq(lstat(in_folder(name), &status), 0);
	return status.st_mode;
}

START_TEST(a_file_keeps_its_mode_and_is_replaced)
{
	static const mode_t modes[] = { 0600, 0640, 0444, 0664 };

	make_folder();
	for (size_t i = 0; i < 4; i++) {
		put_file("report.prom", modes[i]);
		expect_exit(run_scene("live", "report.prom"), 0);
		ck_assert_uint_eq(mode_of("report.prom"), S_IFREG | modes[i]);
		read_file("report.prom");
		ck_assert_int_eq(strncmp(text, "# HELP", 6), 0);
	}
	ck_assert_uint_eq(entries_of(folder), 1);
	remove_folder();
}
END_TEST

/* What stands where it would write first is left alone. */
START_TEST(a_planted_link_is_not_followed)
{
	char command[400];
	pid_t child;

	make_folder();
	put_file("victim", 0644);
	snprintf(command, sizeof(command), "cd %s && ln -s victim report.prom.$$.tmp && "
	    "for n in 0 1 2; do ln -s victim .filch-$$-$n.tmp; done; "
	    "FILCH_METRICS=report.prom exec /proc/%d/exe live", folder, (int)getpid());
	child = fork();
	if (child == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(99);
	}
	expect_exit(child, 0);
	read_file("victim");
	ck_assert_str_eq(text, "mine\n");
	read_file("report.prom");
	ck_assert_int_eq(strncmp(text, "# HELP", 6), 0);
	remove_folder();
}
END_TEST

START_TEST(a_link_is_written_through_and_stays)
{
	int out[2];
	pid_t child;
	ssize_t n;

	make_folder();
	put_file("target", 0600);
	ck_assert_int_eq(symlink("target", in_folder("report.prom")), 0);
	expect_exit(run_scene("live", "report.prom"), 0);
	ck_assert(S_ISLNK(mode_of("report.prom")));
	read_file("target");
	ck_assert_int_eq(strncmp(text, "# HELP", 6), 0);
	/* As /dev/stdout: of a pipe, where the report comes out. */
	ck_assert_int_eq(symlink("/proc/self/fd/1", in_folder("stdout")), 0);
	ck_assert_int_eq(pipe(out), 0);
	(void)fcntl(out[1], F_SETPIPE_SZ, 1 << 20);
	child = fork();
	if (child == 0) {
		dup2(out[1], 1);
		setenv("FILCH_METRICS", in_folder("stdout"), 1);
		execl("/proc/self/exe", "check_export", "live", (char *)NULL);
		_exit(99);
	}
	close(out[1]);
	expect_exit(child, 0);
	n = read(out[0], text, sizeof(text) - 1);
	ck_assert_int_gt(n, 10);
	ck_assert_int_eq(strncmp(text, "worker", 6), 0);
	ck_assert(S_ISLNK(mode_of("stdout")));
	remove_folder();
}
END_TEST

/* Nobody reads, nobody reads on, or it is closed: the program ends all the same. */
START_TEST(a_pipe_holds_nobody)
{
	uint64_t begin = filch_now();
	int reader;

	make_folder();
	ck_assert_int_eq(mkfifo(in_folder("report.prom"), 0600), 0);
	expect_exit(run_scene("live", "report.prom"), 0);
	expect_exit(run_scene("raise", "report.prom"), 0);
	ck_assert_uint_lt(filch_now() - begin, 10000 * MS);
	reader = open(in_folder("report.prom"), O_RDONLY | O_NONBLOCK);
	ck_assert_int_ge(reader, 0);
	(void)fcntl(reader, F_SETPIPE_SZ, 4096);
	begin = filch_now();
	expect_exit(run_scene("live", "report.prom"), 0);
	ck_assert_uint_ge(filch_now() - begin, 900 * MS);
	ck_assert_uint_lt(filch_now() - begin, 20000 * MS);
	close(reader);
	ck_assert(S_ISFIFO(mode_of("report.prom")));
	remove_folder();
}
END_TEST

static void *
read_a_little(void *unused)
{
	char piece[64];
	int fd = open(in_folder("report.prom"), O_RDONLY);

	MUST(fd >= 0 && read(fd, piece, sizeof(piece)) > 0);
	close(fd);
	return unused;
}

START_TEST(a_reader_that_goes_and_a_full_limit_kill_nobody)
{
	pthread_t reader;
	pid_t child;

	make_folder();
	/* "small" makes its pipe small and waits for a reader. */
	ck_assert_int_eq(mkfifo(in_folder("report.prom"), 0600), 0);
	child = run_scene("small", "report.prom");
	ck_assert_int_eq(pthread_create(&reader, NULL, read_a_little, NULL), 0);
	expect_exit(child, 0);
	pthread_join(reader, NULL);
	expect_exit(run_scene("limit", "limited.prom"), 0);
	ck_assert_uint_eq(entries_of(folder), 1);
	remove_folder();
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

/* Until somebody reads it, the fifo cannot be opened to write. */
static int
small_scene(void)
{
	const char *path = getenv("FILCH_METRICS");
	int fd = open(path, O_WRONLY);

	if (fd < 0 || fcntl(fd, F_SETPIPE_SZ, 4096) < 4096)
		return 1;
	return filch_pool_run(NULL, work, NULL);
}

static int
scene(const char *name)
{
	static const struct rlimit little = { 1000, 1000 };

	if (strcmp(name, "small") == 0)
		return small_scene();
	if (strcmp(name, "limit") == 0 && setrlimit(RLIMIT_FSIZE, &little) == 0)
		return filch_pool_run(NULL, work, NULL);
	if (strcmp(name, "raise") == 0)
		return filch_pool_run(NULL, work, NULL) + raise(SIGUSR1);
	if (strcmp(name, "signal") == 0)
		return signal_scene();
	if (strcmp(name, "fork") == 0)
		return fork_scene();
	if (strcmp(name, "ended") == 0)
		return ended_scene();
	return strcmp(name, "live") == 0 ? filch_pool_run(NULL, work, NULL) : 99;
}

static int
run_tests(void)
{
	Suite *suite = suite_create("export_exit");
	TCase *signals = tcase_create("signals");
	TCase *variable = tcase_create("variable");

	unsetenv("FILCH_METRICS");
	tcase_set_timeout(signals, TIMEOUT_S);
	tcase_set_timeout(variable, TIMEOUT_S);
	tcase_add_test(signals, a_signal_handler_may_write_at_any_moment);
	tcase_add_test(signals, interrupted_and_partial_writes_lose_nothing);
	tcase_add_test(variable, at_exit_a_report_is_written_in_the_format_of_its_ending);
	tcase_add_test(variable, the_report_at_exit_has_what_was_destroyed);
	tcase_add_test(variable, a_signal_writes_a_report_and_calls_the_handler_that_was_there);
	tcase_add_test(variable, a_forked_child_leaves_its_parents_report_alone);
	tcase_add_test(variable, without_the_variable_no_signal_is_handled);
	tcase_add_test(variable, a_path_of_no_use_does_no_harm);
	tcase_add_test(variable, a_file_keeps_its_mode_and_is_replaced);
	tcase_add_test(variable, a_planted_link_is_not_followed);
	tcase_add_test(variable, a_link_is_written_through_and_stays);
	tcase_add_test(variable, a_pipe_holds_nobody);
	tcase_add_test(variable, a_reader_that_goes_and_a_full_limit_kill_nobody);
	suite_add_tcase(suite, signals);
	suite_add_tcase(suite, variable);
	return run_suite(suite);
}

int
main(int argc, char **argv)
{
	return argc > 1 ? scene(argv[1]) : run_tests();
}
