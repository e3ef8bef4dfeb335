/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool_tests.h"

static flc_atomic stop;

static void
trim_when_idle(filch_pool *pool)
{
	int status = FILCH_AGAIN;

	for (int i = 0; i < 60000 && status == FILCH_AGAIN; i++) {
		pause_ms(1);
		status = filch_pool_trim(pool);
	}
	ck_assert_int_eq(status, FILCH_OK);
}

START_TEST(trim_gives_back_what_growth_left)
{
	flc_atomic runs = FLC_ATOMIC_INIT(0);
	filch_group group = FILCH_GROUP_INIT;
	filch_pool *pool = pool_by(&options);
	size_t before;

	ck_assert_int_eq(filch_pool_run(pool, nothing, NULL), FILCH_OK);
	trim_when_idle(pool);
	before = mallinfo2().uordblks;
	group.pool = pool;
	queue_behind_blocked(&group, &runs, 5000);
	ck_assert_int_eq(filch_pool_trim(pool), FILCH_AGAIN);
	flc_store_release(&gate, 1);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	trim_when_idle(pool);
	ck_assert_uint_lt(mallinfo2().uordblks, before + 20000);
	ck_assert_uint_eq(count_of(&runs), 5000);
	ck_assert_int_eq(filch_pool_run(pool, nothing, NULL), FILCH_OK);
	end_pool(pool);
}
END_TEST

static void *
trim_main(void *pool)
{
	while (count_of(&stop) == 0)
		(void)filch_pool_trim(pool);
	return NULL;
}

START_TEST(trim_beside_calls_stops_nobody)
{
	filch_pool *pool = pool_with(worker_counts[_i]);
	flc_atomic runs = FLC_ATOMIC_INIT(0);
	size_t times = worker_counts[_i] == FILCH_NO_WORKERS ? 200000 : 5000;
	pthread_t thread;

	MUST(pthread_create(&thread, NULL, trim_main, pool) == 0);
	for (size_t i = 0; i < times; i++)
		MUST(filch_pool_run(pool, count_task, &runs) == FILCH_OK);
	flc_store_release(&stop, 1);
	pthread_join(thread, NULL);
	MUST(count_of(&runs) == times);
	end_pool(pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("pool_trim");
	TCase *trim = case_of(suite, "trim", setup, NULL);

	tcase_add_test(trim, trim_gives_back_what_growth_left);
	tcase_add_loop_test(trim, trim_beside_calls_stops_nobody, 0, ALL_COUNTS);
	return run_suite(suite);
}
