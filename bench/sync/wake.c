/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Work handed over from outside: a thread of no pool hands over one piece of work after a
 * pause in which everybody falls asleep, and goes on computing.
 *
 *     semaphore   sem_post() to a thread that sleeps in sem_wait(), pinned to a CPU
 *     spawn       filch_group_spawn()
 *     channel     filch_channel_send() to a worker that sleeps in filch_channel_recv()
 *     tbb         tbb::task_arena::enqueue(), where it was built
 *
 * `call` is how long the call takes, `wake` how long it takes until the work runs.  One
 * round does it once in each way, so all see the same machine.  A ratio is that to the
 * semaphore's wakes between the same CPUs: to the waker's own, or to another.  The
 * channel is measured by itself, as its receiver keeps one of the workers.
 *
 *     wake [ROUNDS [PAUSE_US [WHAT]]]
 *
 * WHAT: letters of the rows to measure.  n none busy, t the other, o own, b both; s spawn
 * (and tbb), c channel.
 */
#include "wake.h"

#include <filch.h>

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST 20000

/* The waker goes on computing so long; then it sleeps until the work was begun. */
#define COMPUTE_NS 2000000

static size_t rounds = 1000;
static unsigned pause_us = 1000;
static const char *what = "ntobsc";
static int own_cpu, other_cpu;

/* -- The work: it tells when and where it began -- */

static uint64_t began_at;
static int began_cpu;
static int begun;

void
wake_begun(void)
{
	began_at = filch_now();
	began_cpu = sched_getcpu();
	__atomic_store_n(&begun, 1, __ATOMIC_RELEASE);
}

/* -- The ways -- */

static sem_t own_semaphore, other_semaphore;

static void
pin_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

static void *
sem_main(void *semaphore)
{
	pin_to(semaphore == &own_semaphore ? own_cpu : other_cpu);
	for (;;) {
		while (sem_wait((sem_t *)semaphore) != 0)
			;
		wake_begun();
	}
	return NULL;
}

static void
post_own(void)
{
	(void)sem_post(&own_semaphore);
}

static void
post_other(void)
{
	(void)sem_post(&other_semaphore);
}

static filch_group group = FILCH_GROUP_INIT;

static int
task(void *unused)
{
	(void)unused;
	wake_begun();
	return FILCH_OK;
}

static void
spawn(void)
{
	if (filch_group_spawn(&group, task, NULL) != FILCH_OK)
		exit(1);
}

static filch_group receivers = FILCH_GROUP_INIT;
static filch_channel *channel;

static int
receive(void *unused)
{
	int item;

	(void)unused;
	while (filch_channel_recv(channel, &item, FILCH_FOREVER) == FILCH_OK)
		wake_begun();
	return FILCH_OK;
}

static void
send(void)
{
	int item = 1;

	if (filch_channel_send(channel, &item, FILCH_FOREVER) != FILCH_OK)
		exit(1);
}

/* -- Measuring -- */

/* Between which CPUs. */
enum pair { SAME, ACROSS, PAIRS };

struct way {
	const char *name;
	void (*post)(void);
	bool absent;     /* not measured now */
	size_t n[PAIRS];
	double call[PAIRS][MOST], wake[PAIRS][MOST];
};

