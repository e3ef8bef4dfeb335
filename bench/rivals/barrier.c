/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The heavy fence to all threads of the process (membarrier PRIVATE_EXPEDITED) against
 * the one to a single CPU (PRIVATE_EXPEDITED_RSEQ with FLAG_CPU), for a victim that is
 * pinned and computes.
 *
 *     barrier broadcast|targeted|alone
 *
 * prints ns a call for the thief, ns a call that the victim loses, and calls.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <linux/membarrier.h>
#include <linux/version.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CALLS 2000
#define GAP_NS 20000u
#define SLICES 4

/* The call to one CPU came with Linux 5.10. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 10, 0)

static int cpus[2];
static uint64_t steps;     /* of the victim; its own */
static int stop;

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void
pin(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	(void)sched_setaffinity(0, sizeof(one), &one);
}

/* Multiplies in a chain and counts, so that lost time is missing steps. */
static void *
victim_main(void *nothing)
{
	uint64_t work = 1;

	pin(cpus[1]);
	for (uint64_t i = 1; !__atomic_load_n(&stop, __ATOMIC_RELAXED); i++) {
		for (int j = 0; j < 32; j++)
			work = (work ^ (work >> 31)) * 0x9e3779b97f4a7c15u;
		__asm__ volatile("" : : "r"(work));
		__atomic_store_n(&steps, i, __ATOMIC_RELAXED);
	}
	return nothing;
}

static int
fence(const char *how)
{
	if (how[0] == 'b')
		return (int)syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
	if (how[0] == 't')
		return (int)syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ,
		    MEMBARRIER_CMD_FLAG_CPU, cpus[1]);
	return 0;
}

/* One slice of calls, GAP_NS apart; the steps that the victim made a ns. */
static double
slice(const char *how, uint64_t *inside)
{
	uint64_t before = __atomic_load_n(&steps, __ATOMIC_RELAXED);
	uint64_t start = now_ns(), next = start;

	for (int i = 0; i < CALLS / SLICES; i++) {
		uint64_t called;

		for (next += GAP_NS; (called = now_ns()) < next;)
			;
		if (fence(how) != 0)
			return -1;
		*inside += now_ns() - called;
	}
	return (double)(__atomic_load_n(&steps, __ATOMIC_RELAXED) - before)
	    / (double)(now_ns() - start);
}

static int
find_cpus(void)
{
	cpu_set_t allowed;
	int found = 0;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		return -1;
	for (int cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++)
		if (CPU_ISSET(cpu, &allowed))
			cpus[found++] = cpu;
	return found == 2 ? 0 : -1;
}

static int
measure(const char *how)
{
	uint64_t inside = 0, nothing = 0;
	double quiet = 0, disturbed = 0;

	for (int i = 0; i < SLICES; i++) {
		double rate = slice("-", &nothing);
		double less = slice(how, &inside);

		if (less < 0)
			return -1;
		quiet += rate;
		disturbed += less;
	}
	printf("%.0f %.0f %d\n", (double)(inside - nothing) / CALLS,
	    quiet > 0 ? (1 - disturbed / quiet) * GAP_NS : 0, CALLS);
	return 0;
}

int
main(int argc, char **argv)
{
	pthread_t victim;
	int error;

	if (argc != 2 || find_cpus() != 0)
		return 2;
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) != 0
	    || syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ, 0, 0) != 0)
		return 1;
	pin(cpus[0]);
	if (strcmp(argv[1], "alone") != 0
	    && pthread_create(&victim, NULL, victim_main, NULL) != 0)
		return 1;
	while (argv[1][0] != 'a' && __atomic_load_n(&steps, __ATOMIC_RELAXED) == 0)
		;
	error = measure(argv[1][0] == 'a' ? "broadcast" : argv[1]);
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	if (argv[1][0] != 'a')
		pthread_join(victim, NULL);
	return error != 0;
}

#else

int
main(void)
{
	fputs("the headers are older than Linux 5.10\n", stderr);
	return 1;
}

#endif
