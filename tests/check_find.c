/* SPDX-License-Identifier: BSD-2-Clause */
#include "arrays.h"

#include <math.h>

#define MOST 3000
#define WIDEST 100

static char in[MOST * WIDEST], other[MOST * WIDEST];
static const size_t sizes[] = { 1, 2, 3, 8, 24, 100 };
static const size_t lengths[] = { 0, 1, 2, 255, 256, 257, 513, 1500, MOST };

/* Items that are 1 are chosen: at most `hits` of them. */
static void
make_items(size_t n, size_t size, size_t hits)
{
	memset(in, 0, n * size);
	for (size_t i = 0; i < hits && n > 0; i++)
		in[below(n) * size] = 1;
}

struct test {
	size_t size;
	size_t fails_at;       /* an item */
	filch_cancel *cancels; /* there */
	flc_atomic known;      /* some call has returned a hit */
	flc_atomic late_calls; /* that began afterwards */
};

#define NEVER SIZE_MAX

static int
choose_ones(void *context, const void *items, size_t n, unsigned char *yes)
{
	struct test *test = context;
	size_t first = (size_t)((const char *)items - in) / test->size;
	bool hit = false;

	MUST(n > 0 && n <= FILCH_PACK_ITEMS);
	if (count_of(&test->known) != 0)
		count_up(&test->late_calls);
	be_late(first);
	for (size_t i = 0; i < n; i++) {
		yes[i] = in[(first + i) * test->size] == 1 ? 0x40 : 0;
		hit = hit || yes[i] != 0;
		if (first + i == test->fails_at && test->cancels != NULL)
			filch_cancel_request(test->cancels);
		else if (first + i == test->fails_at)
			return 9;
	}
	if (hit)
		flc_store_release(&test->known, 1);
	return FILCH_OK;
}

struct expected {
	size_t first, last, count;
};

static struct expected
search_serially(size_t n, size_t size)
{
	struct expected e = { n, n, 0 };

	for (size_t i = 0; i < n; i++) {
		if (in[i * size] != 1)
			continue;
		e.first = e.count == 0 ? i : e.first;
		e.last = i;
		e.count++;
	}
	return e;
}

static void
search_all_ways(size_t n, size_t size)
{
	struct test test = { .size = size, .fails_at = NEVER };
	struct expected e = search_serially(n, size);
	size_t at = 77;
	int answer = 77;

	ck_assert_int_eq(filch_find(in, n, size, choose_ones, &test, &at, &how), FILCH_OK);
	ck_assert_uint_eq(at, e.first);
	ck_assert_int_eq(filch_find_last(in, n, size, choose_ones, &test, &at, &how), FILCH_OK);
	ck_assert_uint_eq(at, e.last);
	ck_assert_int_eq(filch_count(in, n, size, choose_ones, &test, &at, &how), FILCH_OK);
	ck_assert_uint_eq(at, e.count);
	ck_assert_int_eq(filch_find_any(in, n, size, choose_ones, &test, &at, &how), FILCH_OK);
	ck_assert(e.count == 0 ? at == n : at < n && in[at * size] == 1);
	ck_assert_int_eq(filch_any_of(in, n, size, choose_ones, &test, &answer, &how), FILCH_OK);
	ck_assert_int_eq(answer, e.count > 0);
	ck_assert_int_eq(filch_all_of(in, n, size, choose_ones, &test, &answer, &how), FILCH_OK);
	ck_assert_int_eq(answer, e.count == n);
}

START_TEST(a_search_equals_the_loop)
{
	how.pool = pool_with(worker_counts[_i]);
	for (size_t s = 0; s < 6; s++)
		for (size_t l = 0; l < 9; l++)
			for (how.grain_exact = 0; how.grain_exact < 600; how.grain_exact += 299)
				for (size_t hits = 0; hits < 3; hits++) {
					make_items(lengths[l], sizes[s], hits);
					search_all_ways(lengths[l], sizes[s]);
				}
	for (size_t i = 0; i < MOST; i++)
		in[i] = 1;
	search_all_ways(MOST, 1);
	end_pool(how.pool);
}
END_TEST

FILCH_DEFINE_FIND(find_nan, double, x, x != x);
FILCH_DEFINE_FIND(find_zero, double, x, x == 0);

