/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Living with the rest of a process: the sentences of filch_process(7), each tried in a
 * process of its own.
 */
#include "pools.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* -- What the processes do -- */

static filch_mutex mutex = FILCH_MUTEX_INIT("process");
static filch_channel *channel;
static flc_atomic indexes, running;

static int
count_range(void *unused, size_t begin, size_t end)
{
	(void)unused;
	flc_add_full(&indexes, end - begin);
	return FILCH_OK;
}

static bool
loop_works(void)
{
	flc_store_relaxed(&indexes, 0);
	return filch_for(0, 100000, count_range, NULL, NULL) == FILCH_OK &&
	    flc_load_relaxed(&indexes) == 100000;
}

static int
sleep_long(void *unused)
{
	(void)unused;
	flc_add_full(&running, 1);
	sleep(60);
	return FILCH_OK;
}

static void
start_sleepers(void)
{
	static filch_group group = FILCH_GROUP_INIT;

	for (int i = 0; i < 2; i++)
		MUST(filch_group_spawn(&group, sleep_long, NULL) == FILCH_OK);
	MUST(reaches(&running, 1));
}

static pthread_t
start(void *(*run)(void *), void *argument)
{
	pthread_t thread;

	MUST(pthread_create(&thread, NULL, run, argument) == 0);
	return thread;
}

static void
exit_while_tasks_run(void)
{
	start_sleepers();
	exit(7);
}

static void
quick_exit_while_tasks_run(void)
{
	start_sleepers();
	quick_exit(7);
}

static int
exit_here(void *unused)
{
	(void)unused;
	exit(7);
}

static void
exit_within_a_task(void)
{
	filch_group group = FILCH_GROUP_INIT;

	MUST(filch_group_spawn(&group, exit_here, NULL) == FILCH_OK);
	(void)filch_group_wait(&group, FILCH_FOREVER);
}

static void *
work_after_main(void *main_thread)
{
	MUST(pthread_join(*(pthread_t *)main_thread, NULL) == 0);
	exit(loop_works() ? 7 : 8);
}

static void
main_ends_and_others_work(void)
{
	static pthread_t self;

	self = pthread_self();
	MUST(loop_works());
	(void)start(work_after_main, &self);
	pthread_exit(NULL);
}

/* The last of the program's own threads ends, not by exit(): the workers remain, until
 * the pool is ended, too. */
static void *
end_pool_after_main(void *main_thread)
{
	MUST(pthread_join(*(pthread_t *)main_thread, NULL) == 0);
	MUST(filch_pool_destroy_default() == FILCH_OK);
	return NULL;
}

static void
all_threads_end(void)
{
	static pthread_t self;

	self = pthread_self();
	MUST(loop_works());
	(void)start(end_pool_after_main, &self);
	pthread_exit(NULL);
}

/* -- Cancellation -- */

static flc_atomic finished;

static void *
canceled_verbs(void *unused)
{
	int item = 1, fd;

	(void)unused;
	(void)pthread_cancel(pthread_self());
	/* Makes the default pool; tells a waiting descriptor; waits; ends the pool. */
	MUST(loop_works());
	MUST(filch_channel_create(&channel, sizeof(int), 4, NULL) == FILCH_OK);
	MUST(filch_channel_fd(channel, &fd) == FILCH_OK);
	for (int i = 0; i < 3; i++) {
		MUST(filch_channel_send(channel, &item, FILCH_FOREVER) == FILCH_OK);
		MUST(filch_channel_recv(channel, &item, FILCH_FOREVER) == FILCH_OK);
		MUST(filch_channel_recv(channel, &item, in_ms(2)) == FILCH_TIMEOUT);
	}
	filch_channel_destroy(channel);
	MUST(filch_mutex_lock(&mutex, FILCH_FOREVER) == FILCH_OK);
	MUST(filch_mutex_unlock(&mutex) == FILCH_OK);
	MUST(filch_pool_destroy_default() == FILCH_OK);
	flc_store_release(&finished, 1);
	pthread_testcancel();
	MUST(!"it was not canceled");
	return NULL;
}

/* The very first call of a process, which looks at the clocks. */
static void *
canceled_lock(void *unused)
{
	(void)unused;
	(void)pthread_cancel(pthread_self());
	MUST(filch_mutex_lock(&mutex, FILCH_FOREVER) == FILCH_OK);
	MUST(filch_mutex_unlock(&mutex) == FILCH_OK);
	flc_store_release(&finished, 1);
	pthread_testcancel();
	return NULL;
}

static void
a_first_lock_is_none_either(void)
{
	void *result;

	MUST(pthread_join(start(canceled_lock, NULL), &result) == 0);
	MUST(result == PTHREAD_CANCELED && flc_load_acquire(&finished) == 1);
	MUST(loop_works());
	exit(7);
}

static void
no_verb_is_a_cancellation_point(void)
{
	void *result;

	MUST(pthread_join(start(canceled_verbs, NULL), &result) == 0);
	MUST(result == PTHREAD_CANCELED && flc_load_acquire(&finished) == 1);
	MUST(loop_works());
	exit(7);
}

/* -- Threads that end -- */

static void *
lock_and_end(void *unused)
{
	(void)unused;
	MUST(filch_mutex_lock(&mutex, FILCH_FOREVER) == FILCH_OK);
	return NULL;
}

