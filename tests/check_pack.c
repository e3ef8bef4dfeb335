/* SPDX-License-Identifier: BSD-2-Clause */
#include "arrays.h"

#define MOST 3000
#define WIDEST 100

static char in[MOST * WIDEST], out[MOST * WIDEST + WIDEST], wanted[MOST * WIDEST];
static unsigned char flag[MOST];
static const size_t sizes[] = { 1, 2, 3, 8, 24, 100 };
static const size_t lengths[] = { 0, 1, 2, 255, 256, 257, 513, 1500, MOST };
#define SIZES 6
#define LENGTHS 9

static void
make_items(size_t n, size_t size, size_t values)
{
	memset(in, 0, n * size);
	for (size_t i = 0; i < n; i++) {
		in[i * size] = (char)below(values);
		in[i * size + size - 1] = (char)below(values);
		flag[i] = (unsigned char)(below(3) == 0 ? 1 + below(255) : 0);
	}
	memset(out, 'x', sizeof(out));
}

/* -- By callback -- */

struct test {
	size_t size;
	const char *items;     /* of the array, which the test may ask about */
	size_t fails_at[2];    /* items */
	filch_cancel *cancels; /* at fails_at[0] */
	bool lies;             /* answers at random */
	uint64_t lie;
};

#define NEVER SIZE_MAX

static bool
is_odd(const char *item)
{
	return (*item & 1) != 0;
}

static int
choose_odd(void *context, const void *items, size_t n, unsigned char *yes)
{
	struct test *test = context;
	size_t first = (size_t)((const char *)items - test->items) / test->size;

	MUST(n > 0 && n <= FILCH_PACK_ITEMS);
	for (size_t i = 0; i < n; i++) {
		yes[i] = is_odd((const char *)items + i * test->size) ? 0x80 : 0;
		if (test->lies)
			yes[i] = (unsigned char)(filch_now() >> 3 & 1);
	}
	be_late(first);
	for (size_t i = 0; i < n; i++) {
		if (test->cancels != NULL && first + i == test->fails_at[0])
			filch_cancel_request(test->cancels);
		if (test->cancels == NULL
		    && (first + i == test->fails_at[0] || first + i == test->fails_at[1]))
			return (int)(first + i) + 1;
	}
	return FILCH_OK;
}

/* Serially to `wanted`: those whose oddness is as said, or by flags. */
static size_t
pack_serially(size_t n, size_t size, bool odd, bool by_flags)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (by_flags ? flag[i] != 0 : is_odd(in + i * size) == odd)
			memcpy(wanted + k++ * size, in + i * size, size);
	return k;
}

static void
must_be(const char *array, size_t n, size_t size)
{
	ck_assert_int_eq(memcmp(array, wanted, n * size), 0);
}

static void
pack_all_ways(size_t n, size_t size)
{
	struct test test = { size, in, { NEVER, NEVER }, NULL, false, 0 };
	size_t k, got = 77;

	make_items(n, size, 100);
	k = pack_serially(n, size, true, false);
	ck_assert_int_eq(filch_pack(in, out, n, size, choose_odd, &test, &got, &how), FILCH_OK);
	ck_assert_uint_eq(got, k);
	must_be(out, k, size);
	k = pack_serially(n, size, false, true);
	ck_assert_int_eq(filch_pack_flags(in, flag, out, n, size, &got, &how), FILCH_OK);
	ck_assert_uint_eq(got, k);
	must_be(out, k, size);
	for (size_t i = n * size; i < n * size + WIDEST; i++)
		MUST(out[i] == 'x');
	/* In place: both. */
	memcpy(out, in, n * size);
	ck_assert_int_eq(filch_pack_flags(out, flag, out, n, size, &got, &how), FILCH_OK);
	ck_assert_uint_eq(got, k);
	must_be(out, k, size);
	memcpy(out, in, n * size);
	test.items = out;
	k = pack_serially(n, size, false, false);
	ck_assert_int_eq(filch_remove(out, n, size, choose_odd, &test, &got, &how), FILCH_OK);
	ck_assert_uint_eq(got, k);
	must_be(out, k, size);
}

START_TEST(a_pack_equals_the_loop)
{
	how.pool = pool_with(worker_counts[_i]);
	for (size_t s = 0; s < SIZES; s++)
		for (size_t l = 0; l < LENGTHS; l++)
			for (how.grain_exact = 0; how.grain_exact < 600; how.grain_exact += 299)
				pack_all_ways(lengths[l], sizes[s]);
	end_pool(how.pool);
}
END_TEST

/* -- Typed -- */

