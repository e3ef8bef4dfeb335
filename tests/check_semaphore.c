/* SPDX-License-Identifier: BSD-2-Clause */
#include "dump.h"

static filch_semaphore semaphore = FILCH_SEMAPHORE_INIT(3);
static flc_atomic inside, most;

static void *
enter_main(void *unused)
{
	(void)unused;
	for (size_t i = 0; i < rounds(2000); i++) {
		MUST(filch_semaphore_acquire(&semaphore, FILCH_FOREVER) == FILCH_OK);
		keep_highest(&most, count_up(&inside) + 1);
		flc_add_full(&inside, (size_t)-1);
		MUST(filch_semaphore_release(&semaphore, 1) == FILCH_OK);
	}
	return NULL;
}

START_TEST(no_more_than_the_semaphore_says_are_inside)
{
	run_threads(8, enter_main, NULL);
	ck_assert_uint_le(count_of(&most), 3);
	ck_assert_int_eq(filch_semaphore_acquire(&semaphore, 0), FILCH_OK);
	ck_assert_int_eq(filch_semaphore_acquire(&semaphore, 0), FILCH_OK);
	ck_assert_int_eq(filch_semaphore_acquire(&semaphore, 0), FILCH_OK);
	ck_assert_int_eq(filch_semaphore_acquire(&semaphore, 0), FILCH_AGAIN);
	ck_assert_int_eq(filch_semaphore_acquire(&semaphore, in_ms(2)), FILCH_TIMEOUT);
	ck_assert_int_eq(filch_semaphore_release(&semaphore, SIZE_MAX), FILCH_INVAL);
}
END_TEST

static void *
take_main(void *unused)
{
	(void)unused;
	MUST(filch_semaphore_acquire(&semaphore, FILCH_FOREVER) == FILCH_OK);
	return NULL;
}

START_TEST(one_release_of_many_wakes_as_many)
{
	pthread_t thread[8];

	for (int i = 0; i < 3; i++)
		take_main(NULL);
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, take_main, NULL), 0);
	until_threads_wait(8);
	ck_assert_int_eq(filch_semaphore_release(&semaphore, 8), FILCH_OK);
	for (int i = 0; i < 8; i++)
		pthread_join(thread[i], NULL);
	ck_assert_int_eq(filch_semaphore_acquire(&semaphore, 0), FILCH_AGAIN);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("semaphore");
	TCase *alone = case_of(suite, "alone", NULL, NULL);

	clear_variables();
	tcase_add_test(alone, no_more_than_the_semaphore_says_are_inside);
	tcase_add_test(alone, one_release_of_many_wakes_as_many);
	return run_suite(suite);
}
