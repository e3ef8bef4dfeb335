/* SPDX-License-Identifier: BSD-2-Clause */
#include "pools.h"

static filch_pool *pool;

static int
give(void *status)
{
	return (int)(intptr_t)status;
}

static int
count_task(void *counter)
{
	count_up(counter);
	return FILCH_OK;
}

START_TEST(both_halves_run)
{
	flc_atomic a = FLC_ATOMIC_INIT(0), b = FLC_ATOMIC_INIT(0);

	clear_variables();
	ck_assert_int_eq(filch_join(count_task, &a, count_task, &b), FILCH_OK);
	ck_assert_uint_eq(count_of(&a), 1);
	ck_assert_uint_eq(count_of(&b), 1);
	ck_assert_int_eq(filch_join(NULL, NULL, count_task, &b), FILCH_INVAL);
	ck_assert_int_eq(filch_join(count_task, &a, NULL, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
}
END_TEST

static int
check_failures(void *unused)
{
	flc_atomic runs = FLC_ATOMIC_INIT(0);

	(void)unused;
	for (int i = 0; i < 1000; i++) {
		MUST(filch_join(give, (void *)3, give, (void *)4) == 3);
		MUST(filch_join(give, (void *)3, count_task, &runs) == 3);
		MUST(filch_join(give, (void *)0, give, (void *)4) == 4);
		MUST(filch_join(give, (void *)-7, give, (void *)0) == -7);
		MUST(filch_join(give, (void *)0, give, (void *)0) == FILCH_OK);
	}
	return FILCH_OK;
}

START_TEST(the_first_halfs_failure_goes_before_the_seconds)
{
	pool = pool_with(worker_counts[_i]);
	ck_assert_int_eq(filch_pool_run(pool, check_failures, NULL), FILCH_OK);
	end_pool(pool);
}
END_TEST

static int
skip_second(void *runs)
{
	return filch_join(give, (void *)5, count_task, runs);
}

START_TEST(the_second_half_is_skipped_when_the_first_fails_inline)
{
	flc_atomic runs = FLC_ATOMIC_INIT(0);

	pool = pool_with(FILCH_NO_WORKERS);
	ck_assert_int_eq(filch_pool_run(pool, skip_second, &runs), 5);
	ck_assert_uint_eq(count_of(&runs), 0);
	end_pool(pool);
}
END_TEST

/* -- Trees -- */

struct fib {
	int n;
	long result;
};

static int
fib(void *argument)
{
	struct fib *f = argument;

	if (f->n < 2) {
		f->result = f->n;
		return FILCH_OK;
	}
	struct fib a = { f->n - 1, 0 }, b = { f->n - 2, 0 };
	int status = filch_join(fib, &a, fib, &b);

	f->result = a.result + b.result;
	return status;
}

START_TEST(fibonacci_is_right)
{
	struct fib f = { 20, 0 };

	pool = pool_with(worker_counts[_i]);
	for (int i = 0; i < 10; i++) {
		ck_assert_int_eq(filch_pool_run(pool, fib, &f), FILCH_OK);
		ck_assert_int_eq(f.result, 6765);
	}
	end_pool(pool);
}
END_TEST

/* The same with membarrier refused after the start: thieves ask, and nothing is lost. */
START_TEST(fibonacci_is_right_when_the_heavy_fence_breaks)
{
	struct fib f = { 20, 0 };

	pool = pool_with(worker_counts[_i]);
	ck_assert_int_eq(filch_pool_run(pool, fib, &f), FILCH_OK);
	flc_fence_break(true);
	for (int i = 0; i < 10; i++) {
		ck_assert_int_eq(filch_pool_run(pool, fib, &f), FILCH_OK);
		ck_assert_int_eq(f.result, 6765);
	}
	flc_fence_break(false);
	ck_assert_int_eq(filch_pool_run(pool, fib, &f), FILCH_OK);
	end_pool(pool);
}
END_TEST

/* A chain of joins whose second half is deep: the first half is small. */
static int
chain(void *depth)
{
	size_t left = (size_t)depth;

	if (left == 0)
		return FILCH_OK;
	return left % 2 == 0 ? filch_join(give, NULL, chain, (void *)(left - 1))
	    : filch_join(chain, (void *)(left - 1), give, NULL);
}

START_TEST(joins_nest_deeply)
{
	pool = pool_with(worker_counts[_i]);
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(filch_pool_run(pool, chain, (void *)1000), FILCH_OK);
	end_pool(pool);
}
END_TEST

/* -- Two sleepers take the time of one -- */

static flc_atomic begun;

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
join_sleepers(void *unused)
{
	(void)unused;
	return filch_join(sleep_a_second, NULL, sleep_a_second, NULL);
}

START_TEST(two_halves_that_sleep_take_the_time_of_one)
{
	filch_group group = FILCH_GROUP_INIT;
	uint64_t begin = filch_now();

	pool = pool_with(2);
	group.pool = pool;
	if (_i == 0) {
		ck_assert_int_eq(filch_pool_run(pool, join_sleepers, NULL), FILCH_OK);
	} else {
		ck_assert_int_eq(filch_group_spawn(&group, join_sleepers, NULL), FILCH_OK);
		ck_assert(reaches(&begun, 1));
		ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	}
	ck_assert_uint_lt(filch_now() - begin, 1800 * MS);
	end_pool(pool);
}
END_TEST

/* -- A waiting thread runs nothing else -- */

static flc_atomic inside, mixed;
static __thread int depth;

static int
leaf(void *unused)
{
	(void)unused;
	for (volatile int i = 0; i < 2000; i++)
		;
	return FILCH_OK;
}

/* Only descendants of a task may run on its stack while it waits. */
static int
task_of_its_own(void *unused)
{
	(void)unused;
	if (depth != 0)
		count_up(&mixed);
	depth++;
	for (int i = 0; i < 5; i++)
		MUST(filch_join(leaf, NULL, leaf, NULL) == FILCH_OK);
	depth--;
	count_up(&inside);
	return FILCH_OK;
}

START_TEST(a_waiting_task_runs_nothing_unrelated_on_its_stack)
{
	filch_group group = FILCH_GROUP_INIT;

	pool = pool_with(worker_counts[_i]);
	group.pool = pool;
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(filch_group_spawn(&group, task_of_its_own, NULL), FILCH_OK);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(count_of(&inside), 1000);
	ck_assert_uint_eq(count_of(&mixed), 0);
	end_pool(pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("join");
	TCase *join = case_of(suite, "join", NULL, NULL);

	tcase_add_test(join, both_halves_run);
	tcase_add_loop_test(join, the_first_halfs_failure_goes_before_the_seconds, 0, ALL_COUNTS);
	tcase_add_test(join, the_second_half_is_skipped_when_the_first_fails_inline);
	tcase_add_loop_test(join, fibonacci_is_right, 0, ALL_COUNTS);
	tcase_add_loop_test(join, fibonacci_is_right_when_the_heavy_fence_breaks, 0,
	    THREADED_COUNTS);
	tcase_add_loop_test(join, joins_nest_deeply, 0, ALL_COUNTS);
	tcase_add_loop_test(join, two_halves_that_sleep_take_the_time_of_one, 0, 2);
	tcase_add_loop_test(join, a_waiting_task_runs_nothing_unrelated_on_its_stack, 0,
	    THREADED_COUNTS);
	return run_suite(suite);
}