typedef struct wide {
	char bytes[WIDEST];
} wide;
typedef struct triple {
	char bytes[3];
} triple;
/* Larger than what is looked at at once. */
typedef struct huge {
	char bytes[9000];
} huge;

FILCH_DEFINE_PACK(pack_wide, wide, x, x.bytes[0] & 1);
FILCH_DEFINE_PACK(pack_triple, triple, x, x.bytes[0] & 1);
FILCH_DEFINE_PACK(pack_huge, huge, x, x.bytes[0] & 1);
FILCH_DEFINE_PACK(pack_char, char, x, x & 1);
FILCH_DEFINE_UNIQUE(unique_triple, triple, a, b, a.bytes[0] == b.bytes[0]);
FILCH_DEFINE_UNIQUE(unique_char, char, a, b, a == b);

static int
pack_typed(const char *from, char *to, size_t n, size_t size, size_t *got)
{
	switch (size) {
	case 1:
		return pack_char(from, to, n, got, &how);
	case 3:
		return pack_triple((const triple *)from, (triple *)to, n, got, &how);
	case sizeof(huge):
		return pack_huge((const huge *)from, (huge *)to, n, got, &how);
	default:
		return pack_wide((const wide *)from, (wide *)to, n, got, &how);
	}
}

START_TEST(a_typed_pack_equals_the_loop)
{
	static const size_t typed[] = { 1, 3, WIDEST, sizeof(huge) };

	how.pool = pool_with(worker_counts[_i]);
	for (size_t s = 0; s < 4; s++)
		for (size_t l = 0; l < LENGTHS; l++)
			for (how.grain_exact = 0; how.grain_exact < 700;
			    how.grain_exact = how.grain_exact * 5 + 4) {
				size_t n = lengths[l], k, got;

				if (n * typed[s] > sizeof(in) || n * typed[s] > 40 * sizeof(huge))
					continue;
				make_items(n, typed[s], 100);
				k = pack_serially(n, typed[s], true, false);
				ck_assert_int_eq(pack_typed(in, out, n, typed[s], &got), FILCH_OK);
				ck_assert_uint_eq(got, k);
				must_be(out, k, typed[s]);
				memcpy(out, in, n * typed[s]);
				ck_assert_int_eq(pack_typed(out, out, n, typed[s], &got), FILCH_OK);
				ck_assert_uint_eq(got, k);
				must_be(out, k, typed[s]);
			}
	end_pool(how.pool);
}
END_TEST

/* -- Unique -- */

static int
same_first(void *context, const void *a, const void *b)
{
	MUST(context == in);
	return *(const char *)a == *(const char *)b;
}

static size_t
unique_serially(size_t n, size_t size)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (i == 0 || in[i * size] != in[(i - 1) * size])
			memcpy(wanted + k++ * size, in + i * size, size);
	return k;
}

START_TEST(unique_keeps_the_first_of_each_row)
{
	how.pool = pool_with(worker_counts[_i]);
	for (size_t s = 0; s < SIZES; s++)
		for (size_t l = 0; l < LENGTHS; l++)
			for (how.grain_exact = 0; how.grain_exact < 700;
			    how.grain_exact = how.grain_exact * 5 + 1) {
				size_t n = lengths[l], size = sizes[s], k, got;

				make_items(n, size, 1 + below(3));
				k = unique_serially(n, size);
				ck_assert_int_eq(filch_unique(in, out, n, size, same_first, in,
				    &got, &how), FILCH_OK);
				ck_assert_uint_eq(got, k);
				must_be(out, k, size);
				memcpy(out, in, n * size);
				ck_assert_int_eq(filch_unique(out, out, n, size, same_first, in,
				    &got, &how), FILCH_OK);
				ck_assert_uint_eq(got, k);
				must_be(out, k, size);
				if (size != 1 && size != 3)
					continue;
				memcpy(out, in, n * size);
				ck_assert_int_eq(size == 1 ? unique_char(in, out, n, &got, &how)
				    : unique_triple((triple *)out, (triple *)out, n, &got, &how),
				    FILCH_OK);
				ck_assert_uint_eq(got, k);
				must_be(out, k, size);
			}
	end_pool(how.pool);
}
END_TEST

/* -- Partition and split -- */

FILCH_DEFINE_PARTITION(part_char, char, x, x & 1);
FILCH_DEFINE_SPLIT(split_char, char, x, (unsigned char)x % 5);

struct classes {
	size_t size, count;
	bool wrong, lies;
};

