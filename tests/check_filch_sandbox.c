/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each system call that the library, or the C library on its behalf, makes is refused by
 * seccomp, with EPERM and with ENOSYS, from the start or from the middle on.  All verbs
 * then work, or, where the call is one that nothing can stand in for, return a documented
 * status.  None hangs, and nothing is printed.
 *
 * Not refused: futex, without which the C library ends the process; munmap, where it does
 * so, too; clock_nanosleep, which is the test's own; write, exit_group.
 */
#include "pools.h"
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* -- In the child -- */

FILCH_TASK(long, fibonacci, int, n)
{
	if (n < 2)
		return n;
	FILCH_SPAWN(left, fibonacci, n - 1);
	long right = FILCH_CALL(fibonacci, n - 2);
	return FILCH_JOIN(left, fibonacci) + right;
}

static flc_atomic indexes;

static int
count_range(void *unused, size_t begin, size_t end)
{
	(void)unused;
	flc_add_full(&indexes, end - begin);
	return FILCH_OK;
}

static int
set_zero(void *unused, void *sum)
{
	(void)unused;
	*(uint64_t *)sum = 0;
	return FILCH_OK;
}

static int
add_range(void *unused, size_t begin, size_t end, void *sum)
{
	(void)unused;
	for (; begin < end; begin++)
		*(uint64_t *)sum += begin;
	return FILCH_OK;
}

static int
add_sums(void *unused, void *into, void *from)
{
	(void)unused;
	*(uint64_t *)into += *(uint64_t *)from;
	return FILCH_OK;
}

static void
compute(void)
{
	static const filch_reducer add = {
		.value_size = sizeof(uint64_t), .identity = set_zero, .combine = add_sums,
	};
	uint64_t sum = 0;

	HOLDS(FILCH_RUN(fibonacci, 15) == 610);
	for (size_t n = 0; n < 40; n++) {
		flc_store_relaxed(&indexes, 0);
		if (DONE(filch_for(0, 1000 + n, count_range, NULL, NULL)))
			HOLDS(flc_load_relaxed(&indexes) == 1000 + n);
		if (n % 20 == 0)
			usleep(2000);   /* the workers fall asleep */
	}
	if (DONE(filch_reduce(0, 1000, add_range, NULL, &add, &sum, NULL)))
		HOLDS(sum == 499500);
}

static filch_mutex mutex = FILCH_MUTEX_INIT("sandbox");
static filch_condition turned = FILCH_CONDITION_INIT;
static size_t turns;

struct ends {
	filch_channel *there, *back;
};

static int
echo(void *context)
{
	struct ends *ends = context;
	int item;

	while (filch_channel_recv(ends->there, &item, FILCH_FOREVER) == FILCH_OK) {
		HOLDS(filch_mutex_lock(&mutex, FILCH_FOREVER) == FILCH_OK);
		turns++;
		HOLDS(filch_condition_signal(&turned) == FILCH_OK);
		HOLDS(filch_mutex_unlock(&mutex) == FILCH_OK);
		if (filch_channel_send(ends->back, &item, FILCH_FOREVER) != FILCH_OK)
			break;
	}
	filch_channel_close(ends->back);
	return FILCH_OK;
}

/* A task and its spawner speak by two channels.  They need a thread each. */
static void
converse(void)
{
	filch_group group = FILCH_GROUP_INIT;
	struct ends ends;
	int item;

	turns = 0;
	if (!DONE(filch_channel_create(&ends.there, sizeof(int), 0, NULL)))
		return;
	if (!DONE(filch_channel_create(&ends.back, sizeof(int), 4, NULL)))
		goto out;
	if (DONE(filch_group_spawn(&group, echo, &ends)))
		for (int i = 0; i < 100; i++) {
			HOLDS(filch_channel_send(ends.there, &i, FILCH_FOREVER) == FILCH_OK);
			HOLDS(filch_channel_recv(ends.back, &item, FILCH_FOREVER) == FILCH_OK);
			HOLDS(item == i);
		}
	filch_channel_close(ends.there);
	HOLDS(filch_group_wait(&group, FILCH_FOREVER) == FILCH_OK);
	filch_channel_destroy(ends.back);
out:
	filch_channel_destroy(ends.there);
}

