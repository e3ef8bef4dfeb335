/* SPDX-License-Identifier: BSD-2-Clause */
/* Typed tasks from several threads at once, and in a group that is canceled. */
#include "spawn_tasks.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

static void *
outside(void *context)
{
	(void)context;
	for (int i = 0; i < 30; i++)
		if (FILCH_RUN(fib, 12) != 144 || FILCH_RUN(tak, 6, 3, 1) != 3)
			return &ran;
	return NULL;
}

/* Eight threads at once; each returns NULL if all went well. */
static void
from_outside(void *(*run)(void *context), void *context)
{
	pthread_t thread[8];
	void *failed;

	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, run, context), 0);
	for (int i = 0; i < 8; i++) {
		ck_assert_int_eq(pthread_join(thread[i], &failed), 0);
		ck_assert_ptr_null(failed);
	}
}

START_TEST(eight_threads_from_outside_run_tasks_at_once)
{
	from_outside(outside, NULL);
}
END_TEST

static int
run_fib(void *context)
{
	(void)context;
	return FILCH_RUN(fib, 14) == 377 ? FILCH_OK : 1;
}

static void *
run_in_given(void *pool)
{
	for (int i = 0; i < 30; i++)
		if (filch_pool_run(pool, run_fib, NULL) != FILCH_OK)
			return pool;
	return NULL;
}

/* Without a free guest slot a worker runs the call. */
START_TEST(more_callers_than_guest_slots)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	filch_pool *pool;

	options.workers = 2;
	options.guests = 1;
	ck_assert_int_eq(filch_pool_create(&pool, &options), FILCH_OK);
	from_outside(run_in_given, pool);
	ck_assert_int_eq(filch_pool_destroy(pool), FILCH_OK);
}
END_TEST

FILCH_TASK(int, sleep_a_second)
{
	nap_us(1000000);
	return 1;
}

static int
two_sleepers(void *context)
{
	uint64_t began = filch_now();
	FILCH_TASKS_HERE;
	FILCH_SPAWN(first, sleep_a_second);
	int second = FILCH_CALL(sleep_a_second);

	ck_assert_int_eq(FILCH_JOIN(first, sleep_a_second) + second, 2);
	*(uint64_t *)context = filch_now() - began;
	return FILCH_OK;
}

START_TEST(two_tasks_run_at_once_on_two_workers)
{
	uint64_t took = 0;

	ck_assert_int_eq(run_in_pool(2, two_sleepers, &took), FILCH_OK);
	ck_assert_uint_ge(took, 990000000u);
	ck_assert_uint_lt(took, 1900000000u);
}
END_TEST

/* Ends when what it runs in is canceled; 1 if it saw that. */
FILCH_TASK(int, until_canceled)
{
	for (int i = 0; i < 20000; i++) {
		if (filch_canceled())
			return 1;
		nap_us(1000);
	}
	return 0;
}

static int
patient(void *context)
{
	int *seen = context;
	FILCH_TASKS_HERE;
	FILCH_SPAWN(other, leaf, 7);
	*seen = FILCH_CALL(until_canceled);
	*seen += FILCH_JOIN(other, leaf) - 7;
	return FILCH_OK;
}

START_TEST(tasks_of_a_canceled_group_see_it)
{
	filch_group group = FILCH_GROUP_INIT;
	int seen = -1;

	ck_assert(!filch_canceled());
	ck_assert_int_eq(filch_group_spawn(&group, patient, &seen), FILCH_OK);
	nap_us(50000);
	filch_group_cancel(&group);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_CANCELED);
	/* Not begun, or begun and seen. */
	ck_assert(seen == -1 || seen == 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("spawn_callers");
	TCase *single = case_of(suite, "single", NULL, end_default_pool);

	setenv("FILCH_WORKERS", "4", 0);
	tcase_add_test(single, eight_threads_from_outside_run_tasks_at_once);
	tcase_add_test(single, more_callers_than_guest_slots);
	tcase_add_test(single, two_tasks_run_at_once_on_two_workers);
	tcase_add_test(single, tasks_of_a_canceled_group_see_it);
	return run_suite(suite);
}