static int
class_of_first(void *context, const void *items, size_t n, uint32_t *class_of)
{
	const struct classes *c = context;

	for (size_t i = 0; i < n; i++) {
		class_of[i] = ((const unsigned char *)items)[i * c->size] % (uint32_t)c->count;
		if (c->lies)
			class_of[i] = (uint32_t)((filch_now() >> 3) % c->count);
		if (c->wrong && class_of[i] == 2)
			class_of[i] = (uint32_t)c->count;
	}
	return FILCH_OK;
}

static void
split_and_compare(size_t n, size_t size, size_t count)
{
	struct classes c = { size, count, false, false };
	size_t offsets[1001], k = 0;

	make_items(n, size, 250);
	ck_assert_int_eq(filch_split(in, out, n, size, count, class_of_first, &c, offsets, &how),
	    FILCH_OK);
	for (size_t class = 0; class < count; class++) {
		MUST(offsets[class] == k);
		for (size_t i = 0; i < n; i++)
			if ((unsigned char)in[i * size] % count == class)
				memcpy(wanted + k++ * size, in + i * size, size);
	}
	ck_assert_uint_eq(offsets[count], n);
	must_be(out, n, size);
}

START_TEST(a_split_is_stable)
{
	size_t offsets[6], got;

	how.pool = pool_with(worker_counts[_i]);
	for (size_t s = 0; s < SIZES; s++)
		for (how.grain_exact = 0; how.grain_exact < 900; how.grain_exact += 299) {
			split_and_compare(lengths[below(LENGTHS)], sizes[s], 1 + below(30));
			split_and_compare(1000, sizes[s], 1000);
		}
	for (how.grain_exact = 0; how.grain_exact < 900; how.grain_exact += 299) {
		struct test test = { 1, in, { NEVER, NEVER }, NULL, false, 0 };
		size_t k, n = MOST;

		make_items(n, 1, 100);
		k = pack_serially(n, 1, true, false);
		ck_assert_int_eq(filch_partition(in, out, n, 1, choose_odd, &test, &got, &how),
		    FILCH_OK);
		ck_assert_uint_eq(got, k);
		must_be(out, k, 1);
		ck_assert_int_eq(part_char(in, out, n, &got, &how), FILCH_OK);
		ck_assert_uint_eq(got, k);
		must_be(out, k, 1);
		k = pack_serially(n, 1, false, false);
		must_be(out + got, k, 1);
		ck_assert_int_eq(split_char(in, out, n, 5, offsets, &how), FILCH_OK);
		ck_assert_uint_eq(offsets[5], n);
		for (size_t i = 0; i < n; i++)
			MUST(i >= offsets[out[i] % 5] && i < offsets[out[i] % 5 + 1]);
	}
	end_pool(how.pool);
}
END_TEST

/* -- Ends -- */

START_TEST(the_failure_of_the_lowest_item_wins)
{
	how.pool = pool_with(worker_counts[_i]);
	for (int round = 0; round < 40; round++) {
		size_t n = 1 + below(MOST), got = 7, lowest;
		struct test test = { 1, in, { below(n), below(n) }, NULL, false, 0 };

		make_items(n, 1, 100);
		lowest = test.fails_at[0] < test.fails_at[1] ? test.fails_at[0] : test.fails_at[1];
		how.grain_exact = below(3) * 256;
		ck_assert_int_eq(filch_pack(in, out, n, 1, choose_odd, &test, &got, &how),
		    (int)lowest + 1);
		ck_assert_int_eq(filch_partition(in, out, n, 1, choose_odd, &test, &got, &how),
		    (int)lowest + 1);
		ck_assert_uint_eq(got, 7);
	}
	end_pool(how.pool);
}
END_TEST

START_TEST(a_canceled_pack_says_so)
{
	filch_cancel token = FILCH_CANCEL_INIT;

	how.pool = pool_with(worker_counts[_i]);
	how.cancel = &token;
	how.grain_exact = 100;
	for (int round = 0; round < 20; round++) {
		struct test test = { 1, in, { below(MOST), NEVER }, &token, false, 0 };
		size_t got = 7;

		make_items(MOST, 1, 100);
		ck_assert_int_eq(filch_pack(in, out, MOST, 1, choose_odd, &test, &got, &how),
		    FILCH_CANCELED);
		ck_assert_int_eq(pack_char(in, out, MOST, &got, &how), FILCH_CANCELED);
		ck_assert_int_eq(part_char(in, out, MOST, &got, &how), FILCH_CANCELED);
		ck_assert_uint_eq(got, 7);
		filch_cancel_reset(&token);
	}
	how.stop_at = filch_now();
	ck_assert_int_eq(pack_char(in, out, MOST, &(size_t){ 0 }, &how), FILCH_TIMEOUT);
	end_pool(how.pool);
}
END_TEST

