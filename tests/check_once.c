/* SPDX-License-Identifier: BSD-2-Clause */
#include "dump.h"

static flc_atomic ended;

/* -- Once -- */

static filch_once once = FILCH_ONCE_INIT;
static size_t made;

/* Ends when all the others wait for it; who saw it fail has gone. */
static int
make(void *fails)
{
	until_threads_wait(*(size_t *)fails > 0 ? 7 : 6);
	if (*(size_t *)fails > 0) {
		--*(size_t *)fails;
		return 7;
	}
	made++;
	return FILCH_OK;
}

static void *
once_main(void *fails)
{
	int status = filch_once_run(&once, make, fails);

	MUST(status == FILCH_OK || status == 7);
	if (status == FILCH_OK) {
		MUST(made == 1);
		count_up(&ended);
	}
	return NULL;
}

START_TEST(once_is_once_and_a_failure_does_not_count)
{
	size_t fails = 1;

	run_threads(8, once_main, &fails);
	ck_assert_uint_eq(made, 1);
	ck_assert_uint_eq(count_of(&ended), 7);
}
END_TEST

static int
again(void *unused)
{
	(void)unused;
	return filch_once_run(&once, again, NULL);
}

START_TEST(once_inside_itself_is_a_deadlock)
{
	ck_assert_int_eq(filch_once_run(&once, again, NULL), FILCH_DEADLOCK);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("once");
	TCase *alone = case_of(suite, "alone", NULL, NULL);

	clear_variables();
	tcase_add_test(alone, once_is_once_and_a_failure_does_not_count);
	tcase_add_test(alone, once_inside_itself_is_a_deadlock);
	return run_suite(suite);
}