static void
a_mutex_of_an_ended_thread_stays_locked(void)
{
	MUST(pthread_join(start(lock_and_end, NULL), NULL) == 0);
	MUST(filch_mutex_lock(&mutex, in_ms(20)) == FILCH_TIMEOUT);
	MUST(filch_mutex_unlock(&mutex) == FILCH_INVAL);
	MUST(loop_works());
	exit(7);
}

static void *
loop_and_end(void *unused)
{
	(void)unused;
	MUST(loop_works());
	return NULL;
}

/* More than there are places for callers. */
static void
threads_may_come_and_go(void)
{
	for (int i = 0; i < 200; i++)
		MUST(pthread_join(start(loop_and_end, NULL), NULL) == 0);
	exit(7);
}

/* -- What passes to a new program, and to a worker -- */

static void
descriptors_are_closed_by_exec(void)
{
	filch_channel *timer;
	int fd[2];

	MUST(filch_channel_create(&channel, sizeof(int), 1, NULL) == FILCH_OK);
	MUST(filch_channel_create_timer(&timer, in_ms(1000), 0, NULL) == FILCH_OK);
	MUST(filch_channel_fd(channel, &fd[0]) == FILCH_OK);
	MUST(filch_channel_fd(timer, &fd[1]) == FILCH_OK);
	MUST(loop_works());
	for (int i = 0; i < 2; i++)
		MUST((fcntl(fd[i], F_GETFD) & FD_CLOEXEC) != 0);
	exit(7);
}

static volatile sig_atomic_t handled_elsewhere;
static pthread_t main_thread;

static void
handle(int sig)
{
	(void)sig;
	handled_elsewhere = !pthread_equal(pthread_self(), main_thread);
}

static void
signals_reach_the_programs_threads(void)
{
	main_thread = pthread_self();
	signal(SIGUSR2, handle);
	MUST(loop_works());
	for (int i = 0; i < 50; i++) {
		MUST(kill(getpid(), SIGUSR2) == 0);
		MUST(handled_elsewhere == 0);
	}
	exit(7);
}

static flc_atomic policies[8];

static int
note_policy(void *unused)
{
	struct sched_param parameters;
	int policy = -1;

	(void)unused;
	MUST(pthread_getschedparam(pthread_self(), &policy, &parameters) == 0);
	flc_add_full(&policies[policy & 7], 1);
	return FILCH_OK;
}

static void
workers_inherit_the_policy_of_their_maker(void)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	struct sched_param parameters = { .sched_priority = 0 };
	filch_pool *pool;

	options.workers = 2;
	/* SCHED_BATCH needs no rights; SCHED_FIFO is inherited the same way. */
	MUST(pthread_setschedparam(pthread_self(), SCHED_BATCH, &parameters) == 0);
	MUST(filch_pool_create(&pool, &options) == FILCH_OK);
	MUST(pthread_setschedparam(pthread_self(), SCHED_OTHER, &parameters) == 0);
	MUST(filch_pool_broadcast(pool, note_policy, NULL, FILCH_FOREVER) == FILCH_OK);
	MUST(flc_load_relaxed(&policies[SCHED_BATCH]) == 2);
	MUST(filch_pool_destroy(pool) == FILCH_OK);
	exit(7);
}

/* -- The parent -- */

static const struct scene {
	const char *name;
	void (*run)(void);
	int status;
} scenes[] = {
	{ "no verb is a cancellation point", no_verb_is_a_cancellation_point, 7 },
	{ "a first lock is no cancellation point", a_first_lock_is_none_either, 7 },
	{ "exit while tasks run", exit_while_tasks_run, 7 },
	{ "quick_exit while tasks run", quick_exit_while_tasks_run, 7 },
	{ "exit within a task", exit_within_a_task, 7 },
	{ "main ends and others work", main_ends_and_others_work, 7 },
	{ "all threads end", all_threads_end, 0 },
	{ "a mutex of an ended thread stays locked", a_mutex_of_an_ended_thread_stays_locked, 7 },
	{ "threads may come and go", threads_may_come_and_go, 7 },
	{ "descriptors are closed by exec", descriptors_are_closed_by_exec, 7 },
	{ "signals reach the program's threads", signals_reach_the_programs_threads, 7 },
	{ "workers inherit the policy of their maker", workers_inherit_the_policy_of_their_maker,
	    7 },
};
enum { SCENES = sizeof(scenes) / sizeof(scenes[0]) };

/* A sanitizer gives a status of its own to a process whose threads were not joined, and
 * AddressSanitizer takes what a canceled thread's frames leave for a fault.  A wait on a
 * POSIX condition is a cancellation point. */
#ifdef FILCH_SANITIZED
enum { FIRST_SCENE = 7 };
#elif defined(FILCH_NO_FUTEX)
enum { FIRST_SCENE = 2 };
#else
enum { FIRST_SCENE = 0 };
#endif

/* No sleeper's minute is waited for. */
START_TEST(a_scene_ends_as_it_should)
{
	const struct scene *scene = &scenes[_i];
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		alarm(30);
		scene->run();
		_exit(99);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == scene->status,
	    "%s: status %#x", scene->name, (unsigned)status);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("filch_process");
	TCase *life = case_of(suite, "scenes", NULL, NULL);

	tcase_add_loop_test(life, a_scene_ends_as_it_should, FIRST_SCENE, SCENES);
	return run_suite(suite);
}
