/* SPDX-License-Identifier: BSD-2-Clause */
/* What ends a group before its tasks are done: failures and cancellation. */
#include "groups.h"

/* -- Failures -- */

/* Fails where its index is in the set.  The low ones take longest: time is what makes
 * them fail last. */
static int
fail_late(void *status)
{
	size_t code = (size_t)status;

	if (code != 0)
		pause_ms(code < 20 ? 3 : 0);
	return (int)code;
}

START_TEST(the_failure_of_the_lowest_spawn_index_wins)
{
	use_workers(worker_counts[_i]);
	for (size_t round = 0; round < 20; round++) {
		for (size_t i = 1; i <= 50; i++)
			spawn(fail_late, i >= 10 && i % 5 == 0 ? i : 0);
		assert_wait(10);
	}
	end_pool(group.pool);
}
END_TEST

START_TEST(tasks_after_a_failure_are_skipped)
{
	group.pool = pool_with(FILCH_NO_WORKERS);
	spawn(count_task, 0);
	spawn(give, 9);
	spawn(count_task, 0);
	assert_wait(9);
	ck_assert_uint_eq(count_of(&runs), 1);
	end_pool(group.pool);
}
END_TEST

START_TEST(negative_codes_pass_through)
{
	use_workers(2);
	spawn(give, (size_t)-12345);
	assert_wait(-12345);
	end_pool(group.pool);
}
END_TEST

/* -- Cancellation -- */

START_TEST(canceling_skips_what_has_not_begun)
{
	use_two_and_no_spares();
	spawn(block, 0);
	spawn(block, 0);
	ck_assert(reaches(&begun, 2));
	for (int i = 0; i < 100; i++)
		spawn(count_task, 0);
	filch_group_cancel(&group);
	filch_group_cancel(NULL);
	flc_store_release(&gate, 1);
	assert_wait(FILCH_CANCELED);
	ck_assert_uint_eq(count_of(&runs), 0);
	/* And the next round is a new one. */
	spawn(count_task, 0);
	assert_wait(FILCH_OK);
	ck_assert_uint_eq(count_of(&runs), 1);
	end_pool(group.pool);
}
END_TEST

START_TEST(a_failure_goes_before_cancellation)
{
	use_workers(2);
	spawn(give, 3);
	until_all_ended();
	filch_group_cancel(&group);
	assert_wait(3);
	end_pool(group.pool);
}
END_TEST

START_TEST(a_canceled_wait_never_says_success)
{
	use_workers(2);
	spawn(count_task, 0);
	ck_assert(reaches(&runs, 1));
	filch_group_cancel(&group);
	assert_wait(FILCH_CANCELED);
	end_pool(group.pool);
}
END_TEST

START_TEST(a_token_cancels_a_group)
{
	filch_cancel token = FILCH_CANCEL_INIT;

	use_workers(2);
	group.cancel = &token;
	spawn(count_task, 0);
	assert_wait(FILCH_OK);
	filch_cancel_request(&token);
	spawn(count_task, 0);
	assert_wait(FILCH_CANCELED);
	ck_assert_uint_eq(count_of(&runs), 1);
	filch_cancel_reset(&token);
	spawn(count_task, 0);
	assert_wait(FILCH_OK);
	end_pool(group.pool);
}
END_TEST

static int
work_until_canceled(void *unused)
{
	uint64_t until = in_ms(60000);

	(void)unused;
	count_up(&begun);
	while (!filch_canceled() && filch_now() < until)
		pause_ms(1);
	return filch_canceled() ? FILCH_OK : 99;
}

START_TEST(a_running_task_sees_the_cancellation)
{
	use_workers(2);
	spawn(work_until_canceled, 0);
	ck_assert(reaches(&begun, 1));
	filch_group_cancel(&group);
	assert_wait(FILCH_CANCELED);
	end_pool(group.pool);
}
END_TEST

/* A group within a task of the outer one. */
static int
inner_group(void *shielded)
{
	filch_group inner = FILCH_GROUP_INIT;
	int status;

	inner.shielded = shielded != NULL;
	ck_assert_int_eq(filch_group_spawn(&inner, shielded == NULL ? work_until_canceled
	    : block, NULL), FILCH_OK);
	status = filch_group_wait(&inner, FILCH_FOREVER);
	ck_assert_int_eq(status, shielded == NULL ? FILCH_CANCELED : FILCH_OK);
	return FILCH_OK;
}

START_TEST(cancellation_reaches_a_group_within)
{
	use_workers(2);
	spawn(inner_group, 0);
	ck_assert(reaches(&begun, 1));
	filch_group_cancel(&group);
	assert_wait(FILCH_CANCELED);
	end_pool(group.pool);
}
END_TEST

START_TEST(but_not_a_shielded_one)
{
	use_workers(2);
	spawn(inner_group, 1);
	ck_assert(reaches(&begun, 1));
	filch_group_cancel(&group);
	/* Time itself, in which the wait would look for a cancellation. */
	pause_ms(20);
	flc_store_release(&gate, 1);
	assert_wait(FILCH_CANCELED);
	end_pool(group.pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("group_cancel");
	TCase *failure = case_of(suite, "failure", setup, NULL);
	TCase *cancel = case_of(suite, "cancel", setup, NULL);

	tcase_add_loop_test(failure, the_failure_of_the_lowest_spawn_index_wins, 0, ALL_COUNTS);
	tcase_add_test(failure, tasks_after_a_failure_are_skipped);
	tcase_add_test(failure, negative_codes_pass_through);

	tcase_add_test(cancel, canceling_skips_what_has_not_begun);
	tcase_add_test(cancel, a_failure_goes_before_cancellation);
	tcase_add_test(cancel, a_canceled_wait_never_says_success);
	tcase_add_test(cancel, a_token_cancels_a_group);
	tcase_add_test(cancel, a_running_task_sees_the_cancellation);
	tcase_add_test(cancel, cancellation_reaches_a_group_within);
	tcase_add_test(cancel, but_not_a_shielded_one);
	return run_suite(suite);
}
