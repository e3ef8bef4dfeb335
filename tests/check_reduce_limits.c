/* SPDX-License-Identifier: BSD-2-Clause */
/* Reductions of nothing, and of values that no memory holds. */
#include "pools.h"

#include "base/size.h"
#include "loop/cost_model.h"

static filch_pool *pool;

/* -- Sizes -- */

static const size_t huge[] = {
	SIZE_MAX, SIZE_MAX - 10, SIZE_MAX - 63, SIZE_MAX / 2 + 1, (size_t)1 << 61,
	(size_t)1 << 60, SIZE_MAX / 9 + 64, (size_t)1 << 48,
};
#define HUGE_SIZES (sizeof(huge) / sizeof(huge[0]))

static int
never_identity(void *context, void *into)
{
	(void)context;
	(void)into;
	ck_abort_msg("a value that no memory holds");
}

static int
never_fold(void *context, size_t begin, size_t end, void *into)
{
	(void)context;
	(void)into;
	ck_abort_msg("a fold of [%zu, %zu)", begin, end);
}

static int
never_combine(void *context, void *into, void *from)
{
	(void)context;
	(void)into;
	(void)from;
	ck_abort_msg("a combination of nothing");
}

START_TEST(accumulators_that_no_memory_holds_are_refused)
{
	filch_reducer reducer = { huge[_i], never_identity, never_combine, NULL };
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	char result[64];

	options.grain_exact = 1;
	for (size_t n = 0; n < 300; n = n == 0 ? 1 : 2 * n)
		ck_assert_int_eq(filch_reduce(0, n, never_fold, NULL, &reducer, result, &options),
		    FILCH_NOMEM);
	ck_assert_int_eq(filch_fold_workers(0, 10, never_fold, NULL, &reducer, result, NULL),
	    FILCH_NOMEM);
}
END_TEST

/* -- Nothing to do -- */

static int
seven(void *context, void *into)
{
	(void)context;
	*(int *)into = 7;
	return FILCH_OK;
}

START_TEST(a_reduction_of_nothing_is_the_identity)
{
	filch_reducer reducer = { sizeof(int), seven, never_combine, NULL };
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	int result = 0;

	options.pool = pool = pool_with(worker_counts[_i]);
	ck_assert_int_eq(filch_reduce(3, 3, never_fold, NULL, &reducer, &result, &options),
	    FILCH_OK);
	ck_assert_int_eq(result, 7);
	result = 0;
	ck_assert_int_eq(filch_fold_workers(3, 3, never_fold, NULL, &reducer, &result, &options),
	    FILCH_OK);
	ck_assert_int_eq(result, 7);
	end_pool(pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("reduce_limits");
	TCase *sizes = case_of(suite, "sizes", NULL, NULL);
	TCase *nothing = case_of(suite, "nothing", NULL, NULL);

	tcase_add_loop_test(sizes, accumulators_that_no_memory_holds_are_refused, 0, HUGE_SIZES);
	tcase_add_loop_test(nothing, a_reduction_of_nothing_is_the_identity, 0, ALL_COUNTS);
	return run_suite(suite);
}
