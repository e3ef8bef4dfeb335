/* SPDX-License-Identifier: BSD-2-Clause */
#include "leaf.h"
#include "workload.h"

#include <stdlib.h>
#include <string.h>

void
leaf_axpy_range(double a, const double *restrict x, double *restrict y, size_t begin, size_t end)
{
	for (size_t i = begin; i < end; i++)
		y[i] += a * x[i];
}

double
leaf_sum_range(const double *items, size_t begin, size_t end)
{
	enum { LANES = 32 };
	double lane[LANES] = { 0 };
	double sum = 0;
	size_t i = begin;

	for (; end - i >= LANES; i += LANES)
		for (size_t k = 0; k < LANES; k++)
			lane[k] += items[i + k];
	for (; i < end; i++)
		sum += items[i];
	for (size_t k = 0; k < LANES; k++)
		sum += lane[k];
	return sum;
}

static uint32_t
escape(double re, double im)
{
	double x = 0, y = 0;
	uint32_t steps = 0;

	for (; steps < 256 && x * x + y * y <= 4; steps++) {
		double next = x * x - y * y + re;

		y = 2 * x * y + im;
		x = next;
	}
	return steps;
}

void
leaf_mandelbrot_rows(uint32_t *pixels, size_t n, size_t begin, size_t end)
{
	for (size_t i = begin; i < end; i++)
		for (size_t j = 0; j < n; j++)
			pixels[i * n + j] = escape(-2 + 2.5 * (double)j / (double)n,
			    -1.25 + 2.5 * (double)i / (double)n);
}

void
leaf_triangular_range(uint64_t *out, size_t begin, size_t end)
{
	for (size_t i = begin; i < end; i++) {
		uint64_t hash = i;

		for (size_t j = 0; j < i; j++)
			hash = hash * 31 + j;
		out[i] = hash;
	}
}

/* Short loops are repeated to about 20 ms of serial time. */
static uint64_t
axpy_repeat(uint64_t n)
{
	uint64_t repeat = n == 0 ? 1 : 20000000 / n;

	return repeat < 1 ? 1 : repeat > 20000 ? 20000 : repeat;
}

static uint64_t
nested_repeat(uint64_t n)
{
	return axpy_repeat(n * LEAF_NESTED);
}

static void
axpy_destroy(void *data)
{
	struct leaf_axpy *axpy = data;

	free(axpy->x);
	free(axpy->y);
	free(axpy);
}

static void *
axpy_create(uint64_t n)
{
	struct leaf_axpy *axpy = calloc(1, sizeof(*axpy));

	if (axpy == NULL)
		return NULL;
	axpy->n = n;
	axpy->x = workload_alloc(n * sizeof(double));
	axpy->y = workload_alloc(n * sizeof(double));
	if (axpy->x == NULL || axpy->y == NULL) {
		axpy_destroy(axpy);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		axpy->x[i] = (double)(i % 7);
	return axpy;
}

static void
axpy_reset(void *data)
{
	struct leaf_axpy *axpy = data;

	memset(axpy->y, 0, axpy->n * sizeof(double));
}

static uint64_t
axpy_check(const void *data)
{
	const struct leaf_axpy *axpy = data;

	return workload_hash(axpy->y, axpy->n);
}

static void *
nested_create(uint64_t n)
{
	return axpy_create(n * LEAF_NESTED);
}

static void
sum_destroy(void *data)
{
	struct leaf_sum *sum = data;

	free(sum->items);
	free(sum);
}

static void *
sum_create(uint64_t n)
{
	struct leaf_sum *sum = calloc(1, sizeof(*sum));

	if (sum == NULL)
		return NULL;
	sum->n = n;
	sum->items = workload_alloc(n * sizeof(double));
	if (sum->items == NULL) {
		sum_destroy(sum);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		sum->items[i] = (double)(i % 11);
	return sum;
}

static void
mandelbrot_destroy(void *data)
{
	struct leaf_mandelbrot *image = data;

	free(image->pixels);
	free(image);
}

static void *
mandelbrot_create(uint64_t n)
{
	struct leaf_mandelbrot *image = calloc(1, sizeof(*image));

	if (image == NULL || n > 65536) {
		free(image);
		return NULL;
	}
	image->n = n;
	image->pixels = workload_alloc(n * n * sizeof(*image->pixels));
	if (image->pixels == NULL) {
		mandelbrot_destroy(image);
		return NULL;
	}
	return image;
}

static void
mandelbrot_reset(void *data)
{
	struct leaf_mandelbrot *image = data;

	memset(image->pixels, 0, image->n * image->n * sizeof(*image->pixels));
}

static uint64_t
mandelbrot_check(const void *data)
{
	const struct leaf_mandelbrot *image = data;

	return workload_hash(image->pixels, image->n * image->n / 2);
}

static void
triangular_destroy(void *data)
{
	struct leaf_triangular *triangle = data;

	free(triangle->out);
	free(triangle);
}

static void *
triangular_create(uint64_t n)
{
	struct leaf_triangular *triangle = calloc(1, sizeof(*triangle));

	if (triangle == NULL)
		return NULL;
	triangle->n = n;
	triangle->out = workload_alloc(n * sizeof(*triangle->out));
	if (triangle->out == NULL) {
		triangular_destroy(triangle);
		return NULL;
	}
	return triangle;
}

static void
triangular_reset(void *data)
{
	struct leaf_triangular *triangle = data;

	memset(triangle->out, 0, triangle->n * sizeof(*triangle->out));
}

static uint64_t
triangular_check(const void *data)
{
	const struct leaf_triangular *triangle = data;

	return workload_hash(triangle->out, triangle->n);
}

const struct workload workload_axpy = {
	.name = "axpy", .full = 100000, .small = 1000, .create = axpy_create,
	.reset = axpy_reset, .check = axpy_check, .destroy = axpy_destroy,
	.repeat = axpy_repeat,
};
const struct workload workload_nested = {
	.name = "nested", .full = 1000, .small = 100, .create = nested_create,
	.reset = axpy_reset, .check = axpy_check, .destroy = axpy_destroy,
	.repeat = nested_repeat,
};
const struct workload workload_sum = {
	.name = "sum", .full = 100000000, .small = 10000, .create = sum_create,
	.destroy = sum_destroy, .repeat = axpy_repeat,
};
const struct workload workload_mandelbrot = {
	.name = "mandelbrot", .full = 1024, .small = 64, .create = mandelbrot_create,
	.reset = mandelbrot_reset, .check = mandelbrot_check, .destroy = mandelbrot_destroy,
};
const struct workload workload_triangular = {
	.name = "triangular", .full = 20000, .small = 1000, .create = triangular_create,
	.reset = triangular_reset, .check = triangular_check, .destroy = triangular_destroy,
};
