/* SPDX-License-Identifier: BSD-2-Clause */
#include "pools.h"

#define MOST 20000

static filch_for_options how;
static filch_affinity memory;  /* one for all loops by affinity, nested ones too */
static flc_atomic runs, at_work, most_at_work, chunks;
static unsigned char seen[MOST + 1];

static void
setup(void)
{
	static const filch_for_options init = FILCH_FOR_OPTIONS_INIT;

	clear_variables();
	how = init;
	how.affinity = &memory;
}

static void
use_workers(size_t workers)
{
	how.pool = pool_with(workers);
}

/* Plain: two chunks that share an index are a race, too. */
static int
mark(void *unused, size_t begin, size_t end)
{
	(void)unused;
	MUST(begin < end);
	for (; begin < end; begin++)
		seen[begin]++;
	return FILCH_OK;
}

static void
assert_marked(size_t begin, size_t end)
{
	for (size_t i = 0; i < MOST; i++)
		if (seen[i] != (i >= begin && i < end))
			ck_abort_msg("index %zu ran %d times in %zu to %zu", i, seen[i], begin, end);
	memset(seen, 0, sizeof(seen));
}

static int
count_range(void *unused, size_t begin, size_t end)
{
	(void)unused;
	flc_add_full(&runs, end - begin);
	return FILCH_OK;
}

static int
loop(size_t begin, size_t end, filch_range_fn *body)
{
	return filch_for(begin, end, body, NULL, &how);
}

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

/* -- Chunks -- */

static size_t loop_begin, loop_end;

static void
spend_time(size_t n)
{
	for (volatile size_t i = 0; i < n; i++)
		;
}

static int
check_least(void *unused, size_t begin, size_t end)
{
	(void)unused;
	size_t n = loop_end - loop_begin;

	spend_time(begin % 7 * 500);
	MUST(end - begin >= (how.grain_min < n ? how.grain_min : n));
	return mark(NULL, begin, end);
}

START_TEST(no_chunk_is_smaller_than_grain_min)
{
	uint64_t seed = 99 + (uint64_t)_i;

	use_workers(worker_counts[_i]);
	for (int round = 0; round < 200; round++) {
		loop_begin = random_of(&seed) % 100;
		loop_end = loop_begin + 1 + random_of(&seed) % 3000;
		how.grain_min = 1 + random_of(&seed) % 200;
		how.schedule = round % 4;
		ck_assert_int_eq(loop(loop_begin, loop_end, check_least), FILCH_OK);
		assert_marked(loop_begin, loop_end);
	}
	end_pool(how.pool);
}
END_TEST

static int
check_exact(void *unused, size_t begin, size_t end)
{
	(void)unused;
	spend_time(begin % 7 * 500);
	MUST((begin - loop_begin) % how.grain_exact == 0);
	if (end != loop_end)
		MUST(end - begin == how.grain_exact);
	else
		MUST(end - begin <= how.grain_exact);
	return mark(NULL, begin, end);
}

START_TEST(every_chunk_but_the_last_is_of_grain_exact)
{
	uint64_t seed = 99 + (uint64_t)_i;

	use_workers(worker_counts[_i]);
	for (int round = 0; round < 200; round++) {
		loop_begin = random_of(&seed) % 100;
		loop_end = loop_begin + 1 + random_of(&seed) % 3000;
		how.grain_exact = 1 + random_of(&seed) % (round % 2 == 0 ? 3 : 200);
		how.grain_min = round % 3 == 0 ? 10 : 0;
		how.schedule = round % 4;
		ck_assert_int_eq(loop(loop_begin, loop_end, check_exact), FILCH_OK);
		assert_marked(loop_begin, loop_end);
	}
	end_pool(how.pool);
}
END_TEST

static int
count_chunk(void *unused, size_t begin, size_t end)
{
	(void)unused;
	(void)begin;
	(void)end;
	count_up(&chunks);
	return FILCH_OK;
}