START_TEST(a_typed_search_equals_the_loop)
{
	static double v[20000];
	size_t n = 20000, at;

	how.pool = pool_with(worker_counts[_i]);
	for (how.grain_exact = 0; how.grain_exact < 3000; how.grain_exact += 999)
		for (int round = 0; round < 10; round++) {
			size_t one = below(n), two = below(n), low = one < two ? one : two;

			for (size_t i = 0; i < n; i++)
				v[i] = 1;
			v[one] = NAN;
			v[two] = NAN;
			ck_assert_int_eq(find_nan(v, n, &at, &how), FILCH_OK);
			ck_assert_uint_eq(at, low);
			ck_assert_int_eq(find_nan_last(v, n, &at, &how), FILCH_OK);
			ck_assert_uint_eq(at, one + two - low);
			ck_assert_int_eq(find_nan_count(v, n, &at, &how), FILCH_OK);
			ck_assert_uint_eq(at, one == two ? 1 : 2);
			ck_assert_int_eq(find_zero_any(v, n, &at, &how), FILCH_OK);
			ck_assert_uint_eq(at, n);
			v[one] = -0.0;
			ck_assert_int_eq(find_zero_any(v, n, &at, &how), FILCH_OK);
			ck_assert_uint_eq(at, one);
		}
	end_pool(how.pool);
}
END_TEST

/* A worker may have begun a call just before it was known, and be past the look. */
START_TEST(little_is_looked_at_once_a_hit_is_known)
{
	size_t threads = worker_counts[_i] == FILCH_NO_WORKERS ? 1 : worker_counts[_i];

	how.pool = pool_with(worker_counts[_i]);
	how.grain_exact = 100;
	for (int round = 0; round < 20; round++) {
		struct test test = { .size = 1, .fails_at = NEVER };
		size_t at;

		memset(in, 0, MOST);
		/* The first call has it: nothing before it is to be looked at. */
		in[below(100)] = 1;
		ck_assert_int_eq(filch_find(in, MOST, 1, choose_ones, &test, &at, &how),
		    FILCH_OK);
		ck_assert_uint_le(count_of(&test.late_calls), threads);
	}
	end_pool(how.pool);
}
END_TEST

START_TEST(a_failure_behind_the_hit_does_not_count)
{
	filch_cancel token = FILCH_CANCEL_INIT;

	how.pool = pool_with(worker_counts[_i]);
	for (int round = 0; round < 60; round++) {
		struct test test = { .size = 1, .fails_at = below(MOST) };
		size_t at = 7, block = 50, hit;

		how.grain_exact = block;
		make_items(MOST, 1, 1);
		hit = search_serially(MOST, 1).first;
		/* Within a block the test meets both in one call. */
		if (hit / block == test.fails_at / block)
			continue;
		ck_assert_int_eq(filch_find(in, MOST, 1, choose_ones, &test, &at, &how),
		    test.fails_at < hit ? 9 : FILCH_OK);
		ck_assert_uint_eq(at, test.fails_at < hit ? 7 : hit);
		at = 7;
		if ((MOST - 1 - hit) / block != (MOST - 1 - test.fails_at) / block) {
			ck_assert_int_eq(filch_find_last(in, MOST, 1, choose_ones, &test, &at,
			    &how), test.fails_at > hit ? 9 : FILCH_OK);
			ck_assert_uint_eq(at, test.fails_at > hit ? 7 : hit);
		}
		ck_assert_int_eq(filch_count(in, MOST, 1, choose_ones, &test, &at, &how), 9);
		test.cancels = how.cancel = &token;
		ck_assert_int_eq(filch_count(in, MOST, 1, choose_ones, &test, &at, &how),
		    FILCH_CANCELED);
		ck_assert_int_eq(filch_find(in, MOST, 1, choose_ones, &test, &at, &how),
		    FILCH_CANCELED);
		how.cancel = NULL;
		filch_cancel_reset(&token);
	}
	how.stop_at = filch_now();
	ck_assert_int_eq(filch_count(in, MOST, 1, choose_ones,
	    &(struct test){ .size = 1, .fails_at = NEVER }, &(size_t){ 0 }, &how), FILCH_TIMEOUT);
	end_pool(how.pool);
}
END_TEST

/* -- Two arrays, pairs, extremes -- */

static size_t item_size;

