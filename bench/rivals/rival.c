/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One owner of rival.h, or the serial floor, on one thread or two:
 *
 *     rival KERNEL N THREADS
 *
 * prints its figure, a checksum, the steals and the heavy fences:
 *
 *     fib N        seconds
 *     binomial N   seconds; N children of the root, about 50 ns a node
 *     wide N       seconds; N times one node with WIDE leaves of about 40 ns
 *     coarse N     seconds; N times one node with WIDE leaves of about 0.5 us
 *     long N       seconds; N short tasks, one of 100 ms, and a call of 100 ms
 *     only N       ns of a fork and join of the only record, N times
 *     owner N      ns that a steal costs the owner of N forks and joins; the
 *                  thief's own ns stand in the place of the checksum
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "kernels.h"

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COARSE 12
#define GAP 2e-6
#define OLDER 30000 /* what the owner has for those steals */
#define BINOMIAL_ROOT ((uint64_t)11 * 0x9e3779b97f4a7c15)

struct figure {
	double value;
	uint64_t checksum;
	unsigned long steals;
};

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static cpu_set_t allowed;

/* To the i-th CPU that the process may use. */
static void
pin(int i)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &allowed) && i-- == 0) {
			CPU_SET(cpu, &one);
			(void)sched_setaffinity(0, sizeof(one), &one);
			return;
		}
}

#ifdef RIVAL_SERIAL

unsigned long rival_heavy_fences;

static int
run(const char *kernel, int n, int threads, struct figure *figure)
{
	double start = seconds();

	leaf_work = strcmp(kernel, "coarse") == 0 ? COARSE : 1;
	(void)threads;
	(void)long_leaf;
	if (strcmp(kernel, "fib") == 0)
		figure->checksum = (uint64_t)fib(n);
	else if (strcmp(kernel, "binomial") == 0)
		figure->checksum = binomial(BINOMIAL_ROOT, n);
	else if (strcmp(kernel, "wide") == 0 || strcmp(kernel, "coarse") == 0)
		for (int i = 0; i < n; i++)
			figure->checksum += wide((uint64_t)i << 20);
	else
		return -1;
	figure->value = seconds() - start;
	return 0;
}

#else

size_t rival_sleepers;
unsigned long rival_heavy_fences;

static struct lane lanes[2];
static struct {
	pthread_t thread;
	size_t steps;           /* 0: wait; 1: steal; 2: end; 3: steal now and then */
	unsigned long steals;   /* of both */
	double took;            /* in lane_steal(), of those that found something */
} thief;

/* Runs one record of the other lane, if there is one; b: our next fork. */
static bool
steal_and_run(struct lane *own, size_t b, struct lane *victim)
{
	struct record *record = lane_steal(victim);

	if (record == NULL)
		return false;
	((run_fn *)load_relaxed(&record->state))(own, b, record);
	__atomic_fetch_add(&thief.steals, 1, __ATOMIC_RELAXED);
	store_release(&record->state, RIVAL_DONE);
	return true;
}

static void
pause_a_little(void)
{
	for (int i = 0; i < 16; i++)
		spin_hint();
}

size_t
rival_join(struct lane *lane, struct record *record, size_t at)
{
	struct lane *other = &lanes[lane == &lanes[0]];
	size_t b;

	if (load_acquire(&record->state) == RIVAL_DONE) {
		lane_left(lane, at, &b);
		return b;
	}
	if (lane_settle(lane, at, &b))
		return b;
	while (load_acquire(&record->state) != RIVAL_DONE)
		if (!steal_and_run(lane, b, other))
			pause_a_little();
	/* What we ran may have moved the indexes. */
	return b > lane_next(lane) ? b : lane_next(lane);
}

/* A steal every GAP seconds, so that each finds its owner at work. */
static void
steal_slowly(struct lane *own)
{
	double next = seconds() + GAP, start;
	unsigned long before = thief.steals;

	while (seconds() < next)
		spin_hint();
	start = seconds();
	while (load_relaxed(&thief.steps) == 3 && thief.steals == before)
		(void)steal_and_run(own, lane_next(own), &lanes[0]);
	thief.took += thief.steals != before ? seconds() - start : 0;
}

static void *
thief_main(void *nothing)
{
	struct lane *own = &lanes[1];
	size_t step;

	pin(1);
	while ((step = load_acquire(&thief.steps)) != 2)
		if (step == 3)
			steal_slowly(own);
		else if (step == 0 || !steal_and_run(own, lane_next(own), &lanes[0]))
			pause_a_little();
	return nothing;
}

