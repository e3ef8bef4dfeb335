/* SPDX-License-Identifier: BSD-2-Clause */
#include "form.h"

/* A Jacobi step over rows by halving; all steps in order. */
#ifndef BENCH_PLAIN

FILCH_TASK(void, heat, const double *, from, double *, to, size_t, n, size_t, begin,
    size_t, end)
{
	if (end - begin <= LEAF_HEAT) {
		leaf_heat_rows(from, to, n, begin, end);
		return;
	}

	size_t middle = begin + (end - begin) / 2;

	FILCH_SPAWN(upper, heat, from, to, n, begin, middle);
	FILCH_CALL(heat, from, to, n, middle, end);
	FILCH_JOIN(upper, heat);
}

#else

struct heat {
	const double *from;
	double *to;
	size_t n, begin, end;
};

static int
heat_task(void *context)
{
	const struct heat *call = context;
	struct heat upper = *call, lower = *call;

	if (call->end - call->begin <= LEAF_HEAT) {
		leaf_heat_rows(call->from, call->to, call->n, call->begin, call->end);
		return 0;
	}
	upper.end = lower.begin = call->begin + (call->end - call->begin) / 2;
	return filch_join(heat_task, &lower, heat_task, &upper);
}

static void
heat(const double *from, double *to, size_t n, size_t begin, size_t end)
{
	struct heat call = { from, to, n, begin, end };

	filch_pool_run(NULL, heat_task, &call);
}

#endif

uint64_t
bench_heat(const struct bench_case *run)
{
	const struct leaf_heat *grid = run->data;

	for (size_t step = 0; step < grid->steps; step++)
		FORM_RUN(heat, grid->cell[step % 2], grid->cell[(step + 1) % 2], grid->n, 1,
		    grid->n - 1);
	return 0;
}
