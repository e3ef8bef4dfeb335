/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KERNEL N RUNS WORKERS: nanoseconds a call of the quickest of RUNS runs, as C or C++.
 * FORK_SERIAL: the recursion itself; FORK_LACE: by Lace's <lace.h>; else by filch.  The
 * kernel's file defines kernel_run(n), and kernel_calls(n, &wanted): how many calls that
 * is, and its result.
 */
#ifndef BENCH_FORKS_RUN_H
#define BENCH_FORKS_RUN_H

#ifdef FORK_LACE
#include <assert.h>
#include <lace.h>
#else
#include <filch.h>
#endif

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* RUN of Lace's and FILCH_RUN take the same arguments. */
#if defined(FORK_LACE)
#define FORK_RUN RUN
#else
#define FORK_RUN FILCH_RUN
#endif

/* For gate.sh: one instruction more in each call. */
#ifdef FORK_PLANTED
#define FORK_PLANT() __asm__ volatile("nop")
#else
#define FORK_PLANT() ((void)0)
#endif

static uint64_t kernel_run(int n);
static double kernel_calls(int n, uint64_t *wanted);

static void
start(const char *workers)
{
#if defined(FORK_LACE)
	lace_start((unsigned)atoi(workers), 100000);
#elif defined(FORK_SERIAL)
	(void)workers;
#else
	setenv("FILCH_WORKERS", workers, 1);
#endif
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

int
main(int argc, char **argv)
{
	int n = argc > 3 ? atoi(argv[1]) : 0;
	int runs = argc > 3 ? atoi(argv[2]) : 0;
	double calls, best = 1e18;
	uint64_t wanted;

	if (n < 2 || runs < 1) {
		fprintf(stderr, "usage: %s N RUNS WORKERS\n", argv[0]);
		return 2;
	}
	calls = kernel_calls(n, &wanted);
	start(argv[3]);
	for (int i = 0; i < runs; i++) {
		double begin = now();
		uint64_t result = kernel_run(n);
		double taken = now() - begin;

		if (result != wanted) {
			fprintf(stderr, "%s %d is %llu, not %llu\n", argv[0], n,
			    (unsigned long long)result, (unsigned long long)wanted);
			return 1;
		}
		best = taken < best ? taken : best;
	}
	printf("%.4f\n", best / calls);
	return 0;
}

#endif /* BENCH_FORKS_RUN_H */