START_TEST(a_test_that_contradicts_itself_writes_nothing_beyond_the_array)
{
	how.pool = pool_with(worker_counts[_i]);
	how.grain_exact = 100;
	for (int round = 0; round < 20; round++) {
		struct test test = { 1, in, { NEVER, NEVER }, NULL, true, 0 };
		struct classes c = { 1, 10, false, true };
		size_t got, offsets[11];
		int status;

		make_items(MOST, 1, 100);
		status = filch_pack(in, out, MOST, 1, choose_odd, &test, &got, &how);
		MUST(status == FILCH_OK || status == FILCH_INVAL);
		status = filch_split(in, out, MOST, 1, 10, class_of_first, &c, offsets, &how);
		MUST(status == FILCH_OK || status == FILCH_INVAL);
		MUST(out[MOST] == 'x');
	}
	end_pool(how.pool);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
	struct test test = { 1, in, { NEVER, NEVER }, NULL, false, 0 };
	struct classes c = { 1, 5, true, false };
	size_t got = 7, offsets[6];

	memset(in, 2, 10);
	ck_assert_int_eq(filch_pack(in, in + 1, 9, 1, choose_odd, &test, &got, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_pack(in, out, 9, 0, choose_odd, &test, &got, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_pack(in, out, 9, 1, NULL, &test, &got, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_pack(in, out, 9, 1, choose_odd, &test, NULL, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_pack(NULL, out, 9, 1, choose_odd, &test, &got, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_pack(in, out, 9, SIZE_MAX / 8, choose_odd, &test, &got, NULL),
	    FILCH_INVAL);
	ck_assert_int_eq(filch_pack_flags(in, NULL, out, 9, 1, &got, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_pack_flags(in, (unsigned char *)out, out, 9, 1, &got, NULL),
	    FILCH_INVAL);
	ck_assert_int_eq(filch_unique(in, out, 9, 1, NULL, in, &got, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_partition(in, in, 9, 1, choose_odd, &test, &got, NULL),
	    FILCH_INVAL);
	ck_assert_int_eq(filch_split(in, out, 9, 1, 0, class_of_first, &c, offsets, NULL),
	    FILCH_INVAL);
	ck_assert_int_eq(filch_split(in, out, 9, 1, 65537, class_of_first, &c, offsets, NULL),
	    FILCH_INVAL);
	ck_assert_int_eq(filch_split(in, out, 9, 1, 5, class_of_first, &c, offsets, NULL),
	    FILCH_INVAL);
	ck_assert_uint_eq(got, 7);
	ck_assert_int_eq(filch_pack(NULL, NULL, 0, 1, choose_odd, &test, &got, NULL), FILCH_OK);
	ck_assert_uint_eq(got, 0);
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
}
END_TEST

static int form;

static int
call_form(void)
{
	size_t got, offsets[6];

	memcpy(out, in, MOST);
	switch (form) {
	case 0:
		return pack_char(in, out, MOST, &got, &how);
	case 1:
		return unique_char(out, out, MOST, &got, &how);
	default:
		return split_char(in, out, MOST, 5, offsets, &how);
	}
}

static bool
untouched_or_done(int status)
{
	return status == FILCH_OK || memcmp(in, out, MOST) == 0;
}

START_TEST(without_memory_nothing_is_written)
{
	make_items(MOST, 1, 100);
	how.grain_exact = 100;
	for (form = 0; form < 3; form++)
		each_allocation_fails(worker_counts[_i], call_form, untouched_or_done);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("pack");
	TCase *values = case_of(suite, "values", setup_arrays, NULL);
	TCase *ends = case_of(suite, "ends", setup_arrays, NULL);

	tcase_add_loop_test(values, a_pack_equals_the_loop, 0, ALL_COUNTS);
	tcase_add_loop_test(values, a_typed_pack_equals_the_loop, 0, ALL_COUNTS);
	tcase_add_loop_test(values, unique_keeps_the_first_of_each_row, 0, ALL_COUNTS);
	tcase_add_loop_test(values, a_split_is_stable, 0, ALL_COUNTS);
	tcase_add_loop_test(ends, the_failure_of_the_lowest_item_wins, 0, ALL_COUNTS);
	tcase_add_loop_test(ends, a_canceled_pack_says_so, 0, ALL_COUNTS);
	tcase_add_loop_test(ends,
	    a_test_that_contradicts_itself_writes_nothing_beyond_the_array, 0, ALL_COUNTS);
	tcase_add_test(ends, bad_arguments_are_refused);
	tcase_add_loop_test(ends, without_memory_nothing_is_written, 0, ALL_COUNTS);
	return run_suite(suite);
}
