/* SPDX-License-Identifier: BSD-2-Clause */
#include "pools.h"

static filch_group group;
static flc_atomic gate, begun, runs;

static void
setup(void)
{
	static const filch_group init = FILCH_GROUP_INIT;

	clear_variables();
	group = init;
}

static void
use_workers(size_t workers)
{
	group.pool = pool_with(workers);
}

/* Without spares, so that only the two workers run anything. */
static void
use_two_and_no_spares(void)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	options.workers = 2;
	options.spares = FILCH_NO_SPARES;
	group.pool = pool_by(&options);
}

static int
count_task(void *unused)
{
	(void)unused;
	count_up(&runs);
	return FILCH_OK;
}

static int
give(void *status)
{
	return (int)(intptr_t)status;
}

static int
block(void *unused)
{
	(void)unused;
	count_up(&begun);
	ck_assert(reaches(&gate, 1));
	return FILCH_OK;
}

static void
spawn(int (*task)(void *), size_t context)
{
	MUST(filch_group_spawn(&group, task, (void *)context) == FILCH_OK);
}

static void
assert_wait(int status)
{
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), status);
}

START_TEST(an_empty_group_has_nothing_to_wait_for)
{
	assert_wait(FILCH_OK);
	ck_assert_int_eq(filch_group_wait(&group, 0), FILCH_OK);
	ck_assert_int_eq(filch_group_wait(NULL, 0), FILCH_INVAL);
}
END_TEST

