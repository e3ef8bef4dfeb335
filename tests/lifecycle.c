/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What ends or splits a process, while a thread of it waits in the library: each of
 * the events below beside each kind of wait, in a process of its own that must end, in
 * time and with success.
 */
#ifdef HAVE_CONFIG_H /* not where dlopen.sh builds it */
#include "config.h"
#endif
#include "tap.h"
#include "thread_state.h"

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

static void
pause_ms(long ms)
{
	struct timespec span = { ms / 1000, ms % 1000 * 1000000 };
	int before;

	/* A task that is canceled in a call of its own is no matter of the library. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	nanosleep(&span, NULL);
	pthread_setcancelstate(before, &before);
}

static size_t
thread_number(void)
{
	return (size_t)syscall(SYS_gettid);
}

static void
until_state(const size_t *thread, char state)
{
	size_t number;

	do {
		pause_ms(1);
		number = __atomic_load_n(thread, __ATOMIC_ACQUIRE);
	} while (number == 0 || thread_state(number) != state);
}

/* -- What all kinds use: who holds, until it may let go -- */

static sem_t held, go;
static int opened;     /* what tasks look at */

static void
open_gate(void)
{
	__atomic_store_n(&opened, 1, __ATOMIC_RELEASE);
}

static int
pass_gate(void *unused)
{
	(void)unused;
	while (!__atomic_load_n(&opened, __ATOMIC_ACQUIRE))
		pause_ms(1);
	return FILCH_OK;
}

static int
pass_gate_in_range(void *unused, size_t begin, size_t end)
{
	(void)begin;
	(void)end;
	return pass_gate(unused);
}

static void
nothing(void)
{
}

static filch_pool *pool;

static void
make_pool(void)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	options.workers = 2;
	if (pool == NULL)
		NEED(filch_pool_create(&pool, &options) == FILCH_OK);
}

/* -- Kinds of wait -- */

static filch_mutex mutex;
static filch_condition condition;
static filch_rwlock rwlock;
static filch_once once;
static filch_semaphore semaphore;
static filch_latch latch;
static filch_barrier barrier;
static filch_channel *channel;
static int flag;

static void
lock_mutex(void)
{
	NEED(filch_mutex_lock(&mutex, FILCH_FOREVER) == FILCH_OK);
}

static void
unlock_mutex(void)
{
	NEED(filch_mutex_unlock(&mutex) == FILCH_OK);
}

static void
wait_mutex(void)
{
	lock_mutex();
	unlock_mutex();
}

static void
wait_condition(void)
{
	lock_mutex();
	while (flag == 0)
		NEED(filch_condition_wait(&condition, &mutex, FILCH_FOREVER) == FILCH_OK);
	unlock_mutex();
}

static void
signal_condition(void)
{
	lock_mutex();
	flag = 1;
	NEED(filch_condition_broadcast(&condition) == FILCH_OK);
	unlock_mutex();
}

static void
hold_rwlock(void)
{
	NEED(filch_rwlock_write_lock(&rwlock, FILCH_FOREVER) == FILCH_OK);
}

static void
release_rwlock(void)
{
	NEED(filch_rwlock_write_unlock(&rwlock) == FILCH_OK);
}

static void
wait_rwlock(void)
{
	NEED(filch_rwlock_read_lock(&rwlock, FILCH_FOREVER) == FILCH_OK);
	NEED(filch_rwlock_read_unlock(&rwlock) == FILCH_OK);
}

static int
do_once(void *unused)
{
	sem_post(&held);
	while (sem_wait(&go) != 0)
		;
	sem_post(&go);
	return unused == NULL ? FILCH_OK : FILCH_INVAL;
}

static void
run_once(void)
{
	NEED(filch_once_run(&once, do_once, NULL) == FILCH_OK);
}

static void
wait_semaphore(void)
{
	NEED(filch_semaphore_acquire(&semaphore, FILCH_FOREVER) == FILCH_OK);
}

static void
release_semaphore(void)
{
	NEED(filch_semaphore_release(&semaphore, 1) == FILCH_OK);
}

static void
wait_latch(void)
{
	NEED(filch_latch_wait(&latch, FILCH_FOREVER) == FILCH_OK);
}