static int
lock_once(void *unused)
{
	(void)unused;
	HOLDS(filch_mutex_lock(&mutex, FILCH_FOREVER) == FILCH_OK);
	HOLDS(filch_mutex_unlock(&mutex) == FILCH_OK);
	return FILCH_OK;
}

/* A worker wants what this thread holds.  Without a worker it would be this one itself
 * that wants it. */
static void
contend(void)
{
	filch_group group = FILCH_GROUP_INIT;

	if (refused != NULL && refused->expected == DEGRADES)
		return;
	HOLDS(filch_mutex_lock(&mutex, FILCH_FOREVER) == FILCH_OK);
	HOLDS(filch_mutex_lock(&mutex, 0) == FILCH_DEADLOCK);
	(void)DONE(filch_group_spawn(&group, lock_once, NULL));
	/* Time to wait for it; no call asks whether it does that is not refused in
	 * turn. */
	usleep(1000);
	HOLDS(filch_mutex_unlock(&mutex) == FILCH_OK);
	HOLDS(filch_group_wait(&group, FILCH_FOREVER) == FILCH_OK);
}

static int
sleep_outside(void *unused)
{
	(void)unused;
	(void)filch_blocking_begin();
	/* Time itself: for spares. */
	usleep(500);
	return filch_blocking_end();
}

static void
wait_and_time(void)
{
	filch_group sleepers = FILCH_GROUP_INIT;
	filch_channel *timer, *silent;
	uint64_t first = filch_now() + 2 * MS, time;
	size_t chosen;
	int item, fd;

	for (int i = 0; i < 6; i++)
		(void)DONE(filch_group_spawn(&sleepers, sleep_outside, NULL));
	HOLDS(filch_group_wait(&sleepers, FILCH_FOREVER) == FILCH_OK);
	HOLDS(filch_mutex_lock(&mutex, 0) == FILCH_OK);
	HOLDS(filch_condition_wait(&turned, &mutex, in_ms(1)) == FILCH_TIMEOUT);
	HOLDS(filch_mutex_unlock(&mutex) == FILCH_OK);
	if (!DONE(filch_channel_create_timer(&timer, first, 0, NULL)))
		return;
	if (DONE(filch_channel_create(&silent, sizeof(int), 1, NULL))) {
		filch_select_arm arms[] = {
			{ silent, FILCH_SELECT_RECV, &item }, { timer, FILCH_SELECT_RECV, &time },
		};

		HOLDS(filch_select(arms, 2, &chosen, FILCH_FOREVER) == FILCH_OK);
		HOLDS(chosen == 1 && time == first && filch_now() >= first);
		(void)DONE(filch_channel_fd(silent, &fd));
		filch_channel_destroy(silent);
	}
	(void)DONE(filch_channel_fd(timer, &fd));
	filch_channel_destroy(timer);
}

static int nowhere;   /* /dev/null, opened before */

static int
everything(void *unused)
{
	filch_metrics metrics;
	char text[4096];

	(void)unused;
	compute();
	converse();
	contend();
	wait_and_time();
	(void)DONE(filch_metrics_snapshot(NULL, &metrics, sizeof(metrics)));
	(void)DONE(filch_metrics_write_fd(NULL, FILCH_METRICS_JSON, nowhere));
	(void)DONE(filch_dump(nowhere));
	HOLDS(filch_pool_describe(NULL, text, sizeof(text)) > 0);
	return FILCH_OK;
}

static filch_pool *
make_pool(int bind)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	filch_pool *pool = NULL;

	options.workers = 2;
	options.bind = bind;
	return DONE(filch_pool_create(&pool, &options)) ? pool : NULL;
}

static void
use_pool(filch_pool *pool)
{
	if (pool != NULL)
		(void)DONE(filch_pool_run(pool, everything, NULL));
}

static void
end(filch_pool *pool)
{
	if (pool != NULL)
		HOLDS(filch_pool_destroy(pool) == FILCH_OK);
}

