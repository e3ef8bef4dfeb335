/* SPDX-License-Identifier: BSD-2-Clause */
#include "leaf.h"
#include "workload.h"

#include <stdlib.h>
#include <string.h>

static int
is_blocks(uint64_t n, uint64_t block)
{
	return n >= block && n <= 16384 && n % block == 0 && (n & (n - 1)) == 0;
}

void
leaf_matmul_block(const double *restrict a, const double *restrict b, double *restrict c,
    size_t stride)
{
	for (size_t i = 0; i < LEAF_MATMUL; i++) {
		double row[LEAF_MATMUL];

		memcpy(row, c + i * stride, sizeof(row));
		for (size_t k = 0; k < LEAF_MATMUL; k++)
			for (size_t j = 0; j < LEAF_MATMUL; j++)
				row[j] += a[i * stride + k] * b[k * stride + j];
		memcpy(c + i * stride, row, sizeof(row));
	}
}

static void
matmul_destroy(void *data)
{
	struct leaf_matmul *m = data;

	free(m->a);
	free(m->b);
	free(m->c);
	free(m);
}

static void *
matmul_create(uint64_t n, uint64_t block)
{
	struct leaf_matmul *m = calloc(1, sizeof(*m));
	size_t cells = n * n;
	uint64_t seed = 1;

	if (m == NULL || !is_blocks(n, block)) {
		free(m);
		return NULL;
	}
	m->n = n;
	m->a = workload_alloc(cells * sizeof(*m->a));
	m->b = workload_alloc(cells * sizeof(*m->b));
	m->c = workload_alloc(cells * sizeof(*m->c));
	if (m->a == NULL || m->b == NULL || m->c == NULL) {
		matmul_destroy(m);
		return NULL;
	}
	for (size_t i = 0; i < cells; i++) {
		m->a[i] = (double)(workload_random(&seed) % 16) - 8;
		m->b[i] = (double)(workload_random(&seed) % 16) - 8;
	}
	return m;
}

static void *
plain_create(uint64_t n)
{
	return matmul_create(n, LEAF_MATMUL);
}

static void *
strassen_create(uint64_t n)
{
	return matmul_create(n, LEAF_STRASSEN);
}

static void
matmul_reset(void *data)
{
	struct leaf_matmul *m = data;

	memset(m->c, 0, m->n * m->n * sizeof(*m->c));
}

/* As integers, so that -0 and 0 are the same. */
static uint64_t
matmul_check(const void *data)
{
	const struct leaf_matmul *m = data;
	uint64_t hash = 0;

	for (size_t i = 0; i < m->n * m->n; i++)
		hash = hash * 31 + (uint64_t)(int64_t)m->c[i];
	return hash;
}

void
leaf_strassen_block(const double *restrict a, size_t stride_a, const double *restrict b,
    size_t stride_b, double *restrict c, size_t stride_c)
{
	for (size_t i = 0; i < LEAF_STRASSEN; i++) {
		double row[LEAF_STRASSEN] = { 0 };

		for (size_t k = 0; k < LEAF_STRASSEN; k++)
			for (size_t j = 0; j < LEAF_STRASSEN; j++)
				row[j] += a[i * stride_a + k] * b[k * stride_b + j];
		memcpy(c + i * stride_c, row, sizeof(row));
	}
}

/* x = p + sign * q; sign 0 copies p. */
static void
block_sum(double *restrict x, const double *restrict p, const double *restrict q, double sign,
    size_t stride, size_t h)
{
	for (size_t i = 0; i < h; i++, x += h, p += stride, q += stride) {
		if (sign == 0)
			memcpy(x, p, h * sizeof(*x));
		else
			for (size_t j = 0; j < h; j++)
				x[j] = p[j] + sign * q[j];
	}
}

void
leaf_strassen_operands(int i, const double *a, size_t stride_a, const double *b,
    size_t stride_b, double *operands, size_t h)
{
	/* Quarters 0 to 3, row-major: which two, and the sign of the second. */
	static const struct {
		int p, q, sign;
	} left[7] = { { 0, 3, 1 }, { 2, 3, 1 }, { 0, 0, 0 }, { 3, 3, 0 }, { 0, 1, 1 },
		{ 2, 0, -1 }, { 1, 3, -1 } },
	  right[7] = { { 0, 3, 1 }, { 0, 0, 0 }, { 1, 3, -1 }, { 2, 0, -1 }, { 3, 3, 0 },
		{ 0, 1, 1 }, { 2, 3, 1 } };
#define QUARTER(m, stride, quarter) \
	((m) + (size_t)((quarter) / 2) * h * (stride) + (size_t)((quarter) % 2) * h)
	block_sum(operands, QUARTER(a, stride_a, left[i].p), QUARTER(a, stride_a, left[i].q),
	    left[i].sign, stride_a, h);
	block_sum(operands + h * h, QUARTER(b, stride_b, right[i].p),
	    QUARTER(b, stride_b, right[i].q), right[i].sign, stride_b, h);
#undef QUARTER
}

void
leaf_strassen_combine(const double *products, double *c, size_t stride_c, size_t h)
{
	const double *m[7];

	for (size_t i = 0; i < 7; i++)
		m[i] = products + i * h * h;
	for (size_t i = 0; i < h; i++) {
		double *upper = c + i * stride_c;
		double *lower = upper + h * stride_c;

		for (size_t j = 0; j < h; j++) {
			size_t at = i * h + j;

			upper[j] = m[0][at] + m[3][at] - m[4][at] + m[6][at];
			upper[h + j] = m[2][at] + m[4][at];
			lower[j] = m[1][at] + m[3][at];
			lower[h + j] = m[0][at] - m[1][at] + m[2][at] + m[5][at];
		}
	}
}

double *
leaf_strassen_alloc(size_t doubles)
{
	double *memory = workload_alloc(doubles * sizeof(double));

	if (memory == NULL)
		abort();
	return memory;
}

void
leaf_strassen_free(double *memory)
{
	free(memory);
}

const struct workload workload_matmul = {
	.name = "matmul", .full = 1024, .small = 128, .create = plain_create,
	.reset = matmul_reset, .check = matmul_check, .destroy = matmul_destroy,
};
const struct workload workload_strassen = {
	.name = "strassen", .full = 1024, .small = 256, .create = strassen_create,
	.reset = matmul_reset, .check = matmul_check, .destroy = matmul_destroy,
};
