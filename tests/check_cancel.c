/* SPDX-License-Identifier: BSD-2-Clause */
#include "pools.h"

static filch_cancel token = FILCH_CANCEL_INIT;
static flc_atomic begun, looks, seen;

START_TEST(a_token_lives_until_it_is_requested)
{
	filch_cancel own = FILCH_CANCEL_INIT;

	ck_assert_int_eq(filch_cancel_requested(&own), 0);
	filch_cancel_request(&own);
	ck_assert_int_ne(filch_cancel_requested(&own), 0);
	filch_cancel_request(&own);
	ck_assert_int_ne(filch_cancel_requested(&own), 0);
	filch_cancel_reset(&own);
	ck_assert_int_eq(filch_cancel_requested(&own), 0);
}
END_TEST

START_TEST(a_zeroed_token_is_live)
{
	filch_cancel *own = calloc(1, sizeof(*own));

	ck_assert_int_eq(filch_cancel_requested(own), 0);
	free(own);
}
END_TEST

START_TEST(no_token_is_never_requested)
{
	filch_cancel_request(NULL);
	filch_cancel_reset(NULL);
	ck_assert_int_eq(filch_cancel_requested(NULL), 0);
}
END_TEST

START_TEST(outside_of_everything_nothing_is_canceled)
{
	ck_assert_int_eq(filch_canceled(), 0);
}
END_TEST

static int
wait_until_canceled(void *unused)
{
	uint64_t until = in_ms(60000);

	(void)unused;
	count_up(&begun);
	while (!filch_canceled()) {
		count_up(&looks);
		if (filch_now() > until)
			return 99;
	}
	count_up(&seen);
	return FILCH_OK;
}

static int
wait_in_chunk(void *context, size_t begin, size_t end)
{
	(void)begin;
	(void)end;
	return wait_until_canceled(context);
}

static int
join_of_waits(void *context)
{
	return filch_join(wait_until_canceled, context, wait_until_canceled, context);
}

static int
loop_in_chunk(void *context, size_t begin, size_t end)
{
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;

	(void)begin;
	(void)end;
	how.grain_exact = 1;
	return filch_for(0, 2, wait_in_chunk, context, &how);
}

static int
join_in_chunk(void *context, size_t begin, size_t end)
{
	(void)begin;
	(void)end;
	return join_of_waits(context);
}

static void *
request_main(void *unused)
{
	(void)unused;
	/* It has looked in vain. */
	ck_assert(reaches(&looks, 1));
	filch_cancel_request(&token);
	return NULL;
}

static int
loop_with_token(filch_range_fn *body, size_t workers)
{
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;
	pthread_t thread;
	int status;

	how.pool = pool_with(workers);
	how.cancel = &token;
	how.grain_exact = 1;
	ck_assert_int_eq(pthread_create(&thread, NULL, request_main, NULL), 0);
	status = filch_for(0, 2, body, NULL, &how);
	pthread_join(thread, NULL);
	end_pool(how.pool);
	return status;
}

START_TEST(a_chunk_sees_the_token_of_its_loop)
{
	ck_assert_int_eq(loop_with_token(wait_in_chunk, worker_counts[_i]), FILCH_CANCELED);
	ck_assert_uint_ge(count_of(&seen), 1);
}
END_TEST

START_TEST(a_nested_loop_sees_the_token_around_it)
{
	ck_assert_int_eq(loop_with_token(loop_in_chunk, worker_counts[_i]), FILCH_CANCELED);
	ck_assert_uint_ge(count_of(&seen), 1);
}
END_TEST

START_TEST(a_join_sees_the_token_around_it)
{
	ck_assert_int_eq(loop_with_token(join_in_chunk, worker_counts[_i]), FILCH_CANCELED);
	ck_assert_uint_ge(count_of(&seen), 1);
}
END_TEST

/* Index 0 fails once index 1 is under way; index 1 sees that it is in vain. */
static int
fail_or_wait(void *context, size_t begin, size_t end)
{
	(void)end;
	if (begin == 1)
		return wait_until_canceled(context);
	return reaches(&begun, 1) ? 7 : 98;
}

START_TEST(a_chunk_sees_that_one_before_it_failed)
{
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;

	how.pool = pool_with(2);
	how.grain_exact = 1;
	ck_assert_int_eq(filch_for(0, 2, fail_or_wait, NULL, &how), 7);
	ck_assert_uint_eq(count_of(&seen), 1);
	end_pool(how.pool);
}
END_TEST

static int
fail_second(void *pool, size_t begin, size_t end)
{
	(void)end;
	if (begin == 1) {
		count_up(&begun);
		return 7;
	}
	ck_assert(reaches(&begun, 1));
	/* Who failed has nothing left to do: its failure is known. */
	until_active(pool, 1);
	/* What comes before a failure goes on. */
	ck_assert_int_eq(filch_canceled(), 0);
	count_up(&seen);
	return FILCH_OK;
}

START_TEST(a_failure_does_not_cancel_what_comes_before_it)
{
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;

	how.pool = pool_with(2);
	how.grain_exact = 1;
	ck_assert_int_eq(filch_for(0, 2, fail_second, how.pool, &how), 7);
	ck_assert_uint_eq(count_of(&seen), 1);
	end_pool(how.pool);
}
END_TEST

static int
run_on_other(void *pool)
{
	return filch_pool_run(pool, wait_until_canceled, NULL);
}

START_TEST(a_task_sees_a_cancellation_around_it_from_another_pool)
{
	filch_group group = FILCH_GROUP_INIT;
	filch_pool *other = pool_with(1);

	group.pool = pool_with(1);
	ck_assert_int_eq(filch_group_spawn(&group, run_on_other, other), FILCH_OK);
	ck_assert(reaches(&begun, 1));
	filch_group_cancel(&group);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_CANCELED);
	ck_assert_uint_eq(count_of(&seen), 1);
	end_pool(group.pool);
	end_pool(other);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cancel");
	TCase *tokens = case_of(suite, "token", NULL, NULL);
	TCase *scopes = case_of(suite, "scope", NULL, NULL);

	tcase_add_test(tokens, a_token_lives_until_it_is_requested);
	tcase_add_test(tokens, a_zeroed_token_is_live);
	tcase_add_test(tokens, no_token_is_never_requested);
	tcase_add_test(tokens, outside_of_everything_nothing_is_canceled);

	tcase_add_loop_test(scopes, a_chunk_sees_the_token_of_its_loop, 0, ALL_COUNTS);
	tcase_add_loop_test(scopes, a_nested_loop_sees_the_token_around_it, 0, ALL_COUNTS);
	tcase_add_loop_test(scopes, a_join_sees_the_token_around_it, 0, ALL_COUNTS);
	tcase_add_test(scopes, a_chunk_sees_that_one_before_it_failed);
	tcase_add_test(scopes, a_failure_does_not_cancel_what_comes_before_it);
	tcase_add_test(scopes, a_task_sees_a_cancellation_around_it_from_another_pool);
	return run_suite(suite);
}