START_TEST(a_static_schedule_has_a_part_per_worker)
{
	size_t workers = worker_counts[_i];
	size_t parts = workers == FILCH_NO_WORKERS ? 1 : workers;

	use_workers(workers);
	how.schedule = FILCH_SCHEDULE_STATIC;
	ck_assert_int_eq(loop(0, 1600 * 3, count_chunk), FILCH_OK);
	ck_assert_uint_eq(count_of(&chunks), parts);
	end_pool(how.pool);
}
END_TEST

START_TEST(a_dynamic_schedule_has_chunks_of_the_grain)
{
	use_workers(worker_counts[_i]);
	how.schedule = FILCH_SCHEDULE_DYNAMIC;
	ck_assert_int_eq(loop(0, 100, count_chunk), FILCH_OK);
	ck_assert_uint_eq(count_of(&chunks), 100);
	end_pool(how.pool);
}
END_TEST

START_TEST(a_cheap_loop_takes_few_chunks)
{
	use_workers(FILCH_NO_WORKERS);
	ck_assert_int_eq(loop(0, (size_t)1 << 40, count_chunk), FILCH_OK);
	ck_assert_uint_lt(count_of(&chunks), 100);
	end_pool(how.pool);
}
END_TEST

static int
work_a_while(void *unused, size_t begin, size_t end)
{
	(void)unused;
	(void)begin;
	(void)end;
	keep_highest(&most_at_work, count_up(&at_work) + 1);
	/* Long enough that others come. */
	if (begin % 16 == 0)
		pause_ms(1);
	flc_add_full(&at_work, (size_t)-1);
	return FILCH_OK;
}

START_TEST(max_workers_limits_a_loop)
{
	use_workers(4);
	how.grain_exact = 1;
	for (size_t round = 0; round < 60; round++) {
		how.max_workers = 1 + round % 4;
		flc_store_release(&most_at_work, 0);
		ck_assert_int_eq(loop(0, 200, work_a_while), FILCH_OK);
		ck_assert_uint_le(count_of(&most_at_work), how.max_workers);
	}
	end_pool(how.pool);
}
END_TEST

static flc_atomic sleepers;

static int
sleep_a_second(void *unused, size_t begin, size_t end)
{
	(void)unused;
	count_up(&sleepers);
	/* Time itself is measured. */
	pause_ms(1000 * (end - begin));
	return FILCH_OK;
}

static int
loop_inside(void *unused)
{
	(void)unused;
	return loop(0, 2, sleep_a_second);
}

START_TEST(two_indexes_that_sleep_take_the_time_of_one)
{
	uint64_t begin;

	use_workers(2);
	begin = filch_now();
	how.schedule = _i / 2;
	if (_i % 2 == 0) {
		ck_assert_int_eq(loop(0, 2, sleep_a_second), FILCH_OK);
	} else {
		filch_group group = FILCH_GROUP_INIT;

		group.pool = how.pool;
		ck_assert_int_eq(filch_group_spawn(&group, loop_inside, NULL), FILCH_OK);
		ck_assert(reaches(&sleepers, 1));
		ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	}
	ck_assert_uint_lt(filch_now() - begin, 1800 * MS);
	end_pool(how.pool);
}
END_TEST

/* -- Endings -- */

static size_t fails_from, fails_each;

static int
fail_at_some(void *unused, size_t begin, size_t end)
{
	(void)unused;
	for (; begin < end; begin++) {
		/* The low ones take longest, so that higher ones fail first. */
		if (begin < fails_from + 10)
			spend_time(3000);
		if (begin >= fails_from && begin % fails_each == 0)
			return (int)begin + 1;
		seen[begin]++;
	}
	return FILCH_OK;
}

START_TEST(the_failure_of_the_lowest_index_wins)
{
	uint64_t seed = 5 + (uint64_t)_i;

	use_workers(worker_counts[_i]);
	for (size_t round = 0; round < rounds(200); round++) {
		fails_each = 1 + random_of(&seed) % 50;
		fails_from = random_of(&seed) % 900;
		how.schedule = (int)round % 4;
		how.grain_exact = round % 5 == 0 ? 7 : 0;
		size_t lowest = (fails_from + fails_each - 1) / fails_each * fails_each;

		MUST(loop(0, 1000, fail_at_some) == (lowest < 1000 ? (int)lowest + 1 : 0));
		for (size_t i = 0; i < lowest && i < 1000; i++)
			MUST(seen[i] == 1);
		memset(seen, 0, sizeof(seen));
	}
	end_pool(how.pool);
}
END_TEST