static struct way ways[] = {
	{ .name = "semaphore", .post = post_own },
	{ .name = "semaphore", .post = post_other },
	{ .name = "spawn", .post = spawn },
	{ .name = "channel", .post = send },
#ifdef WAKE_TBB
	{ .name = "tbb", .post = wake_tbb_post },
#endif
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

static void
nap(unsigned us)
{
	const struct timespec time = { us / 1000000, (long)(us % 1000000) * 1000 };

	(void)nanosleep(&time, NULL);
}

static void
one_wake(struct way *way)
{
	uint64_t at, returned;
	enum pair pair;

	nap(pause_us);
	__atomic_store_n(&begun, 0, __ATOMIC_RELAXED);
	at = filch_now();
	way->post();
	returned = filch_now();
	while (!__atomic_load_n(&begun, __ATOMIC_ACQUIRE))
		if (filch_now() - at > COMPUTE_NS)
			nap(20);
	pair = began_cpu == own_cpu ? SAME : ACROSS;
	way->call[pair][way->n[pair]] = (double)(returned - at);
	way->wake[pair][way->n[pair]++] = (double)(began_at - at);
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
quantile(const double *sorted, size_t n, double q)
{
	size_t at = (size_t)(q * (double)n);

	return n == 0 ? 0 : sorted[at < n ? at : n - 1] / 1e3;
}

static void
one_round(void)
{
	for (size_t i = 0; i < WAYS; i++)
		if (!ways[i].absent)
			one_wake(&ways[i]);
}

static void
print_row(const char *load, struct way *way, enum pair pair, const struct way *semaphore)
{
	static const double q[2] = { 0.5, 0.99 };
	size_t n = way->n[pair], m = semaphore->n[pair];

	printf("%-14s %-10s %-7s %5zu", load, way->name, pair == SAME ? "own" : "other", n);
	for (int wake = 0; wake < 2; wake++)
		for (int i = 0; i < 2; i++) {
			double us = quantile(wake ? way->wake[pair] : way->call[pair], n, q[i]);
			double by = quantile(wake ? semaphore->wake[pair]
			    : semaphore->call[pair], m, q[i]);

			printf(" %9.1f %5.2f", us, by > 0 ? us / by : 0);
		}
	printf("\n");
}

static void
report(const char *load)
{
	for (size_t i = 0; i < WAYS; i++)
		for (enum pair pair = SAME; pair < PAIRS; pair++) {
			qsort(ways[i].call[pair], ways[i].n[pair], sizeof(double), by_size);
			qsort(ways[i].wake[pair], ways[i].n[pair], sizeof(double), by_size);
		}
	for (size_t i = 0; i < WAYS; i++)
		for (enum pair pair = SAME; pair < PAIRS; pair++)
			if (ways[i].n[pair] > 0)
				print_row(load, &ways[i], pair, &ways[pair]);
}

/* -- Threads that compute -- */

static int computing;

static void *
compute(void *cpu)
{
	pin_to(cpu == NULL ? own_cpu : other_cpu);
	while (__atomic_load_n(&computing, __ATOMIC_RELAXED))
		;
	return NULL;
}

static void
measure(const char *load, bool own_busy, bool other_busy)
{
	pthread_t thread[2];

	computing = 1;
	if ((own_busy && pthread_create(&thread[0], NULL, compute, NULL) != 0)
	    || (other_busy && pthread_create(&thread[1], NULL, compute, &computing) != 0))
		exit(1);
	for (size_t i = 0; i < WAYS; i++)
		ways[i].n[SAME] = ways[i].n[ACROSS] = 0;
	for (size_t round = 0; round < rounds; round++)
		one_round();
	__atomic_store_n(&computing, 0, __ATOMIC_RELAXED);
	if (own_busy)
		pthread_join(thread[0], NULL);
	if (other_busy)
		pthread_join(thread[1], NULL);
	report(load);
}

/* With a receiver that waits, or with everything else. */
static void
measure_all(bool receiving)
{
	for (size_t i = 0; i < WAYS; i++)
		if (ways[i].post == send)
			ways[i].absent = !receiving;
		else if (ways[i].post != post_own && ways[i].post != post_other)
			ways[i].absent = receiving;
	if (receiving && filch_group_spawn(&receivers, receive, NULL) != FILCH_OK)
		exit(1);
	nap(50000);
	if (strchr(what, 'n') != NULL)
		measure("none", false, false);
	if (strchr(what, 't') != NULL)
		measure("the other", false, true);
	if (strchr(what, 'o') != NULL)
		measure("own", true, false);
	if (strchr(what, 'b') != NULL)
		measure("both", true, true);
}

/* The first two CPUs that we may use; the same twice if there is one. */
static void
choose_cpus(void)
{
	cpu_set_t set;
	int found[2] = { 0, 0 }, n = 0;

	(void)sched_getaffinity(0, sizeof(set), &set);
	for (int cpu = 0; cpu < CPU_SETSIZE && n < 2; cpu++)
		if (CPU_ISSET((size_t)cpu, &set))
			found[n++] = cpu;
	own_cpu = found[0];
	other_cpu = n > 1 ? found[1] : found[0];
}

static void
start(void)
{
	sem_t *semaphore[2] = { &own_semaphore, &other_semaphore };
	pthread_t thread;

	choose_cpus();
	if (filch_pool_default() == NULL
	    || filch_channel_create(&channel, sizeof(int), 64, NULL) != FILCH_OK)
		exit(1);
#ifdef WAKE_TBB
	wake_tbb_post();
#endif
	for (int i = 0; i < 2; i++)
		if (sem_init(semaphore[i], 0, 0) != 0
		    || pthread_create(&thread, NULL, sem_main, semaphore[i]) != 0)
			exit(1);
	pin_to(own_cpu);
}

int
main(int argc, char **argv)
{
	if (argc > 1)
		rounds = (size_t)atol(argv[1]);
	if (argc > 2)
		pause_us = (unsigned)atol(argv[2]);
	if (argc > 3)
		what = argv[3];
	if (rounds < 1 || rounds > MOST)
		return 1;
	start();
	printf("%-14s %-10s %-7s %5s %9s %5s %9s %5s %9s %5s %9s %5s   (us, by the semaphore)\n",
	    "busy", "way", "to CPU", "n", "call", "", "p99", "", "wake", "", "p99", "");
	if (strchr(what, 's') != NULL)
		measure_all(false);
	if (strchr(what, 'c') != NULL)
		measure_all(true);
	filch_channel_close(channel);
	(void)filch_group_wait(&receivers, FILCH_FOREVER);
	(void)filch_group_wait(&group, FILCH_FOREVER);
	filch_channel_destroy(channel);
	return 0;
}
