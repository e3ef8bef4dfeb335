/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fib N RUNS WORKERS: nanoseconds a call of the quickest of RUNS runs, as C or C++.
 * FORK_SERIAL: the recursion itself; FORK_LACE: by Lace's <lace.h>; else by filch.
 */
#ifdef FORK_LACE
#include <assert.h>
#include <lace.h>
#else
#include <filch.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#if defined(FORK_SERIAL)
static __attribute__((noinline)) int
fib(int n)
{
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
}
#elif defined(FORK_LACE)
TASK_1(int, fib, int, n)
{
	if (n < 2)
		return n;
	SPAWN(fib, n - 1);
	int right = CALL(fib, n - 2);
	int left = SYNC(fib);

	return left + right;
}
#else
FILCH_TASK(int, fib, int, n)
{
	if (n < 2)
		return n;
	FILCH_SPAWN(left, fib, n - 1);
	int right = FILCH_CALL(fib, n - 2);

	return FILCH_JOIN(left, fib) + right;
}
#endif

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

static int
run(int n)
{
#if defined(FORK_SERIAL)
	return fib(n);
#elif defined(FORK_LACE)
	return RUN(fib, n);
#else
	return FILCH_RUN(fib, n);
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
	double calls = 1, before = 1, best = 1e18;
	int wanted = 1, last = 0;

	if (n < 2 || runs < 1) {
		fprintf(stderr, "fib N RUNS WORKERS\n");
		return 2;
	}
	for (int i = 2; i <= n; i++) {
		double more = calls + before + 1;
		int next = wanted + last;

		before = calls;
		calls = more;
		last = wanted;
		wanted = next;
	}
	start(argv[3]);
	for (int i = 0; i < runs; i++) {
		double begin = now();
		int result = run(n);
		double taken = now() - begin;

		if (result != wanted) {
			fprintf(stderr, "fib(%d) is %d, not %d\n", n, wanted, result);
			return 1;
		}
		best = taken < best ? taken : best;
	}
	printf("%.4f\n", best / calls);
	return 0;
}
