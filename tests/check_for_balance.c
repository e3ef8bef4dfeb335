/* SPDX-License-Identifier: BSD-2-Clause */
/* No worker is idle while a loop has an index that nobody runs. */
#include "pools.h"

#include "deque/range_rest.h"

enum { INDEXES = 1223, MOST_PARTS = 64 };

static const int schedules[] = {
	FILCH_SCHEDULE_AUTO, FILCH_SCHEDULE_DYNAMIC, FILCH_SCHEDULE_AFFINITY, FILCH_SCHEDULE_STATIC,
};
#define SCHEDULES 4
#define BUT_STATIC 3

static filch_pool *pool;

static filch_for_options
options_of(int schedule, size_t grain_exact)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;

	options.pool = pool;
	options.schedule = schedule;
	options.grain_exact = grain_exact;
	return options;
}

/* -- Loops -- */

static flc_atomic others;

/* Index 0 ends when all others have. */
static int
first_waits(void *unused, size_t begin, size_t end)
{
	(void)unused;
	for (size_t i = begin; i < end; i++)
		if (i > 0)
			count_up(&others);
		else if (!reaches(&others, INDEXES - 1))
			return 1;
	return FILCH_OK;
}

START_TEST(a_worker_inside_a_long_index_keeps_nothing_back)
{
	pool = pool_with(worker_counts[_i]);
	for (int s = 0; s < BUT_STATIC; s++)
		for (size_t exact = 0; exact < 2; exact++) {
			filch_for_options options = options_of(schedules[s], exact);

			/* By a measured grain a piece may be one chunk. */
			if (schedules[s] == FILCH_SCHEDULE_AFFINITY && exact == 0)
				continue;
			flc_store_relaxed(&others, 0);
			ck_assert_int_eq(filch_for(0, INDEXES, first_waits, NULL, &options),
			    FILCH_OK);
		}
	end_pool(pool);
}
END_TEST

static filch_latch meeting;

static int
meet(void *unused, size_t begin, size_t end)
{
	(void)unused;
	for (size_t i = begin; i < end; i++) {
		filch_latch_count_down(&meeting, 1);
		if (filch_latch_wait(&meeting, in_ms(60000)) != FILCH_OK)
			return 1;
	}
	return FILCH_OK;
}

static int
meet_in_tile(void *context, filch_tile_2d tile)
{
	return meet(context, tile.begin0, tile.end0);
}

static int
meet_in_fold(void *context, size_t begin, size_t end, void *into)
{
	(void)into;
	return meet(context, begin, end);
}

static int
nothing(void *context, void *into)
{
	(void)context;
	*(int *)into = 0;
	return FILCH_OK;
}

static int
keep(void *context, void *into, void *from)
{
	(void)context;
	(void)into;
	(void)from;
	return FILCH_OK;
}

/* As many chunks as workers: each waits in its body for all others. */
START_TEST(as_many_chunks_as_workers_run_at_once)
{
	static const filch_reducer reducer = { sizeof(int), nothing, keep, NULL };
	size_t n = worker_counts[_i];
	filch_tile_2d range = { 0, n, 0, 1 };
	int result;

	pool = pool_with(n);
	for (int s = 0; s < SCHEDULES; s++)
		for (int verb = 0; verb < 3; verb++) {
			filch_for_options options = options_of(schedules[s], 1);
			int status;

			meeting = (filch_latch)FILCH_LATCH_INIT(n);
			status = verb == 0 ? filch_for(0, n, meet, NULL, &options)
			    : verb == 1 ? filch_for_2d(range, 1, 1, meet_in_tile, NULL, &options)
			    : filch_fold_workers(0, n, meet_in_fold, NULL, &reducer, &result,
			    &options);
			ck_assert_int_eq(status, FILCH_OK);
		}
	end_pool(pool);
}
END_TEST

static int
meet_once(void *unused, size_t begin, size_t end)
{
	(void)begin;
	(void)end;
	return meet(unused, 0, 1);
}

/* The last chunk is smaller, and parts from the one before. */
START_TEST(a_short_last_chunk_runs_beside_the_others)
{
	static const size_t cut[][2] = { { 3, 2 }, { 1001, 501 }, { 1400, 500 }, { 7, 2 } };

	pool = pool_with(4);
	for (int s = 0; s < SCHEDULES; s++)
		for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++) {
			filch_for_options options = options_of(schedules[s], cut[i][1]);
			size_t chunks = (cut[i][0] + cut[i][1] - 1) / cut[i][1];

			meeting = (filch_latch)FILCH_LATCH_INIT(chunks);
			ck_assert_int_eq(filch_for(0, cut[i][0], meet_once, NULL, &options),
			    FILCH_OK);
		}
	end_pool(pool);
}
END_TEST

/* -- Static loops -- */

static flc_atomic parts, shortest, longest;

