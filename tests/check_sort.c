/* SPDX-License-Identifier: BSD-2-Clause */
/* Sorts of numbers against qsort(): each type, order, instruction set and number of
 * workers, sizes around each threshold, inputs that a radix sort may dislike. */
#include "topology/isa.h"
#include "sort/radix_level.h"
#include "pools.h"

#include <stdlib.h>

static filch_pool *pool;

/* -- Numbers from a seed -- */

static uint64_t state = 1;

static uint64_t
draw(void)
{
	state += UINT64_C(0x9e3779b97f4a7c15);
	uint64_t z = state;

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* A key of `bits` bits, as the pattern has it at i of n. */
enum pattern {
	RANDOM, ASCENDING, DESCENDING, EQUAL, FEW, ZIPF, ORGAN_PIPE, NEARLY_SORTED, ALL_BUT_ONE,
	POWERS, NARROW, SMALL, CLUSTERS, EXTREMES, NAN_AND_ZERO, PATTERNS
};

static uint64_t
key_of(enum pattern pattern, size_t i, size_t n)
{
	static const uint64_t special[] = {
		0, UINT64_C(0x8000000000000000), UINT64_C(0x7ff8000000000000),
		UINT64_C(0xfff8000000000000), UINT64_C(0x7ff0000000000000),
		UINT64_C(0xfff0000000000000), UINT64_C(0x3ff0000000000000), 1, 2,
		UINT64_C(0x7ff8000000000001), UINT64_C(0xffffffffffffffff),
	};
	uint64_t random = draw();

	switch (pattern) {
	case ASCENDING: return i * 3;
	case DESCENDING: return (n - i) * 5;
	case EQUAL: return 42;
	case FEW: return random % 7 * UINT64_C(0x1234567890abcdef);
	case ZIPF: return n / (random % n + 1);
	case ORGAN_PIPE: return i < n / 2 ? i : n - i;
	case NEARLY_SORTED: return random % 50 == 0 ? random % n : i;
	case ALL_BUT_ONE: return i == n / 2 ? random : 7;
	case POWERS: return (uint64_t)1 << random % 64;
	case NARROW: return UINT64_C(0xfffffff000000000) + random % 1000;
	case SMALL: return random % 300;
	case CLUSTERS: return (random % 3 << 60) + (random >> 8) % 5;
	case EXTREMES: return random % 3 == 0 ? 0 : random % 3 == 1 ? UINT64_MAX : random;
	case NAN_AND_ZERO: return special[random % (sizeof(special) / sizeof(special[0]))];
	default: return random;
	}
}

/* -- What is expected -- */

enum type { U64, I64, DOUBLE, U32, I32, FLOAT, U16, I16, U8, I8, TYPES };

static size_t
width_of(enum type type)
{
	return type <= DOUBLE ? 8 : type <= FLOAT ? 4 : type <= I16 ? 2 : 1;
}

static enum type compared;

/* Sign and magnitude, as IEEE 754 orders them, which is no radix sort's way. */
static int
compare_float(int64_t x, int64_t y, int64_t magnitude)
{
	int64_t a = x & magnitude, b = y & magnitude;

	a = x < 0 ? -a - 1 : a;
	b = y < 0 ? -b - 1 : b;
	return (a > b) - (a < b);
}

static int
compare_short(const void *x, const void *y)
{
	uint16_t u, v;

	if (compared == U8)
		return *(const uint8_t *)x - *(const uint8_t *)y;
	if (compared == I8)
		return *(const int8_t *)x - *(const int8_t *)y;
	memcpy(&u, x, 2);
	memcpy(&v, y, 2);
	return compared == U16 ? u - v : (int16_t)u - (int16_t)v;
}

static int
compare(const void *x, const void *y)
{
	uint64_t u, v;
	uint32_t s, t;

	if (width_of(compared) == 8) {
		memcpy(&u, x, 8);
		memcpy(&v, y, 8);
		if (compared == U64)
			return (u > v) - (u < v);
		if (compared == I64)
			return ((int64_t)u > (int64_t)v) - ((int64_t)u < (int64_t)v);
		return compare_float((int64_t)u, (int64_t)v, INT64_MAX);
	}
	if (width_of(compared) < 4)
		return compare_short(x, y);
	memcpy(&s, x, 4);
	memcpy(&t, y, 4);
	if (compared == U32)
		return (s > t) - (s < t);
	if (compared == I32)
		return ((int32_t)s > (int32_t)t) - ((int32_t)s < (int32_t)t);
	return compare_float((int32_t)s, (int32_t)t, INT32_MAX);
}

static int
compare_down(const void *x, const void *y)
{
	return compare(y, x);
}

static int
sort_type(enum type type, void *keys, size_t n, const filch_sort_options *options)
{
	switch (type) {
	case U64: return filch_sort_u64(keys, n, options);
	case I64: return filch_sort_i64(keys, n, options);
	case DOUBLE: return filch_sort_double(keys, n, options);
	case U32: return filch_sort_u32(keys, n, options);
	case I32: return filch_sort_i32(keys, n, options);
	case U16: return filch_sort_u16(keys, n, options);
	case I16: return filch_sort_i16(keys, n, options);
	case U8: return filch_sort_u8(keys, n, options);
	case I8: return filch_sort_i8(keys, n, options);
	default: return filch_sort_float(keys, n, options);
	}
}

/* Keys between two guards, from an address that only the key aligns. */
struct array {
	char *memory;
	char *keys;
	size_t n, width;
};

#define GUARD 0xa5

static void
make(struct array *a, enum type type, enum pattern pattern, size_t n)
{
	a->n = n;
	a->width = width_of(type);
	a->memory = malloc((n + 2) * a->width);
	MUST(a->memory != NULL);
	memset(a->memory, GUARD, (n + 2) * a->width);
	a->keys = a->memory + a->width;
	for (size_t i = 0; i < n; i++) {
		uint64_t key = key_of(pattern, i, n);

		/* Also with the highest bits that differ in the lower half. */
		if (a->width == 4 && pattern != NAN_AND_ZERO && pattern != EXTREMES)
			key = pattern == RANDOM ? key >> 32 : key;
		else if (a->width == 4)
			key >>= 32;
		else if (a->width < 4 && pattern != SMALL && pattern != ASCENDING)
			key >>= 64 - 8 * a->width;
		memcpy(a->keys + i * a->width, (const char *)&key, a->width);
	}
}

static void
check_guards(const struct array *a)
{
	for (size_t i = 0; i < a->width; i++) {
		MUST((unsigned char)a->memory[i] == GUARD);
		MUST((unsigned char)a->memory[(a->n + 1) * a->width + i] == GUARD);
	}
}

static void
check_sort(enum type type, enum pattern pattern, size_t n, const filch_sort_options *options)
{
	uint64_t seed = state;
	bool down = options->order == FILCH_DESCENDING;
	struct array a, expected;

	make(&a, type, pattern, n);
	state = seed;
	make(&expected, type, pattern, n);
	compared = type;
	qsort(expected.keys, n, a.width, down ? compare_down : compare);
	MUST(sort_type(type, a.keys, n, options) == FILCH_OK);
	check_guards(&a);
	if (memcmp(a.keys, expected.keys, n * a.width) != 0)
		ck_abort_msg("type %d, pattern %d, %zu keys, seed %#llx, order %d: not sorted",
		    (int)type, (int)pattern, n, (unsigned long long)seed, options->order);
	free(a.memory);
	free(expected.memory);
}

static filch_sort_options
in_pool(void)
{
	filch_sort_options options = FILCH_SORT_OPTIONS_INIT;

	options.pool = pool;
	return options;
}

/* One of so many combinations is run, evenly over all: a prime, so that each type and
 * pattern comes up.  A sanitizer is ten times slower. */
#ifdef FILCH_SANITIZED
#define ONE_OF 17
#else
#define ONE_OF 3
#endif

static bool
is_chosen(void)
{
	static unsigned turn;

	return turn++ % ONE_OF == 0;
}

static void
check_sizes(const size_t *sizes, size_t count, const filch_sort_options *options)
{
	for (size_t i = 0; i < count; i++)
		for (int type = 0; type < TYPES; type++)
			for (int pattern = 0; pattern < PATTERNS; pattern++)
				if ((sizes[i] < 8000 ? type < U16 || pattern % 3 == 0
				    : (type + pattern) % 6 == 0) && is_chosen())
					check_sort(type, pattern, sizes[i], options);
}

static const size_t few[] = {
	0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 23, 31, 32, 33, 47, 48, 49, 63, 64, 65, 66, 100, 127,
	128, 129, 200, 511, 700, 1023, 1024, 2047, 2048, 2049, 2500, 4100,
};
static const size_t many[] = { 8193, 20000, 32767, 32768, 32769, 65535, 65536, 66000 };
static const char *const sets[] = { "plain", "avx2", "avx512" };

/* In a process of its own, so that the set is not chosen yet. */
static void
use_set(int set)
{
	MUST(setenv("FILCH_ISA", sets[set], 1) == 0);
	MUST(flc_isa() <= (enum flc_isa)set);
	pool = pool_with(2);
}

START_TEST(few_keys_by_each_set)
{
	filch_sort_options options;

	use_set(_i / 2);
	options = in_pool();
	options.order = _i % 2;
	check_sizes(few, sizeof(few) / sizeof(few[0]), &options);
	end_pool(pool);
}
END_TEST

START_TEST(many_keys_by_each_set)
{
	filch_sort_options options;

	use_set(_i / 2);
	options = in_pool();
	options.order = _i % 2;
	check_sizes(many, sizeof(many) / sizeof(many[0]), &options);
	end_pool(pool);
}
END_TEST

/* Levels, groups of bins, levels of groups, writing around the caches. */
START_TEST(most_keys_with_any_workers)
{
	static const size_t sizes[] = { 300000, 700001 };
	filch_sort_options options;

	pool = pool_with(worker_counts[_i]);
	options = in_pool();
	for (size_t i = 0; i < 2; i++)
		for (int pattern = _i % 3; pattern < PATTERNS; pattern += 3)
			for (int type = (pattern + _i) % 2; type < TYPES; type += 5)
				if (is_chosen())
					check_sort(type, pattern, sizes[i], &options);
	end_pool(pool);
}
END_TEST

START_TEST(max_workers_holds)
{
	filch_sort_options options;

	pool = pool_with(4);
	options = in_pool();
	for (size_t most = 1; most <= 3; most++) {
		options.max_workers = most;
		check_sort(I64, RANDOM, 100000, &options);
	}
	end_pool(pool);
}
END_TEST

START_TEST(without_options_the_default_pool_sorts)
{
	uint64_t few_keys[3] = { 3, 1, 2 };
	filch_sort_options options = FILCH_SORT_OPTIONS_INIT;

	ck_assert_int_eq(filch_sort_u64(few_keys, 3, NULL), FILCH_OK);
	ck_assert(few_keys[0] == 1 && few_keys[1] == 2 && few_keys[2] == 3);
	ck_assert_int_eq(filch_sort_u64(NULL, 0, NULL), FILCH_OK);
	check_sort(U64, RANDOM, 50000, &options);
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
}
END_TEST

START_TEST(bad_calls_are_refused)
{
	filch_sort_options options = FILCH_SORT_OPTIONS_INIT;
	uint64_t keys[2] = { 2, 1 };
	double numbers[2] = { 2, 1 };

	ck_assert_int_eq(filch_sort_u64(NULL, 1, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_sort_u64(keys, SIZE_MAX, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_sort_u64(keys, SIZE_MAX / 8, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_sort_double(numbers, (size_t)1 << 61, NULL), FILCH_INVAL);
	options.order = 2;
	ck_assert_int_eq(filch_sort_u64(keys, 2, &options), FILCH_INVAL);
	options.order = FILCH_ASCENDING;
	options.size = 3;
	ck_assert_int_eq(filch_sort_u64(keys, 2, &options), FILCH_INVAL);
	ck_assert(keys[0] == 2 && keys[1] == 1);
	/* As an older program knows it. */
	options.size = offsetof(filch_sort_options, order);
	options.order = 99;
	ck_assert_int_eq(filch_sort_u64(keys, 2, &options), FILCH_OK);
	ck_assert(keys[0] == 1 && keys[1] == 2);
}
END_TEST

START_TEST(sets_are_named)
{
	for (int set = 0; set < FLC_ISAS; set++) {
		ck_assert_int_eq((int)flc_isa_named(sets[set], FLC_ISA_AVX512), set);
		ck_assert_int_eq((int)flc_isa_named(sets[set], FLC_ISA_PLAIN), FLC_ISA_PLAIN);
	}
	ck_assert_int_eq((int)flc_isa_named("sse9", FLC_ISA_AVX2), FLC_ISA_AVX2);
	ck_assert_int_eq((int)flc_isa_named(NULL, FLC_ISA_AVX2), FLC_ISA_AVX2);
}
END_TEST

/* -- Ends before the end -- */

static void
check_holds_all(const struct array *a, enum type type, uint64_t seed)
{
	struct array before;

	state = seed;
	make(&before, type, RANDOM, a->n);
	compared = type;
	qsort(before.keys, a->n, a->width, compare);
	qsort(a->keys, a->n, a->width, compare);
	MUST(memcmp(a->keys, before.keys, a->n * a->width) == 0);
	check_guards(a);
	free(before.memory);
}

START_TEST(a_canceled_sort_leaves_the_array)
{
	filch_cancel token = FILCH_CANCEL_INIT;
	filch_sort_options options;
	struct array a;

	pool = pool_with(2);
	options = in_pool();
	options.cancel = &token;
	filch_cancel_request(&token);
	for (size_t n = 2; n < 100000; n = n * 7 + 1) {
		uint64_t seed = state;

		make(&a, I64, RANDOM, n);
		ck_assert_int_eq(filch_sort_i64((void *)a.keys, n, &options), FILCH_CANCELED);
		check_holds_all(&a, I64, seed);
		free(a.memory);
	}
	end_pool(pool);
}
END_TEST

START_TEST(a_deadline_ends_a_sort_anywhere)
{
	size_t n = 400000, ended = 0;
	filch_sort_options options;
	struct array a;
	uint64_t took;

	pool = pool_with(worker_counts[_i]);
	options = in_pool();
	make(&a, FLOAT, RANDOM, n);
	took = filch_now();
	MUST(filch_sort_float((void *)a.keys, n, &options) == FILCH_OK);
	took = filch_now() - took;
	free(a.memory);
	for (uint64_t i = 0; i < 24; i++) {
		uint64_t seed = state;
		int status;

		make(&a, FLOAT, RANDOM, n);
		options.stop_at = filch_now() + took * i / 24 + 1;
		status = filch_sort_float((void *)a.keys, n, &options);
		MUST(status == FILCH_OK || status == FILCH_TIMEOUT);
		ended += status == FILCH_TIMEOUT;
		check_holds_all(&a, FLOAT, seed);
		free(a.memory);
	}
	ck_assert_uint_gt(ended, 0);
	end_pool(pool);
}
END_TEST

/* -- Without memory -- */

static flc_atomic calls, failing;

static void *
allocate(void *context, size_t size, size_t align)
{
	size_t call = count_up(&calls) + 1, from = count_of(&failing);

	(void)context;
	if (from != 0 && (call == from || count_of((const flc_atomic *)context) != 0))
		if (call >= from)
			return NULL;
	return aligned_alloc(align, (size + align - 1) / align * align);
}

static void
release(void *context, void *memory, size_t size)
{
	(void)context;
	(void)size;
	free(memory);
}

/* _i: whether all calls after the first that fails do so, too. */
START_TEST(each_failure_of_the_allocator_is_survived)
{
	static flc_atomic all_after;
	filch_allocator allocator = { allocate, release, &all_after };
	filch_pool_options how = FILCH_POOL_OPTIONS_INIT;
	filch_sort_options options;

	flc_store_relaxed(&all_after, (size_t)_i);
	how.workers = 2;
	how.allocator = &allocator;
	pool = pool_by(&how);
	options = in_pool();
	/* The guest's worker. */
	check_sort(U64, RANDOM, 100, &options);
	for (size_t n = 1; n <= 9; n++)
		for (size_t size = 100; size <= 400000; size *= 20) {
			(void)filch_pool_trim(pool);
			flc_store_release(&failing, count_of(&calls) + n);
			check_sort(U64, n % 2 == 0 ? ZIPF : RANDOM, size, &options);
			check_sort(I32, RANDOM, size, &options);
			check_sort(n % 2 == 0 ? U16 : I8, RANDOM, size, &options);
			flc_store_release(&failing, 0);
		}
	end_pool(pool);
}
END_TEST

/* -- Kernels -- */

START_TEST(sorting_in_place_needs_no_memory)
{
	static const struct flc_radix_order order = { 0, 0 };
	const struct flc_radix_kernels *kernels;
	static const size_t sizes[] = { 2, 64, 65, 1000, 30000 };

	MUST(setenv("FILCH_ISA", sets[_i], 1) == 0);
	kernels = flc_radix_64();
	compared = U64;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (int pattern = 0; pattern < PATTERNS; pattern++) {
			uint64_t seed = state;
			struct array a, b;

			make(&a, U64, pattern, sizes[i]);
			state = seed;
			make(&b, U64, pattern, sizes[i]);
			kernels->sort_in_place(a.keys, a.n, &order);
			qsort(b.keys, b.n, 8, compare);
			MUST(memcmp(a.keys, b.keys, a.n * 8) == 0);
			check_guards(&a);
			free(a.memory);
			free(b.memory);
		}
}
END_TEST

static void
setup(void)
{
	static const char seed_name[] = "FILCH_TEST_SEED";
	const char *seed = getenv(seed_name);

	state = seed != NULL ? strtoull(seed, NULL, 0) : filch_now();
	printf("# %s=%llu\n", seed_name, (unsigned long long)state);
}

int
main(void)
{
	Suite *suite = suite_create("sort");
	TCase *few_keys = case_of(suite, "few", setup, NULL);
	TCase *many_keys = case_of(suite, "many", setup, NULL);
	TCase *sorts = case_of(suite, "sorts", setup, NULL);
	TCase *ends = case_of(suite, "ends", setup, NULL);

	/* Sanitizers take minutes for some of them. */
	tcase_set_timeout(few_keys, 5 * TIMEOUT_S);
	tcase_set_timeout(many_keys, 5 * TIMEOUT_S);
	tcase_set_timeout(sorts, 5 * TIMEOUT_S);
	tcase_set_timeout(ends, 5 * TIMEOUT_S);
	tcase_add_loop_test(few_keys, few_keys_by_each_set, 0, 6);
	tcase_add_loop_test(many_keys, many_keys_by_each_set, 0, 6);
	tcase_add_loop_test(many_keys, most_keys_with_any_workers, 0, ALL_COUNTS);
	tcase_add_loop_test(sorts, sorting_in_place_needs_no_memory, 0, 3);
	tcase_add_test(sorts, max_workers_holds);
	tcase_add_test(sorts, without_options_the_default_pool_sorts);
	tcase_add_test(sorts, bad_calls_are_refused);
	tcase_add_test(sorts, sets_are_named);
	tcase_add_test(ends, a_canceled_sort_leaves_the_array);
	tcase_add_loop_test(ends, a_deadline_ends_a_sort_anywhere, 0, ALL_COUNTS);
	tcase_add_loop_test(ends, each_failure_of_the_allocator_is_survived, 0, 2);
	return run_suite(suite);
}
