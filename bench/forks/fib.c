/* SPDX-License-Identifier: BSD-2-Clause */
#include "run.h"

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
	FORK_PLANT();
	if (n < 2)
		return n;
	FILCH_SPAWN(left, fib, n - 1);
	int right = FILCH_CALL(fib, n - 2);

	return FILCH_JOIN(left, fib) + right;
}
#endif

static uint64_t
kernel_run(int n)
{
#ifdef FORK_SERIAL
	return (uint64_t)fib(n);
#else
	return (uint64_t)FORK_RUN(fib, n);
#endif
}

static double
kernel_calls(int n, uint64_t *wanted)
{
	double calls = 1, before = 1;
	uint64_t last = 0;

	*wanted = 1;
	for (int i = 2; i <= n; i++) {
		double more = calls + before + 1;
		uint64_t next = *wanted + last;

		before = calls;
		calls = more;
		last = *wanted;
		*wanted = next;
	}
	return calls;
}
