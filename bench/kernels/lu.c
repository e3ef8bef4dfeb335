/* SPDX-License-Identifier: BSD-2-Clause */
#include "form.h"

/* LU by quarters down to blocks, with its two solvers and the update of the last quarter,
 * as in Cilk's examples. */
#ifndef BENCH_PLAIN

/* c -= a * b, in two phases as matmul.c. */
FILCH_TASK(void, schur, double *, c, const double *, a, const double *, b, size_t, n,
    size_t, stride)
{
	if (n == LEAF_LU) {
		leaf_lu_schur(c, a, b, stride);
		return;
	}

	size_t h = n / 2, down = h * stride;

	for (size_t k = 0; k < 2; k++) {
		const double *left = a + k * h;
		const double *right = b + k * down;

		FILCH_SPAWN(c00, schur, c, left, right, h, stride);
		FILCH_SPAWN(c01, schur, c + h, left, right + h, h, stride);
		FILCH_SPAWN(c10, schur, c + down, left + down, right, h, stride);
		FILCH_CALL(schur, c + down + h, left + down, right + h, h, stride);
		FILCH_JOIN(c10, schur);
		FILCH_JOIN(c01, schur);
		FILCH_JOIN(c00, schur);
	}
}

FILCH_TASK_DECLARE(void, lower_half, const double *, l, double *, b, size_t, h, size_t, stride);
FILCH_TASK_DECLARE(void, upper_half, const double *, u, double *, b, size_t, h, size_t, stride);

/* b = l^-1 b: the halves of b's columns are independent. */
FILCH_TASK(void, lower, const double *, l, double *, b, size_t, n, size_t, stride)
{
	if (n == LEAF_LU) {
		leaf_lu_lower(l, b, stride);
		return;
	}
	FILCH_SPAWN(left, lower_half, l, b, n / 2, stride);
	FILCH_CALL(lower_half, l, b + n / 2, n / 2, stride);
	FILCH_JOIN(left, lower_half);
}

FILCH_TASK(void, lower_half, const double *, l, double *, b, size_t, h, size_t, stride)
{
	size_t down = h * stride;

	FILCH_CALL(lower, l, b, h, stride);
	FILCH_CALL(schur, b + down, l + down, b, h, stride);
	FILCH_CALL(lower, l + down + h, b + down, h, stride);
}

/* b = b u^-1: the halves of b's rows are independent. */
FILCH_TASK(void, upper, const double *, u, double *, b, size_t, n, size_t, stride)
{
	if (n == LEAF_LU) {
		leaf_lu_upper(u, b, stride);
		return;
	}
	FILCH_SPAWN(top, upper_half, u, b, n / 2, stride);
	FILCH_CALL(upper_half, u, b + n / 2 * stride, n / 2, stride);
	FILCH_JOIN(top, upper_half);
}

FILCH_TASK(void, upper_half, const double *, u, double *, b, size_t, h, size_t, stride)
{
	FILCH_CALL(upper, u, b, h, stride);
	FILCH_CALL(schur, b + h, b, u + h, h, stride);
	FILCH_CALL(upper, u + h * stride + h, b + h, h, stride);
}

FILCH_TASK(void, lu, double *, a, size_t, n, size_t, stride)
{
	if (n == LEAF_LU) {
		leaf_lu_block(a, stride);
		return;
	}

	size_t h = n / 2, down = h * stride;

	FILCH_CALL(lu, a, h, stride);
	FILCH_SPAWN(right, lower, a, a + h, h, stride);
	FILCH_CALL(upper, a, a + down, h, stride);
	FILCH_JOIN(right, lower);
	FILCH_CALL(schur, a + down + h, a + down, a + h, h, stride);
	FILCH_CALL(lu, a + down + h, h, stride);
}

#else

/* What each of the tasks needs, a and b as above; lu has no b and no c. */
struct lu {
	double *c;
	const double *a, *b;
	size_t n, stride;
};

static int
schur_task(void *context)
{
	const struct lu *call = context;
	size_t h = call->n / 2, down = h * call->stride;
	filch_group group = FILCH_GROUP_INIT;

	if (call->n == LEAF_LU) {
		leaf_lu_schur(call->c, call->a, call->b, call->stride);
		return 0;
	}
	for (size_t k = 0; k < 2; k++) {
		struct lu child[4];

		for (size_t i = 0; i < 4; i++) {
			size_t row = i / 2 * down, column = i % 2 * h;

			child[i] = (struct lu){ call->c + row + column, call->a + k * h + row,
				call->b + k * down + column, h, call->stride };
			if (i < 3)
				filch_group_spawn(&group, schur_task, &child[i]);
		}
		schur_task(&child[3]);
		filch_group_wait(&group, FILCH_FOREVER);
	}
	return 0;
}

static int
schur(double *c, const double *a, const double *b, size_t n, size_t stride)
{
	struct lu call = { c, a, b, n, stride };

	return schur_task(&call);
}

static int lower_half_task(void *context);
static int upper_half_task(void *context);

static int
lower_task(void *context)
{
	const struct lu *call = context;
	size_t h = call->n / 2;
	struct lu left = { call->c, call->a, NULL, h, call->stride };
	struct lu right = { call->c + h, call->a, NULL, h, call->stride };

	if (call->n != LEAF_LU)
		return filch_join(lower_half_task, &right, lower_half_task, &left);
	leaf_lu_lower(call->a, call->c, call->stride);
	return 0;
}

static int
lower_half_task(void *context)
{
	const struct lu *call = context;
	size_t down = call->n * call->stride;
	struct lu first = *call;
	struct lu second = { call->c + down, call->a + down + call->n, NULL, call->n,
		call->stride };

	lower_task(&first);
	schur(call->c + down, call->a + down, call->c, call->n, call->stride);
	return lower_task(&second);
}

static int
upper_task(void *context)
{
	const struct lu *call = context;
	size_t h = call->n / 2;
	struct lu top = { call->c, call->a, NULL, h, call->stride };
	struct lu bottom = { call->c + h * call->stride, call->a, NULL, h, call->stride };

	if (call->n != LEAF_LU)
		return filch_join(upper_half_task, &bottom, upper_half_task, &top);
	leaf_lu_upper(call->a, call->c, call->stride);
	return 0;
}

static int
upper_half_task(void *context)
{
	const struct lu *call = context;
	size_t h = call->n;
	struct lu first = *call;
	struct lu second = { call->c + h, call->a + h * call->stride + h, NULL, h, call->stride };

	upper_task(&first);
	schur(call->c + h, call->c, call->a + h, h, call->stride);
	return upper_task(&second);
}

static int
lu_task(void *context)
{
	const struct lu *call = context;
	double *a = call->c;
	size_t h = call->n / 2, stride = call->stride, down = h * stride;
	struct lu first = { a, NULL, NULL, h, stride };
	struct lu right = { a + h, a, NULL, h, stride };
	struct lu below = { a + down, a, NULL, h, stride };
	struct lu second = { a + down + h, NULL, NULL, h, stride };

	if (call->n == LEAF_LU) {
		leaf_lu_block(a, stride);
		return 0;
	}
	lu_task(&first);
	filch_join(upper_task, &below, lower_task, &right);
	schur(a + down + h, a + down, a + h, h, stride);
	return lu_task(&second);
}

static void
lu(double *a, size_t n, size_t stride)
{
	struct lu call = { a, NULL, NULL, n, stride };

	filch_pool_run(NULL, lu_task, &call);
}

#endif

uint64_t
bench_lu(const struct bench_case *run)
{
	const struct leaf_lu *m = run->data;

	FORM_RUN(lu, m->a, m->n, m->n);
	return 0;
}
