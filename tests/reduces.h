/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers and sums of them, for the tests of reductions. */
#ifndef FILCH_TEST_REDUCES_H
#define FILCH_TEST_REDUCES_H

#include "pools.h"

#include <math.h>

static filch_for_options how;

static inline void
setup(void)
{
	static const filch_for_options init = FILCH_FOR_OPTIONS_INIT;

	clear_variables();
	how = init;
}

#define NUMBERS 300007
static double number[NUMBERS];
static float small[NUMBERS];

static inline void
make_numbers(void)
{
	uint64_t seed = 42;

	for (size_t i = 0; i < NUMBERS; i++) {
		double magnitude = ldexp(1.0, (int)(random_of(&seed) % 40) - 20);

		number[i] = ((double)(random_of(&seed) % 2000001) - 1e6) * magnitude;
		small[i] = (float)number[i];
	}
}

static inline int
zero(void *context, void *into)
{
	(void)context;
	*(double *)into = 0;
	return FILCH_OK;
}

static inline int
add_numbers(void *context, size_t begin, size_t end, void *into)
{
	(void)context;
	for (; begin < end; begin++)
		*(double *)into += number[begin];
	return FILCH_OK;
}

static inline int
add(void *context, void *into, void *from)
{
	(void)context;
	*(double *)into += *(double *)from;
	return FILCH_OK;
}

static const filch_reducer adder = { sizeof(double), zero, add, NULL };

static inline double
sum(size_t workers, size_t n)
{
	double result = -1;

	how.pool = pool_with(workers);
	ck_assert_int_eq(filch_reduce(0, n, add_numbers, NULL, &adder, &result, &how), FILCH_OK);
	end_pool(how.pool);
	return result;
}

static const size_t lengths[] = { 0, 1, 2, 3, 255, 256, 257, 511, 513, 2048, 4099, 65536, NUMBERS };
#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

/* Both kinds of reduction. */
static int (*const reductions[])(size_t, size_t, filch_fold_fn *, void *, const filch_reducer *,
    void *, const filch_for_options *) = { filch_reduce, filch_fold_workers };

#endif /* FILCH_TEST_REDUCES_H */
