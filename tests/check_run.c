/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs in pools without workers, from pool to pool, and in many pools. */
#include "pool_tests.h"

static filch_pool *first, *second;

/* -- No workers, several pools -- */

static size_t trail[200], steps;
static pthread_t caller;

static int
step(void *number)
{
	MUST(pthread_equal(pthread_self(), caller));
	trail[steps++] = (size_t)number;
	return FILCH_OK;
}

static int
step_range(void *unused, size_t begin, size_t end)
{
	(void)unused;
	for (; begin < end; begin++)
		step((void *)begin);
	return FILCH_OK;
}

static int
walk(void *unused)
{
	filch_group group = FILCH_GROUP_INIT;

	(void)unused;
	MUST(filch_for(0, 50, step_range, NULL, NULL) == FILCH_OK);
	for (size_t i = 50; i < 100; i++)
		MUST(filch_group_spawn(&group, step, (void *)i) == FILCH_OK);
	MUST(filch_group_wait(&group, FILCH_FOREVER) == FILCH_OK);
	MUST(filch_join(step, (void *)100, step, (void *)101) == FILCH_OK);
	return 77;
}

START_TEST(without_workers_everything_runs_inline_and_in_order)
{
	filch_pool *pool = pool_with(FILCH_NO_WORKERS);
	size_t threads = threads_now();

	caller = pthread_self();
	ck_assert_int_eq(filch_pool_run(pool, walk, NULL), 77);
	ck_assert_uint_eq(steps, 102);
	for (size_t i = 0; i < steps; i++)
		ck_assert_uint_eq(trail[i], i);
	ck_assert(threads_fall_to(threads));
	end_pool(pool);
}
END_TEST

static int
check_first(void *unused)
{
	(void)unused;
	ck_assert_ptr_eq(filch_pool_current(), first);
	ck_assert_uint_lt(filch_worker_index(), filch_worker_limit(NULL));
	return 5;
}

static int
go_through_both(void *unused)
{
	(void)unused;
	ck_assert_ptr_eq(filch_pool_current(), second);
	size_t index = filch_worker_index();

	ck_assert_int_eq(filch_pool_run(first, check_first, NULL), 5);
	ck_assert_ptr_eq(filch_pool_current(), second);
	ck_assert_uint_eq(filch_worker_index(), index);
	return 6;
}

START_TEST(a_task_may_use_another_pool_and_comes_back)
{
	first = pool_by(&options);
	second = pool_with(3);
	ck_assert_ptr_null(filch_pool_current());
	ck_assert_uint_eq(filch_worker_index(), FILCH_NOT_A_WORKER);
	ck_assert_int_eq(filch_pool_run(second, go_through_both, NULL), 6);
	ck_assert_int_eq(filch_pool_broadcast(second, go_through_both, NULL, FILCH_FOREVER), 6);
	ck_assert_ptr_null(filch_pool_current());
	ck_assert_uint_eq(filch_worker_limit(second), filch_worker_limit(first) + 1);
	end_pool(first);
	end_pool(second);
}
END_TEST

static int
count_both_ways(void *runs, size_t begin, size_t end)
{
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;

	how.pool = filch_pool_current() == first ? second : first;
	if (end - begin > 1 || begin % 2 == 0)
		flc_add_full(runs, end - begin);
	else
		return filch_for(2 * begin, 2 * begin + 1, count_both_ways, runs, &how);
	return FILCH_OK;
}

static void *
both_main(void *runs)
{
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;

	how.grain_exact = 1;
	for (int i = 0; i < 50; i++) {
		how.pool = i % 2 == 0 ? first : second;
		ck_assert_int_eq(filch_for(0, 100, count_both_ways, runs, &how), FILCH_OK);
	}
	return NULL;
}

START_TEST(two_pools_call_each_other)
{
	flc_atomic runs = FLC_ATOMIC_INIT(0);

	first = pool_by(&options);
	second = pool_with(3);
	run_threads(4, both_main, &runs);
	ck_assert_uint_eq(count_of(&runs), 4 * 50 * 100);
	end_pool(first);
	end_pool(second);
}
END_TEST

static void *
one_pool_main(void *runs)
{
	for (size_t i = 0; i < 30; i++) {
		filch_for_options how = FILCH_FOR_OPTIONS_INIT;

		how.pool = pool_with(1 + i % 3);
		ck_assert_int_eq(filch_for(0, 1000, count_both_ways, runs, &how), FILCH_OK);
		end_pool(how.pool);
	}
	return NULL;
}

START_TEST(pools_live_side_by_side)
{
	flc_atomic runs = FLC_ATOMIC_INIT(0);

	first = second = pool_with(FILCH_NO_WORKERS);
	run_threads(4, one_pool_main, &runs);
	ck_assert_uint_eq(count_of(&runs), 4 * 30 * 1000);
	end_pool(first);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("run");
	TCase *pools = case_of(suite, "pools", setup, NULL);

	tcase_add_test(pools, without_workers_everything_runs_inline_and_in_order);
	tcase_add_test(pools, a_task_may_use_another_pool_and_comes_back);
	tcase_add_test(pools, two_pools_call_each_other);
	tcase_add_test(pools, pools_live_side_by_side);
	return run_suite(suite);
}
