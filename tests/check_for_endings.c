/* SPDX-License-Identifier: BSD-2-Clause */
/* How a loop ends: failures, cancellation, deadlines; and what it says of its
 * progress. */
#include "loops.h"

/* -- Endings -- */

static size_t fails_from, fails_each;

static int
fail_at_some(void *unused, size_t begin, size_t end)
{
	(void)unused;
	for (; begin < end; begin++) {
		/* The low ones take longest, so that higher ones fail first. */
		if (begin < fails_from + 10)
			spend_time(3000);
		if (begin >= fails_from && begin % fails_each == 0)
			return (int)begin + 1;
		seen[begin]++;
	}
	return FILCH_OK;
}

START_TEST(the_failure_of_the_lowest_index_wins)
{
	uint64_t seed = 5 + (uint64_t)_i;

	use_workers(worker_counts[_i]);
	for (size_t round = 0; round < rounds(200); round++) {
		fails_each = 1 + random_of(&seed) % 50;
		fails_from = random_of(&seed) % 900;
		how.schedule = (int)round % 4;
		how.grain_exact = round % 5 == 0 ? 7 : 0;
		size_t lowest = (fails_from + fails_each - 1) / fails_each * fails_each;

		MUST(loop(0, 1000, fail_at_some) == (lowest < 1000 ? (int)lowest + 1 : 0));
		for (size_t i = 0; i < lowest && i < 1000; i++)
			MUST(seen[i] == 1);
		memset(seen, 0, sizeof(seen));
	}
	end_pool(how.pool);
}
END_TEST

static filch_cancel token;

static int
request_at_100(void *unused, size_t begin, size_t end)
{
	(void)unused;
	for (; begin < end; begin++) {
		count_up(&runs);
		if (begin == 100)
			filch_cancel_request(&token);
		spend_time(10000);
	}
	return FILCH_OK;
}

START_TEST(cancellation_ends_a_loop_early)
{
	use_workers(worker_counts[_i]);
	how.cancel = &token;
	how.grain_exact = 1;
	ck_assert_int_eq(loop(0, 1000000, request_at_100), FILCH_CANCELED);
	ck_assert_uint_lt(count_of(&runs), 1000000);
	size_t before = count_of(&runs);

	ck_assert_int_eq(loop(0, 100, count_range), FILCH_CANCELED);
	ck_assert_uint_eq(count_of(&runs), before);
	filch_cancel_reset(&token);
	ck_assert_int_eq(loop(0, 100, count_range), FILCH_OK);
	end_pool(how.pool);
}
END_TEST

START_TEST(a_token_requested_by_the_last_chunk_is_no_success)
{
	use_workers(worker_counts[_i]);
	how.cancel = &token;
	ck_assert_int_eq(loop(0, 101, request_at_100), FILCH_CANCELED);
	ck_assert_uint_le(count_of(&runs), 101);
	end_pool(how.pool);
}
END_TEST

static int
fail_and_request(void *unused, size_t begin, size_t end)
{
	(void)unused;
	(void)begin;
	(void)end;
	filch_cancel_request(&token);
	return 42;
}

START_TEST(the_bodys_code_goes_before_cancellation)
{
	use_workers(1);
	how.cancel = &token;
	ck_assert_int_eq(loop(0, 10, fail_and_request), 42);
	end_pool(how.pool);
}
END_TEST

static int
take_a_ms(void *unused, size_t begin, size_t end)
{
	/* Time itself: the deadline passes. */
	pause_ms(end - begin);
	return count_range(unused, begin, end);
}

START_TEST(no_chunk_begins_after_the_deadline)
{
	uint64_t begin = filch_now();

	use_workers(worker_counts[_i]);
	how.grain_exact = 1;
	how.stop_at = in_ms(50);
	ck_assert_int_eq(loop(0, 1000000, take_a_ms), FILCH_TIMEOUT);
	ck_assert_uint_lt(filch_now() - begin, 20000 * MS);
	size_t before = count_of(&runs);

	how.stop_at = 1;
	ck_assert_int_eq(loop(0, 100, count_range), FILCH_TIMEOUT);
	ck_assert_uint_eq(count_of(&runs), before);
	how.stop_at = FILCH_FOREVER;
	ck_assert_int_eq(loop(0, 100, count_range), FILCH_OK);
	end_pool(how.pool);
}
END_TEST

START_TEST(progress_counts_what_is_done)
{
	filch_progress progress;

	memset(&progress, 0, sizeof(progress));
	use_workers(worker_counts[_i]);
	how.progress = &progress;
	ck_assert_int_eq(loop(10, 5010, count_range), FILCH_OK);
	ck_assert_uint_eq(filch_progress_done(&progress), 5000);
	ck_assert_int_eq(loop(0, 7, count_range), FILCH_OK);
	ck_assert_uint_eq(filch_progress_done(&progress), 5007);
	end_pool(how.pool);
}
END_TEST

/* -- Nesting -- */

static int
fail_deep(void *unused, size_t begin, size_t end)
{
	(void)unused;
	return begin <= 30 && end > 30 ? 11 : FILCH_OK;
}

static int
pass_on(void *unused, size_t begin, size_t end)
{
	(void)unused;
	(void)begin;
	(void)end;
	return filch_for(0, 100, fail_deep, NULL, NULL);
}

START_TEST(a_failure_passes_through_nested_loops)
{
	use_workers(worker_counts[_i]);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(loop(0, 10, pass_on), 11);
	end_pool(how.pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("for_endings");

	TCase *ending = case_of(suite, "ending", setup, NULL);
	TCase *nested = case_of(suite, "nested", setup, NULL);

	tcase_add_loop_test(ending, the_failure_of_the_lowest_index_wins, 0, ALL_COUNTS);
	tcase_add_loop_test(ending, cancellation_ends_a_loop_early, 0, ALL_COUNTS);
	tcase_add_loop_test(ending, a_token_requested_by_the_last_chunk_is_no_success, 0,
	    ALL_COUNTS);
	tcase_add_test(ending, the_bodys_code_goes_before_cancellation);
	tcase_add_loop_test(ending, no_chunk_begins_after_the_deadline, 0, ALL_COUNTS);
	tcase_add_loop_test(ending, progress_counts_what_is_done, 0, ALL_COUNTS);

	tcase_add_loop_test(nested, a_failure_passes_through_nested_loops, 0, ALL_COUNTS);
	return run_suite(suite);
}
