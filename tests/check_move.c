/* SPDX-License-Identifier: BSD-2-Clause */
#include "arrays.h"

#define MOST 2000
#define WIDEST 300

static char in[MOST * WIDEST], out[MOST * WIDEST], back[MOST * WIDEST];
static size_t indexes[MOST];
static const size_t sizes[] = { 1, 2, 3, 4, 8, 16, 24, 100, 300 };
static const size_t lengths[] = { 0, 1, 2, 3, 31, 32, 33, 500, MOST };
#define SIZES 9
#define LENGTHS 9

static void
make_items(size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		in[i] = (char)below(256);
	memset(out, 'x', sizeof(out));
}

/* out[i] is item `from`. */
static bool
is_item(size_t i, size_t from, size_t size)
{
	return memcmp(out + i * size, in + from * size, size) == 0;
}

static void
move_items(size_t n, size_t size)
{
	size_t first = n > 0 ? below(n) : 0;

	make_items(n * size);
	ck_assert_int_eq(filch_copy(in, out, n, size, &how), FILCH_OK);
	ck_assert_int_eq(memcmp(in, out, n * size), 0);
	ck_assert_int_eq(filch_reverse(out, out, n, size, &how), FILCH_OK);
	for (size_t i = 0; i < n; i++)
		MUST(is_item(i, n - 1 - i, size));
	ck_assert_int_eq(filch_rotate(in, out, n, size, first, &how), FILCH_OK);
	for (size_t i = 0; i < n; i++)
		MUST(is_item(i, (first + i) % n, size));
	ck_assert_int_eq(filch_reverse(in, out, n, size, &how), FILCH_OK);
	for (size_t i = 0; i < n; i++)
		MUST(is_item(i, n - 1 - i, size));
	ck_assert_int_eq(filch_fill(out, n, size, in + n / 2 * size, &how), FILCH_OK);
	for (size_t i = 0; i < n; i++)
		MUST(is_item(i, n / 2, size));
	MUST(n == MOST || out[n * size] == 'x');
}

/* There and back by the same indexes. */
static void
gather_and_scatter(size_t n, size_t size)
{
	make_items(n * size);
	ck_assert_int_eq(filch_permutation(indexes, n, seed, &how), FILCH_OK);
	ck_assert_int_eq(filch_gather(in, n, indexes, out, n, size, &how), FILCH_OK);
	for (size_t i = 0; i < n; i++)
		MUST(is_item(i, indexes[i], size));
	ck_assert_int_eq(filch_scatter(out, indexes, back, n, n, size, &how), FILCH_OK);
	ck_assert_int_eq(memcmp(back, in, n * size), 0);
	if (n == 0)
		return;
	indexes[below(n)] = n;
	ck_assert_int_eq(filch_gather(in, n, indexes, out, n, size, &how), FILCH_INVAL);
	ck_assert_int_eq(filch_scatter(out, indexes, back, n, n, size, &how), FILCH_INVAL);
}

static void
transpose_items(size_t n, size_t size)
{
	size_t rows = 1 + below(70), columns = n / rows;

	n = rows * columns;
	make_items(n * size);
	ck_assert_int_eq(filch_transpose(in, out, rows, columns, size, &how), FILCH_OK);
	for (size_t r = 0; r < rows; r++)
		for (size_t c = 0; c < columns; c++)
			MUST(is_item(c * rows + r, r * columns + c, size));
	ck_assert_int_eq(filch_transpose(out, back, columns, rows, size, &how), FILCH_OK);
	ck_assert_int_eq(memcmp(back, in, n * size), 0);
}

START_TEST(items_of_any_size_are_moved)
{
	how.pool = pool_with(worker_counts[_i]);
	for (size_t s = 0; s < SIZES; s++)
		for (size_t l = 0; l < LENGTHS; l++)
			for (how.grain_exact = 0; how.grain_exact < 500; how.grain_exact += 249) {
				move_items(lengths[l], sizes[s]);
				gather_and_scatter(lengths[l], sizes[s]);
				transpose_items(lengths[l], sizes[s]);
			}
	end_pool(how.pool);
}
END_TEST

/* -- Shuffles -- */

#define NUMBERS 50000

static void
must_be_a_permutation(const size_t *numbers, size_t n)
{
	static unsigned char seen[NUMBERS];

	memset(seen, 0, sizeof(seen));
	for (size_t i = 0; i < n; i++) {
		MUST(numbers[i] < n && seen[numbers[i]] == 0);
		seen[numbers[i]] = 1;
	}
}

START_TEST(a_shuffle_is_the_same_for_any_number_of_workers)
{
	static size_t one[NUMBERS], many[NUMBERS], shuffled[NUMBERS], numbers[NUMBERS];
	static const size_t n_of[] = { 0, 1, 2, 3, 4095, 4096, NUMBERS };

	for (size_t i = 0; i < NUMBERS; i++)
		numbers[i] = i;
	for (size_t l = 0; l < 7; l++) {
		how.pool = pool_with(FILCH_NO_WORKERS);
		ck_assert_int_eq(filch_permutation(one, n_of[l], seed, &how), FILCH_OK);
		end_pool(how.pool);
		must_be_a_permutation(one, n_of[l]);
		how.pool = pool_with(worker_counts[_i]);
		for (how.grain_exact = 0; how.grain_exact < 2500; how.grain_exact += 999) {
			ck_assert_int_eq(filch_permutation(many, n_of[l], seed, &how), FILCH_OK);
			ck_assert_int_eq(memcmp(one, many, n_of[l] * sizeof(*one)), 0);
			ck_assert_int_eq(filch_shuffle(numbers, shuffled, n_of[l], sizeof(*numbers),
			    seed, &how), FILCH_OK);
			ck_assert_int_eq(memcmp(one, shuffled, n_of[l] * sizeof(*one)), 0);
		}
		end_pool(how.pool);
	}
	ck_assert_int_ne(memcmp(one, numbers, sizeof(one)), 0);
}
END_TEST

