/* SPDX-License-Identifier: BSD-2-Clause */
#include "arrays.h"

#include <math.h>

/* -- Typed scans against the loop -- */

#define MOST 20000

FILCH_DEFINE_SCAN(scan_i64, int64_t, a, b, FLC_AS_(int64_t, FLC_AS_(uint64_t, a)
    + FLC_AS_(uint64_t, b)), 0);
FILCH_DEFINE_SCAN(scan_f64, double, x, y, x + y, 0.0);
FILCH_DEFINE_SCAN(scan_max, int64_t, a, b, a > b ? a : b, INT64_MIN);

static int64_t number[MOST], out[MOST], wanted[MOST];
static unsigned char head[MOST];

static const size_t lengths[] = { 0, 1, 2, 3, 6, 7, 8, 63, 64, 65, 1000, 4097, MOST };
#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

static void
make_numbers(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		number[i] = (int64_t)random_of(&seed);
		head[i] = below(50) == 0;
		out[i] = -7;
	}
}

static int64_t
scan_serially(size_t n, bool exclusive, bool segments)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		if (segments && head[i])
			sum = 0;
		if (exclusive)
			wanted[i] = (int64_t)sum;
		sum += (uint64_t)number[i];
		if (!exclusive)
			wanted[i] = (int64_t)sum;
	}
	return (int64_t)sum;
}

/* form: bit 0 exclusive, bit 1 segments, bit 2 in place. */
static void
scan_and_compare(size_t n, int form)
{
	int64_t *to = form & 4 ? number : out, sum, total = -1;

	make_numbers(n);
	sum = scan_serially(n, form & 1, form & 2);
	switch (form & 3) {
	case 0:
		ck_assert_int_eq(scan_i64(number, to, n, &how), FILCH_OK);
		break;
	case 1:
		ck_assert_int_eq(scan_i64_exclusive(number, to, n, &total, &how), FILCH_OK);
		ck_assert_int_eq(total, sum);
		break;
	case 2:
		ck_assert_int_eq(scan_i64_segments(number, head, to, n, &how), FILCH_OK);
		break;
	case 3:
		ck_assert_int_eq(scan_i64_segments_exclusive(number, head, to, n, &how), FILCH_OK);
		break;
	}
	ck_assert_int_eq(memcmp(to, wanted, n * sizeof(*to)), 0);
}

START_TEST(a_typed_scan_equals_the_loop)
{
	static const size_t grains[] = { 0, 1, 7, 64 };

	how.pool = pool_with(worker_counts[_i]);
	for (size_t g = 0; g < 4; g++)
		for (size_t l = 0; l < LENGTHS; l++)
			for (int form = 0; form < 8; form++) {
				how.grain_exact = grains[g];
				scan_and_compare(lengths[l], form);
			}
	how.grain_exact = 0;
	how.max_workers = 1;
	scan_and_compare(MOST, 0);
	end_pool(how.pool);
}
END_TEST

START_TEST(a_scan_of_many_blocks_of_the_usual_size_is_right)
{
	size_t n = 300001;
	int64_t *items = malloc(n * sizeof(*items)), most = INT64_MIN;

	how.pool = pool_with(worker_counts[_i]);
	for (size_t i = 0; i < n; i++)
		items[i] = (int64_t)random_of(&seed) / (int64_t)(n - i);
	int64_t *to = malloc(n * sizeof(*to));

	for (int round = 0; round < 3; round++) {
		ck_assert_int_eq(scan_max(items, to, n, &how), FILCH_OK);
		most = INT64_MIN;
		for (size_t i = 0; i < n; i++) {
			most = items[i] > most ? items[i] : most;
			MUST(to[i] == most);
		}
	}
	end_pool(how.pool);
	free(items);
	free(to);
}
END_TEST

/* -- Operators by callback, of any size -- */

struct bytes {
	size_t size;
	const char *items;       /* of the array */
	size_t n;
	size_t fails_at[3];      /* items */
	filch_cancel *cancels;   /* at fails_at[0] */
	bool late;
};

/* Where right has a byte that is not 0 it wins: this does not commute. */
static int
overwrite(void *context, void *into, const void *right)
{
	const struct bytes *b = context;
	size_t offset = (size_t)right - (size_t)b->items;

	for (size_t i = 0; i < b->size; i++)
		if (((const unsigned char *)right)[i] != 0)
			((unsigned char *)into)[i] = ((const unsigned char *)right)[i];
	if (offset >= b->n * b->size)
		return FILCH_OK;
	offset /= b->size;
	if (b->late)
		be_late(offset);
	if (b->cancels != NULL && offset == b->fails_at[0])
		filch_cancel_request(b->cancels);
	for (int i = 0; b->cancels == NULL && i < 3; i++)
		if (offset == b->fails_at[i])
			return (int)offset + 1;
	return FILCH_OK;
}

static char bytes_in[200 * 100], bytes_out[200 * 100], zeros[100];

static void
make_bytes(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bytes_in[i] = (char)(below(4) == 0 ? random_of(&seed) : 0);
		bytes_out[i] = 'x';
	}
}

