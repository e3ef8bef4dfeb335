/* SPDX-License-Identifier: BSD-2-Clause */
/* A loop runs each index once, whatever its range, its options and what is around it. */
#include "loops.h"

/* -- Every index once -- */

static void
choose_options(uint64_t *seed)
{
	how.schedule = (int)(random_of(seed) % 4);
	how.grain_min = random_of(seed) % 3 == 0 ? random_of(seed) % 300 : 0;
	how.grain_exact = random_of(seed) % 3 == 0 ? random_of(seed) % 300 : 0;
	how.max_workers = random_of(seed) % 3 == 0 ? random_of(seed) % 5 : 0;
	how.cost_ns = random_of(seed) % 3 == 0 ? (double)(random_of(seed) % 20000) : 0;
}

START_TEST(each_index_runs_once_whatever_the_options)
{
	uint64_t seed = 1234567 + (uint64_t)_i;

	use_workers(worker_counts[_i]);
	for (size_t round = 0; round < rounds(200); round++) {
		size_t begin = random_of(&seed) % 1000;
		size_t end = begin + random_of(&seed) % (round % 2 == 0 ? 20 : MOST - begin);

		choose_options(&seed);
		ck_assert_int_eq(loop(begin, end, mark), FILCH_OK);
		assert_marked(begin, end);
	}
	end_pool(how.pool);
}
END_TEST

START_TEST(ranges_may_be_anywhere)
{
	use_workers(worker_counts[_i]);
	ck_assert_int_eq(loop(SIZE_MAX - 1000, SIZE_MAX, count_range), FILCH_OK);
	ck_assert_uint_eq(count_of(&runs), 1000);
	how.grain_exact = 7;
	ck_assert_int_eq(loop(SIZE_MAX - 1000, SIZE_MAX, count_range), FILCH_OK);
	ck_assert_uint_eq(count_of(&runs), 2000);
	how.grain_exact = SIZE_MAX;
	ck_assert_int_eq(loop(0, 1000, count_range), FILCH_OK);
	how.grain_exact = 0;
	how.grain_min = SIZE_MAX;
	ck_assert_int_eq(loop(0, 1000, count_range), FILCH_OK);
	ck_assert_uint_eq(count_of(&runs), 4000);
	end_pool(how.pool);
}
END_TEST

START_TEST(an_empty_range_calls_nobody)
{
	use_workers(worker_counts[_i]);
	ck_assert_int_eq(loop(7, 7, mark), FILCH_OK);
	ck_assert_int_eq(loop(SIZE_MAX, SIZE_MAX, mark), FILCH_OK);
	assert_marked(0, 0);
	end_pool(how.pool);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
	use_workers(1);
	ck_assert_int_eq(loop(2, 1, mark), FILCH_INVAL);
	ck_assert_int_eq(loop(0, 1, NULL), FILCH_INVAL);
	how.schedule = 4;
	ck_assert_int_eq(loop(0, 1, mark), FILCH_INVAL);
	how.schedule = -1;
	ck_assert_int_eq(loop(0, 1, mark), FILCH_INVAL);
	how.schedule = 0;
	how.cost_ns = -1;
	ck_assert_int_eq(loop(0, 1, mark), FILCH_INVAL);
	how.cost_ns = 0;
	how.size = 3;
	ck_assert_int_eq(loop(0, 1, mark), FILCH_INVAL);
	assert_marked(0, 0);
	end_pool(how.pool);
}
END_TEST

START_TEST(no_options_are_the_defaults)
{
	setenv("FILCH_WORKERS", "2", 1);
	ck_assert_int_eq(filch_for(10, 1000, mark, NULL, NULL), FILCH_OK);
	assert_marked(10, 1000);
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
}
END_TEST

START_TEST(options_of_an_older_program_are_read_as_far_as_they_go)
{
	use_workers(2);
	how.size = offsetof(filch_for_options, schedule);
	how.schedule = 99;
	how.cost_ns = -1;
	ck_assert_int_eq(loop(0, 100, mark), FILCH_OK);
	assert_marked(0, 100);
	end_pool(how.pool);
}
END_TEST

START_TEST(options_of_a_newer_program_are_read_as_far_as_known)
{
	struct {
		filch_for_options known;
		size_t unknown[4];
	} newer = { FILCH_FOR_OPTIONS_INIT, { 1, 2, 3, 4 } };

	newer.known.size = sizeof(newer);
	newer.known.pool = pool_with(2);
	ck_assert_int_eq(filch_for(0, 100, mark, NULL, &newer.known), FILCH_OK);
	assert_marked(0, 100);
	end_pool(newer.known.pool);
}
END_TEST

/* -- Nesting -- */

static int
inner_body(void *unused, size_t begin, size_t end)
{
	return count_range(unused, begin, end);
}

static int
group_task(void *unused)
{
	(void)unused;
	return filch_for(0, 100, inner_body, NULL, NULL);
}

static int
join_half(void *unused)
{
	filch_group group = FILCH_GROUP_INIT;

	(void)unused;
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(filch_group_spawn(&group, group_task, NULL), FILCH_OK);
	return filch_group_wait(&group, FILCH_FOREVER);
}

static int
outer_body(void *unused, size_t begin, size_t end)
{
	(void)unused;
	for (; begin < end; begin++)
		ck_assert_int_eq(filch_join(join_half, NULL, join_half, NULL), FILCH_OK);
	return FILCH_OK;
}

START_TEST(loops_in_groups_in_joins_in_loops)
{
	use_workers(worker_counts[_i]);
	how.grain_exact = 1;
	ck_assert_int_eq(loop(0, 50, outer_body), FILCH_OK);
	ck_assert_uint_eq(count_of(&runs), 50 * 2 * 10 * 100);
	end_pool(how.pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("for");
	TCase *range = case_of(suite, "range", setup, NULL);

	tcase_add_loop_test(range, each_index_runs_once_whatever_the_options, 0, ALL_COUNTS);
	tcase_add_loop_test(range, ranges_may_be_anywhere, 0, ALL_COUNTS);
	tcase_add_loop_test(range, an_empty_range_calls_nobody, 0, ALL_COUNTS);
	tcase_add_test(range, bad_arguments_are_refused);
	tcase_add_test(range, no_options_are_the_defaults);
	tcase_add_test(range, options_of_an_older_program_are_read_as_far_as_they_go);
	tcase_add_test(range, options_of_a_newer_program_are_read_as_far_as_known);

	TCase *nested = case_of(suite, "nested", setup, NULL);

	tcase_add_loop_test(nested, loops_in_groups_in_joins_in_loops, 0, ALL_COUNTS);
	return run_suite(suite);
}
