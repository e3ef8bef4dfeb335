/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What ends or splits a process, while a thread of it waits in the library: each of the
 * events below beside each kind of wait, in a process of its own that must end, in time
 * and with success.
 */
#ifdef HAVE_CONFIG_H /* not where dlopen.sh builds it */
#include "config.h"
#endif
#include "lifecycle_kinds.h"

#include <filch.h>

#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HANG_S 60

/* -- A round: one wait, from its begin to its end -- */

static const struct kind *kind;
static pthread_t holder, waiter;
static size_t waiter_number, main_number;

static void *
hold(void *unused)
{
	kind->hold();
	/* `once` has waited inside of it. */
	if (kind->hold != run_once) {
		sem_post(&held);
		while (sem_wait(&go) != 0)
			;
	}
	kind->release();
	return unused;
}

static void *
wait_there(void *unused)
{
	__atomic_store_n(&waiter_number, thread_number(), __ATOMIC_RELEASE);
	kind->wait();
	return unused;
}

static void
begin(void)
{
	mutex = (filch_mutex)FILCH_MUTEX_INIT("lifecycle");
	condition = (filch_condition)FILCH_CONDITION_INIT;
	rwlock = (filch_rwlock)FILCH_RWLOCK_INIT("lifecycle");
	once = (filch_once)FILCH_ONCE_INIT;
	semaphore = (filch_semaphore)FILCH_SEMAPHORE_INIT(0);
	latch = (filch_latch)FILCH_LATCH_INIT(1);
	barrier = (filch_barrier)FILCH_BARRIER_INIT;
	flag = opened = 0;
	NEED(filch_channel_create(&channel, sizeof(uint64_t), 1, NULL) == FILCH_OK);
	NEED(sem_init(&held, 0, 0) == 0 && sem_init(&go, 0, 0) == 0);
	NEED(pthread_create(&holder, NULL, hold, NULL) == 0);
	while (sem_wait(&held) != 0)
		;
	waiter_number = 0;
	NEED(pthread_create(&waiter, NULL, wait_there, NULL) == 0);
	until_state(&waiter_number, 'S');
}

static void
finish(void)
{
	sem_post(&go);
	NEED(pthread_join(holder, NULL) == 0);
	NEED(pthread_join(waiter, NULL) == 0);
	filch_channel_destroy(channel);
	NEED(filch_mutex_fini(&mutex) == FILCH_OK && filch_rwlock_fini(&rwlock) == FILCH_OK);
}

/* -- Events -- */

struct event {
	const char *name;
	void (*happen)(void);
};

static void
exit_there(void)
{
	exit(0);
}

static void
exit_quickly(void)
{
	quick_exit(0);
}

static void *
finish_later(void *unused)
{
	until_state(&main_number, 'Z');
	finish();
	exit(0);
	return unused;
}

static void
end_main_thread(void)
{
	pthread_t thread;

	main_number = thread_number();
	NEED(pthread_create(&thread, NULL, finish_later, NULL) == 0);
	pthread_exit(NULL);
}

static int
add(void *sum, size_t from, size_t to)
{
	__atomic_fetch_add((size_t *)sum, to - from, __ATOMIC_RELAXED);
	return FILCH_OK;
}

/* The child has its own default pool, channels and locks. */
static void
fork_there(void)
{
	pid_t child = fork();
	size_t sum = 0;
	int status;

	NEED(child >= 0);
	if (child == 0) {
		alarm(HANG_S);
		NEED(filch_for(0, 1000, add, &sum, NULL) == FILCH_OK && sum == 1000);
		for (kind = kinds; kind < kinds + KINDS; kind++) {
			pool = NULL;
			begin();
			finish();
		}
		exit(0);
	}
	NEED(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	finish();
}

/* No wait is a cancellation point: it takes effect when the call has returned, so that
 * nothing is left half done. */
static void
cancel_there(void)
{
	NEED(pthread_cancel(waiter) == 0);
	pause_ms(20);  /* time in which it would end the wait */
	finish();
	begin();
	finish();
}

static void
end_threads(void)
{
	finish();
	for (int i = 0; i < 10; i++) {
		begin();
		finish();
	}
	if (pool != NULL)
		NEED(filch_pool_destroy(pool) == FILCH_OK);
}

static const char *plugin_path;

/* What waits is woken after the plug-in, whose pools live on, is gone. */
static void
load_and_unload(void)
{
	void *plugin = dlopen(plugin_path, RTLD_NOW | RTLD_LOCAL);
	void *found;
	int (*run)(void);

	NEED(plugin != NULL);
	found = dlsym(plugin, "plugin_run");
	NEED(found != NULL);
	memcpy(&run, &found, sizeof(run));
	NEED(run() == 0);
	NEED(dlclose(plugin) == 0);
	pause_ms(20);  /* a thread whose code is gone would run into it */
	finish();
}

static const struct event with_plugin = { "dlopen and dlclose", load_and_unload };

static const struct event events[] = {
	{ "exit", exit_there },
	{ "quick_exit", exit_quickly },
	{ "pthread_exit of main", end_main_thread },
	{ "fork", fork_there },
	{ "pthread_cancel of the waiter", cancel_there },
	{ "threads that end", end_threads },
};
#define EVENTS ((int)(sizeof(events) / sizeof(events[0])))

/* Why the event is left out; NULL: it is not. */
static const char *
reason_against(const struct event *event)
{
#ifdef __SANITIZE_THREAD__
	if (event->happen == fork_there)
		return "the sanitizer does not follow a child that starts threads";
#endif
#ifdef FILCH_NO_FUTEX
	if (event->happen == cancel_there)
		return "a wait on a POSIX condition is a cancellation point";
#endif
	(void)event;
	return NULL;
}

static void
run_cell(const struct event *event, const struct kind *chosen)
{
	int status = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		alarm(HANG_S);
		kind = chosen;
		begin();
		event->happen();
		exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		status = -1;
	if (WIFSIGNALED(status))
		printf("# signal %d%s\n", WTERMSIG(status),
		    WTERMSIG(status) == SIGALRM ? ": it hung" : "");
	tap_result(status == 0, "%s while a thread waits: %s", event->name, chosen->name);
}

/*
 *     lifecycle               all events, each beside each kind of wait
 *     lifecycle EVENT KIND    one of them by number, for a debugger
 *     lifecycle plug-in PATH  a plug-in that comes and goes, by dlopen.sh
 */
int
main(int argc, char **argv)
{
	unsetenv("FILCH_METRICS");
	if (argc > 2 && strcmp(argv[1], "plug-in") == 0) {
		plugin_path = argv[2];
		tap_plan(KINDS);
		for (int k = 0; k < KINDS; k++)
			run_cell(&with_plugin, &kinds[k]);
		return tap_status();
	}
	if (argc > 2) {
		run_cell(&events[atoi(argv[1]) % EVENTS], &kinds[atoi(argv[2]) % KINDS]);
		return tap_status();
	}
	tap_plan(EVENTS * KINDS);
	for (int i = 0; i < EVENTS; i++)
		for (int k = 0; k < KINDS; k++)
			if (reason_against(&events[i]) != NULL)
				tap_result(true, "%s: %s # SKIP %s", events[i].name,
				    kinds[k].name, reason_against(&events[i]));
			else
				run_cell(&events[i], &kinds[k]);
	return tap_status();
}
