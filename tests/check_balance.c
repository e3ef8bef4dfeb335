/* SPDX-License-Identifier: BSD-2-Clause */
/* No worker is idle while a loop has an index that nobody runs. */
#include "pools.h"

#include "deque/range_rest.h"

#include <stdlib.h>

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

/* -- The rest itself, by one thread -- */

static size_t admitted, most_admitted;

static enum flc_admission
admit(size_t tag, bool is_member)
{
	MUST(tag == 64);
	if (!is_member && admitted >= most_admitted)
		return FLC_ADMIT_NO_MORE;
	admitted++;
	return FLC_ADMITTED;
}

static void
dismiss(size_t tag)
{
	(void)tag;
	admitted--;
}

static const struct flc_rest_loop kind = { admit, dismiss, NULL };

/* What a taker gets of [begin, end): how many, from the end; 0: nothing. */
static size_t
taken_of(size_t begin, size_t end, size_t least, size_t step)
{
	static struct flc_rests rests;
	struct flc_part part = { begin, end, NULL };
	struct flc_job job = { 0, 0, 0, 0, 0 };
	enum flc_steal outcome;

	admitted = 0;
	most_admitted = 1;
	flc_rests_init(&rests);
	MUST(flc_rest_open(&rests, &part, part.begin, &kind, 64, least, step));
	MUST(flc_rests_take(&rests, 65, false, &job) == FLC_STEAL_EMPTY);
	outcome = flc_rests_take(&rests, 64, false, &job);
	flc_rest_close(&rests, &part);
	MUST(flc_load_relaxed(&rests.used) == 0);
	if (outcome != FLC_STEAL_TASK) {
		MUST(part.end == end && admitted == 0);
		return 0;
	}
	MUST(job.b == end && job.a == part.end && admitted == 1);
	return job.b - job.a;
}

START_TEST(a_taker_has_the_upper_half)
{
	ck_assert_uint_eq(taken_of(0, 100, 1, 1), 50);
	ck_assert_uint_eq(taken_of(0, 101, 1, 1), 51);
	ck_assert_uint_eq(taken_of(7, 8, 1, 1), 1);
	ck_assert_uint_eq(taken_of(0, 99, 100, 100), 0);
	/* Of single steps all; of three steps two. */
	ck_assert_uint_eq(taken_of(0, 199, 100, 100), 199);
	ck_assert_uint_eq(taken_of(0, 300, 100, 100), 200);
	/* A short last step of loops by exact grain counts as one. */
	ck_assert_uint_eq(taken_of(0, 1, 1, 100), 1);
	ck_assert_uint_eq(taken_of(0, 101, 1, 100), 1);
	ck_assert_uint_eq(taken_of(0, 250, 1, 100), 150);
	ck_assert_uint_eq(taken_of(SIZE_MAX - 4, SIZE_MAX, 1, 1), 2);
}
END_TEST

START_TEST(the_owner_keeps_what_it_claimed)
{
	struct flc_rests rests;
	struct flc_part part = { 0, 10, NULL };
	struct flc_job job;

	admitted = 0;
	most_admitted = 9;
	flc_rests_init(&rests);
	MUST(flc_rest_open(&rests, &part, part.begin, &kind, 64, 1, 1));
	flc_rest_set_fenced(part.rest, true);
	ck_assert_uint_eq(flc_rest_claim(part.rest, 8, true), 10);
	MUST(flc_rests_take(&rests, 0, false, &job) == FLC_STEAL_TASK);
	ck_assert_uint_eq(job.a, 9);
	MUST(flc_rests_take(&rests, 0, false, &job) == FLC_STEAL_TASK);
	ck_assert_uint_eq(job.a, 8);
	MUST(flc_rests_take(&rests, 0, false, &job) == FLC_STEAL_EMPTY);
	ck_assert_uint_eq(flc_rest_claim(part.rest, 9, true), 8);
	ck_assert_uint_eq(flc_rest_hold(part.rest, 8), 8);
	flc_rest_let_go(part.rest, 8);
	flc_rest_close(&rests, &part);
	ck_assert_uint_eq(part.end, 8);
}
END_TEST

