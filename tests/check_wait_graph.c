/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cycles through tasks: who waits for a task holds a lock that the task, on
 * another thread, waits for.  Of the join nobody can be told; the lock is refused.
 */
#include "dump.h"


static filch_pool *pool;
static filch_mutex a = FILCH_MUTEX_INIT("a"), b = FILCH_MUTEX_INIT("b");
static flc_atomic begun, refused, done;

static void
use_two(void)
{
	pool = pool_with(2);
}

static void
drop(void)
{
	end_pool(pool);
}

static void
lock(filch_mutex *mutex)
{
	MUST(filch_mutex_lock(mutex, FILCH_FOREVER) == FILCH_OK);
}

static void
unlock(filch_mutex *mutex)
{
	MUST(filch_mutex_unlock(mutex) == FILCH_OK);
}

/* Another thread has begun it; its core is given away meanwhile. */
static void
until_begun(size_t n)
{
	(void)filch_blocking_begin();
	ck_assert(reaches(&begun, n));
	MUST(filch_blocking_end() == FILCH_OK);
}

/* Wants a lock that who waits for us holds. */
static int
want_a(void *unused)
{
	int status;

	(void)unused;
	count_up(&begun);
	status = filch_mutex_lock(&a, FILCH_FOREVER);
	if (status == FILCH_OK)
		unlock(&a);
	else
		count_up(&refused);
	return status;
}

static int
wait_until_stolen(void *unused)
{
	(void)unused;
	until_begun(1);
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

/* The task waits for b, b's owner, a plain thread, for a, and we have a and wait for
 * the task. */
static void *
middle_main(void *unused)
{
	int status = hold_b_want_a(unused);

	MUST(status == FILCH_OK || status == FILCH_DEADLOCK);
	return NULL;
}

static int
want_b(void *unused)
{
	int status;

	(void)unused;
	count_up(&begun);
	status = filch_mutex_lock(&b, FILCH_FOREVER);
	if (status == FILCH_OK)
		unlock(&b);
	else
		count_up(&refused);
	return FILCH_OK;
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
		MUST(filch_group_spawn(&group, want_b, NULL) == FILCH_OK);
		ck_assert(reaches(&begun, 2));
		ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
		unlock(&a);
		pthread_join(thread, NULL);
		ck_assert_uint_eq(count_of(&refused), 1);
	}
}
END_TEST

/* Two groups whose waiters hold the lock that the other's task wants. */
static flc_atomic hold;

static int
want_other(void *mutex)
{
	int status;

	count_up(&begun);
	status = filch_mutex_lock(mutex, FILCH_FOREVER);
	if (status == FILCH_OK)
		unlock(mutex);
	else
		count_up(&refused);
	return FILCH_OK;
}

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
	MUST(filch_group_spawn(&group, want_other, other) == FILCH_OK);
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

/* -- Groups that are waited for from inside, on another thread -- */

static filch_group outermost;

/* In ms; 0: none. */
static flc_atomic own_deadline;

static int
wait_for_outermost(void *unused)
{
	size_t ms = count_of(&own_deadline);

	(void)unused;
	count_up(&begun);
	return filch_group_wait(&outermost, ms == 0 ? FILCH_FOREVER : in_ms(ms));
}

/* The chunk that another thread has taken waits for the group around the loop. */
static int
chunk_that_waits(void *unused, size_t begin, size_t end)
{
	(void)end;
	if (begin == 0)
		return reaches(&begun, 1) ? FILCH_OK : 97;
	return wait_for_outermost(unused);
}

static int
loop_inside(void *unused)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;

	options.grain_exact = 1;
	return filch_for(0, 2, chunk_that_waits, unused, &options);
}

static int
group_inside(void *unused)
{
	filch_group inner = FILCH_GROUP_INIT;

	MUST(filch_group_spawn(&inner, wait_for_outermost, unused) == FILCH_OK);
	until_begun(1);
	return filch_group_wait(&inner, FILCH_FOREVER);
}

static int
join_inside(void *unused)
{
	return filch_join(wait_until_stolen, unused, wait_for_outermost, unused);
}