static int
compare_items(void *context, const void *a, const void *b)
{
	MUST(context == in);
	return memcmp(a, b, item_size);
}

static int
same_items(void *context, const void *a, const void *b)
{
	return compare_items(context, a, b) == 0;
}

static void
compare_arrays(size_t n, size_t differs_at)
{
	size_t at;
	int order, sign;

	for (size_t i = 0; i < n * item_size; i++)
		other[i] = in[i] = (char)below(256);
	if (differs_at < n)
		other[differs_at * item_size + item_size - 1] ^= 1;
	else
		differs_at = n;
	ck_assert_int_eq(filch_mismatch(in, other, n, item_size, NULL, NULL, &at, &how), FILCH_OK);
	ck_assert_uint_eq(at, differs_at);
	ck_assert_int_eq(filch_mismatch(in, other, n, item_size, same_items, in, &at, &how),
	    FILCH_OK);
	ck_assert_uint_eq(at, differs_at);
	sign = differs_at == n ? 0
	    : memcmp(in + differs_at * item_size, other + differs_at * item_size, item_size);
	ck_assert_int_eq(filch_compare(in, n, other, n, item_size, compare_items, in, &order,
	    &how), FILCH_OK);
	ck_assert_int_eq(order, (sign > 0) - (sign < 0));
	if (n == 0)
		return;
	ck_assert_int_eq(filch_compare(in, n, in, n - 1, item_size, compare_items, in, &order,
	    &how), FILCH_OK);
	ck_assert_int_eq(order, 1);
	ck_assert_int_eq(filch_compare(in, n - 1, in, n, item_size, compare_items, in, &order,
	    &how), FILCH_OK);
	ck_assert_int_eq(order, -1);
}

static void
pairs_and_extremes(size_t n, size_t values)
{
	size_t pair = n, least = 0, greatest = 0, at, low, high;

	memset(in, 0, n * item_size);
	for (size_t i = 0; i < n; i++)
		in[i * item_size] = (char)below(values);
	for (size_t i = 0; i < n; i++) {
		const char *item = in + i * item_size;

		if (pair == n && i + 1 < n && memcmp(item, item + item_size, item_size) == 0)
			pair = i;
		least = memcmp(item, in + least * item_size, item_size) < 0 ? i : least;
		greatest = memcmp(item, in + greatest * item_size, item_size) > 0 ? i : greatest;
	}
	ck_assert_int_eq(filch_adjacent_find(in, n, item_size, same_items, in, &at, &how),
	    FILCH_OK);
	ck_assert_uint_eq(at, pair);
	ck_assert_int_eq(filch_minmax(in, n, item_size, compare_items, in, &low, &high, &how),
	    FILCH_OK);
	ck_assert_uint_eq(low, least);
	ck_assert_uint_eq(high, greatest);
	ck_assert_int_eq(filch_minmax(in, n, item_size, compare_items, in, NULL, &high, &how),
	    FILCH_OK);
	ck_assert_uint_eq(high, greatest);
	ck_assert_int_eq(filch_minmax(in, n, item_size, compare_items, in, &low, NULL, &how),
	    FILCH_OK);
	ck_assert_uint_eq(low, least);
}

START_TEST(differences_pairs_and_extremes)
{
	how.pool = pool_with(worker_counts[_i]);
	for (size_t s = 0; s < 6; s++)
		for (size_t l = 0; l < 9; l++)
			for (how.grain_exact = 0; how.grain_exact < 600; how.grain_exact += 299) {
				item_size = sizes[s];
				compare_arrays(lengths[l], NEVER);
				compare_arrays(lengths[l], below(lengths[l] + 1));
				pairs_and_extremes(lengths[l], 2);
				pairs_and_extremes(lengths[l], 256);
			}
	end_pool(how.pool);
}
END_TEST

static int
compare_chars(void *context, const void *a, const void *b)
{
	MUST(context == in);
	return *(const unsigned char *)a - *(const unsigned char *)b;
}

