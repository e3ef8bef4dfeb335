/* SPDX-License-Identifier: BSD-2-Clause */
#include "dump.h"
#include "locks.h"

static filch_mutex mutex = FILCH_MUTEX_INIT("cache");
static filch_condition condition = FILCH_CONDITION_INIT;
static flc_atomic started, ended;

/* A plain ball, by turns. */
static size_t ball;
#define BALLS 2000

static void *
ping_main(void *argument)
{
	size_t me = (size_t)(argument != NULL);

	lock(&mutex);
	for (size_t i = 0; i < BALLS; i++) {
		while (ball % 2 != me)
			MUST(filch_condition_wait(&condition, &mutex, FILCH_FOREVER) == FILCH_OK);
		ball++;
		MUST(filch_condition_signal(&condition) == FILCH_OK);
	}
	unlock(&mutex);
	return NULL;
}

START_TEST(a_condition_passes_a_ball)
{
	filch_mutex_metrics row;
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, ping_main, &ball), 0);
	ping_main(NULL);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(ball, 2 * BALLS);
	ck_assert_int_eq(filch_mutex_stats(&mutex, &row, sizeof(row)), FILCH_OK);
	ck_assert_uint_gt(row.cond_waits, 0);
	ck_assert_uint_gt(row.cond_wait_ns, 0);
}
END_TEST

START_TEST(a_condition_wants_its_mutex_and_heeds_a_deadline)
{
	uint64_t until = in_ms(5);

	ck_assert_int_eq(filch_condition_wait(&condition, &mutex, FILCH_FOREVER), FILCH_INVAL);
	lock(&mutex);
	ck_assert_int_eq(filch_condition_wait(&condition, &mutex, 0), FILCH_AGAIN);
	ck_assert_int_eq(filch_condition_wait(&condition, &mutex, until), FILCH_TIMEOUT);
	ck_assert_uint_ge(filch_now(), until);
	/* It has the mutex again. */
	unlock(&mutex);
}
END_TEST

static void *
wait_main(void *unused)
{
	(void)unused;
	lock(&mutex);
	count_up(&started);
	while (ball == 0)
		MUST(filch_condition_wait(&condition, &mutex, FILCH_FOREVER) == FILCH_OK);
	unlock(&mutex);
	count_up(&ended);
	return NULL;
}

START_TEST(a_broadcast_wakes_all)
{
	pthread_t thread[8];

	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, wait_main, NULL), 0);
	until_threads_wait(8);
	lock(&mutex);
	ball = 1;
	unlock(&mutex);
	ck_assert_int_eq(filch_condition_broadcast(&condition), FILCH_OK);
	for (int i = 0; i < 8; i++)
		pthread_join(thread[i], NULL);
	ck_assert_uint_eq(count_of(&ended), 8);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("condition");
	TCase *alone = case_of(suite, "alone", NULL, NULL);

	clear_variables();
	tcase_add_test(alone, a_condition_passes_a_ball);
	tcase_add_test(alone, a_condition_wants_its_mutex_and_heeds_a_deadline);
	tcase_add_test(alone, a_broadcast_wakes_all);
	return run_suite(suite);
}