START_TEST(no_more_than_may_are_admitted)
{
	struct flc_rests rests;
	struct flc_part part = { 0, 10, NULL };
	struct flc_job job;

	admitted = 1;
	most_admitted = 1;
	flc_rests_init(&rests);
	MUST(flc_rest_open(&rests, &part, part.begin, &kind, 64, 1, 1));
	MUST(flc_rests_take(&rests, 0, false, &job) == FLC_STEAL_EMPTY);
	ck_assert(!flc_rests_seen(&rests));
	ck_assert(flc_rests_bear(&rests, 64));
	MUST(flc_rests_take(&rests, 64, true, &job) == FLC_STEAL_TASK);
	admitted = 0;
	flc_rests_show(&rests, 64);
	ck_assert(flc_rests_seen(&rests));
	flc_rest_close(&rests, &part);
	ck_assert(!flc_rests_seen(&rests));
}
END_TEST

START_TEST(a_rest_used_up_further_out_is_reclaimed)
{
	struct flc_rests rests;
	struct flc_part part[FLC_RESTS + 2];
	struct flc_job job;

	admitted = 0;
	most_admitted = SIZE_MAX;
	flc_rests_init(&rests);
	for (size_t i = 0; i < FLC_RESTS; i++) {
		part[i] = (struct flc_part){ 0, 1, NULL };
		MUST(flc_rest_open(&rests, &part[i], 0, &kind, 64, 1, 1));
	}
	part[FLC_RESTS] = (struct flc_part){ 0, 4, NULL };
	ck_assert(!flc_rest_open(&rests, &part[FLC_RESTS], 0, &kind, 64, 1, 1));
	MUST(flc_rests_take(&rests, 0, false, &job) == FLC_STEAL_TASK);
	ck_assert(flc_rest_open(&rests, &part[FLC_RESTS], 0, &kind, 64, 1, 1));
	ck_assert_ptr_null(part[0].rest);
	ck_assert_uint_eq(part[0].end, 0);
	for (size_t i = FLC_RESTS + 1; i-- > 1;)
		flc_rest_close(&rests, &part[i]);
	ck_assert_uint_eq(flc_load_relaxed(&rests.used), 0);
}
END_TEST

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
			ck_assert_int_eq(filch_for(0, INDEXES, first_waits, NULL, &options), FILCH_OK);
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
			    : filch_fold_workers(0, n, meet_in_fold, NULL, &reducer, &result, &options);
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
			ck_assert_int_eq(filch_for(0, cut[i][0], meet_once, NULL, &options), FILCH_OK);
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
	Suite *suite = suite_create("balance");
	TCase *rest = case_of(suite, "rest", NULL, NULL);
	TCase *loops = case_of(suite, "loops", clear_variables, NULL);

	tcase_add_test(rest, a_taker_has_the_upper_half);
	tcase_add_test(rest, the_owner_keeps_what_it_claimed);
	tcase_add_test(rest, no_more_than_may_are_admitted);
	tcase_add_test(rest, a_rest_used_up_further_out_is_reclaimed);
	/* With one worker nobody is there to run the others. */
	tcase_add_loop_test(loops, a_worker_inside_a_long_index_keeps_nothing_back, 1, THREADED_COUNTS);
	tcase_add_loop_test(loops, as_many_chunks_as_workers_run_at_once, 1, THREADED_COUNTS);
	tcase_add_test(loops, a_short_last_chunk_runs_beside_the_others);
	tcase_add_loop_test(loops, a_static_loop_has_a_part_for_each_worker, 0, THREADED_COUNTS);
	tcase_add_test(loops, a_static_loop_keeps_the_least_grain_and_max_workers);
	tcase_add_loop_test(loops, loops_nest_deeper_than_there_are_rests, 0, ALL_COUNTS);
	tcase_add_test(loops, no_more_than_max_workers_take_part);
	return run_suite(suite);
}
