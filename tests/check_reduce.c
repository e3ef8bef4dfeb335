/* SPDX-License-Identifier: BSD-2-Clause */
#include "pools.h"

#include <math.h>

static filch_for_options how;

static void
setup(void)
{
	static const filch_for_options init = FILCH_FOR_OPTIONS_INIT;

	clear_variables();
	how = init;
}

/* -- The same bits -- */

#define NUMBERS 300007
static double number[NUMBERS];
static float small[NUMBERS];

static void
make_numbers(void)
{
	uint64_t seed = 42;

	for (size_t i = 0; i < NUMBERS; i++) {
		double magnitude = ldexp(1.0, (int)(random_of(&seed) % 40) - 20);

		number[i] = ((double)(random_of(&seed) % 2000001) - 1e6) * magnitude;
		small[i] = (float)number[i];
	}
}

static int
zero(void *context, void *into)
{
	(void)context;
	*(double *)into = 0;
	return FILCH_OK;
}

static int
add_numbers(void *context, size_t begin, size_t end, void *into)
{
	(void)context;
	for (; begin < end; begin++)
		*(double *)into += number[begin];
	return FILCH_OK;
}

static int
add(void *context, void *into, void *from)
{
	(void)context;
	*(double *)into += *(double *)from;
	return FILCH_OK;
}

static const filch_reducer adder = { sizeof(double), zero, add, NULL };

static double
sum(size_t workers, size_t n)
{
	double result = -1;

	how.pool = pool_with(workers);
	ck_assert_int_eq(filch_reduce(0, n, add_numbers, NULL, &adder, &result, &how), FILCH_OK);
	end_pool(how.pool);
	return result;
}

static const size_t lengths[] = { 0, 1, 2, 3, 255, 256, 257, 511, 513, 2048, 4099, 65536, NUMBERS };
#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

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

FILCH_DEFINE_SUM(sum_f64, double);
FILCH_DEFINE_SUM(sum_f32, float);
FILCH_DEFINE_SUM(sum_i32, int);
FILCH_DEFINE_REDUCE(max_f64, double, -INFINITY, a > b ? a : b);
FILCH_DEFINE_REDUCE(add_long, long, 0, a + b);

struct faces {
	size_t n;
	double f64;
	float f32;
	double max;
};

static int
use_faces(void *context)
{
	struct faces *f = context;

	f->f64 = sum_f64(number, f->n);
	f->f32 = sum_f32(small, f->n);
	f->max = max_f64(number, f->n, -1e300);
	return FILCH_OK;
}

static struct faces
faces_with(size_t workers, size_t n)
{
	struct faces f = { .n = n };
	filch_pool *pool = pool_with(workers);

	ck_assert_int_eq(filch_pool_run(pool, use_faces, &f), FILCH_OK);
	end_pool(pool);
	return f;
}

START_TEST(typed_faces_have_the_same_bits_for_any_number_of_workers)
{
	make_numbers();
	for (size_t l = 0; l < LENGTHS; l++) {
		struct faces wanted = faces_with(FILCH_NO_WORKERS, lengths[l]);
		struct faces got = faces_with(worker_counts[_i], lengths[l]);

		ck_assert_int_eq(memcmp(&got.f64, &wanted.f64, sizeof(got.f64)), 0);
		ck_assert_int_eq(memcmp(&got.f32, &wanted.f32, sizeof(got.f32)), 0);
		ck_assert_int_eq(memcmp(&got.max, &wanted.max, sizeof(got.max)), 0);
	}
}
END_TEST

START_TEST(typed_faces_are_right)
{
	static const long v[] = { 1, 2, 3, 4 };
	static int ones[100000];
	double most = -1e300;

	make_numbers();
	for (size_t i = 0; i < NUMBERS; i++)
		most = number[i] > most ? number[i] : most;
	for (size_t i = 0; i < 100000; i++)
		ones[i] = 1;
	ck_assert_int_eq(add_long(v, 4, 0), 10);
	ck_assert_int_eq(add_long(v, 0, 7), 7);
	ck_assert_int_eq(add_long(v, 4, 7), 17);
	ck_assert(max_f64(number, NUMBERS, -1e300) == most);
	ck_assert(max_f64(number, 0, 5) == 5);
	ck_assert_int_eq(sum_i32(ones, 100000), 100000);
	ck_assert_int_eq(sum_i32(ones, 31), 31);
	ck_assert_int_eq(sum_i32(ones, 0), 0);
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
}
END_TEST

