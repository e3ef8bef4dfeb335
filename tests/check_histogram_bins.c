/* SPDX-License-Identifier: BSD-2-Clause */
#include "arrays.h"

#define MOST 5000
#define WIDEST 100
#define MOST_BINS 3000

static char in[MOST * WIDEST];
static uint64_t counts[MOST_BINS + 1], wanted[MOST_BINS];

static void
make_items(size_t bytes, size_t values)
{
	for (size_t i = 0; i < bytes; i++)
		in[i] = (char)below(values);
}

START_TEST(bytes_are_counted)
{
	static const size_t lengths[] = { 0, 1, 7, 8, 9, 255, 4096, MOST * WIDEST };

	how.pool = pool_with(worker_counts[_i]);
	for (size_t l = 0; l < 8; l++)
		for (int round = 0; round < 4; round++) {
			/* One value, few, all; blocks that are small, too. */
			make_items(lengths[l], round == 0 ? 1 : round == 1 ? 3 : 256);
			how.grain_exact = round == 3 ? 1 + below(5000) : 0;
			memset(wanted, 0, sizeof(wanted));
			for (size_t i = 0; i < lengths[l]; i++)
				wanted[(unsigned char)in[i]]++;
			memset(counts, 0xff, sizeof(counts));
			ck_assert_int_eq(filch_count_bytes((const uint8_t *)in, lengths[l], counts,
			    &how), FILCH_OK);
			ck_assert_int_eq(memcmp(counts, wanted, 256 * sizeof(*counts)), 0);
		}
	end_pool(how.pool);
}
END_TEST

struct classes {
	size_t size, bins;
	size_t fails_at[2];     /* items */
	size_t wrong_at;
	filch_cancel *cancels;  /* at fails_at[0] */
};

#define NEVER SIZE_MAX

static uint32_t
bin_of_item(const unsigned char *item, size_t bins)
{
	return (uint32_t)((item[0] * UINT32_C(31)) % bins);
}

static int
classify(void *context, const void *items, size_t n, uint32_t *bin_of)
{
	const struct classes *c = context;
	size_t first = (size_t)((const char *)items - in) / c->size;

	MUST(n > 0 && n <= FILCH_PACK_ITEMS);
	be_late(first);
	for (size_t i = 0; i < n; i++) {
		bin_of[i] = bin_of_item((const unsigned char *)items + i * c->size, c->bins);
		if (first + i == c->wrong_at)
			bin_of[i] = (uint32_t)c->bins;
		if (c->cancels != NULL && first + i == c->fails_at[0])
			filch_cancel_request(c->cancels);
		if (c->cancels == NULL
		    && (first + i == c->fails_at[0] || first + i == c->fails_at[1]))
			return (int)(first + i) + 1;
	}
	return FILCH_OK;
}

START_TEST(items_of_any_size_are_counted)
{
	static const size_t sizes[] = { 1, 2, 3, 8, 24, 100 };
	static const size_t bins[] = { 1, 2, 255, 1024, 1025, MOST_BINS };

	how.pool = pool_with(worker_counts[_i]);
	for (size_t s = 0; s < 6; s++)
		for (size_t b = 0; b < 6; b++) {
			struct classes c = { sizes[s], bins[b], { NEVER, NEVER }, NEVER, NULL };
			size_t n = below(MOST);

			make_items(n * c.size, 256);
			how.grain_exact = below(2) * (1 + below(700));
			memset(wanted, 0, sizeof(wanted));
			for (size_t i = 0; i < n; i++)
				wanted[bin_of_item((unsigned char *)in + i * c.size, c.bins)]++;
			counts[c.bins] = 77;
			ck_assert_int_eq(filch_count_bins(in, n, c.size, c.bins, classify, &c,
			    counts, &how), FILCH_OK);
			ck_assert_int_eq(memcmp(counts, wanted, c.bins * sizeof(*counts)), 0);
			ck_assert_uint_eq(counts[c.bins], 77);
		}
	end_pool(how.pool);
}
END_TEST

FILCH_DEFINE_COUNT_BINS(count_ints, int, x, (unsigned)x % 10);

