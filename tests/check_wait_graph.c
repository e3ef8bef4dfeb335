/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cycles through tasks: a thread that waits for a task holds a lock that the task, on
 * another thread, waits for.  The wait for the task is never refused; the lock is.
 */
#include "cycles.h"
#include "locks.h"

static filch_mutex a = FILCH_MUTEX_INIT("a"), b = FILCH_MUTEX_INIT("b");
static flc_atomic done, hold;

/* Wants a lock that the thread which waits for us holds, or another that waits for it. */
static int
want(filch_mutex *mutex)
{
	int status;

	count_up(&begun);
	status = filch_mutex_lock(mutex, FILCH_FOREVER);
	if (status == FILCH_OK)
		unlock(mutex);
	else
		count_up(&refused);
	return status;
}

static int
want_a(void *unused)
{
	(void)unused;
	return want(&a);
}

/* The same, whatever comes of it. */
static int
want_any(void *mutex)
{
	(void)want(mutex);
	return FILCH_OK;
}

static int
join_holding(void *unused)
{
	int status;

	(void)unused;
	lock(&a);
	status = filch_join(wait_until_stolen, NULL, want_a, NULL);
	unlock(&a);
	count_up(&done);
	return status;
}

START_TEST(a_cycle_through_a_join_is_refused_to_the_lock)
{
	ck_assert_int_eq(filch_pool_run(pool, join_holding, NULL), FILCH_DEADLOCK);
	ck_assert_uint_eq(count_of(&refused), 1);
	ck_assert_uint_eq(count_of(&done), 1);
}
END_TEST

static int
group_holding(void *unused)
{
	filch_group group = FILCH_GROUP_INIT;
	int status;

	(void)unused;
	lock(&a);
	MUST(filch_group_spawn(&group, want_a, NULL) == FILCH_OK);
	until_begun(1);
	status = filch_group_wait(&group, FILCH_FOREVER);
	unlock(&a);
	return status;
}

START_TEST(a_cycle_through_a_group_is_refused_to_the_lock)
{
	ck_assert_int_eq(filch_pool_run(pool, group_holding, NULL), FILCH_DEADLOCK);
	ck_assert_uint_eq(count_of(&refused), 1);
}
END_TEST

/* The same from inside a task, where the wait looks up each millisecond. */
static int
wait_in_group(void *unused)
{
	filch_group group = FILCH_GROUP_INIT;

	(void)unused;
	MUST(filch_group_spawn(&group, group_holding, NULL) == FILCH_OK);
	return filch_group_wait(&group, FILCH_FOREVER);
}

START_TEST(a_cycle_through_a_group_inside_a_group_is_refused)
{
	ck_assert_int_eq(filch_pool_run(pool, wait_in_group, NULL), FILCH_DEADLOCK);
	ck_assert_uint_eq(count_of(&refused), 1);
}
END_TEST

/* An outside thread waits for the group. */
START_TEST(a_cycle_through_a_wait_from_outside_is_refused)
{
	filch_group group = FILCH_GROUP_INIT;

	lock(&a);
	group.pool = pool;
	MUST(filch_group_spawn(&group, want_a, NULL) == FILCH_OK);
	ck_assert(reaches(&begun, 1));
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_DEADLOCK);
	unlock(&a);
	ck_assert_uint_eq(count_of(&refused), 1);
}
END_TEST

static flc_atomic chunks;

/* The caller's chunk waits until another thread has one, which wants the lock. */
static int
chunk(void *caller, size_t begin, size_t end)
{
	(void)begin;
	(void)end;
	if (pthread_equal(*(pthread_t *)caller, pthread_self())) {
		if (count_up(&chunks) == 0)
			until_begun(1);
		return FILCH_OK;
	}
	return count_of(&begun) == 0 ? want_a(NULL) : FILCH_OK;
}

static int
loop_holding(void *unused)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	pthread_t self = pthread_self();
	int status;

	(void)unused;
	options.grain_exact = 1;
	lock(&a);
	status = filch_for(0, 64, chunk, &self, &options);
	unlock(&a);
	return status;
}

START_TEST(a_cycle_through_a_loop_is_refused_to_the_lock)
{
	ck_assert_int_eq(filch_pool_run(pool, loop_holding, NULL), FILCH_DEADLOCK);
	ck_assert_uint_ge(count_of(&refused), 1);
}
END_TEST

/* -- Longer ones -- */

/* Holds b, and wants what the waiter has. */
static int
hold_b_want_a(void *unused)
{
	int status;

	lock(&b);
	status = want_a(unused);
	unlock(&b);
	return status;
}

/* The task waits for b, b's owner, a plain thread, for a, and we have a and wait for the
 * task. */
static void *
middle_main(void *unused)
{
	int status = hold_b_want_a(unused);

	MUST(status == FILCH_OK || status == FILCH_DEADLOCK);
	return NULL;
}

