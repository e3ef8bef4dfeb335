/* SPDX-License-Identifier: BSD-2-Clause */
/* Reductions: the same bits for any number of workers, order, failures, memory. */
#include "reduces.h"

/* -- The same bits -- */

START_TEST(a_sum_has_the_same_bits_for_any_number_of_workers)
{
	make_numbers();
	for (size_t l = 0; l < LENGTHS; l++) {
		double wanted = sum(FILCH_NO_WORKERS, lengths[l]);

		for (int round = 0; round < 3; round++) {
			double got = sum(worker_counts[_i], lengths[l]);

			ck_assert_int_eq(memcmp(&got, &wanted, sizeof(got)), 0);
		}
	}
}
END_TEST

START_TEST(the_grain_alone_changes_the_bits)
{
	make_numbers();
	for (how.grain_exact = 1; how.grain_exact < 10000; how.grain_exact *= 7) {
		double wanted = sum(FILCH_NO_WORKERS, 20000);
		double got = sum(worker_counts[_i], 20000);

		ck_assert_int_eq(memcmp(&got, &wanted, sizeof(got)), 0);
	}
	how.grain_exact = 0;
	how.grain_min = 5000;
	double wanted = sum(FILCH_NO_WORKERS, 20000);
	double got = sum(worker_counts[_i], 20000);

	ck_assert_int_eq(memcmp(&got, &wanted, sizeof(got)), 0);
}
END_TEST

/* -- Order: strings on the heap, each value counted -- */

static flc_atomic living;
static size_t failing_block, failing_combine, failing_identity;  /* plus one; 0: none */
static flc_atomic combines, identities;

struct string {
	char *text;
	size_t length;
};

static int
empty_string(void *context, void *into)
{
	struct string *s = into;

	(void)context;
	if (count_up(&identities) + 1 == failing_identity)
		return 503;
	s->text = calloc(1, 1);
	s->length = 0;
	count_up(&living);
	return FILCH_OK;
}

static void
extend(struct string *s, const char *text, size_t length)
{
	s->text = realloc(s->text, s->length + length + 1);
	memcpy(s->text + s->length, text, length);
	s->length += length;
	s->text[s->length] = '\0';
}

static int
append_letters(void *context, size_t begin, size_t end, void *into)
{
	(void)context;
	for (; begin < end; begin++) {
		char letter = (char)('a' + begin % 26);

		if (failing_block != 0 && begin + 1 >= failing_block
		    && (begin + 1 - failing_block) % 100 == 0)
			return (int)begin + 1000;
		extend(into, &letter, 1);
	}
	return FILCH_OK;
}

static void
free_string(void *context, void *value)
{
	struct string *s = value;

	(void)context;
	MUST(s->text != NULL);
	free(s->text);
	s->text = NULL;
	flc_add_full(&living, (size_t)-1);
}

static int
concatenate(void *context, void *into, void *from)
{
	struct string *s = from;

	extend(into, s->text, s->length);
	free_string(context, from);
	return count_up(&combines) + 1 == failing_combine ? 501 : FILCH_OK;
}

static const filch_reducer strings = {
	sizeof(struct string), empty_string, concatenate, free_string,
};

static void
assert_alphabet(struct string *s, size_t begin, size_t end)
{
	MUST(s->length == end - begin);
	for (size_t i = begin; i < end; i++)
		MUST((s->text[i - begin]) == 'a' + (int)(i % 26));
	free_string(NULL, s);
	MUST(count_of(&living) == 0);
}

START_TEST(an_operator_that_does_not_commute_keeps_its_order)
{
	how.pool = pool_with(worker_counts[_i]);
	for (size_t n = 0; n < 3000; n = n * 3 / 2 + 1)
		for (how.grain_exact = 0; how.grain_exact < 50; how.grain_exact += 7) {
			struct string result = { NULL, 0 };

			ck_assert_int_eq(filch_reduce(5, 5 + n, append_letters, NULL, &strings,
			    &result, &how), FILCH_OK);
			assert_alphabet(&result, 5, 5 + n);
		}
	end_pool(how.pool);
}
END_TEST

START_TEST(an_empty_range_gives_the_identity)
{
	struct string result = { NULL, 0 };

	how.pool = pool_with(worker_counts[_i]);
	ck_assert_int_eq(filch_reduce(7, 7, append_letters, NULL, &strings, &result, &how),
	    FILCH_OK);
	assert_alphabet(&result, 7, 7);
	ck_assert_int_eq(filch_fold_workers(7, 7, append_letters, NULL, &strings, &result, &how),
	    FILCH_OK);
	assert_alphabet(&result, 7, 7);
	end_pool(how.pool);
}
END_TEST

/* Runs one of the two and checks that a failure leaves nothing behind. */
static int
reduce_strings(int which, size_t n)
{
	static const struct string untouched = { (char *)&living, 77 };
	struct string result = untouched;
	int status;

	flc_store_relaxed(&combines, 0);
	flc_store_relaxed(&identities, 0);
	status = reductions[which](0, n, append_letters, NULL, &strings, &result, &how);
	if (status == FILCH_OK)
		free_string(NULL, &result);
	else
		ck_assert_int_eq(memcmp(&result, &untouched, sizeof(result)), 0);
	ck_assert_uint_eq(count_of(&living), 0);
	return status;
}

