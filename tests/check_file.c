/* SPDX-License-Identifier: BSD-2-Clause */
/* The file of a report: its mode, links, pipes, limits. */
#include "scenes.h"

/* -- FILCH_METRICS -- */

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
		execl("/proc/self/exe", "check_hook", "live", (char *)NULL);
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

static int
run_tests(void)
{
	Suite *suite = suite_create("file");
	TCase *variable = case_of(suite, "variable", NULL, NULL);

	unsetenv("FILCH_METRICS");
	tcase_add_test(variable, a_path_of_no_use_does_no_harm);
	tcase_add_test(variable, a_file_keeps_its_mode_and_is_replaced);
	tcase_add_test(variable, a_planted_link_is_not_followed);
	tcase_add_test(variable, a_link_is_written_through_and_stays);
	tcase_add_test(variable, a_pipe_holds_nobody);
	tcase_add_test(variable, a_reader_that_goes_and_a_full_limit_kill_nobody);
	return run_suite(suite);
}

int
main(int argc, char **argv)
{
	return argc > 1 ? scene(argv[1]) : run_tests();
}
