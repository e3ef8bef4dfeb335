/* SPDX-License-Identifier: BSD-2-Clause */
/* Spawning into a group: each task runs once, for any number of workers. */
#include "groups.h"

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
	until_all_ended();
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
	until_all_ended();
	end_pool(group.pool);
	group.pool = pool_with(1);
	spawn(give, 4);
	assert_wait(4);
	end_pool(group.pool);
}
END_TEST

/* -- Deadline, backlog, on_done -- */

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

/* -- Two sleepers take the time of one -- */

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

	tcase_add_test(options, try_spawn_refuses_above_the_backlog);
	tcase_add_test(options, on_done_is_called_without_a_wait);
	return run_suite(suite);
}