static void
compare_bytes(const struct bytes *b, bool exclusive)
{
	unsigned char now[100] = { 0 };

	for (size_t i = 0; i < b->n; i++) {
		const char *item = bytes_in + i * b->size;

		if (exclusive)
			MUST(memcmp(bytes_out + i * b->size, now, b->size) == 0);
		for (size_t k = 0; k < b->size; k++)
			now[k] = item[k] != 0 ? (unsigned char)item[k] : now[k];
		if (!exclusive)
			MUST(memcmp(bytes_out + i * b->size, now, b->size) == 0);
	}
}

#define NEVER SIZE_MAX

START_TEST(an_operator_of_any_size_keeps_its_order)
{
	static const size_t sizes[] = { 1, 2, 3, 8, 24, 100 };

	how.pool = pool_with(worker_counts[_i]);
	for (size_t s = 0; s < 6; s++)
		for (how.grain_exact = 0; how.grain_exact < 40; how.grain_exact += 13) {
			struct bytes b = { sizes[s], bytes_in, 190, { NEVER, NEVER, NEVER },
				NULL, true };
			filch_operator op = { b.size, zeros, overwrite, &b, NULL, NULL };
			char total[100];

			make_bytes(b.n * b.size);
			ck_assert_int_eq(filch_scan(bytes_in, bytes_out, b.n, &op, &how), FILCH_OK);
			compare_bytes(&b, false);
			ck_assert_int_eq(filch_scan_exclusive(bytes_in, bytes_out, b.n, total, &op,
			    &how), FILCH_OK);
			compare_bytes(&b, true);
			memcpy(bytes_out, bytes_in, b.n * b.size);
			ck_assert_int_eq(filch_scan(bytes_out, bytes_out, b.n, &op, &how),
			    FILCH_OK);
			compare_bytes(&b, false);
			ck_assert_int_eq(memcmp(total, bytes_out + (b.n - 1) * b.size, b.size), 0);
		}
	end_pool(how.pool);
}
END_TEST

START_TEST(heads_and_an_operator_by_callback)
{
	struct bytes b = { 1, bytes_in, 200, { NEVER, NEVER, NEVER }, NULL, true };
	filch_operator op = { 1, zeros, overwrite, &b, NULL, NULL };

	how.pool = pool_with(worker_counts[_i]);
	for (how.grain_exact = 1; how.grain_exact < 9; how.grain_exact++) {
		char now = 0, before;

		make_bytes(b.n);
		for (size_t i = 0; i < b.n; i++)
			head[i] = below(6) == 0;
		ck_assert_int_eq(filch_scan_segments(bytes_in, head, bytes_out, b.n, &op, &how),
		    FILCH_OK);
		for (size_t i = 0; i < b.n; i++) {
			now = head[i] ? 0 : now;
			now = bytes_in[i] != 0 ? bytes_in[i] : now;
			MUST(bytes_out[i] == now);
		}
		ck_assert_int_eq(filch_scan_segments_exclusive(bytes_in, head, bytes_out, b.n,
		    &op, &how), FILCH_OK);
		now = 0;
		for (size_t i = 0; i < b.n; i++) {
			before = head[i] ? 0 : now;
			MUST(bytes_out[i] == before);
			now = bytes_in[i] != 0 ? bytes_in[i] : before;
		}
	}
	end_pool(how.pool);
}
END_TEST

START_TEST(the_failure_of_the_lowest_item_wins)
{
	how.pool = pool_with(worker_counts[_i]);
	for (int round = 0; round < 60; round++) {
		size_t n = 1 + below(200), lowest;
		struct bytes b = { 1, bytes_in, n, { below(n), below(n), below(n) }, NULL, true };
		filch_operator op = { 1, zeros, overwrite, &b, NULL, NULL };

		make_bytes(n);
		lowest = b.fails_at[0] < b.fails_at[1] ? b.fails_at[0] : b.fails_at[1];
		lowest = lowest < b.fails_at[2] ? lowest : b.fails_at[2];
		how.grain_exact = below(10);
		ck_assert_int_eq(filch_scan(bytes_in, bytes_out, n, &op, &how), (int)lowest + 1);
	}
	end_pool(how.pool);
}
END_TEST

START_TEST(a_canceled_scan_says_so)
{
	filch_cancel token = FILCH_CANCEL_INIT;

	how.pool = pool_with(worker_counts[_i]);
	how.cancel = &token;
	how.grain_exact = 5;
	for (int round = 0; round < 30; round++) {
		struct bytes b = { 1, bytes_in, 200, { below(200), 0, 0 }, &token, true };
		filch_operator op = { 1, zeros, overwrite, &b, NULL, NULL };

		make_bytes(b.n);
		ck_assert_int_eq(filch_scan(bytes_in, bytes_out, b.n, &op, &how), FILCH_CANCELED);
		ck_assert_int_eq(scan_i64(number, out, MOST, &how), FILCH_CANCELED);
		filch_cancel_reset(&token);
	}
	how.cancel = NULL;
	how.stop_at = filch_now();
	ck_assert_int_eq(scan_i64(number, out, MOST, &how), FILCH_TIMEOUT);
	end_pool(how.pool);
}
END_TEST

