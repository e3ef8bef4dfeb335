/* SPDX-License-Identifier: BSD-2-Clause */
/* Mutexes and tasks: locks held across waits, and deadlocks. */
#include "locks.h"

static filch_mutex mutex = FILCH_MUTEX_INIT("cache");  /* its place is in this file */
static size_t guarded;  /* plain: by the mutex */
static filch_pool *pool;

/* -- Pools. -- */

static void
use_one_worker(void)
{
	pool = pool_with(1);
}

static void
drop_pool(void)
{
	end_pool(pool);
}

static filch_metrics
metrics(void)
{
	filch_metrics now;

	MUST(filch_metrics_snapshot(pool, &now, sizeof(now)) == FILCH_OK);
	return now;
}

static int
add_under_lock(void *unused)
{
	(void)unused;
	lock(&mutex);
	guarded++;
	unlock(&mutex);
	return FILCH_OK;
}

static int
nothing(void *unused)
{
	(void)unused;
	return FILCH_OK;
}

/* A lock held across a group: no task is run that locks it on our stack, but by a spare,
 * if need be. */
static int
hold_across_group(void *unused)
{
	filch_group group = FILCH_GROUP_INIT;
	int status;

	(void)unused;
	lock(&mutex);
	for (int i = 0; i < 10; i++)
		MUST(filch_group_spawn(&group, nothing, NULL) == FILCH_OK);
	status = filch_group_wait(&group, FILCH_FOREVER);
	guarded++;
	unlock(&mutex);
	return status;
}

static flc_atomic found_count;

static int
find_pair(void *context, const filch_held_wait_metrics *row)
{
	(void)context;
	if (strcmp(row->lock, "cache") == 0 && strstr(row->place, "check_mutex_pools.c:") != NULL
	    && row->wait == FILCH_HELD_WAIT_GROUP)
		flc_add_full(&found_count, row->count);
	return FILCH_OK;
}