static void
open_latch(void)
{
	NEED(filch_latch_count_down(&latch, 1) == FILCH_OK);
}

static void
send(void)
{
	uint64_t item = 1;

	NEED(filch_channel_send(channel, &item, FILCH_FOREVER) == FILCH_OK);
}

static void
receive(void)
{
	uint64_t item;

	NEED(filch_channel_recv(channel, &item, FILCH_FOREVER) == FILCH_OK);
}

static void
select_one(void)
{
	uint64_t item;
	filch_select_arm arm = { channel, FILCH_SELECT_RECV, &item };
	size_t chosen;

	NEED(filch_select(&arm, 1, &chosen, FILCH_FOREVER) == FILCH_OK);
}

static void
wait_group(void)
{
	filch_group group = FILCH_GROUP_INIT;

	group.pool = pool;
	for (int i = 0; i < 4; i++)
		NEED(filch_group_spawn(&group, pass_gate, NULL) == FILCH_OK);
	NEED(filch_group_wait(&group, FILCH_FOREVER) == FILCH_OK);
}

static void
wait_loop(void)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;

	options.pool = pool;
	options.grain_exact = 1;
	NEED(filch_for(0, 4, pass_gate_in_range, NULL, &options) == FILCH_OK);
}

static int
meet(void *unused)
{
	if (filch_worker_index() == 0)
		NEED(pass_gate(unused) == FILCH_OK);
	return filch_barrier_wait(&barrier, FILCH_FOREVER);
}

static void
wait_barrier(void)
{
	NEED(filch_pool_broadcast(pool, meet, NULL, FILCH_FOREVER) == FILCH_OK);
}

static int
source(void *left, void *slot)
{
	(void)slot;
	return (*(size_t *)left)-- == 0 ? FILCH_CLOSED : FILCH_OK;
}

static int
map(void *left, void *slot)
{
	(void)left;
	(void)slot;
	return pass_gate(NULL);
}

static int
sink(void *left, void *slot)
{
	(void)left;
	(void)slot;
	return FILCH_OK;
}

static void
wait_pipeline(void)
{
	filch_pipeline_options options = FILCH_PIPELINE_OPTIONS_INIT;
	size_t left = 4;

	options.pool = pool;
	NEED(filch_ordered_map(source, map, sink, &left, &options, FILCH_FOREVER) == FILCH_OK);
}

static void
wait_graph(void)
{
	filch_graph_options options = FILCH_GRAPH_OPTIONS_INIT;
	filch_graph *graph = NULL;
	size_t node[3];

	NEED(filch_graph_create(&graph, "lifecycle") == FILCH_OK);
	for (size_t i = 0; i < 3; i++)
		NEED(filch_graph_add(graph, "node", pass_gate, NULL, &node[i]) == FILCH_OK);
	NEED(filch_graph_edge(graph, node[0], node[2]) == FILCH_OK);
	NEED(filch_graph_build(graph) == FILCH_OK);
	options.pool = pool;
	NEED(filch_graph_run(graph, &options) == FILCH_OK);
	NEED(filch_graph_destroy(graph) == FILCH_OK);
}

static void
leave_once(void)
{
}

/* One thread holds and lets go, the other waits; `wait` ends after `release`. */
static const struct kind {
	const char *name;
	void (*hold)(void), (*release)(void), (*wait)(void);
} kinds[] = {
	{ "group", make_pool, open_gate, wait_group },
	{ "loop", make_pool, open_gate, wait_loop },
	{ "channel send", send, receive, send },
	{ "channel receive", nothing, send, receive },
	{ "select", nothing, send, select_one },
	{ "mutex", lock_mutex, unlock_mutex, wait_mutex },
	{ "condition", nothing, signal_condition, wait_condition },
	{ "semaphore", nothing, release_semaphore, wait_semaphore },
	{ "latch", nothing, open_latch, wait_latch },
	{ "barrier", make_pool, open_gate, wait_barrier },
	{ "rwlock", hold_rwlock, release_rwlock, wait_rwlock },
	{ "once", run_once, leave_once, run_once },
	{ "pipeline", make_pool, open_gate, wait_pipeline },
	{ "graph", make_pool, open_gate, wait_graph },
};
#define KINDS ((int)(sizeof(kinds) / sizeof(kinds[0])))

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
