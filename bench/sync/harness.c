/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "harness.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

uint64_t
sync_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

#define MOST_WAYS 16

void
sync_row(const char *row, const struct sync_way *ways, size_t count, size_t n)
{
	static double time[MOST_WAYS][SYNC_TURNS];

	if (count > MOST_WAYS)
		exit(2);
	for (size_t way = 0; way < count; way++)
		(void)ways[way].run(n / 10 + 1);
	for (size_t turn = 0; turn < SYNC_TURNS; turn++)
		for (size_t way = 0; way < count; way++)
			time[way][turn] = ways[way].run(n);
	for (size_t way = 0; way < count; way++) {
		qsort(time[way], SYNC_TURNS, sizeof(double), compare);
		printf("%s\t%s\t%.2f\n", row, ways[way].name, time[way][SYNC_TURNS / 2]);
	}
}

#define MOST_THREADS 64

struct start {
	pthread_barrier_t barrier;
	void (*main_)(void *argument, size_t thread);
	void *argument;
};

struct one {
	struct start *start;
	size_t thread;
};

/* Each thread on the next CPU that we may use: two on one would not contend. */
static void
take_cpu(size_t thread)
{
	cpu_set_t all, mine;
	int skip;

	if (sched_getaffinity(0, sizeof(all), &all) != 0)
		return;
	skip = (int)(thread % (size_t)CPU_COUNT(&all));
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &all) && skip-- == 0) {
			CPU_ZERO(&mine);
			CPU_SET(cpu, &mine);
			(void)sched_setaffinity(0, sizeof(mine), &mine);
			return;
		}
}

static void *
begin(void *argument)
{
	struct one *one = argument;

	take_cpu(one->thread);
	pthread_barrier_wait(&one->start->barrier);
	one->start->main_(one->start->argument, one->thread);
	return NULL;
}

double
sync_threads(size_t n, void (*main_)(void *argument, size_t thread), void *argument)
{
	struct start start = { .main_ = main_, .argument = argument };
	struct one one[MOST_THREADS];
	pthread_t thread[MOST_THREADS];
	uint64_t since;

	if (n > MOST_THREADS)
		exit(2);
	pthread_barrier_init(&start.barrier, NULL, (unsigned)n + 1);
	for (size_t i = 0; i < n; i++) {
		one[i] = (struct one){ &start, i };
		if (pthread_create(&thread[i], NULL, begin, &one[i]) != 0)
			exit(2);
	}
	/* Before the barrier: who passes it may be done before we are. */
	since = sync_now();
	pthread_barrier_wait(&start.barrier);
	for (size_t i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	pthread_barrier_destroy(&start.barrier);
	return (double)(sync_now() - since);
}