/* A value larger than any buffer that a reduction has ready. */
struct wide {
	long part[100];
};

static struct wide
add_wide(struct wide a, struct wide b)
{
	for (int i = 0; i < 100; i++)
		a.part[i] += b.part[i];
	return a;
}

static const struct wide no_wide;
FILCH_DEFINE_REDUCE(sum_wide, struct wide, no_wide, add_wide(a, b));

#define WIDES 9000

static int
sum_all_wides(void *items)
{
	struct wide total = sum_wide(items, WIDES, no_wide);

	for (int i = 0; i < 100; i++)
		MUST(total.part[i] == (long)WIDES * i);
	return FILCH_OK;
}

static struct wide *
make_wides(void)
{
	struct wide *item = calloc(WIDES, sizeof(*item));

	ck_assert_ptr_nonnull(item);
	for (size_t i = 0; i < WIDES; i++)
		for (int k = 0; k < 100; k++)
			item[i].part[k] = k;
	return item;
}

START_TEST(a_typed_face_takes_large_values)
{
	struct wide *item = make_wides();
	filch_pool *pool = pool_with(worker_counts[_i]);

	ck_assert_int_eq(filch_pool_run(pool, sum_all_wides, item), FILCH_OK);
	end_pool(pool);
	free(item);
}
END_TEST

static int
cancel_and_sum(void *items)
{
	filch_group *group = *(filch_group **)items;

	filch_group_cancel(group);
	return sum_all_wides(((void **)items)[1]);
}

START_TEST(a_typed_face_cannot_fail_where_all_is_canceled)
{
	filch_group group = FILCH_GROUP_INIT;
	void *context[2] = { &group, make_wides() };

	group.pool = pool_with(worker_counts[_i]);
	ck_assert_int_eq(filch_group_spawn(&group, cancel_and_sum, context), FILCH_OK);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_CANCELED);
	end_pool(group.pool);
	free(context[1]);
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

/* A chunk that waits with wide_help runs another one of its own loop. */
struct entered {
	size_t inside, sum;
};

static flc_atomic waits, waiting, task_begun, inner_chunks, twice;
static pthread_t waiter;
static filch_group slow = FILCH_GROUP_INIT;

static int
clear_entered(void *unused, void *into)
{
	static const struct entered none;

	(void)unused;
	*(struct entered *)into = none;
	return FILCH_OK;
}

static int
add_entered(void *unused, void *into, void *from)
{
	(void)unused;
	((struct entered *)into)->sum += ((struct entered *)from)->sum;
	return FILCH_OK;
}

static int
wait_for_inner_chunks(void *unused)
{
	uint64_t until = in_ms(2000);

	(void)unused;
	count_up(&task_begun);
	while (count_of(&inner_chunks) < 3 && filch_now() < until)
		pause_ms(1);
	return FILCH_OK;
}

static int
fold_and_wait(void *unused, size_t begin, size_t end, void *into)
{
	struct entered *at = into;

	(void)unused;
	if (at->inside++ != 0)
		count_up(&twice);
	if (count_up(&waits) == 0) {
		waiter = pthread_self();
		flc_store_release(&waiting, 1);
		MUST(filch_group_wait(&slow, FILCH_FOREVER) == FILCH_OK);
		flc_store_release(&waiting, 0);
	} else if (count_of(&waiting) != 0 && pthread_equal(waiter, pthread_self())) {
		count_up(&inner_chunks);
	} else if (count_of(&inner_chunks) < 3) {
		pause_ms(1);
	}
	for (size_t i = begin; i < end; i++)
		at->sum += i;
	at->inside--;
	return FILCH_OK;
}

