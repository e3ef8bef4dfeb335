/* SPDX-License-Identifier: BSD-2-Clause */
/* What a parked waiter takes: work that came, or was left, while all others are
 * blocked. */
#include "dump.h"

static filch_pool *pool;
static filch_mutex mutex = FILCH_MUTEX_INIT("parked");
static filch_group blocked, awaited, other;
static flc_atomic began, ran, ran_other;

static void
setup(void)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	clear_variables();
	options.workers = 1;
	options.spares = FILCH_NO_SPARES;
	pool = pool_by(&options);
	blocked.pool = awaited.pool = other.pool = pool;
}

static void
teardown(void)
{
	end_pool(pool);
}

/* The only worker waits here for the lock that the test holds. */
static int
lock_and_unlock(void *unused)
{
	(void)unused;
	MUST(filch_mutex_lock(&mutex, FILCH_FOREVER) == FILCH_OK);
	MUST(filch_mutex_unlock(&mutex) == FILCH_OK);
	return FILCH_OK;
}

static int
count(void *counter)
{
	count_up(counter);
	return FILCH_OK;
}

/* Runs on a thread from outside.  What it spawns when the waiter has parked must not wait
 * for the end of this task. */
static int
spawn_late(void *buries)
{
	flc_store_release(&began, 1);
	until_threads_wait(2);
	if (*(bool *)buries)
		MUST(filch_group_spawn(&other, count, &ran_other) == FILCH_OK);
	MUST(filch_group_spawn(&awaited, count, &ran) == FILCH_OK);
	MUST(reaches(&ran, 1));
	return FILCH_OK;
}

static void *
waits(void *unused)
{
	MUST(filch_group_wait(&awaited, FILCH_FOREVER) == FILCH_OK);
	return unused;
}

/* 0: the late task alone; 1: below one of another group, which nobody waits for yet. */
START_TEST(takes_what_comes_while_all_workers_are_blocked)
{
	bool buries = _i == 1;
	pthread_t thread;

	MUST(filch_mutex_lock(&mutex, FILCH_FOREVER) == FILCH_OK);
	MUST(filch_group_spawn(&blocked, lock_and_unlock, NULL) == FILCH_OK);
	until_dumped(1, " waits for mutex \"parked\"");
	MUST(filch_group_spawn(&awaited, spawn_late, &buries) == FILCH_OK);
	ck_assert_int_eq(pthread_create(&thread, NULL, waits, NULL), 0);
	MUST(reaches(&began, 1));
	/* Parks long before the late task is there. */
	MUST(filch_group_wait(&awaited, FILCH_FOREVER) == FILCH_OK);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(count_of(&ran), 1);
	MUST(filch_mutex_unlock(&mutex) == FILCH_OK);
	MUST(filch_group_wait(&blocked, FILCH_FOREVER) == FILCH_OK);
	MUST(filch_group_wait(&other, FILCH_FOREVER) == FILCH_OK);
	ck_assert_uint_eq(count_of(&ran_other), buries);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("task_wait");
	TCase *tcase = case_of(suite, "waiter", setup, teardown);

	tcase_add_loop_test(tcase, takes_what_comes_while_all_workers_are_blocked, 0, 2);
	return run_suite(suite);
}