START_TEST(a_cycle_of_a_group_and_two_locks_is_refused_once)
{
	for (size_t round = 0; round < 3; round++) {
		filch_group group = FILCH_GROUP_INIT;
		pthread_t thread;

		flc_store_relaxed(&begun, 0);
		flc_store_relaxed(&refused, 0);
		lock(&a);
		ck_assert_int_eq(pthread_create(&thread, NULL, middle_main, NULL), 0);
		ck_assert(reaches(&begun, 1));
		group.pool = pool;
		MUST(filch_group_spawn(&group, want_any, &b) == FILCH_OK);
		ck_assert(reaches(&begun, 2));
		ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
		unlock(&a);
		pthread_join(thread, NULL);
		ck_assert_uint_eq(count_of(&refused), 1);
	}
}
END_TEST

/* Two groups whose waiters hold the lock that the other's task wants. */
static void *
waiter_main(void *argument)
{
	bool first = count_up(&hold) == 0;
	filch_mutex *own = first ? &a : &b, *other = first ? &b : &a;
	filch_group group = FILCH_GROUP_INIT;

	(void)argument;
	lock(own);
	count_up(&hold);
	ck_assert(reaches(&hold, 4));
	group.pool = pool;
	MUST(filch_group_spawn(&group, want_any, other) == FILCH_OK);
	ck_assert(reaches(&begun, 2));
	MUST(filch_group_wait(&group, FILCH_FOREVER) == FILCH_OK);
	unlock(own);
	return NULL;
}

START_TEST(two_groups_that_wait_for_each_others_locks_are_refused_once)
{
	run_threads(2, waiter_main, NULL);
	ck_assert_uint_eq(count_of(&refused), 1);
}
END_TEST

/* -- What is none -- */

/* The wait for the group has a deadline, so it is none. */
START_TEST(a_wait_with_a_deadline_is_no_cycle)
{
	filch_group group = FILCH_GROUP_INIT;

	lock(&a);
	group.pool = pool;
	MUST(filch_group_spawn(&group, want_a, NULL) == FILCH_OK);
	ck_assert(reaches(&begun, 1));
	ck_assert_int_eq(filch_group_wait(&group, in_ms(400)), FILCH_TIMEOUT);
	unlock(&a);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(count_of(&refused), 0);
}
END_TEST

static int
want_a_later(void *unused)
{
	count_up(&done);
	return want_a(unused);
}

static void *
hold_main(void *unused)
{
	(void)unused;
	lock(&a);
	count_up(&hold);
	ck_assert(reaches(&done, 3));
	/* Time itself: past the second look. */
	pause_ms(300);
	unlock(&a);
	return NULL;
}

/* Many wait long for a thread that waits for nobody. */
START_TEST(a_long_hold_is_no_cycle)
{
	filch_group group = FILCH_GROUP_INIT;
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, hold_main, NULL), 0);
	ck_assert(reaches(&hold, 1));
	group.pool = pool;
	for (int i = 0; i < 3; i++)
		MUST(filch_group_spawn(&group, want_a_later, NULL) == FILCH_OK);
	ck_assert(reaches(&done, 3));
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(count_of(&refused), 0);
}
END_TEST

/* -- The dump -- */

/* Holds the lock until the wait for who wants it is in the dump. */
static void *
hold_and_dump_main(void *unused)
{
	(void)unused;
	lock(&a);
	count_up(&hold);
	until_dumped(1, " that is run by thread ");
	unlock(&a);
	return NULL;
}

START_TEST(a_dump_names_the_thread_that_runs_what_is_waited_for)
{
	filch_group group = FILCH_GROUP_INIT;
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, hold_and_dump_main, NULL), 0);
	ck_assert(reaches(&hold, 1));
	group.pool = pool;
	MUST(filch_group_spawn(&group, want_a, NULL) == FILCH_OK);
	ck_assert(reaches(&begun, 1));
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(times_dumped(" waits for a task that is run by thread "), 1);
	ck_assert_uint_eq(times_dumped(" waits for mutex \"a\" of thread "), 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("wait_graph");
	TCase *two = case_of(suite, "two", use_two, drop);

	clear_variables();
	tcase_add_test(two, a_cycle_through_a_join_is_refused_to_the_lock);
	tcase_add_test(two, a_cycle_through_a_group_is_refused_to_the_lock);
	tcase_add_test(two, a_cycle_through_a_group_inside_a_group_is_refused);
	tcase_add_test(two, a_cycle_through_a_wait_from_outside_is_refused);
	tcase_add_test(two, a_cycle_through_a_loop_is_refused_to_the_lock);
	tcase_add_test(two, a_cycle_of_a_group_and_two_locks_is_refused_once);
	tcase_add_test(two, two_groups_that_wait_for_each_others_locks_are_refused_once);
	tcase_add_test(two, a_wait_with_a_deadline_is_no_cycle);
	tcase_add_test(two, a_long_hold_is_no_cycle);
	tcase_add_test(two, a_dump_names_the_thread_that_runs_what_is_waited_for);
	return run_suite(suite);
}
