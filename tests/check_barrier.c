/* SPDX-License-Identifier: BSD-2-Clause */
#include "dump.h"

/* -- Barrier -- */

static filch_pool *pool;
static filch_barrier barrier = FILCH_BARRIER_INIT;
static size_t share[64];
#define PASSES 50

/* Everybody writes, passes, reads what all have written, passes. */
static int
pass(void *workers)
{
	size_t n = *(size_t *)workers;

	for (size_t round = 1; round <= PASSES; round++) {
		share[filch_worker_index()] = round;
		MUST(filch_barrier_wait(&barrier, FILCH_FOREVER) == FILCH_OK);
		for (size_t i = 0; i < n; i++)
			MUST(share[i] == round);
		MUST(filch_barrier_wait(&barrier, FILCH_FOREVER) == FILCH_OK);
	}
	return FILCH_OK;
}

START_TEST(all_workers_pass_a_barrier_together)
{
	size_t n = worker_counts[_i];

	pool = pool_with(worker_counts[_i]);
	ck_assert_int_eq(filch_pool_broadcast(pool, pass, &n, FILCH_FOREVER), FILCH_OK);
	end_pool(pool);
}
END_TEST

static int
alone_at_the_barrier(void *unused)
{
	(void)unused;
	if (filch_worker_index() != 0)
		return FILCH_OK;
	return filch_barrier_wait(&barrier, in_ms(5));
}

START_TEST(a_barrier_is_for_broadcasts_and_heeds_a_deadline)
{
	pool = pool_with(worker_counts[_i]);
	ck_assert_int_eq(filch_barrier_wait(&barrier, FILCH_FOREVER), FILCH_INVAL);
	ck_assert_int_eq(filch_pool_run(pool, alone_at_the_barrier, NULL),
	    worker_counts[_i] == FILCH_NO_WORKERS ? FILCH_INVAL : FILCH_OK);
	ck_assert_int_eq(filch_pool_broadcast(pool, alone_at_the_barrier, NULL, FILCH_FOREVER),
	    worker_counts[_i] == 1 || worker_counts[_i] == FILCH_NO_WORKERS
	    ? FILCH_OK : FILCH_TIMEOUT);
	end_pool(pool);
}
END_TEST

/* -- The end -- */

static filch_barrier ended_barrier;

static int
first_alone(void *unused)
{
	(void)unused;
	if (filch_worker_index() == 0)
		return filch_barrier_wait(&ended_barrier, FILCH_FOREVER);
	/* The first one is there, and waits for us. */
	until_dumped(1, " waits for barrier");
	MUST(filch_barrier_fini(&ended_barrier) == FILCH_BUSY);
	return filch_barrier_wait(&ended_barrier, FILCH_FOREVER);
}

START_TEST(a_barrier_that_is_waited_at_is_not_ended)
{
	pool = pool_with(2);
	ck_assert_int_eq(filch_barrier_init(NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_barrier_init(&ended_barrier), FILCH_OK);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(filch_pool_broadcast(pool, first_alone, NULL, FILCH_FOREVER),
		    FILCH_OK);
		ck_assert_int_eq(filch_barrier_fini(&ended_barrier), FILCH_OK);
	}
	end_pool(pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("barrier");
	TCase *alone = case_of(suite, "alone", NULL, NULL);
	TCase *pools = case_of(suite, "pools", NULL, NULL);

	clear_variables();
	tcase_add_test(alone, a_barrier_that_is_waited_at_is_not_ended);

	tcase_add_loop_test(pools, all_workers_pass_a_barrier_together, 0, THREADED_COUNTS);
	tcase_add_loop_test(pools, a_barrier_is_for_broadcasts_and_heeds_a_deadline, 0, ALL_COUNTS);
	return run_suite(suite);
}