/* 24000 shuffles of 4: each of the 24 orders 1000 times, with a deviation of 31. */
START_TEST(all_orders_are_equally_likely)
{
	int times[256] = { 0 }, orders = 0;

	how.pool = pool_with(FILCH_NO_WORKERS);
	for (uint64_t s = 1; s <= 24000; s++) {
		size_t p[4];

		ck_assert_int_eq(filch_permutation(p, 4, s, &how), FILCH_OK);
		times[p[0] << 6 | p[1] << 4 | p[2] << 2 | p[3]]++;
	}
	for (int i = 0; i < 256; i++) {
		if (times[i] == 0)
			continue;
		orders++;
		ck_assert_int_ge(times[i], 1000 - 160);
		ck_assert_int_le(times[i], 1000 + 160);
	}
	ck_assert_int_eq(orders, 24);
	end_pool(how.pool);
}
END_TEST

/* -- Ends -- */

START_TEST(canceled_and_late_moves_say_so)
{
	filch_cancel token = FILCH_CANCEL_INIT;

	how.pool = pool_with(worker_counts[_i]);
	how.cancel = &token;
	filch_cancel_request(&token);
	ck_assert_int_eq(filch_copy(in, out, MOST, 8, &how), FILCH_CANCELED);
	ck_assert_int_eq(filch_permutation(indexes, MOST, 1, &how), FILCH_CANCELED);
	how.cancel = NULL;
	how.stop_at = filch_now();
	ck_assert_int_eq(filch_reverse(in, in, MOST, 8, &how), FILCH_TIMEOUT);
	ck_assert_int_eq(filch_shuffle(in, out, MOST, 8, 1, &how), FILCH_TIMEOUT);
	end_pool(how.pool);
}
END_TEST

/* The first numbers of SplitMix64 from the state 0, as its authors' code gives them. */
START_TEST(random_numbers_are_those_of_splitmix64)
{
	ck_assert_uint_eq(filch_random(0, 0), UINT64_C(0xe220a8397b1dcdaf));
	ck_assert_uint_eq(filch_random(0, 1), UINT64_C(0x6e789e6aa1b965f4));
	ck_assert_uint_eq(filch_random(0, 2), UINT64_C(0x06c45d188009454f));
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
	ck_assert_int_eq(filch_fill(out, 5, 1, NULL, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_fill(out, 5, 1, out + 4, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_fill(NULL, 5, 1, in, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_copy(in, in, 5, 1, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_copy(in, out, 5, 0, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_copy(in, out, 5, SIZE_MAX / 4, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_reverse(in, in + 1, 5, 1, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_reverse(NULL, NULL, 5, 1, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_rotate(in, out, 5, 1, 5, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_gather(in, 5, NULL, out, 5, 1, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_gather(in, 5, indexes, indexes, 5, 1, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_scatter(in, indexes, in, 5, 5, 1, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_transpose(in, out, SIZE_MAX / 2, 3, 1, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_transpose(in, in, 2, 3, 1, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_shuffle(in, in, 5, 1, 1, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_permutation(NULL, 5, 1, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_copy(NULL, NULL, 0, 1, NULL), FILCH_OK);
	ck_assert_int_eq(filch_transpose(NULL, NULL, 0, 7, 1, NULL), FILCH_OK);
	/* With every option left out. */
	ck_assert_int_eq(filch_permutation(indexes, 5, 1, NULL), FILCH_OK);
	ck_assert_int_eq(filch_shuffle(in, out, 5, 1, 1, NULL), FILCH_OK);
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
}
END_TEST

static int
permute(void)
{
	memset(indexes, 0, sizeof(indexes));
	return filch_permutation(indexes, MOST, 5, &how);
}

static bool
permuted(int status)
{
	size_t sum = 0;

	for (size_t i = 0; i < MOST; i++)
		sum += indexes[i];
	return sum == (status == FILCH_OK ? (size_t)MOST * (MOST - 1) / 2 : 0);
}

START_TEST(without_memory_nothing_is_written)
{
	how.grain_exact = 100;
	each_allocation_fails(worker_counts[_i], permute, permuted);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("move");
	TCase *values = case_of(suite, "values", setup_arrays, NULL);
	TCase *ends = case_of(suite, "ends", setup_arrays, NULL);

	tcase_add_loop_test(values, items_of_any_size_are_moved, 0, ALL_COUNTS);
	tcase_add_loop_test(values, a_shuffle_is_the_same_for_any_number_of_workers, 0,
	    ALL_COUNTS);
	tcase_add_test(values, all_orders_are_equally_likely);
	tcase_add_loop_test(ends, canceled_and_late_moves_say_so, 0, ALL_COUNTS);
	tcase_add_test(ends, random_numbers_are_those_of_splitmix64);
	tcase_add_test(ends, bad_arguments_are_refused);
	tcase_add_loop_test(ends, without_memory_nothing_is_written, 0, ALL_COUNTS);
	return run_suite(suite);
}