static filch_cancel token;

static int
request_at_100(void *unused, size_t begin, size_t end)
{
	(void)unused;
	for (; begin < end; begin++) {
		count_up(&runs);
		if (begin == 100)
			filch_cancel_request(&token);
		spend_time(10000);
	}
	return FILCH_OK;
}

START_TEST(cancellation_ends_a_loop_early)
{
	use_workers(worker_counts[_i]);
	how.cancel = &token;
	how.grain_exact = 1;
	ck_assert_int_eq(loop(0, 1000000, request_at_100), FILCH_CANCELED);
	ck_assert_uint_lt(count_of(&runs), 1000000);
	size_t before = count_of(&runs);

	ck_assert_int_eq(loop(0, 100, count_range), FILCH_CANCELED);
	ck_assert_uint_eq(count_of(&runs), before);
	filch_cancel_reset(&token);
	ck_assert_int_eq(loop(0, 100, count_range), FILCH_OK);
	end_pool(how.pool);
}
END_TEST

START_TEST(a_token_requested_by_the_last_chunk_is_no_success)
{
	use_workers(worker_counts[_i]);
	how.cancel = &token;
	ck_assert_int_eq(loop(0, 101, request_at_100), FILCH_CANCELED);
	ck_assert_uint_le(count_of(&runs), 101);
	end_pool(how.pool);
}
END_TEST

static int
fail_and_request(void *unused, size_t begin, size_t end)
{
	(void)unused;
	(void)begin;
	(void)end;
	filch_cancel_request(&token);
	return 42;
}

START_TEST(the_bodys_code_goes_before_cancellation)
{
	use_workers(1);
	how.cancel = &token;
	ck_assert_int_eq(loop(0, 10, fail_and_request), 42);
	end_pool(how.pool);
}
END_TEST

static int
take_a_ms(void *unused, size_t begin, size_t end)
{
	/* Time itself: the deadline passes. */
	pause_ms(end - begin);
	return count_range(unused, begin, end);
}

START_TEST(no_chunk_begins_after_the_deadline)
{
	uint64_t begin = filch_now();

	use_workers(worker_counts[_i]);
	how.grain_exact = 1;
	how.deadline = in_ms(50);
	ck_assert_int_eq(loop(0, 1000000, take_a_ms), FILCH_TIMEOUT);
	ck_assert_uint_lt(filch_now() - begin, 20000 * MS);
	size_t before = count_of(&runs);

	how.deadline = 1;
	ck_assert_int_eq(loop(0, 100, count_range), FILCH_TIMEOUT);
	ck_assert_uint_eq(count_of(&runs), before);
	how.deadline = FILCH_FOREVER;
	ck_assert_int_eq(loop(0, 100, count_range), FILCH_OK);
	end_pool(how.pool);
}
END_TEST

