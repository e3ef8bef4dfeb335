/* SPDX-License-Identifier: BSD-2-Clause */
/* Into which chunks a loop is cut, and who runs them. */
#include "sched/worker.h"
#include "loops.h"

static flc_atomic at_work, most_at_work, chunks;

static size_t loop_begin, loop_end;

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

/* A taker that has moved the back of a rest and is about to put it where it was: it is
 * played by a thread that holds the rest's lock meanwhile. */
static struct flc_rest *held;
static flc_atomic moved, looked, begun, gate;

static void *
move_the_back(void *unused)
{
	uint64_t until;
	size_t back;

	(void)unused;
	flc_word_lock_acquire(&held->lock);
	back = flc_rest_back(held);
	flc_store_relaxed(&held->back, flc_load_relaxed(&held->front) + 1);
	flc_store_release(&moved, 1);
	/* Time itself: the owner goes on meanwhile, or waits for the lock. */
	until = in_ms(50);
	while (count_of(&looked) == 0 && filch_now() < until)
		pause_ms(1);
	flc_store_relaxed(&held->back, back);
	flc_word_lock_release(&held->lock);
	return NULL;
}

static int
look_while_the_back_is_moved(void *unused, size_t begin, size_t end)
{
	static pthread_t taker;

	(void)unused;
	MUST(end - begin >= how.grain_min);
	if (begin == 0) {
		held = &flc_self()->rests.rest[0];
		MUST(flc_load_acquire(&held->tag) != 0);
		MUST(pthread_create(&taker, NULL, move_the_back, NULL) == 0);
		MUST(reaches(&moved, 1));
	} else if (flc_load_relaxed(&looked) == 0) {
		flc_store_release(&looked, 1);
		MUST(pthread_join(taker, NULL) == 0);
	}
	return mark(NULL, begin, end);
}

static int
block_worker(void *unused)
{
	(void)unused;
	count_up(&begun);
	MUST(reaches(&gate, 1));
	return FILCH_OK;
}

static int
loop_beside_the_taker(void *unused)
{
	(void)unused;
	/* The other worker takes nothing. */
	MUST(reaches(&begun, 1));
	MUST(loop(0, 18, look_while_the_back_is_moved) == FILCH_OK);
	flc_store_release(&gate, 1);
	return FILCH_OK;
}

START_TEST(no_chunk_is_smaller_while_a_taker_moves_the_back)
{
	filch_group group = FILCH_GROUP_INIT;

	use_workers(2);
	group.pool = how.pool;
	how.grain_min = 3;
	how.schedule = FILCH_SCHEDULE_DYNAMIC;
	ck_assert_int_eq(filch_group_spawn(&group, block_worker, NULL), FILCH_OK);
	ck_assert(reaches(&begun, 1));
	ck_assert_int_eq(filch_group_spawn(&group, loop_beside_the_taker, NULL), FILCH_OK);
	/* Workers run both: this thread must not help. */
	ck_assert(reaches(&gate, 1));
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	assert_marked(0, 18);
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

int
main(void)
{
	Suite *suite = suite_create("for_chunks");

	TCase *chunk = case_of(suite, "chunk", setup, NULL);

	tcase_add_loop_test(chunk, no_chunk_is_smaller_than_grain_min, 0, ALL_COUNTS);
	tcase_add_test(chunk, no_chunk_is_smaller_while_a_taker_moves_the_back);
	tcase_add_loop_test(chunk, every_chunk_but_the_last_is_of_grain_exact, 0, ALL_COUNTS);
	tcase_add_loop_test(chunk, a_static_schedule_has_a_part_per_worker, 0, ALL_COUNTS);
	tcase_add_loop_test(chunk, a_dynamic_schedule_has_chunks_of_the_grain, 0, ALL_COUNTS);
	tcase_add_test(chunk, a_cheap_loop_takes_few_chunks);
	tcase_add_test(chunk, max_workers_limits_a_loop);
	tcase_add_loop_test(chunk, two_indexes_that_sleep_take_the_time_of_one, 0, 8);
	return run_suite(suite);
}
