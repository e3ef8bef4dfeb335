/* SPDX-License-Identifier: BSD-2-Clause */
#include "form.h"

#ifndef BENCH_PLAIN

FILCH_TASK(long, fib, int, n)
{
	if (n < 2)
		return n;
	FILCH_SPAWN(left, fib, n - 1);
	long right = FILCH_CALL(fib, n - 2);

	return FILCH_JOIN(left, fib) + right;
}

#else

struct fib {
	int n;
	long result;
};

static int
fib_task(void *context)
{
	struct fib *call = context;

	if (call->n < 2) {
		call->result = call->n;
		return 0;
	}
	struct fib left = { call->n - 1, 0 };
	struct fib right = { call->n - 2, 0 };

	filch_join(fib_task, &right, fib_task, &left);
	call->result = left.result + right.result;
	return 0;
}

static long
fib(int n)
{
	struct fib call = { n, 0 };

	filch_pool_run(NULL, fib_task, &call);
	return call.result;
}

#endif

uint64_t
bench_fib(const struct bench_case *run)
{
	return (uint64_t)FORM_RUN(fib, (int)run->n);
}