START_TEST(a_fold_inside_of_a_fold_has_an_accumulator_of_its_own)
{
	static const filch_reducer reducer = {
		sizeof(struct entered), clear_entered, add_entered, NULL,
	};
	struct entered result = { 7, 7 };

	how.pool = slow.pool = pool_with(2);
	how.grain_exact = 1;
	slow.wide_help = 1;
	/* A worker has it, and the caller's place is the other's: so it is the caller who
	 * runs the parts of the loop that it has put aside. */
	MUST(filch_group_spawn(&slow, wait_for_inner_chunks, NULL) == FILCH_OK);
	ck_assert(reaches(&task_begun, 1));
	ck_assert_int_eq(filch_fold_workers(0, 1000, fold_and_wait, NULL, &reducer, &result, &how),
	    FILCH_OK);
	ck_assert_uint_eq(result.sum, 499500);
	ck_assert_uint_ge(count_of(&inner_chunks), 1);
	ck_assert_uint_eq(count_of(&twice), 0);
	end_pool(how.pool);
}
END_TEST

static int (*const reductions[])(size_t, size_t, filch_fold_fn *, void *, const filch_reducer *,
    void *, const filch_for_options *) = { filch_reduce, filch_fold_workers };

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
	how.deadline = 1;
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
	ck_assert_int_eq(reductions[which](begin, end, fold, NULL, reducer, into, &how), FILCH_INVAL)
		REFUSED(2, 1, add_numbers, &adder, &result);
		REFUSED(0, 1, NULL, &adder, &result);
		REFUSED(0, 1, add_numbers, NULL, &result);
		REFUSED(0, 1, add_numbers, &adder, NULL);
		bad = adder;
		bad.size = 0;
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

#define KINDS 1000

static int
no_counts(void *context, void *into)
{
	(void)context;
	memset(into, 0, KINDS * sizeof(size_t));
	return FILCH_OK;
}

static int
count_kinds(void *context, size_t begin, size_t end, void *into)
{
	(void)context;
	for (; begin < end; begin++)
		((size_t *)into)[begin % KINDS]++;
	return FILCH_OK;
}

static int
add_counts(void *context, void *into, void *from)
{
	(void)context;
	for (size_t i = 0; i < KINDS; i++)
		((size_t *)into)[i] += ((size_t *)from)[i];
	return FILCH_OK;
}

START_TEST(histograms_are_right)
{
	static const filch_reducer histogram = {
		KINDS * sizeof(size_t), no_counts, add_counts, NULL,
	};
	static size_t result[KINDS];

	how.pool = pool_with(worker_counts[_i % ALL_COUNTS]);
	for (int round = 0; round < 10; round++) {
		MUST((reductions[_i / ALL_COUNTS](0, 200 * KINDS, count_kinds, NULL,
		    &histogram, result, &how)) == FILCH_OK);
		for (size_t i = 0; i < KINDS; i++)
			MUST(result[i] == 200);
	}
	end_pool(how.pool);
}
END_TEST

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
	tcase_add_loop_test(bits, typed_faces_have_the_same_bits_for_any_number_of_workers, 0,
	    THREADED_COUNTS);
	tcase_add_test(bits, typed_faces_are_right);
	tcase_add_loop_test(bits, a_typed_face_takes_large_values, 0, ALL_COUNTS);
	tcase_add_loop_test(bits, a_typed_face_cannot_fail_where_all_is_canceled, 0, ALL_COUNTS);

	tcase_add_loop_test(values, an_operator_that_does_not_commute_keeps_its_order, 0,
	    ALL_COUNTS);
	tcase_add_loop_test(values, an_empty_range_gives_the_identity, 0, ALL_COUNTS);
	tcase_add_test(values, a_fold_inside_of_a_fold_has_an_accumulator_of_its_own);
	tcase_add_loop_test(values,
	    the_lowest_failure_of_a_fold_wins_and_every_value_is_freed_once, 0, 2 * ALL_COUNTS);
	tcase_add_loop_test(values, a_failing_combine_fails_the_reduction_and_frees_every_value, 0,
	    ALL_COUNTS);
	tcase_add_loop_test(values, a_failing_identity_fails_the_reduction_and_frees_every_value,
	    0, ALL_COUNTS);
	tcase_add_loop_test(values, cancellation_and_deadline_leave_nothing_behind, 0,
	    2 * ALL_COUNTS);
	tcase_add_test(values, bad_arguments_are_refused);
	tcase_add_loop_test(values, histograms_are_right, 0, 2 * ALL_COUNTS);
	tcase_add_loop_test(values, many_threads_may_reduce_at_once, 0, ALL_COUNTS);
	return run_suite(suite);
}
