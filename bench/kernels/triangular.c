/* SPDX-License-Identifier: BSD-2-Clause */
#include "form.h"

/* Iteration i costs i. */
#ifdef BENCH_SERIAL

uint64_t
bench_triangular(const struct bench_case *run)
{
	const struct leaf_triangular *triangle = run->data;

	leaf_triangular_range(triangle->out, 0, triangle->n);
	return 0;
}

#else

static int
body(void *context, size_t begin, size_t end)
{
	const struct leaf_triangular *triangle = context;

	leaf_triangular_range(triangle->out, begin, end);
	return 0;
}

uint64_t
bench_triangular(const struct bench_case *run)
{
	filch_for(0, run->n, body, run->data, NULL);
	return 0;
}

#endif
