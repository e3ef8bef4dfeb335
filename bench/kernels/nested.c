/* SPDX-License-Identifier: BSD-2-Clause */
#include "form.h"

/* A parallel loop in each iteration of a parallel loop; row k of the data is the outer
 * iteration's. */
#ifdef BENCH_SERIAL

uint64_t
bench_nested(const struct bench_case *run)
{
	const struct leaf_axpy *axpy = run->data;

	for (uint64_t r = 0; r < run->repeat; r++)
		for (size_t k = 0; k < LEAF_NESTED; k++)
			leaf_axpy_range(1, axpy->x, axpy->y, k * run->n, (k + 1) * run->n);
	return 0;
}

#else

static int
inner(void *context, size_t begin, size_t end)
{
	const struct leaf_axpy *row = context;

	leaf_axpy_range(1, row->x, row->y, begin, end);
	return 0;
}

static int
outer(void *context, size_t begin, size_t end)
{
	const struct leaf_axpy *axpy = context;
	size_t n = axpy->n / LEAF_NESTED;

	for (size_t k = begin; k < end; k++) {
		struct leaf_axpy row = { n, axpy->x + k * n, axpy->y + k * n };

		filch_for(0, n, inner, &row, NULL);
	}
	return 0;
}

uint64_t
bench_nested(const struct bench_case *run)
{
	for (uint64_t r = 0; r < run->repeat; r++)
		filch_for(0, LEAF_NESTED, outer, run->data, NULL);
	return 0;
}

#endif
