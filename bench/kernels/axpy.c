/* SPDX-License-Identifier: BSD-2-Clause */
#include "form.h"

/* y += x, from inside of the pool and from outside. */
#ifdef BENCH_SERIAL

uint64_t
bench_axpy(const struct bench_case *run)
{
	const struct leaf_axpy *axpy = run->data;

	for (uint64_t r = 0; r < run->repeat; r++)
		leaf_axpy_range(1, axpy->x, axpy->y, 0, axpy->n);
	return 0;
}

uint64_t
bench_axpy_outside(const struct bench_case *run)
{
	return bench_axpy(run);
}

#else

static int
body(void *context, size_t begin, size_t end)
{
	const struct leaf_axpy *axpy = context;

	leaf_axpy_range(1, axpy->x, axpy->y, begin, end);
	return 0;
}

uint64_t
bench_axpy_outside(const struct bench_case *run)
{
	const struct leaf_axpy *axpy = run->data;

	for (uint64_t r = 0; r < run->repeat; r++)
		filch_for(0, axpy->n, body, run->data, NULL);
	return 0;
}

static int
inside(void *context)
{
	bench_axpy_outside(context);
	return 0;
}

uint64_t
bench_axpy(const struct bench_case *run)
{
	struct bench_case again = *run;

	filch_pool_run(NULL, inside, &again);
	return 0;
}

#endif