static int
note_part(void *unused, size_t begin, size_t end)
{
	(void)unused;
	count_up(&parts);
	keep_highest(&longest, end - begin);
	keep_highest(&shortest, SIZE_MAX - (end - begin));
	return FILCH_OK;
}

START_TEST(a_static_loop_has_a_part_for_each_worker)
{
	static const size_t ns[] = { 1, 2, 3, 4, 5, 9, 16, 17, 33, 40, 1000, 4000001 };
	size_t workers = worker_counts[_i];

	pool = pool_with(workers);
	for (size_t i = 0; i < sizeof(ns) / sizeof(ns[0]); i++) {
		filch_for_options options = options_of(FILCH_SCHEDULE_STATIC, 0);

		flc_store_relaxed(&parts, 0);
		flc_store_relaxed(&longest, 0);
		flc_store_relaxed(&shortest, 0);
		ck_assert_int_eq(filch_for(0, ns[i], note_part, NULL, &options), FILCH_OK);
		ck_assert_uint_eq(count_of(&parts), ns[i] < workers ? ns[i] : workers);
		ck_assert_uint_le(count_of(&longest) - (SIZE_MAX - count_of(&shortest)), 1);
	}
	end_pool(pool);
}
END_TEST

START_TEST(a_static_loop_keeps_the_least_grain_and_max_workers)
{
	filch_for_options options;

	pool = pool_with(4);
	options = options_of(FILCH_SCHEDULE_STATIC, 0);
	options.grain_min = 4;
	flc_store_relaxed(&parts, 0);
	ck_assert_int_eq(filch_for(0, 9, note_part, NULL, &options), FILCH_OK);
	ck_assert_uint_eq(count_of(&parts), 2);
	options.grain_min = 0;
	options.max_workers = 3;
	flc_store_relaxed(&parts, 0);
	ck_assert_int_eq(filch_for(0, 9, note_part, NULL, &options), FILCH_OK);
	ck_assert_uint_eq(count_of(&parts), 3);
	end_pool(pool);
}
END_TEST

/* -- Nested, limited -- */

static flc_atomic inside, most_inside, sum;

static int
nest(void *depth, size_t begin, size_t end)
{
	size_t left = *(size_t *)depth - 1;

	for (size_t i = begin; i < end; i++) {
		filch_for_options options = options_of(FILCH_SCHEDULE_DYNAMIC, 0);

		if (left == 0)
			count_up(&sum);
		else if (filch_for(0, 2, nest, &left, &options) != FILCH_OK)
			return 1;
	}
	return FILCH_OK;
}

/* Deeper than a worker has rests. */
START_TEST(loops_nest_deeper_than_there_are_rests)
{
	size_t depth = FLC_RESTS + 4;
	filch_for_options options;

	pool = pool_with(worker_counts[_i]);
	options = options_of(FILCH_SCHEDULE_DYNAMIC, 0);
	flc_store_relaxed(&sum, 0);
	ck_assert_int_eq(filch_for(0, 2, nest, &depth, &options), FILCH_OK);
	ck_assert_uint_eq(count_of(&sum), (size_t)1 << depth);
	end_pool(pool);
}
END_TEST

static int
look_inside(void *unused, size_t begin, size_t end)
{
	(void)unused;
	keep_highest(&most_inside, flc_add_full(&inside, 1) + 1);
	/* Long enough that others come. */
	for (size_t i = begin; i < end; i++)
		pause_ms(1);
	flc_add_full(&inside, (size_t)-1);
	return FILCH_OK;
}

START_TEST(no_more_than_max_workers_take_part)
{
	pool = pool_with(4);
	for (int s = 0; s < SCHEDULES; s++) {
		filch_for_options options = options_of(schedules[s], s != SCHEDULES - 1);

		options.max_workers = 2;
		flc_store_relaxed(&most_inside, 0);
		ck_assert_int_eq(filch_for(0, 40, look_inside, NULL, &options), FILCH_OK);
		ck_assert_uint_eq(count_of(&most_inside), 2);
	}
	end_pool(pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("for_balance");
	TCase *loops = case_of(suite, "loops", clear_variables, NULL);

	/* With one worker nobody is there to run the others. */
	tcase_add_loop_test(loops, a_worker_inside_a_long_index_keeps_nothing_back, 1,
	    THREADED_COUNTS);
	tcase_add_loop_test(loops, as_many_chunks_as_workers_run_at_once, 1, THREADED_COUNTS);
	tcase_add_test(loops, a_short_last_chunk_runs_beside_the_others);
	tcase_add_loop_test(loops, a_static_loop_has_a_part_for_each_worker, 0, THREADED_COUNTS);
	tcase_add_test(loops, a_static_loop_keeps_the_least_grain_and_max_workers);
	tcase_add_loop_test(loops, loops_nest_deeper_than_there_are_rests, 0, ALL_COUNTS);
	tcase_add_test(loops, no_more_than_max_workers_take_part);
	return run_suite(suite);
}
