/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool_tests.h"

static flc_atomic shares[64];

static int
take_share(void *unused)
{
	(void)unused;
	count_up(&shares[filch_worker_index()]);
	return FILCH_OK;
}

static void
assert_shares(size_t workers, size_t each)
{
	for (size_t i = 0; i < 64; i++)
		ck_assert_uint_eq(count_of(&shares[i]), i < workers ? each : 0);
}

START_TEST(a_broadcast_runs_once_on_every_worker)
{
	size_t workers = worker_counts[_i];
	filch_pool *pool = pool_with(workers);

	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(filch_pool_broadcast(pool, take_share, NULL, FILCH_FOREVER),
		    FILCH_OK);
	assert_shares(workers, 100);
	end_pool(pool);
}
END_TEST

static int
fail_but_worker_0(void *unused)
{
	(void)unused;
	return (int)filch_worker_index() * 10;
}

START_TEST(a_broadcast_gives_the_failure_of_the_lowest_worker)
{
	filch_pool *pool = pool_with(4);

	ck_assert_int_eq(filch_pool_broadcast(pool, fail_but_worker_0, NULL, FILCH_FOREVER), 10);
	ck_assert_int_eq(filch_pool_broadcast(pool, NULL, NULL, FILCH_FOREVER), FILCH_INVAL);
	end_pool(pool);
}
END_TEST

START_TEST(a_broadcast_gives_up_at_its_deadline)
{
	filch_group group = FILCH_GROUP_INIT;
	filch_pool *pool = pool_by(&options);
	size_t ran;

	group.pool = pool;
	ck_assert_int_eq(filch_group_spawn(&group, block, NULL), FILCH_OK);
	ck_assert(reaches(&begun, 1));
	ck_assert_int_eq(filch_pool_broadcast(pool, take_share, NULL, in_ms(50)), FILCH_TIMEOUT);
	ran = count_of(&shares[0]) + count_of(&shares[1]);
	ck_assert_uint_le(ran, 1);
	flc_store_release(&gate, 1);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	/* The share that did not begin never will: later ones come after it. */
	for (size_t round = 1; round <= 2; round++) {
		ck_assert_int_eq(filch_pool_broadcast(pool, take_share, NULL, FILCH_FOREVER),
		    FILCH_OK);
		ck_assert_uint_eq(count_of(&shares[0]) + count_of(&shares[1]), ran + 2 * round);
	}
	end_pool(pool);
}
END_TEST

static void *
broadcast_main(void *pool)
{
	for (int i = 0; i < 50; i++)
		ck_assert_int_eq(filch_pool_broadcast(pool, take_share, NULL, FILCH_FOREVER),
		    FILCH_OK);
	return NULL;
}

START_TEST(broadcasts_may_come_many_at_once)
{
	filch_pool *pool = pool_with(3);

	run_threads(4, broadcast_main, pool);
	assert_shares(3, 200);
	end_pool(pool);
}
END_TEST

static int
broadcast_from_chunk(void *pool, size_t begin, size_t end)
{
	for (size_t i = begin; i < end; i++)
		ck_assert_int_eq(filch_pool_broadcast(pool, take_share, NULL, FILCH_FOREVER),
		    FILCH_OK);
	return FILCH_OK;
}

START_TEST(broadcasts_may_come_from_inside_tasks)
{
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;

	how.pool = pool_with((size_t)_i);
	how.grain_exact = 1;
	ck_assert_int_eq(filch_for(0, 100, broadcast_from_chunk, how.pool, &how), FILCH_OK);
	assert_shares((size_t)_i, 100);
	end_pool(how.pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("broadcast");
	TCase *broadcast = case_of(suite, "broadcast", setup, NULL);

	tcase_add_loop_test(broadcast, a_broadcast_runs_once_on_every_worker, 0, THREADED_COUNTS);
	tcase_add_test(broadcast, a_broadcast_gives_the_failure_of_the_lowest_worker);
	tcase_add_test(broadcast, a_broadcast_gives_up_at_its_deadline);
	tcase_add_test(broadcast, broadcasts_may_come_many_at_once);
	tcase_add_loop_test(broadcast, broadcasts_may_come_from_inside_tasks, 1, 5);
	return run_suite(suite);
}