START_TEST(the_lowest_failure_of_a_fold_wins_and_every_value_is_freed_once)
{
	how.pool = pool_with(worker_counts[_i % ALL_COUNTS]);
	how.grain_exact = 3;
	for (failing_block = 1; failing_block < 900; failing_block += 41)
		for (int round = 0; round < 5; round++)
			ck_assert_int_eq(reduce_strings(_i / ALL_COUNTS, 900),
			    (int)failing_block - 1 + 1000);
	end_pool(how.pool);
}
END_TEST

START_TEST(a_failing_combine_fails_the_reduction_and_frees_every_value)
{
	how.pool = pool_with(worker_counts[_i]);
	how.grain_exact = 3;
	for (failing_combine = 1; failing_combine < 300; failing_combine += 13)
		ck_assert_int_eq(reduce_strings(0, 900), 501);
	failing_combine = 300;
	ck_assert_int_eq(reduce_strings(0, 900), FILCH_OK);
	end_pool(how.pool);
}
END_TEST

START_TEST(a_failing_identity_fails_the_reduction_and_frees_every_value)
{
	how.pool = pool_with(worker_counts[_i]);
	how.grain_exact = 3;
	for (failing_identity = 1; failing_identity <= 300; failing_identity += 13)
		ck_assert_int_eq(reduce_strings(0, 900), 503);
	failing_identity = 1;
	ck_assert_int_eq(reduce_strings(1, 900), 503);
	end_pool(how.pool);
}
END_TEST

static filch_cancel token;

static int
cancel_in_fold(void *context, size_t begin, size_t end, void *into)
{
	if (begin <= 300 && end > 300)
		filch_cancel_request(&token);
	return append_letters(context, begin, end, into);
}

START_TEST(cancellation_and_deadline_leave_nothing_behind)
{
	struct string result = { NULL, 77 };

	how.pool = pool_with(worker_counts[_i % ALL_COUNTS]);
	how.grain_exact = 3;
	how.cancel = &token;
	ck_assert_int_eq(reductions[_i / ALL_COUNTS](0, 900, cancel_in_fold, NULL, &strings,
	    &result, &how), FILCH_CANCELED);
	ck_assert_uint_eq(count_of(&living), 0);
	how.cancel = NULL;
	how.stop_at = 1;
	ck_assert_int_eq(reductions[_i / ALL_COUNTS](0, 900, append_letters, NULL, &strings,
	    &result, &how), FILCH_TIMEOUT);
	ck_assert_uint_eq(count_of(&living), 0);
	ck_assert_uint_eq(result.length, 77);
	end_pool(how.pool);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
	double result = 5;
	filch_reducer bad;

	for (int which = 0; which < 2; which++) {
#define REFUSED(begin, end, fold, reducer, into) \
	ck_assert_int_eq(reductions[which](begin, end, fold, NULL, reducer, into, &how), \
	    FILCH_INVAL)
		REFUSED(2, 1, add_numbers, &adder, &result);
		REFUSED(0, 1, NULL, &adder, &result);
		REFUSED(0, 1, add_numbers, NULL, &result);
		REFUSED(0, 1, add_numbers, &adder, NULL);
		bad = adder;
		bad.value_size = 0;
		REFUSED(0, 1, add_numbers, &bad, &result);
		bad = adder;
		bad.identity = NULL;
		REFUSED(0, 1, add_numbers, &bad, &result);
		bad = adder;
		bad.combine = NULL;
		REFUSED(0, 1, add_numbers, &bad, &result);
	}
	ck_assert(result == 5);
}
END_TEST

/* -- Large accumulators, and one per worker -- */

static void *
reduce_main(void *unused)
{
	double result = 0, wanted = 0;

	(void)unused;
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(filch_reduce(0, 30000, add_numbers, NULL, &adder, &result, &how),
		    FILCH_OK);
		if (i > 0)
			ck_assert_int_eq(memcmp(&result, &wanted, sizeof(result)), 0);
		wanted = result;
	}
	return NULL;
}

START_TEST(many_threads_may_reduce_at_once)
{
	make_numbers();
	how.pool = pool_with(worker_counts[_i]);
	run_threads(8, reduce_main, NULL);
	end_pool(how.pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("reduce");
	TCase *bits = case_of(suite, "bits", setup, NULL);
	TCase *values = case_of(suite, "values", setup, NULL);

	tcase_add_loop_test(bits, a_sum_has_the_same_bits_for_any_number_of_workers, 0,
	    THREADED_COUNTS);
	tcase_add_loop_test(bits, the_grain_alone_changes_the_bits, 0, THREADED_COUNTS);

	tcase_add_loop_test(values, an_operator_that_does_not_commute_keeps_its_order, 0,
	    ALL_COUNTS);
	tcase_add_loop_test(values, an_empty_range_gives_the_identity, 0, ALL_COUNTS);
	tcase_add_loop_test(values,
	    the_lowest_failure_of_a_fold_wins_and_every_value_is_freed_once, 0, 2 * ALL_COUNTS);
	tcase_add_loop_test(values, a_failing_combine_fails_the_reduction_and_frees_every_value, 0,
	    ALL_COUNTS);
	tcase_add_loop_test(values, a_failing_identity_fails_the_reduction_and_frees_every_value,
	    0, ALL_COUNTS);
	tcase_add_loop_test(values, cancellation_and_deadline_leave_nothing_behind, 0,
	    2 * ALL_COUNTS);
	tcase_add_test(values, bad_arguments_are_refused);
	tcase_add_loop_test(values, many_threads_may_reduce_at_once, 0, ALL_COUNTS);
	return run_suite(suite);
}
