/* SPDX-License-Identifier: BSD-2-Clause */
#include "form.h"

#ifdef BENCH_SERIAL

uint64_t
bench_mandelbrot(const struct bench_case *run)
{
	const struct leaf_mandelbrot *image = run->data;

	leaf_mandelbrot_rows(image->pixels, image->n, 0, image->n);
	return 0;
}

#else

static int
body(void *context, size_t begin, size_t end)
{
	const struct leaf_mandelbrot *image = context;

	leaf_mandelbrot_rows(image->pixels, image->n, begin, end);
	return 0;
}

uint64_t
bench_mandelbrot(const struct bench_case *run)
{
	filch_for(0, run->n, body, run->data, NULL);
	return 0;
}

#endif
