/* SPDX-License-Identifier: BSD-2-Clause */
/* What a wait for a group runs meanwhile, in which order, and when it ends. */
#include "groups.h"

/* -- Deadline, backlog, on_done -- */

START_TEST(a_wait_ends_at_its_deadline_and_the_group_lives_on)
{
	use_workers(2);
	spawn(block, 0);
	ck_assert(reaches(&begun, 1));
	ck_assert_int_eq(filch_group_wait(&group, 0), FILCH_TIMEOUT);
	ck_assert_int_eq(filch_group_wait(&group, in_ms(20)), FILCH_TIMEOUT);
	spawn(count_task, 0);
	flc_store_release(&gate, 1);
	assert_wait(FILCH_OK);
	ck_assert_uint_eq(count_of(&runs), 1);
	end_pool(group.pool);
}
END_TEST

/* -- Order and help -- */

static size_t order[10], placed;

static int
place(void *number)
{
	order[placed++] = (size_t)number;
	return FILCH_OK;
}

static int
spawn_ten(void *fifo)
{
	filch_group inner = FILCH_GROUP_INIT;

	count_up(&begun);
	inner.fifo = fifo != NULL;
	for (size_t i = 0; i < 10; i++)
		ck_assert_int_eq(filch_group_spawn(&inner, place, (void *)i), FILCH_OK);
	return filch_group_wait(&inner, FILCH_FOREVER);
}

/* The only worker runs them: the outside thread waits for another group. */
START_TEST(own_tasks_run_newest_first_or_oldest_first)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	options.workers = 1;
	options.spares = FILCH_NO_SPARES;
	group.pool = pool_by(&options);
	spawn(spawn_ten, (size_t)_i);
	ck_assert(reaches(&begun, 1));
	assert_wait(FILCH_OK);
	ck_assert_uint_eq(placed, 10);
	for (size_t i = 0; i < 10; i++)
		ck_assert_uint_eq(order[i], _i ? i : 9 - i);
	end_pool(group.pool);
}
END_TEST

/* Which groups are: 1, the inner one; 2, the outer one. */
static int fifos;

static int
spawn_inner(void *number)
{
	filch_group inner = FILCH_GROUP_INIT;

	inner.fifo = fifos & 1;
	for (size_t i = 0; i < 3; i++)
		MUST(filch_group_spawn(&inner, place, (void *)((size_t)number * 3 + i))
		    == FILCH_OK);
	return filch_group_wait(&inner, FILCH_FOREVER);
}

static int
spawn_outer(void *unused)
{
	filch_group outer = FILCH_GROUP_INIT;

	(void)unused;
	count_up(&begun);
	outer.fifo = fifos >> 1;
	for (size_t i = 0; i < 3; i++)
		MUST(filch_group_spawn(&outer, spawn_inner, (void *)i) == FILCH_OK);
	return filch_group_wait(&outer, FILCH_FOREVER);
}

/* i: whether the inner group and the outer one are fifo; older tasks of the outer one lie
 * below those of the inner one. */
START_TEST(each_group_has_its_own_order_inside_of_another)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	fifos = _i;
	options.workers = 1;
	options.spares = FILCH_NO_SPARES;
	group.pool = pool_by(&options);
	spawn(spawn_outer, 0);
	ck_assert(reaches(&begun, 1));
	assert_wait(FILCH_OK);
	ck_assert_uint_eq(placed, 9);
	for (size_t i = 0; i < 9; i++)
		ck_assert_uint_eq(order[i], 3 * (_i & 2 ? i / 3 : 2 - i / 3)
		    + (_i & 1 ? i % 3 : 2 - i % 3));
	end_pool(group.pool);
}
END_TEST

static filch_group awaited = FILCH_GROUP_INIT;
static flc_atomic waited;
static size_t runs_at_end_of_wait;

static int
wait_for_awaited(void *unused)
{
	(void)unused;
	count_up(&begun);
	ck_assert_int_eq(filch_group_wait(&awaited, in_ms(60000)), FILCH_OK);
	return FILCH_OK;
}

static int
block_until_counted(void *unused)
{
	(void)unused;
	count_up(&begun);
	return reaches(&runs, 1) ? FILCH_OK : 98;
}

/* One worker blocks in the awaited group, the other waits for that group; only its wait
 * could run the third task, which ends the first. */
START_TEST(a_wide_wait_runs_any_task)
{
	use_two_and_no_spares();
	awaited.pool = group.pool;
	awaited.wide_help = 1;
	ck_assert_int_eq(filch_group_spawn(&awaited, block_until_counted, NULL), FILCH_OK);
	ck_assert(reaches(&begun, 1));
	spawn(wait_for_awaited, 0);
	ck_assert(reaches(&begun, 2));
	spawn(count_task, 0);
	ck_assert(reaches(&runs, 1));
	assert_wait(FILCH_OK);
	end_pool(group.pool);
}
END_TEST

static int
wait_narrowly(void *unused)
{
	(void)unused;
	count_up(&begun);
	ck_assert_int_eq(filch_group_wait(&awaited, in_ms(200)), FILCH_TIMEOUT);
	runs_at_end_of_wait = count_of(&runs);
	count_up(&waited);
	return FILCH_OK;
}

