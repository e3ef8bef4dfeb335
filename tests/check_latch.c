/* SPDX-License-Identifier: BSD-2-Clause */
#include "dump.h"

static filch_latch latch = FILCH_LATCH_INIT(3);
static size_t counted;  /* plain: the latch carries it over */

static void *
latch_main(void *unused)
{
	(void)unused;
	MUST(filch_latch_wait(&latch, FILCH_FOREVER) == FILCH_OK);
	MUST(counted == 3);
	return NULL;
}

START_TEST(a_latch_opens_at_zero)
{
	pthread_t thread[4];

	ck_assert_int_eq(filch_latch_wait(&latch, 0), FILCH_AGAIN);
	ck_assert_int_eq(filch_latch_wait(&latch, in_ms(2)), FILCH_TIMEOUT);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, latch_main, NULL), 0);
	for (int i = 0; i < 3; i++) {
		counted++;
		ck_assert_int_eq(filch_latch_count_down(&latch, 1), FILCH_OK);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	ck_assert_int_eq(filch_latch_count_down(&latch, 1), FILCH_INVAL);
}
END_TEST

static int
wait_in_task(void *unused)
{
	(void)unused;
	return filch_latch_wait(&latch, FILCH_FOREVER);
}

static int
count_in_task(void *unused)
{
	(void)unused;
	return filch_latch_count_down(&latch, 1);
}

/* More waiters than workers: spares run what opens the latch. */
START_TEST(tasks_that_wait_let_others_run)
{
	filch_group group = FILCH_GROUP_INIT;

	group.pool = pool_with(worker_counts[_i]);
	group.fifo = 1;
	for (int i = 0; i < 8; i++)
		MUST(filch_group_spawn(&group, wait_in_task, NULL) == FILCH_OK);
	for (int i = 0; i < 3; i++)
		MUST(filch_group_spawn(&group, count_in_task, NULL) == FILCH_OK);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	end_pool(group.pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("latch");
	TCase *alone = case_of(suite, "alone", NULL, NULL);
	TCase *pools = case_of(suite, "pools", NULL, NULL);

	clear_variables();
	tcase_add_test(alone, a_latch_opens_at_zero);

	tcase_add_loop_test(pools, tasks_that_wait_let_others_run, 0, THREADED_COUNTS);
	return run_suite(suite);
}