/* A group in a task of the inner one. */
static int
groups_inside(void *unused)
{
	filch_group inner = FILCH_GROUP_INIT;

	MUST(filch_group_spawn(&inner, group_inside, unused) == FILCH_OK);
	return filch_group_wait(&inner, FILCH_FOREVER);
}

static int (*const inside[])(void *) = { loop_inside, group_inside, join_inside, groups_inside };

START_TEST(a_wait_for_the_group_around_is_refused_on_every_thread)
{
	for (size_t round = 0; round < 30; round++) {
		filch_group fresh = FILCH_GROUP_INIT;

		outermost = fresh;
		outermost.pool = pool;
		flc_store_relaxed(&begun, 0);
		MUST(filch_group_spawn(&outermost, inside[_i], NULL) == FILCH_OK);
		ck_assert_int_eq(filch_group_wait(&outermost, FILCH_FOREVER), FILCH_DEADLOCK);
	}
}
END_TEST

/* In a chunk and in a fork that another thread has taken: by the scopes alone, since
 * waits with a deadline are not followed. */
START_TEST(a_wait_with_a_deadline_for_the_group_around_is_refused_at_once)
{
	flc_store_relaxed(&own_deadline, 10000);
	for (size_t round = 0; round < 30; round++) {
		filch_group fresh = FILCH_GROUP_INIT;

		outermost = fresh;
		outermost.pool = pool;
		flc_store_relaxed(&begun, 0);
		MUST(filch_group_spawn(&outermost, inside[2 * _i], NULL) == FILCH_OK);
		ck_assert_int_eq(filch_group_wait(&outermost, FILCH_FOREVER), FILCH_DEADLOCK);
	}
}
END_TEST

/* Two groups of nobody's frame, each waited for in a task of the other. */
static filch_group other;

static int
wait_for_the_other(void *group)
{
	int status;

	count_up(&begun);
	ck_assert(reaches(&begun, 2));
	status = filch_group_wait(group, FILCH_FOREVER);
	if (status == FILCH_DEADLOCK)
		count_up(&refused);
	else
		ck_assert_int_eq(status, FILCH_OK);
	return FILCH_OK;
}