START_TEST(a_lock_may_be_held_across_a_wait_and_is_reported)
{
	filch_group outer = FILCH_GROUP_INIT;

	pool = pool_with(worker_counts[_i]);
	outer.pool = pool;
	for (int i = 0; i < 20; i++) {
		MUST(filch_group_spawn(&outer, hold_across_group, NULL) == FILCH_OK);
		MUST(filch_group_spawn(&outer, add_under_lock, NULL) == FILCH_OK);
	}
	ck_assert_int_eq(filch_group_wait(&outer, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(guarded, 40);
	ck_assert_int_eq(filch_metrics_foreach_held_wait(find_pair, NULL), FILCH_OK);
	/* Each wait that found something to wait for, three times the same. */
	ck_assert_uint_eq(count_of(&found_count), metrics().sum.waits_holding);
	ck_assert_uint_eq(count_of(&found_count), stats(&mutex).held_across);
	ck_assert_uint_le(count_of(&found_count), 20);
	end_pool(pool);
}
END_TEST

static int
chunk_under_lock(void *context, size_t begin, size_t end)
{
	(void)context;
	for (size_t i = begin; i < end; i++)
		add_under_lock(NULL);
	return FILCH_OK;
}

static int
loop_in_pool(void *unused)
{
	(void)unused;
	return filch_for(0, 2000, chunk_under_lock, NULL, NULL);
}

START_TEST(the_chunks_of_a_loop_take_turns)
{
	pool = pool_with(worker_counts[_i]);
	ck_assert_int_eq(filch_pool_run(pool, loop_in_pool, NULL), FILCH_OK);
	ck_assert_uint_eq(guarded, 2000);
	end_pool(pool);
}
END_TEST

/* -- Deadlocks. -- */

static filch_mutex a = FILCH_MUTEX_INIT("a"), b = FILCH_MUTEX_INIT("b");
static flc_atomic both_hold, refused;

static int
lock_two(filch_mutex *first, filch_mutex *second)
{
	int status;

	lock(first);
	count_up(&both_hold);
	MUST(filch_blocking_begin() == FILCH_OK);
	while (count_of(&both_hold) < 2)
		pause_ms(1);
	MUST(filch_blocking_end() == FILCH_OK);
	status = filch_mutex_lock(second, FILCH_FOREVER);
	if (status == FILCH_OK)
		unlock(second);
	else if (status == FILCH_DEADLOCK)
		count_up(&refused);
	unlock(first);
	return status == FILCH_DEADLOCK ? FILCH_OK : status;
}

static int
lock_a_b(void *unused)
{
	(void)unused;
	return lock_two(&a, &b);
}

static int
lock_b_a(void *unused)
{
	(void)unused;
	return lock_two(&b, &a);
}

/* On one worker: the second task runs on a spare while the first waits. */
START_TEST(two_locks_in_both_orders_are_a_deadlock_of_one)
{
	for (size_t round = 0; round < 20; round++) {
		filch_group group = FILCH_GROUP_INIT;

		flc_store_relaxed(&both_hold, 0);
		flc_store_relaxed(&refused, 0);
		group.pool = pool;
		MUST(filch_group_spawn(&group, lock_a_b, NULL) == FILCH_OK);
		MUST(filch_group_spawn(&group, lock_b_a, NULL) == FILCH_OK);
		MUST(filch_group_wait(&group, FILCH_FOREVER) == FILCH_OK);
		MUST(count_of(&refused) == 1);
	}
	ck_assert_uint_eq(stats(&a).deadlocks + stats(&b).deadlocks, 20);
}
END_TEST

/* A deadline breaks a cycle, so it is none. */
static void *
patient_main(void *unused)
{
	(void)unused;
	lock(&b);
	count_up(&both_hold);
	MUST(filch_mutex_lock(&a, FILCH_FOREVER) == FILCH_OK);
	unlock(&a);
	unlock(&b);
	return NULL;
}

START_TEST(a_cycle_with_a_deadline_is_no_deadlock)
{
	pthread_t thread;

	lock(&a);
	ck_assert_int_eq(pthread_create(&thread, NULL, patient_main, NULL), 0);
	ck_assert(reaches(&both_hold, 1));
	until_waiting(&a, 1);
	ck_assert_int_eq(filch_mutex_lock(&b, in_ms(20)), FILCH_TIMEOUT);
	unlock(&a);
	pthread_join(thread, NULL);
}
END_TEST

static int
wait_with_lock(void *group)
{
	int status;

	lock(&mutex);
	status = filch_group_wait(group, FILCH_FOREVER);
	unlock(&mutex);
	return status;
}

static filch_group outer_group = FILCH_GROUP_INIT;

static int
spawn_and_wait_with_lock(void *unused)
{
	filch_group inner = FILCH_GROUP_INIT;

	(void)unused;
	MUST(filch_group_spawn(&inner, nothing, NULL) == FILCH_OK);
	/* Fills the only worker: who wants the lock blocks until we give it back. */
	MUST(filch_group_spawn(&outer_group, add_under_lock, NULL) == FILCH_OK);
	return wait_with_lock(&inner);
}

START_TEST(a_lock_across_a_wait_on_one_worker_ends)
{
	outer_group.pool = pool;
	for (int i = 0; i < 20; i++)
		MUST(filch_group_spawn(&outer_group, spawn_and_wait_with_lock, NULL) == FILCH_OK);
	ck_assert_int_eq(filch_group_wait(&outer_group, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(guarded, 20);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("mutex_pools");
	TCase *alone = case_of(suite, "alone", NULL, NULL);
	TCase *pools = case_of(suite, "pools", NULL, NULL);
	TCase *one = case_of(suite, "one", use_one_worker, drop_pool);

	clear_variables();
	tcase_add_test(alone, a_cycle_with_a_deadline_is_no_deadlock);

	tcase_add_loop_test(pools, the_chunks_of_a_loop_take_turns, 0, ALL_COUNTS);
	tcase_add_loop_test(pools, a_lock_may_be_held_across_a_wait_and_is_reported, 0, ALL_COUNTS);

	tcase_add_test(one, two_locks_in_both_orders_are_a_deadlock_of_one);
	tcase_add_test(one, a_lock_across_a_wait_on_one_worker_ends);
	return run_suite(suite);
}