START_TEST(a_narrow_wait_runs_its_own_tasks_only)
{
	use_two_and_no_spares();
	awaited.pool = group.pool;
	ck_assert_int_eq(filch_group_spawn(&awaited, block, NULL), FILCH_OK);
	ck_assert(reaches(&begun, 1));
	spawn(wait_narrowly, 0);
	ck_assert(reaches(&begun, 2));
	spawn(count_task, 0);
	ck_assert(reaches(&waited, 1));
	/* Whether it ran before the wait had ended. */
	ck_assert_uint_eq(runs_at_end_of_wait, 0);
	flc_store_release(&gate, 1);
	ck_assert_int_eq(filch_group_wait(&awaited, FILCH_FOREVER), FILCH_OK);
	assert_wait(FILCH_OK);
	end_pool(group.pool);
}
END_TEST

/* A task of the awaited group lies between two of another, where no end of the deque
 * shows it, and there is nobody else. */
static int
bury(void *unused)
{
	(void)unused;
	MUST(filch_group_spawn(&group, count_task, NULL) == FILCH_OK);
	MUST(filch_group_spawn(&awaited, count_task, NULL) == FILCH_OK);
	MUST(filch_group_spawn(&group, count_task, NULL) == FILCH_OK);
	return filch_group_wait(&awaited, FILCH_FOREVER);
}

START_TEST(a_wait_finds_what_lies_between_others)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	options.workers = 1;
	options.spares = FILCH_NO_SPARES;
	group.pool = awaited.pool = pool_by(&options);
	spawn(bury, 0);
	/* Without our help. */
	ck_assert(reaches(&runs, 1));
	assert_wait(FILCH_OK);
	ck_assert_uint_eq(count_of(&runs), 3);
	end_pool(group.pool);
}
END_TEST

/* -- Two sleepers take the time of one -- */

static int
sleep_a_second(void *unused)
{
	(void)unused;
	count_up(&begun);
	/* Time itself is measured. */
	pause_ms(1000);
	return FILCH_OK;
}

static int
spawn_sleepers(void *unused)
{
	filch_group inner = FILCH_GROUP_INIT;

	(void)unused;
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(filch_group_spawn(&inner, sleep_a_second, NULL), FILCH_OK);
	return filch_group_wait(&inner, FILCH_FOREVER);
}

START_TEST(two_tasks_that_sleep_take_the_time_of_one)
{
	uint64_t begin;

	use_workers(2);
	begin = filch_now();
	switch (_i) {
	case 0:
		spawn(sleep_a_second, 0);
		spawn(sleep_a_second, 0);
		assert_wait(FILCH_OK);
		break;
	case 1:
		ck_assert_int_eq(filch_pool_run(group.pool, spawn_sleepers, NULL), FILCH_OK);
		break;
	default:
		/* On a worker: our wait runs none of the inner tasks. */
		spawn(spawn_sleepers, 0);
		ck_assert(reaches(&begun, 1));
		assert_wait(FILCH_OK);
	}
	ck_assert_uint_lt(filch_now() - begin, 1800 * MS);
	end_pool(group.pool);
}
END_TEST

static int
wait_briefly(void *unused)
{
	filch_group inner = FILCH_GROUP_INIT;
	uint64_t begin = filch_now();

	(void)unused;
	for (int i = 0; i < 4; i++)
		MUST(filch_group_spawn(&inner, sleep_a_second, NULL) == FILCH_OK);
	ck_assert_int_eq(filch_group_wait(&inner, in_ms(10)), FILCH_TIMEOUT);
	ck_assert_uint_lt(filch_now() - begin, 700 * MS);
	return filch_group_wait(&inner, FILCH_FOREVER);
}

/* i: from outside, or inside of a worker, whose place goes to a spare. */
START_TEST(a_wait_with_a_deadline_runs_nothing_beyond_it)
{
	use_workers(2);
	if (_i) {
		spawn(wait_briefly, 0);
		assert_wait(FILCH_OK);
	} else {
		ck_assert_int_eq(filch_pool_run(group.pool, wait_briefly, NULL), FILCH_OK);
	}
	end_pool(group.pool);
}
END_TEST

static int
wait_alone(void *unused)
{
	filch_group inner = FILCH_GROUP_INIT;

	(void)unused;
	MUST(filch_group_spawn(&inner, count_task, NULL) == FILCH_OK);
	return filch_group_wait(&inner, in_ms(60000));
}

START_TEST(unless_nobody_else_could)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	options.workers = 1;
	options.spares = FILCH_NO_SPARES;
	group.pool = pool_by(&options);
	spawn(wait_alone, 0);
	ck_assert(reaches(&runs, 1));
	assert_wait(FILCH_OK);
	end_pool(group.pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("group_wait");
	TCase *options = case_of(suite, "options", setup, NULL);

	tcase_add_test(options, a_wait_ends_at_its_deadline_and_the_group_lives_on);
	tcase_add_loop_test(options, own_tasks_run_newest_first_or_oldest_first, 0, 2);
	tcase_add_loop_test(options, each_group_has_its_own_order_inside_of_another, 0, 4);
	tcase_add_test(options, a_wait_finds_what_lies_between_others);
	tcase_add_loop_test(options, a_wait_with_a_deadline_runs_nothing_beyond_it, 0, 2);
	tcase_add_test(options, unless_nobody_else_could);
	tcase_add_test(options, a_wide_wait_runs_any_task);
	tcase_add_test(options, a_narrow_wait_runs_its_own_tasks_only);
	tcase_add_loop_test(options, two_tasks_that_sleep_take_the_time_of_one, 0, 3);
	return run_suite(suite);
}