/* ns of a fork and join of the only record. */
static double
only_ns(struct lane *lane, long pairs)
{
	struct task task;
	size_t b = lane_next(lane);
	double start = seconds();

	for (long i = 0; i < pairs; i++) {
		size_t at;

		task.value = (int64_t)i;
		at = lane_spawn(lane, b, &task.head, wide_leaf_run);
		__asm__ volatile("" ::: "memory");
		if (lane_take(lane, at))
			b = at;
		else
			(void)lane_settle(lane, at, &b);
	}
	return (seconds() - start) / (double)pairs * 1e9;
}

/* Seconds of n forks and joins above older records, with or without a thief. */
static double
loop_above(struct lane *lane, struct task *older, size_t *at, int count, long n, size_t step)
{
	size_t b = lane_next(lane);
	double start, end;

	for (int i = 0; i < count; i++) {
		older[i].value = 0;
		at[i] = lane_spawn(lane, b, &older[i].head, wide_leaf_run);
		b = at[i] + 1;
	}
	store_release(&thief.steps, step);
	start = seconds();
	for (long i = 0; i < n; i++) {
		struct task task;
		size_t mine = lane_spawn(lane, b, &task.head, wide_leaf_run);

		__asm__ volatile("" ::: "memory");
		if (lane_take(lane, mine))
			b = mine;
		else
			b = rival_join(lane, &task.head, mine);
	}
	end = seconds();
	store_release(&thief.steps, 0);
	for (int i = count; i-- > 0;)
		(void)JOIN(lane, b, &older[i], at[i], uint64_t, wide_leaf_finish, 0);
	return end - start;
}

/* ns that one steal costs its owner; the thief's own into *thiefs. */
static double
owner_ns(struct lane *lane, long n, double *thiefs)
{
	struct task *older = malloc(OLDER * sizeof(*older));
	size_t *at = malloc(OLDER * sizeof(*at));
	double alone = 0, with = 0;

	(void)loop_above(lane, older, at, OLDER, n, 0); /* touches the memory */
	/* Until there were some, where another process has the thief's CPU. */
	for (int i = 0; i < 6 || thief.steals < 100; i++) {
		alone += loop_above(lane, older, at, OLDER, n, 0);
		with += loop_above(lane, older, at, OLDER, n, 3);
	}
	free(older);
	free(at);
	*thiefs = thief.took / (double)thief.steals * 1e9;
	return (with - alone) / (double)thief.steals * 1e9;
}

static int
run(const char *kernel, int n, int threads, struct figure *figure)
{
	struct lane *lane = &lanes[0];
	size_t b = lane_next(lane);
	double start, thiefs = 0;

	leaf_work = strcmp(kernel, "coarse") == 0 ? COARSE : 1;
	/* The thief thread exists from two threads on, and waits until now. */
	store_release(&thief.steps, threads > 1 && strcmp(kernel, "owner") != 0);
	start = seconds();
	if (strcmp(kernel, "fib") == 0)
		figure->checksum = (uint64_t)fib(lane, b, n);
	else if (strcmp(kernel, "binomial") == 0)
		figure->checksum = binomial_node(lane, b, BINOMIAL_ROOT, n);
	else if (strcmp(kernel, "wide") == 0 || strcmp(kernel, "coarse") == 0)
		for (int i = 0; i < n; i++)
			figure->checksum += wide(lane, lane_next(lane), (uint64_t)i << 20);
	else if (strcmp(kernel, "long") == 0)
		figure->checksum = two_long(lane, b, n);
	else if (strcmp(kernel, "only") == 0)
		figure->value = only_ns(lane, n);
	else if (strcmp(kernel, "owner") == 0)
		figure->value = owner_ns(lane, n, &thiefs);
	else
		return -1;
	if (figure->value == 0)
		figure->value = seconds() - start;
	if (thiefs != 0)
		figure->checksum = (uint64_t)thiefs;
	return 0;
}

#endif

int
main(int argc, char **argv)
{
	struct figure figure = { 0, 0, 0 };
	int threads = argc > 3 ? atoi(argv[3]) : 1;
	int error;

	if (argc < 4 || threads < 1 || threads > 2) {
		fprintf(stderr, "usage: %s KERNEL N THREADS\n", argv[0]);
		return 2;
	}
	if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		return 1;
	pin(0);
#ifndef RIVAL_SERIAL
	lane_init(&lanes[0]);
	lane_init(&lanes[1]);
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) != 0
	    || (threads == 2 && pthread_create(&thief.thread, NULL, thief_main, NULL) != 0))
		return 1;
#endif
	error = run(argv[1], atoi(argv[2]), threads, &figure);
#ifndef RIVAL_SERIAL
	store_release(&thief.steps, 2);
	if (threads == 2)
		pthread_join(thief.thread, NULL);
	figure.steals = thief.steals;
#endif
	printf("%.9f %" PRIu64 " %lu %lu\n", figure.value, figure.checksum, figure.steals,
	    rival_heavy_fences);
	return error != 0;
}
