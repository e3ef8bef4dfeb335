/* SPDX-License-Identifier: BSD-2-Clause */
#include "form.h"

/* c = a * b by seven products of half the size, each with memory of its own for its
 * factors. */
#define PRODUCTS 7

#ifndef BENCH_PLAIN

FILCH_TASK_DECLARE(void, product, int, i, const double *, a, size_t, stride_a,
    const double *, b, size_t, stride_b, double *, out, size_t, h);

FILCH_TASK(void, strassen, const double *, a, size_t, stride_a, const double *, b,
    size_t, stride_b, double *, c, size_t, stride_c, size_t, n)
{
	if (n == LEAF_STRASSEN) {
		leaf_strassen_block(a, stride_a, b, stride_b, c, stride_c);
		return;
	}

	size_t h = n / 2;
	double *products = leaf_strassen_alloc(PRODUCTS * h * h);
	FILCH_RECORD(product) child[PRODUCTS - 1];

	for (int i = 0; i < PRODUCTS - 1; i++)
		FILCH_SPAWN_AT(&child[i], product, i, a, stride_a, b, stride_b,
		    products + (size_t)i * h * h, h);
	FILCH_CALL(product, PRODUCTS - 1, a, stride_a, b, stride_b,
	    products + (PRODUCTS - 1) * h * h, h);
	for (int i = PRODUCTS - 1; i-- > 0;)
		FILCH_JOIN_AT(&child[i], product);
	leaf_strassen_combine(products, c, stride_c, h);
	leaf_strassen_free(products);
}

FILCH_TASK(void, product, int, i, const double *, a, size_t, stride_a,
    const double *, b, size_t, stride_b, double *, out, size_t, h)
{
	double *factors = leaf_strassen_alloc(2 * h * h);

	leaf_strassen_operands(i, a, stride_a, b, stride_b, factors, h);
	FILCH_CALL(strassen, factors, h, factors + h * h, h, out, h, h);
	leaf_strassen_free(factors);
}

#else

struct strassen {
	const double *a, *b;
	double *c;
	size_t stride_a, stride_b, stride_c, n;
};

struct product {
	const struct strassen *of;
	int i;
	double *out;
};

static int product_task(void *context);

static int
strassen_task(void *context)
{
	const struct strassen *call = context;
	size_t h = call->n / 2;
	struct product child[PRODUCTS];
	filch_group group = FILCH_GROUP_INIT;

	if (call->n == LEAF_STRASSEN) {
		leaf_strassen_block(call->a, call->stride_a, call->b, call->stride_b, call->c,
		    call->stride_c);
		return 0;
	}

	double *products = leaf_strassen_alloc(PRODUCTS * h * h);

	for (int i = 0; i < PRODUCTS; i++) {
		child[i] = (struct product){ call, i, products + (size_t)i * h * h };
		if (i < PRODUCTS - 1)
			filch_group_spawn(&group, product_task, &child[i]);
	}
	product_task(&child[PRODUCTS - 1]);
	filch_group_wait(&group, FILCH_FOREVER);
	leaf_strassen_combine(products, call->c, call->stride_c, h);
	leaf_strassen_free(products);
	return 0;
}

static int
product_task(void *context)
{
	const struct product *call = context;
	const struct strassen *of = call->of;
	size_t h = of->n / 2;
	double *factors = leaf_strassen_alloc(2 * h * h);
	struct strassen inner = { factors, factors + h * h, call->out, h, h, h, h };

	leaf_strassen_operands(call->i, of->a, of->stride_a, of->b, of->stride_b, factors, h);
	strassen_task(&inner);
	leaf_strassen_free(factors);
	return 0;
}

static void
strassen(const double *a, size_t stride_a, const double *b, size_t stride_b, double *c,
    size_t stride_c, size_t n)
{
	struct strassen call = { a, b, c, stride_a, stride_b, stride_c, n };

	filch_pool_run(NULL, strassen_task, &call);
}

#endif

uint64_t
bench_strassen(const struct bench_case *run)
{
	const struct leaf_matmul *m = run->data;

	FORM_RUN(strassen, m->a, m->n, m->b, m->n, m->c, m->n, m->n);
	return 0;
}