/* -- The same bits -- */

static double real[MOST], one[2][MOST], many[2][MOST];

static void
scan_reals(size_t workers, double to[2][MOST], double *total)
{
	how.pool = pool_with(workers);
	ck_assert_int_eq(scan_f64(real, to[0], MOST, &how), FILCH_OK);
	ck_assert_int_eq(scan_f64_exclusive(real, to[1], MOST, total, &how), FILCH_OK);
	end_pool(how.pool);
}

START_TEST(a_scan_in_floating_point_has_the_same_bits_for_any_number_of_workers)
{
	double total_one, total_many;

	for (size_t i = 0; i < MOST; i++)
		real[i] = ldexp((double)below(1 << 20) - 5e5, (int)below(60) - 30);
	real[17] = -0.0;
	for (how.grain_exact = 0; how.grain_exact < 3000; how.grain_exact += 999)
		for (int special = 0; special < 2; special++) {
			real[MOST / 2] = special ? NAN : 1;
			scan_reals(FILCH_NO_WORKERS, one, &total_one);
			for (int round = 0; round < 3; round++) {
				scan_reals(worker_counts[_i], many, &total_many);
				ck_assert_int_eq(memcmp(one, many, sizeof(one)), 0);
				ck_assert_int_eq(memcmp(&total_one, &total_many, 8), 0);
			}
		}
}
END_TEST

/* -- What is refused -- */

START_TEST(bad_arguments_are_refused)
{
	filch_operator op = { 1, zeros, overwrite, NULL, NULL, NULL }, bad;
	char text[10] = "abc";

	ck_assert_int_eq(filch_scan(text, text + 1, 5, &op, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_scan(text + 1, text, 5, &op, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_scan(NULL, text, 5, &op, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_scan(text, NULL, 5, &op, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_scan(text, text, 5, NULL, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_scan_segments(text, NULL, text, 5, &op, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_scan_segments(text, (unsigned char *)text, text, 5, &op, NULL),
	    FILCH_INVAL);
	bad = op;
	bad.size = 0;
	ck_assert_int_eq(filch_scan(text, text, 5, &bad, NULL), FILCH_INVAL);
	bad.size = SIZE_MAX / 4;
	ck_assert_int_eq(filch_scan(text, text, 5, &bad, NULL), FILCH_INVAL);
	bad = op;
	bad.combine = NULL;
	ck_assert_int_eq(filch_scan(text, text, 5, &bad, NULL), FILCH_INVAL);
	bad = op;
	bad.identity = NULL;
	ck_assert_int_eq(filch_scan(text, text, 5, &bad, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_scan(NULL, NULL, 0, &op, NULL), FILCH_OK);
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
}
END_TEST

static int
scan_all(void)
{
	for (size_t i = 0; i < MOST; i++)
		out[i] = -7;
	return scan_i64(number, out, MOST, &how);
}

static bool
scan_holds(int status)
{
	for (size_t i = 0; i < MOST; i++)
		if (out[i] != (status == FILCH_OK ? wanted[i] : -7))
			return false;
	return true;
}

START_TEST(without_memory_nothing_is_written)
{
	make_numbers(MOST);
	(void)scan_serially(MOST, false, false);
	how.grain_exact = 100;
	each_allocation_fails(worker_counts[_i], scan_all, scan_holds);
}
END_TEST

START_TEST(progress_counts_items)
{
	filch_progress progress = { 0 };

	how.pool = pool_with(worker_counts[_i]);
	how.progress = &progress;
	how.grain_exact = 33;
	ck_assert_int_eq(scan_i64(number, out, MOST, &how), FILCH_OK);
	ck_assert_uint_eq(filch_progress_done(&progress), MOST);
	end_pool(how.pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("scan");
	TCase *values = case_of(suite, "values", setup_arrays, NULL);
	TCase *ends = case_of(suite, "ends", setup_arrays, NULL);

	tcase_add_loop_test(values, a_typed_scan_equals_the_loop, 0, ALL_COUNTS);
	tcase_add_loop_test(values, a_scan_of_many_blocks_of_the_usual_size_is_right, 0,
	    ALL_COUNTS);
	tcase_add_loop_test(values, an_operator_of_any_size_keeps_its_order, 0, ALL_COUNTS);
	tcase_add_loop_test(values, heads_and_an_operator_by_callback, 0, ALL_COUNTS);
	tcase_add_loop_test(values,
	    a_scan_in_floating_point_has_the_same_bits_for_any_number_of_workers, 0, ALL_COUNTS);
	tcase_add_loop_test(ends, the_failure_of_the_lowest_item_wins, 0, ALL_COUNTS);
	tcase_add_loop_test(ends, a_canceled_scan_says_so, 0, ALL_COUNTS);
	tcase_add_test(ends, bad_arguments_are_refused);
	tcase_add_loop_test(ends, without_memory_nothing_is_written, 0, ALL_COUNTS);
	tcase_add_loop_test(ends, progress_counts_items, 0, ALL_COUNTS);
	return run_suite(suite);
}
