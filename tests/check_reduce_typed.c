/* SPDX-License-Identifier: BSD-2-Clause */
/* The typed faces of reductions: FILCH_DEFINE_REDUCE and the ready ones. */
#include "reduces.h"

#include <math.h>

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

int
main(void)
{
	Suite *suite = suite_create("reduce_typed");
	TCase *bits = case_of(suite, "bits", setup, NULL);

	tcase_add_loop_test(bits, typed_faces_have_the_same_bits_for_any_number_of_workers, 0,
	    THREADED_COUNTS);
	tcase_add_test(bits, typed_faces_are_right);
	tcase_add_loop_test(bits, a_typed_face_takes_large_values, 0, ALL_COUNTS);
	tcase_add_loop_test(bits, a_typed_face_cannot_fail_where_all_is_canceled, 0, ALL_COUNTS);
	return run_suite(suite);
}