START_TEST(a_typed_histogram_equals_the_loop)
{
	static int number[MOST];
	uint64_t digits[10] = { 0 };

	how.pool = pool_with(worker_counts[_i]);
	how.grain_exact = 300;
	for (size_t i = 0; i < MOST; i++) {
		number[i] = (int)random_of(&seed);
		digits[(unsigned)number[i] % 10]++;
	}
	ck_assert_int_eq(count_ints(number, MOST, 10, counts, &how), FILCH_OK);
	ck_assert_int_eq(memcmp(counts, digits, sizeof(digits)), 0);
	end_pool(how.pool);
}
END_TEST

START_TEST(a_failure_leaves_the_counts_as_they_were)
{
	filch_cancel token = FILCH_CANCEL_INIT;

	how.pool = pool_with(worker_counts[_i]);
	make_items(MOST, 256);
	for (int round = 0; round < 30; round++) {
		struct classes c = { 1, 10, { below(MOST), below(MOST) }, NEVER, NULL };
		size_t lowest = c.fails_at[0] < c.fails_at[1] ? c.fails_at[0] : c.fails_at[1];

		counts[0] = 7;
		how.grain_exact = below(3) * 300;
		ck_assert_int_eq(filch_count_bins(in, MOST, 1, 10, classify, &c, counts, &how),
		    (int)lowest + 1);
		c.wrong_at = below(lowest + 1);
		c.fails_at[0] = c.fails_at[1] = NEVER;
		ck_assert_int_eq(filch_count_bins(in, MOST, 1, 10, classify, &c, counts, &how),
		    FILCH_INVAL);
		c.wrong_at = NEVER;
		c.fails_at[0] = below(MOST);
		how.cancel = c.cancels = &token;
		ck_assert_int_eq(filch_count_bins(in, MOST, 1, 10, classify, &c, counts, &how),
		    FILCH_CANCELED);
		ck_assert_int_eq(filch_count_bytes((uint8_t *)in, MOST, counts, &how),
		    FILCH_CANCELED);
		how.cancel = NULL;
		filch_cancel_reset(&token);
		ck_assert_uint_eq(counts[0], 7);
	}
	how.stop_at = filch_now();
	ck_assert_int_eq(filch_count_bytes((uint8_t *)in, MOST, counts, &how), FILCH_TIMEOUT);
	ck_assert_uint_eq(counts[0], 7);
	end_pool(how.pool);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
	struct classes c = { 1, 5, { NEVER, NEVER }, NEVER, NULL };

	ck_assert_int_eq(filch_count_bytes(NULL, 5, counts, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_count_bytes((uint8_t *)in, 5, NULL, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_count_bins(in, 5, 0, 5, classify, &c, counts, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_count_bins(in, 5, 1, 0, classify, &c, counts, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_count_bins(in, 5, 1, 5, NULL, &c, counts, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_count_bins(in, 5, SIZE_MAX / 2, 5, classify, &c, counts, NULL),
	    FILCH_INVAL);
	ck_assert_int_eq(filch_count_bins(in, 5, 1, SIZE_MAX / 8, classify, &c, counts, NULL),
	    FILCH_NOMEM);
	counts[0] = 7;
	ck_assert_int_eq(filch_count_bytes(NULL, 0, counts, NULL), FILCH_OK);
	ck_assert_uint_eq(counts[0], 0);
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
}
END_TEST

static int
count_all(void)
{
	counts[0] = 7;
	return filch_count_bytes((uint8_t *)in, MOST, counts, &how);
}

static bool
counts_hold(int status)
{
	return counts[0] == (status == FILCH_OK ? MOST : 7);
}

START_TEST(without_memory_nothing_is_written)
{
	make_items(MOST, 1);
	how.grain_exact = 100;
	each_allocation_fails(worker_counts[_i], count_all, counts_hold);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("histogram");
	TCase *values = case_of(suite, "values", setup_arrays, NULL);
	TCase *ends = case_of(suite, "ends", setup_arrays, NULL);

	tcase_add_loop_test(values, bytes_are_counted, 0, ALL_COUNTS);
	tcase_add_loop_test(values, items_of_any_size_are_counted, 0, ALL_COUNTS);
	tcase_add_loop_test(values, a_typed_histogram_equals_the_loop, 0, ALL_COUNTS);
	tcase_add_loop_test(ends, a_failure_leaves_the_counts_as_they_were, 0, ALL_COUNTS);
	tcase_add_test(ends, bad_arguments_are_refused);
	tcase_add_loop_test(ends, without_memory_nothing_is_written, 0, ALL_COUNTS);
	return run_suite(suite);
}