/* The first half of the ways refuses from the start, the other a pool later. */
static void
child(int way)
{
	int error = way % 2 == 0 ? EPERM : ENOSYS;
	filch_pool *pool = NULL;

	if (way >= 2) {
		pool = make_pool(FILCH_BIND_AUTO);
		use_pool(pool);
		/* A spare that is being started when the filter comes has passed the look
		 * for rseq, and the C library then ends the process. */
		usleep(20000);
	}
	const struct call *call = refused;
	if (!refuse(call, error))
		wrong("no filter");
	use_pool(pool);
	end(pool);
	pool = make_pool(FILCH_BIND_CORE);
	use_pool(pool);
	end(pool);
	(void)everything(NULL);   /* by the default pool */
	end(NULL);
	_exit(0);
}

#ifndef FILCH_SANITIZED
/* A child of ours must notice that it is one though madvise() only says that it wipes. */
static void
fork_unwiped(int unused)
{
	static const struct call madvise_call = { "madvise", SYS_madvise, WORKS, true };
	int status;

	(void)unused;
	if (!refuse(&madvise_call, 0))
		wrong("no filter");
	filch_pool *pool = make_pool(FILCH_BIND_AUTO);
	use_pool(pool);
	pid_t pid = fork();
	if (pid == 0) {
		status = filch_pool_run(pool, everything, NULL);
		if (status != FILCH_FORKED)
			wrong("the parent's pool, in a child: %s", filch_status_text(status));
		HOLDS(filch_mutex_lock(&mutex, 0) == FILCH_FORKED);
		HOLDS(filch_mutex_init(&mutex, "child") == FILCH_OK);
		turned = (filch_condition)FILCH_CONDITION_INIT;
		(void)everything(NULL);
		_exit(0);
	}
	HOLDS(waitpid(pid, &status, 0) == pid);
	if (status != 0)
		wrong("the child: status %#x", (unsigned)status);
	end(pool);
	_exit(0);
}
#endif

/* -- The parent -- */

static int
open_scratch(void)
{
	char path[] = "/tmp/filch-sandbox-XXXXXX";
	int file = mkstemp(path);

	ck_assert_int_ge(file, 0);
	unlink(path);
	return file;
}

static const char *
what_is_in(int file, char *text, size_t size)
{
	ssize_t length = pread(file, text, size - 1, 0);

	text[length > 0 ? length : 0] = '\0';
	return text;
}

/* Runs it in a child, which must succeed and print nothing. */
static void
run_apart(void (*run)(int way), int way, const char *name, const char *how)
{
	int printed = open_scratch(), status;
	char text[512], output[512];

	told = open_scratch();
	nowhere = open("/dev/null", O_WRONLY);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(printed, 1);
		dup2(printed, 2);
		alarm(20);
		run(way);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	what_is_in(told, text, sizeof(text));
	what_is_in(printed, output, sizeof(output));
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0 && *output == '\0',
	    "%s, %s: status %#x, said \"%s\", printed \"%s\"", name, how, (unsigned)status, text,
	    output);
	close(nowhere);
	close(told);
	close(printed);
}

START_TEST(a_refused_call_is_done_without)
{
	static const char *const ways[WAYS] = {
		"EPERM from the start", "ENOSYS from the start", "EPERM midway", "ENOSYS midway",
	};

	refused = &calls[_i / WAYS];
#ifdef FILCH_SANITIZED
	if (!refused->sanitizable)
		return;
#endif
	run_apart(child, _i % WAYS, refused->name, ways[_i % WAYS]);
}
END_TEST

#ifndef FILCH_SANITIZED
START_TEST(a_fork_is_noticed_though_madvise_does_nothing)
{
	run_apart(fork_unwiped, 0, "madvise", "without effect");
}
END_TEST
#endif

static bool
filters_are_available(void)
{
	static const struct call none = { "none", -1, WORKS, true };
	int status = 1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(!refuse(&none, EPERM));
	return waitpid(pid, &status, 0) == pid && status == 0;
}

int
main(void)
{
	if (!filters_are_available()) {
		puts("1..0 # SKIP no seccomp filters here");
		return 0;
	}
	Suite *suite = suite_create("filch_sandbox");
	TCase *matrix = case_of(suite, "matrix", NULL, NULL);

	tcase_add_loop_test(matrix, a_refused_call_is_done_without, 0, CASES);
#ifndef FILCH_SANITIZED
	tcase_add_test(matrix, a_fork_is_noticed_though_madvise_does_nothing);
#endif
	return run_suite(suite);
}
