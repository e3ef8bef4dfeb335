/* SPDX-License-Identifier: BSD-2-Clause */
#include "form.h"

/* The sum of doubles: the typed face, and the reduction by function pointers. */
#ifdef BENCH_TYPED

FILCH_DEFINE_SUM(sum_f64, double);

static double
sum(const struct leaf_sum *data)
{
	return sum_f64(data->items, data->n);
}

#elif defined(BENCH_PLAIN)

static int
fold(void *context, size_t begin, size_t end, void *into)
{
	const struct leaf_sum *data = context;

	*(double *)into += leaf_sum_range(data->items, begin, end);
	return 0;
}

static int
identity(void *context, void *into)
{
	(void)context;
	*(double *)into = 0;
	return 0;
}

static int
combine(void *context, void *into, void *from)
{
	(void)context;
	*(double *)into += *(double *)from;
	return 0;
}

static double
sum(struct leaf_sum *data)
{
	static const filch_reducer reducer = { sizeof(double), identity, combine, NULL };
	double result = 0;

	filch_reduce(0, data->n, fold, data, &reducer, &result, NULL);
	return result;
}

#else

static double
sum(const struct leaf_sum *data)
{
	return leaf_sum_range(data->items, 0, data->n);
}

#endif

/* Items are small integers: exact in any order.  Adding up the repetitions keeps each of
 * them. */
uint64_t
bench_sum(const struct bench_case *run)
{
	double total = 0;

	for (uint64_t r = 0; r < run->repeat; r++)
		total += sum(run->data);
	return (uint64_t)total;
}