START_TEST(spawn_wants_a_group_and_a_task)
{
	ck_assert_int_eq(filch_group_spawn(NULL, count_task, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_group_spawn(&group, NULL, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_group_try_spawn(&group, NULL, NULL), FILCH_INVAL);
	assert_wait(FILCH_OK);
}
END_TEST

START_TEST(every_task_spawned_from_outside_runs_once)
{
	use_workers(worker_counts[_i]);
	for (size_t i = 0; i < 5000; i++)
		spawn(count_task, 0);
	assert_wait(FILCH_OK);
	ck_assert_uint_eq(count_of(&runs), 5000);
	end_pool(group.pool);
}
END_TEST

static int
spawn_inside(void *unused)
{
	filch_group inner = FILCH_GROUP_INIT;

	(void)unused;
	for (int i = 0; i < 100; i++)
		MUST(filch_group_spawn(&inner, count_task, NULL) == FILCH_OK);
	return filch_group_wait(&inner, FILCH_FOREVER);
}

START_TEST(every_task_spawned_from_inside_runs_once)
{
	use_workers(worker_counts[_i]);
	for (size_t i = 0; i < 50; i++)
		spawn(spawn_inside, 0);
	assert_wait(FILCH_OK);
	ck_assert_int_eq(filch_pool_run(group.pool, spawn_inside, NULL), FILCH_OK);
	ck_assert_uint_eq(count_of(&runs), 5100);
	end_pool(group.pool);
}
END_TEST

/* Each task adds two to its own group until the depth is reached. */
static int
multiply(void *depth)
{
	count_up(&runs);
	for (int i = 0; i < 2 && (size_t)depth > 0; i++)
		spawn(multiply, (size_t)depth - 1);
	return FILCH_OK;
}

START_TEST(tasks_may_spawn_into_their_own_group)
{
	use_workers(worker_counts[_i]);
	spawn(multiply, 10);
	assert_wait(FILCH_OK);
	ck_assert_uint_eq(count_of(&runs), 2047);
	end_pool(group.pool);
}
END_TEST

static void *
spawn_main(void *unused)
{
	(void)unused;
	for (int i = 0; i < 2000; i++)
		spawn(count_task, 0);
	return NULL;
}

START_TEST(many_threads_may_spawn_into_one_group)
{
	use_workers(worker_counts[_i]);
	run_threads(8, spawn_main, NULL);
	assert_wait(FILCH_OK);
	ck_assert_uint_eq(count_of(&runs), 16000);
	end_pool(group.pool);
}
END_TEST

START_TEST(a_group_may_be_used_again_after_a_wait)
{
	use_workers(worker_counts[_i]);
	for (size_t round = 0; round < 200; round++) {
		for (size_t i = 0; i < 10; i++)
			spawn(give, i == round % 10 ? round % 3 : 0);
		assert_wait((int)(round % 3));
	}
	end_pool(group.pool);
}
END_TEST

/* One waits while the other spawns; the next wait covers that task, and hears of its
 * failure if the first did not. */
static flc_atomic turn, spawned, late_runs;

static void
spin(size_t steps)
{
	for (volatile size_t i = 0; i < steps; i++)
		;
}

static int
end_late(void *status)
{
	spin(20000);
	count_up(&late_runs);
	return (int)(intptr_t)status;
}

static void
until(const flc_atomic *word, size_t value)
{
	while (flc_load_acquire(word) != value)
		sched_yield();
}

static void *
spawn_beside_main(void *n)
{
	for (size_t round = 1; round <= (size_t)n; round++) {
		until(&turn, round);
		spin(round % 400);
		spawn(end_late, round % 8 == 0 ? 5 : 0);
		flc_store_release(&spawned, round);
	}
	return NULL;
}

START_TEST(a_wait_covers_what_was_spawned_beside_the_one_before)
{
	size_t n = rounds(3000);
	pthread_t thread;

	use_workers(2);
	ck_assert_int_eq(pthread_create(&thread, NULL, spawn_beside_main, (void *)n), 0);
	for (size_t round = 1; round <= n; round++) {
		int first, second;

		spawn(count_task, 0);
		flc_store_release(&turn, round);
		spin(round / 10 % 200);
		first = filch_group_wait(&group, FILCH_FOREVER);
		until(&spawned, round);
		second = filch_group_wait(&group, FILCH_FOREVER);
		ck_assert_uint_eq(count_of(&late_runs), round);
		ck_assert_int_eq(first + second, round % 8 == 0 ? 5 : 0);
	}
	pthread_join(thread, NULL);
	end_pool(group.pool);
}
END_TEST

/* The pool is chosen anew in each round, and one that has gone is not looked at. */
START_TEST(a_wait_for_nothing_does_not_need_the_pool)
{
	group.pool = pool_with(2);
	spawn(give, 3);
	until((flc_atomic *)&group.pending_, 0);
	end_pool(group.pool);
	assert_wait(3);
	group.pool = pool_with(1);
	spawn(give, 4);
	assert_wait(4);
	end_pool(group.pool);
}
END_TEST

START_TEST(a_spawn_with_nothing_pending_chooses_its_pool_anew)
{
	group.pool = pool_with(2);
	spawn(give, 0);
	until((flc_atomic *)&group.pending_, 0);
	end_pool(group.pool);
	group.pool = pool_with(1);
	spawn(give, 4);
	assert_wait(4);
	end_pool(group.pool);
}
END_TEST

/* -- Failures -- */

/* Fails where its index is in the set.  The low ones take longest: time is what makes
 * them fail last. */
static int
fail_late(void *status)
{
	size_t code = (size_t)status;

	if (code != 0)
		pause_ms(code < 20 ? 3 : 0);
	return (int)code;
}

START_TEST(the_failure_of_the_lowest_spawn_index_wins)
{
	use_workers(worker_counts[_i]);
	for (size_t round = 0; round < 20; round++) {
		for (size_t i = 1; i <= 50; i++)
			spawn(fail_late, i >= 10 && i % 5 == 0 ? i : 0);
		assert_wait(10);
	}
	end_pool(group.pool);
}
END_TEST

START_TEST(tasks_after_a_failure_are_skipped)
{
	group.pool = pool_with(FILCH_NO_WORKERS);
	spawn(count_task, 0);
	spawn(give, 9);
	spawn(count_task, 0);
	assert_wait(9);
	ck_assert_uint_eq(count_of(&runs), 1);
	end_pool(group.pool);
}
END_TEST

START_TEST(negative_codes_pass_through)
{
	use_workers(2);
	spawn(give, (size_t)-12345);
	assert_wait(-12345);
	end_pool(group.pool);
}
END_TEST

/* -- Cancellation -- */

START_TEST(canceling_skips_what_has_not_begun)
{
	use_two_and_no_spares();
	spawn(block, 0);
	spawn(block, 0);
	ck_assert(reaches(&begun, 2));
	for (int i = 0; i < 100; i++)
		spawn(count_task, 0);
	filch_group_cancel(&group);
	filch_group_cancel(NULL);
	flc_store_release(&gate, 1);
	assert_wait(FILCH_CANCELED);
	ck_assert_uint_eq(count_of(&runs), 0);
	/* And the next round is a new one. */
	spawn(count_task, 0);
	assert_wait(FILCH_OK);
	ck_assert_uint_eq(count_of(&runs), 1);
	end_pool(group.pool);
}
END_TEST

START_TEST(a_failure_goes_before_cancellation)
{
	use_workers(2);
	spawn(give, 3);
	pause_ms(50);
	filch_group_cancel(&group);
	assert_wait(3);
	end_pool(group.pool);
}
END_TEST

START_TEST(a_canceled_wait_never_says_success)
{
	use_workers(2);
	spawn(count_task, 0);
	ck_assert(reaches(&runs, 1));
	filch_group_cancel(&group);
	assert_wait(FILCH_CANCELED);
	end_pool(group.pool);
}
END_TEST

START_TEST(a_token_cancels_a_group)
{
	filch_cancel token = FILCH_CANCEL_INIT;

	use_workers(2);
	group.cancel = &token;
	spawn(count_task, 0);
	assert_wait(FILCH_OK);
	filch_cancel_request(&token);
	spawn(count_task, 0);
	assert_wait(FILCH_CANCELED);
	ck_assert_uint_eq(count_of(&runs), 1);
	filch_cancel_reset(&token);
	spawn(count_task, 0);
	assert_wait(FILCH_OK);
	end_pool(group.pool);
}
END_TEST

static int
work_until_canceled(void *unused)
{
	uint64_t until = in_ms(60000);

	(void)unused;
	count_up(&begun);
	while (!filch_canceled() && filch_now() < until)
		pause_ms(1);
	return filch_canceled() ? FILCH_OK : 99;
}

START_TEST(a_running_task_sees_the_cancellation)
{
	use_workers(2);
	spawn(work_until_canceled, 0);
	ck_assert(reaches(&begun, 1));
	filch_group_cancel(&group);
	assert_wait(FILCH_CANCELED);
	end_pool(group.pool);
}
END_TEST

/* A group within a task of the outer one. */
static int
inner_group(void *shielded)
{
	filch_group inner = FILCH_GROUP_INIT;
	int status;

	inner.shielded = shielded != NULL;
	ck_assert_int_eq(filch_group_spawn(&inner, shielded == NULL ? work_until_canceled
	    : block, NULL), FILCH_OK);
	status = filch_group_wait(&inner, FILCH_FOREVER);
	ck_assert_int_eq(status, shielded == NULL ? FILCH_CANCELED : FILCH_OK);
	return FILCH_OK;
}

START_TEST(cancellation_reaches_a_group_within)
{
	use_workers(2);
	spawn(inner_group, 0);
	ck_assert(reaches(&begun, 1));
	filch_group_cancel(&group);
	assert_wait(FILCH_CANCELED);
	end_pool(group.pool);
}
END_TEST

START_TEST(but_not_a_shielded_one)
{
	use_workers(2);
	spawn(inner_group, 1);
	ck_assert(reaches(&begun, 1));
	filch_group_cancel(&group);
	/* Time itself, in which the wait would look for a cancellation. */
	pause_ms(20);
	flc_store_release(&gate, 1);
	assert_wait(FILCH_CANCELED);
	end_pool(group.pool);
}
END_TEST

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

START_TEST(try_spawn_refuses_above_the_backlog)
{
	use_two_and_no_spares();
	group.max_backlog = 5;
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(filch_group_try_spawn(&group, block, NULL), FILCH_OK);
	ck_assert_int_eq(filch_group_try_spawn(&group, count_task, NULL), FILCH_AGAIN);
	/* The one that cannot refuse runs it on the spot. */
	spawn(count_task, 0);
	ck_assert_uint_eq(count_of(&runs), 1);
	flc_store_release(&gate, 1);
	assert_wait(FILCH_OK);
	ck_assert_int_eq(filch_group_try_spawn(&group, count_task, NULL), FILCH_OK);
	assert_wait(FILCH_OK);
	ck_assert_uint_eq(count_of(&runs), 2);
	end_pool(group.pool);
}
END_TEST

static void
on_done(void *counter)
{
	count_up(counter);
}

START_TEST(on_done_is_called_without_a_wait)
{
	flc_atomic done = FLC_ATOMIC_INIT(0);

	use_two_and_no_spares();
	group.on_done = on_done;
	group.on_done_context = &done;
	spawn(block, 0);
	spawn(count_task, 0);
	ck_assert(reaches(&runs, 1));
	ck_assert_uint_eq(count_of(&done), 0);
	flc_store_release(&gate, 1);
	ck_assert(reaches(&done, 1));
	assert_wait(FILCH_OK);
	end_pool(group.pool);
	ck_assert_uint_eq(count_of(&done), 1);
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

/* i: whether the inner group and the outer one are fifo; older tasks of the outer one
 * lie below those of the inner one. */
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

/* One worker blocks in the awaited group, the other waits for that group; only
 * its wait could run the third task, which ends the first. */
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

/* More than the workers, all waiting for each other's groups: spares help. */
static int
nest(void *depth)
{
	filch_group inner = FILCH_GROUP_INIT;

	count_up(&runs);
	for (int i = 0; i < 3 && (size_t)depth > 0; i++)
		MUST(filch_group_spawn(&inner, nest, (void *)((size_t)depth - 1)) == FILCH_OK);
	return filch_group_wait(&inner, FILCH_FOREVER);
}

START_TEST(groups_nest)
{
	use_workers(worker_counts[_i]);
	spawn(nest, 6);
	assert_wait(FILCH_OK);
	ck_assert_uint_eq(count_of(&runs), 1093);
	end_pool(group.pool);
}
END_TEST

static void
add_endings(Suite *suite)
{
	TCase *failure = case_of(suite, "failure", setup, NULL);
	TCase *cancel = case_of(suite, "cancel", setup, NULL);

	tcase_add_loop_test(failure, the_failure_of_the_lowest_spawn_index_wins, 0, ALL_COUNTS);
	tcase_add_test(failure, tasks_after_a_failure_are_skipped);
	tcase_add_test(failure, negative_codes_pass_through);

	tcase_add_test(cancel, canceling_skips_what_has_not_begun);
	tcase_add_test(cancel, a_failure_goes_before_cancellation);
	tcase_add_test(cancel, a_canceled_wait_never_says_success);
	tcase_add_test(cancel, a_token_cancels_a_group);
	tcase_add_test(cancel, a_running_task_sees_the_cancellation);
	tcase_add_test(cancel, cancellation_reaches_a_group_within);
	tcase_add_test(cancel, but_not_a_shielded_one);
}

int
main(void)
{
	Suite *suite = suite_create("group");
	TCase *spawning = case_of(suite, "spawn", setup, NULL);
	TCase *options = case_of(suite, "options", setup, NULL);

	tcase_add_test(spawning, an_empty_group_has_nothing_to_wait_for);
	tcase_add_test(spawning, spawn_wants_a_group_and_a_task);
	tcase_add_loop_test(spawning, every_task_spawned_from_outside_runs_once, 0, ALL_COUNTS);
	tcase_add_loop_test(spawning, every_task_spawned_from_inside_runs_once, 0, ALL_COUNTS);
	tcase_add_loop_test(spawning, tasks_may_spawn_into_their_own_group, 0, ALL_COUNTS);
	tcase_add_loop_test(spawning, many_threads_may_spawn_into_one_group, 0, ALL_COUNTS);
	tcase_add_loop_test(spawning, a_group_may_be_used_again_after_a_wait, 0, ALL_COUNTS);
	tcase_add_loop_test(spawning, groups_nest, 0, ALL_COUNTS);
	tcase_add_test(spawning, a_wait_covers_what_was_spawned_beside_the_one_before);
	tcase_add_test(spawning, a_wait_for_nothing_does_not_need_the_pool);
	tcase_add_test(spawning, a_spawn_with_nothing_pending_chooses_its_pool_anew);
	add_endings(suite);

	tcase_add_test(options, a_wait_ends_at_its_deadline_and_the_group_lives_on);
	tcase_add_test(options, try_spawn_refuses_above_the_backlog);
	tcase_add_test(options, on_done_is_called_without_a_wait);
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
