/* SPDX-License-Identifier: BSD-2-Clause */
#include "leaf.h"
#include "workload.h"

#include <stdlib.h>
#include <string.h>

#define EDGE LEAF_LU

void
leaf_lu_block(double *a, size_t stride)
{
	for (size_t k = 0; k < EDGE; k++)
		for (size_t i = k + 1; i < EDGE; i++) {
			double factor = a[i * stride + k] /= a[k * stride + k];

			for (size_t j = k + 1; j < EDGE; j++)
				a[i * stride + j] -= factor * a[k * stride + j];
		}
}

void
leaf_lu_lower(const double *restrict l, double *restrict b, size_t stride)
{
	for (size_t i = 1; i < EDGE; i++)
		for (size_t k = 0; k < i; k++)
			for (size_t j = 0; j < EDGE; j++)
				b[i * stride + j] -= l[i * stride + k] * b[k * stride + j];
}

void
leaf_lu_upper(const double *restrict u, double *restrict b, size_t stride)
{
	for (size_t i = 0; i < EDGE; i++)
		for (size_t k = 0; k < EDGE; k++) {
			double factor = b[i * stride + k] /= u[k * stride + k];

			for (size_t j = k + 1; j < EDGE; j++)
				b[i * stride + j] -= factor * u[k * stride + j];
		}
}

void
leaf_lu_schur(double *restrict c, const double *restrict a, const double *restrict b,
    size_t stride)
{
	for (size_t i = 0; i < EDGE; i++) {
		double row[EDGE];

		memcpy(row, c + i * stride, sizeof(row));
		for (size_t k = 0; k < EDGE; k++)
			for (size_t j = 0; j < EDGE; j++)
				row[j] -= a[i * stride + k] * b[k * stride + j];
		memcpy(c + i * stride, row, sizeof(row));
	}
}

static void
lu_destroy(void *data)
{
	struct leaf_lu *lu = data;

	free(lu->a);
	free(lu->input);
	free(lu);
}

/* A heavy diagonal, because there is no pivoting. */
static void *
lu_create(uint64_t n)
{
	struct leaf_lu *lu = calloc(1, sizeof(*lu));
	uint64_t seed = 3;

	if (lu == NULL || n < EDGE || n > 16384 || (n & (n - 1)) != 0) {
		free(lu);
		return NULL;
	}
	lu->n = n;
	lu->a = workload_alloc(n * n * sizeof(double));
	lu->input = workload_alloc(n * n * sizeof(double));
	if (lu->a == NULL || lu->input == NULL) {
		lu_destroy(lu);
		return NULL;
	}
	for (size_t i = 0; i < n * n; i++)
		lu->input[i] = (double)(workload_random(&seed) >> 11) * 0x1p-53;
	for (size_t i = 0; i < n; i++)
		lu->input[i * n + i] += (double)n;
	return lu;
}

static void
lu_reset(void *data)
{
	struct leaf_lu *lu = data;

	memcpy(lu->a, lu->input, lu->n * lu->n * sizeof(double));
}

/* The order of operations on each element is the same however blocks are run, so the bits
 * are too. */
static uint64_t
lu_check(const void *data)
{
	const struct leaf_lu *lu = data;

	return workload_hash(lu->a, lu->n * lu->n);
}

const struct workload workload_lu = {
	.name = "lu", .full = 1024, .small = 128, .create = lu_create,
	.reset = lu_reset, .check = lu_check, .destroy = lu_destroy,
};