START_TEST(two_groups_that_wait_for_each_other_are_refused_once)
{
	filch_group fresh = FILCH_GROUP_INIT;

	outermost = other = fresh;
	outermost.pool = other.pool = pool;
	MUST(filch_group_spawn(&outermost, wait_for_the_other, &other) == FILCH_OK);
	MUST(filch_group_spawn(&other, wait_for_the_other, &outermost) == FILCH_OK);
	ck_assert(reaches(&begun, 2));
	ck_assert_int_eq(filch_group_wait(&outermost, FILCH_FOREVER), FILCH_OK);
	ck_assert_int_eq(filch_group_wait(&other, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(count_of(&refused), 1);
}
END_TEST

/* -- What is none -- */

static flc_atomic gate;

static int
hold_slot(void *unused)
{
	(void)unused;
	count_up(&hold);
	return reaches(&gate, 1) ? FILCH_OK : 97;
}

static void *
hold_slot_main(void *unused)
{
	MUST(filch_pool_run(pool, hold_slot, unused) == FILCH_OK);
	return NULL;
}

static int
wait_widely(void *unused)
{
	filch_group inner = FILCH_GROUP_INIT;

	inner.wide_help = 1;
	MUST(filch_group_spawn(&inner, hold_slot, unused) == FILCH_OK);
	ck_assert(reaches(&hold, 1));
	count_up(&begun);
	return filch_group_wait(&inner, FILCH_FOREVER);
}

static void *
open_later_main(void *unused)
{
	(void)unused;
	until_dumped(1, " waits for a call sent to a pool");
	flc_store_release(&gate, 1);
	return NULL;
}

/* With every guest slot taken a wait is sent to a worker: not to one that waits in a
 * task of the group. */
START_TEST(a_wait_that_is_sent_to_a_worker_is_nobodys_own)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	filch_group group = FILCH_GROUP_INIT;
	filch_pool *plain = pool;
	pthread_t holder, opener;

	options.workers = 2;
	options.guests = 1;
	options.spares = FILCH_NO_SPARES;
	group.pool = pool = pool_by(&options);
	MUST(filch_group_spawn(&group, wait_widely, NULL) == FILCH_OK);
	ck_assert(reaches(&begun, 1));
	ck_assert_int_eq(pthread_create(&holder, NULL, hold_slot_main, NULL), 0);
	ck_assert(reaches(&hold, 2));
	ck_assert_int_eq(pthread_create(&opener, NULL, open_later_main, NULL), 0);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	pthread_join(holder, NULL);
	pthread_join(opener, NULL);
	end_pool(pool);
	pool = plain;
}
END_TEST

static filch_pool *full;
static flc_atomic ended;

static int
wait_sent(void *unused)
{
	int status = wait_for_outermost(unused);

	count_up(&ended);
	return status;
}

static int
wait_in_other_pool(void *other_pool)
{
	return filch_pool_run(other_pool, wait_sent, NULL);
}

static void *
hold_full_main(void *unused)
{
	MUST(filch_pool_run(full, hold_slot, unused) == FILCH_OK);
	return NULL;
}

/* A task enters another pool, waits there for its own group, and as no guest has a slot
 * the wait is sent back, to another worker.  i: with a deadline. */
START_TEST(a_wait_that_is_sent_knows_the_group_around_its_caller)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	filch_group fresh = FILCH_GROUP_INIT;
	pthread_t holder;

	options.workers = 3;
	options.guests = 1;
	full = pool_by(&options);
	flc_store_relaxed(&own_deadline, (size_t)_i * 10000);
	ck_assert_int_eq(pthread_create(&holder, NULL, hold_full_main, NULL), 0);
	ck_assert(reaches(&hold, 1));
	outermost = fresh;
	outermost.pool = full;
	MUST(filch_group_spawn(&outermost, wait_in_other_pool, pool) == FILCH_OK);
	ck_assert(reaches(&ended, 1));
	ck_assert_int_eq(filch_group_wait(&outermost, FILCH_FOREVER), FILCH_DEADLOCK);
	flc_store_release(&gate, 1);
	pthread_join(holder, NULL);
	end_pool(full);
}
END_TEST

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
	TCase *two = tcase_create("two");

	clear_variables();
	tcase_add_checked_fixture(two, use_two, drop);
	tcase_set_timeout(two, TIMEOUT_S);
	tcase_add_test(two, a_cycle_through_a_join_is_refused_to_the_lock);
	tcase_add_test(two, a_cycle_through_a_group_is_refused_to_the_lock);
	tcase_add_test(two, a_cycle_through_a_group_inside_a_group_is_refused);
	tcase_add_test(two, a_cycle_through_a_wait_from_outside_is_refused);
	tcase_add_test(two, a_cycle_through_a_loop_is_refused_to_the_lock);
	tcase_add_test(two, a_cycle_of_a_group_and_two_locks_is_refused_once);
	tcase_add_test(two, two_groups_that_wait_for_each_others_locks_are_refused_once);
	tcase_add_loop_test(two, a_wait_for_the_group_around_is_refused_on_every_thread, 0, 4);
	tcase_add_loop_test(two, a_wait_with_a_deadline_for_the_group_around_is_refused_at_once,
	    0, 2);
	tcase_add_test(two, two_groups_that_wait_for_each_other_are_refused_once);
	tcase_add_test(two, a_wait_with_a_deadline_is_no_cycle);
	tcase_add_test(two, a_wait_that_is_sent_to_a_worker_is_nobodys_own);
	tcase_add_loop_test(two, a_wait_that_is_sent_knows_the_group_around_its_caller, 0, 2);
	tcase_add_test(two, a_long_hold_is_no_cycle);
	tcase_add_test(two, a_dump_names_the_thread_that_runs_what_is_waited_for);
	suite_add_tcase(suite, two);
	return run_suite(suite);
}