START_TEST(each_needle_has_its_lower_bound)
{
	static size_t at[MOST], below_value[257];

	how.pool = pool_with(worker_counts[_i]);
	for (size_t l = 0; l < 9; l++)
		for (how.grain_exact = 0; how.grain_exact < 600; how.grain_exact += 299) {
			size_t n = lengths[l], k = 0;

			/* Sorted, by counting. */
			memset(below_value, 0, sizeof(below_value));
			for (size_t i = 0; i < n; i++)
				below_value[below(128) * 2 + 1]++;
			for (int v = 0; v < 256; v++) {
				size_t count = below_value[v];

				below_value[v] = k;
				while (count-- > 0)
					in[k++] = (char)v;
			}
			for (size_t i = 0; i < MOST; i++)
				other[i] = (char)below(256);
			ck_assert_int_eq(filch_lower_bounds(in, n, 1, other, MOST,
			    compare_chars, in, at, &how), FILCH_OK);
			for (size_t i = 0; i < MOST; i++)
				MUST(at[i] == below_value[(unsigned char)other[i]]);
		}
	end_pool(how.pool);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
	struct test test = { .size = 1, .fails_at = NEVER };
	size_t at = 7;
	int answer = 7;

	item_size = 1;
	ck_assert_int_eq(filch_find(in, 5, 1, NULL, &test, &at, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_find(in, 5, 0, choose_ones, &test, &at, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_find(NULL, 5, 1, choose_ones, &test, &at, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_find(in, 5, 1, choose_ones, &test, NULL, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_find(in, 5, SIZE_MAX / 4, choose_ones, &test, &at, NULL),
	    FILCH_INVAL);
	ck_assert_int_eq(filch_any_of(in, 5, 1, NULL, &test, &answer, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_all_of(in, 5, 1, choose_ones, &test, NULL, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_mismatch(in, NULL, 5, 1, NULL, NULL, &at, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_adjacent_find(in, 5, 1, NULL, NULL, &at, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_compare(in, 5, in, 5, 1, NULL, in, &answer, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_compare(in, 5, in, 5, 0, compare_items, in, &answer, NULL),
	    FILCH_INVAL);
	ck_assert_int_eq(filch_minmax(in, 5, 1, NULL, in, &at, &at, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_lower_bounds(in, 5, 1, in, 5, NULL, in, &at, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_lower_bounds(in, 5, 1, NULL, 1, compare_items, in, &at, NULL),
	    FILCH_INVAL);
	ck_assert_int_eq(filch_lower_bounds(in, 9, 1, other, 1, compare_items, in, (size_t *)in,
	    NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_minmax(in, 5, SIZE_MAX / 4, compare_items, in, &at, &at, NULL),
	    FILCH_INVAL);
	ck_assert_uint_eq(at, 7);
	ck_assert_int_eq(answer, 7);
	ck_assert_int_eq(filch_find(NULL, 0, 1, choose_ones, &test, &at, NULL), FILCH_OK);
	ck_assert_uint_eq(at, 0);
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
}
END_TEST

static size_t extreme;

static int
find_extreme(void)
{
	extreme = 7777;
	return filch_minmax(in, MOST, 1, compare_items, in, &extreme, NULL, &how);
}

static bool
extreme_holds(int status)
{
	return status == FILCH_OK ? extreme < MOST : extreme == 7777;
}

START_TEST(without_memory_nothing_is_written)
{
	item_size = 1;
	make_items(MOST, 1, 5);
	how.grain_exact = 100;
	each_allocation_fails(worker_counts[_i], find_extreme, extreme_holds);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("find");
	TCase *values = case_of(suite, "values", setup_arrays, NULL);
	TCase *ends = case_of(suite, "ends", setup_arrays, NULL);

	tcase_add_loop_test(values, a_search_equals_the_loop, 0, ALL_COUNTS);
	tcase_add_loop_test(values, a_typed_search_equals_the_loop, 0, ALL_COUNTS);
	tcase_add_loop_test(values, differences_pairs_and_extremes, 0, ALL_COUNTS);
	tcase_add_loop_test(values, each_needle_has_its_lower_bound, 0, ALL_COUNTS);
	tcase_add_loop_test(ends, little_is_looked_at_once_a_hit_is_known, 0, ALL_COUNTS);
	tcase_add_loop_test(ends, a_failure_behind_the_hit_does_not_count, 0, ALL_COUNTS);
	tcase_add_test(ends, bad_arguments_are_refused);
	tcase_add_loop_test(ends, without_memory_nothing_is_written, 0, ALL_COUNTS);
	return run_suite(suite);
}