START_TEST(progress_counts_what_is_done)
{
	filch_progress progress;

	memset(&progress, 0, sizeof(progress));
	use_workers(worker_counts[_i]);
	how.progress = &progress;
	ck_assert_int_eq(loop(10, 5010, count_range), FILCH_OK);
	ck_assert_uint_eq(filch_progress_done(&progress), 5000);
	ck_assert_int_eq(loop(0, 7, count_range), FILCH_OK);
	ck_assert_uint_eq(filch_progress_done(&progress), 5007);
	end_pool(how.pool);
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

static int
fail_deep(void *unused, size_t begin, size_t end)
{
	(void)unused;
	return begin <= 30 && end > 30 ? 11 : FILCH_OK;
}

static int
pass_on(void *unused, size_t begin, size_t end)
{
	(void)unused;
	(void)begin;
	(void)end;
	return filch_for(0, 100, fail_deep, NULL, NULL);
}

START_TEST(a_failure_passes_through_nested_loops)
{
	use_workers(worker_counts[_i]);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(loop(0, 10, pass_on), 11);
	end_pool(how.pool);
}
END_TEST

/* -- Tiles -- */

static unsigned char cell[60 * 70 * 8];

static int
mark_2d(void *tile_size, filch_tile_2d t)
{
	const size_t *size = tile_size;

	MUST(t.end0 - t.begin0 <= size[0]);
	MUST(t.end1 - t.begin1 <= size[1]);
	for (size_t i = t.begin0; i < t.end0; i++)
		for (size_t j = t.begin1; j < t.end1; j++)
			cell[i * 70 + j]++;
	return FILCH_OK;
}

START_TEST(tiles_cover_a_rectangle_once)
{
	uint64_t seed = 17;

	use_workers(worker_counts[_i]);
	for (int round = 0; round < 100; round++) {
		filch_tile_2d r = { random_of(&seed) % 30, 30 + random_of(&seed) % 30,
			random_of(&seed) % 30, 30 + random_of(&seed) % 40 };
		size_t size[2] = { random_of(&seed) % 40, random_of(&seed) % 40 };
		size_t shown[2] = { size[0] ? size[0] : 32, size[1] ? size[1] : 32 };

		MUST(filch_for_2d(r, size[0], size[1], mark_2d, shown, &how) == FILCH_OK);
		for (size_t i = 0; i < 60; i++)
			for (size_t j = 0; j < 70; j++)
				MUST(cell[i * 70 + j] == (i >= r.begin0 && i < r.end0
				    && j >= r.begin1 && j < r.end1));
		memset(cell, 0, sizeof(cell));
	}
	end_pool(how.pool);
}
END_TEST

static int
mark_3d(void *unused, filch_tile_3d t)
{
	(void)unused;
	for (size_t i = t.begin0; i < t.end0; i++)
		for (size_t j = t.begin1; j < t.end1; j++)
			for (size_t k = t.begin2; k < t.end2; k++)
				cell[(i * 20 + j) * 20 + k]++;
	return FILCH_OK;
}

START_TEST(tiles_cover_a_block_once)
{
	uint64_t seed = 17;

	use_workers(worker_counts[_i]);
	for (int round = 0; round < 50; round++) {
		filch_tile_3d r = { random_of(&seed) % 10, 10 + random_of(&seed) % 10,
			random_of(&seed) % 10, 10 + random_of(&seed) % 10,
			random_of(&seed) % 10, 10 + random_of(&seed) % 10 };

		MUST((filch_for_3d(r, random_of(&seed) % 9, random_of(&seed) % 9,
		    random_of(&seed) % 9, mark_3d, NULL, &how)) == FILCH_OK);
		for (size_t i = 0; i < 8000; i++)
			MUST(cell[i] == (i / 400 >= r.begin0 && i / 400 < r.end0
			    && i / 20 % 20 >= r.begin1 && i / 20 % 20 < r.end1
			    && i % 20 >= r.begin2 && i % 20 < r.end2));
		memset(cell, 0, sizeof(cell));
	}
	end_pool(how.pool);
}
END_TEST

static int
fail_2d(void *unused, filch_tile_2d t)
{
	(void)unused;
	return t.begin0 >= 20 && t.begin1 >= 10 ? (int)(t.begin0 * 100 + t.begin1) : FILCH_OK;
}

START_TEST(the_lowest_tile_in_row_major_order_wins)
{
	filch_tile_2d r = { 0, 50, 0, 50 };

	use_workers(worker_counts[_i]);
	for (int round = 0; round < 50; round++)
		ck_assert_int_eq(filch_for_2d(r, 10, 10, fail_2d, NULL, &how), 2010);
	end_pool(how.pool);
}
END_TEST

START_TEST(bad_tiles_are_refused)
{
	filch_tile_2d backwards = { 2, 1, 0, 1 }, endless = { 0, SIZE_MAX, 0, SIZE_MAX };
	filch_tile_2d none = { 0, 0, 0, SIZE_MAX };

	use_workers(1);
	ck_assert_int_eq(filch_for_2d(backwards, 0, 0, fail_2d, NULL, &how), FILCH_INVAL);
	ck_assert_int_eq(filch_for_2d(endless, 1, 1, fail_2d, NULL, &how), FILCH_INVAL);
	ck_assert_int_eq(filch_for_2d(none, 1, 1, fail_2d, NULL, &how), FILCH_OK);
	ck_assert_int_eq(filch_for_2d(none, 1, 1, NULL, NULL, &how), FILCH_INVAL);
	end_pool(how.pool);
}
END_TEST

static void
add_endings(Suite *suite)
{
	TCase *ending = case_of(suite, "ending", setup, NULL);
	TCase *nested = case_of(suite, "nested", setup, NULL);

	tcase_add_loop_test(ending, the_failure_of_the_lowest_index_wins, 0, ALL_COUNTS);
	tcase_add_loop_test(ending, cancellation_ends_a_loop_early, 0, ALL_COUNTS);
	tcase_add_loop_test(ending, a_token_requested_by_the_last_chunk_is_no_success, 0,
	    ALL_COUNTS);
	tcase_add_test(ending, the_bodys_code_goes_before_cancellation);
	tcase_add_loop_test(ending, no_chunk_begins_after_the_deadline, 0, ALL_COUNTS);
	tcase_add_loop_test(ending, progress_counts_what_is_done, 0, ALL_COUNTS);

	tcase_add_loop_test(nested, loops_in_groups_in_joins_in_loops, 0, ALL_COUNTS);
	tcase_add_loop_test(nested, a_failure_passes_through_nested_loops, 0, ALL_COUNTS);
}

static void
add_chunks(Suite *suite)
{
	TCase *chunk = case_of(suite, "chunk", setup, NULL);
	TCase *tiles = case_of(suite, "tiles", setup, NULL);

	tcase_add_loop_test(chunk, no_chunk_is_smaller_than_grain_min, 0, ALL_COUNTS);
	tcase_add_loop_test(chunk, every_chunk_but_the_last_is_of_grain_exact, 0, ALL_COUNTS);
	tcase_add_loop_test(chunk, a_static_schedule_has_a_part_per_worker, 0, ALL_COUNTS);
	tcase_add_loop_test(chunk, a_dynamic_schedule_has_chunks_of_the_grain, 0, ALL_COUNTS);
	tcase_add_test(chunk, a_cheap_loop_takes_few_chunks);
	tcase_add_test(chunk, max_workers_limits_a_loop);
	tcase_add_loop_test(chunk, two_indexes_that_sleep_take_the_time_of_one, 0, 8);

	tcase_add_loop_test(tiles, tiles_cover_a_rectangle_once, 0, ALL_COUNTS);
	tcase_add_loop_test(tiles, tiles_cover_a_block_once, 0, ALL_COUNTS);
	tcase_add_loop_test(tiles, the_lowest_tile_in_row_major_order_wins, 0, ALL_COUNTS);
	tcase_add_test(tiles, bad_tiles_are_refused);
}

int
main(void)
{
	Suite *suite = suite_create("loop");
	TCase *range = case_of(suite, "range", setup, NULL);

	tcase_add_loop_test(range, each_index_runs_once_whatever_the_options, 0, ALL_COUNTS);
	tcase_add_loop_test(range, ranges_may_be_anywhere, 0, ALL_COUNTS);
	tcase_add_loop_test(range, an_empty_range_calls_nobody, 0, ALL_COUNTS);
	tcase_add_test(range, bad_arguments_are_refused);
	tcase_add_test(range, no_options_are_the_defaults);
	tcase_add_test(range, options_of_an_older_program_are_read_as_far_as_they_go);
	tcase_add_test(range, options_of_a_newer_program_are_read_as_far_as_known);
	add_chunks(suite);
	add_endings(suite);
	return run_suite(suite);
}
