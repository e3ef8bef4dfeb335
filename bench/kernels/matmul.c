/* SPDX-License-Identifier: BSD-2-Clause */
#include "form.h"

/* c += a * b by quarters, in two phases of four products each. */
#ifndef BENCH_PLAIN

FILCH_TASK(void, matmul, const double *, a, const double *, b, double *, c, size_t, n,
    size_t, stride)
{
	if (n == LEAF_MATMUL) {
		leaf_matmul_block(a, b, c, stride);
		return;
	}

	size_t h = n / 2, down = h * stride;

	for (size_t k = 0; k < 2; k++) {
		const double *left = a + k * h;
		const double *right = b + k * down;

		FILCH_SPAWN(c00, matmul, left, right, c, h, stride);
		FILCH_SPAWN(c01, matmul, left, right + h, c + h, h, stride);
		FILCH_SPAWN(c10, matmul, left + down, right, c + down, h, stride);
		FILCH_CALL(matmul, left + down, right + h, c + down + h, h, stride);
		FILCH_JOIN(c10, matmul);
		FILCH_JOIN(c01, matmul);
		FILCH_JOIN(c00, matmul);
	}
}

#else

struct matmul {
	const double *a, *b;
	double *c;
	size_t n, stride;
};

static int
matmul_task(void *context)
{
	const struct matmul *call = context;
	size_t h = call->n / 2, down = h * call->stride;
	filch_group group = FILCH_GROUP_INIT;

	if (call->n == LEAF_MATMUL) {
		leaf_matmul_block(call->a, call->b, call->c, call->stride);
		return 0;
	}
	for (size_t k = 0; k < 2; k++) {
		struct matmul child[4];

		for (size_t i = 0; i < 4; i++) {
			size_t row = i / 2 * down, column = i % 2 * h;

			child[i] = (struct matmul){ call->a + k * h + row,
				call->b + k * down + column, call->c + row + column, h,
				call->stride };
			if (i < 3)
				filch_group_spawn(&group, matmul_task, &child[i]);
		}
		matmul_task(&child[3]);
		filch_group_wait(&group, FILCH_FOREVER);
	}
	return 0;
}

static void
matmul(const double *a, const double *b, double *c, size_t n, size_t stride)
{
	struct matmul call = { a, b, c, n, stride };

	filch_pool_run(NULL, matmul_task, &call);
}

#endif

uint64_t
bench_matmul(const struct bench_case *run)
{
	const struct leaf_matmul *m = run->data;

	FORM_RUN(matmul, m->a, m->b, m->c, m->n, m->n);
	return 0;
}
