/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports that are written in signal handlers, and by system calls that are
 * interrupted. */
#include "scenes.h"

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

static int
run_tests(void)
{
	Suite *suite = suite_create("write");
	TCase *signals = case_of(suite, "signals", NULL, NULL);

	unsetenv("FILCH_METRICS");
	tcase_add_test(signals, a_signal_handler_may_write_at_any_moment);
	tcase_add_test(signals, interrupted_and_partial_writes_lose_nothing);
	return run_suite(suite);
}

int
main(int argc, char **argv)
{
	return argc > 1 ? scene(argv[1]) : run_tests();
}
