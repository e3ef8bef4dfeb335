/* SPDX-License-Identifier: BSD-2-Clause */
/* What is told of a lock that is held: who has it, for how long others wait. */
#include "locks.h"
#include "wait/held_locks.h"

#include <stdio.h>

static filch_pool *pool;
static filch_mutex mutex = FILCH_MUTEX_INIT("cache");
static flc_atomic holds, may_go;

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

/* -- Who has it -- */

static flc_atomic index_of, thread_of;

static int
hold(void *unused)
{
	(void)unused;
	lock(&mutex);
	flc_store_release(&index_of, filch_worker_index());
	flc_store_release(&thread_of, flc_thread_number());
	count_up(&holds);
	(void)filch_blocking_begin();
	ck_assert(reaches(&may_go, 1));
	MUST(filch_blocking_end() == FILCH_OK);
	unlock(&mutex);
	return FILCH_OK;
}

static void *
hold_main(void *unused)
{
	hold(unused);
	return NULL;
}

static void *
want_main(void *unused)
{
	(void)unused;
	lock(&mutex);
	unlock(&mutex);
	return NULL;
}

/* Waits until the owner is told, which is before the waiter sleeps. */
static filch_mutex_metrics
stats_with_owner(void)
{
	filch_mutex_metrics row;

	do {
		pause_ms(1);
		row = stats(&mutex);
	} while (row.owner_thread == 0);
	return row;
}

START_TEST(the_owner_is_the_index_of_a_worker)
{
	filch_group group = FILCH_GROUP_INIT;
	filch_mutex_metrics row;
	pthread_t thread;

	group.pool = pool;
	MUST(filch_group_spawn(&group, hold, NULL) == FILCH_OK);
	ck_assert(reaches(&holds, 1));
	/* Nobody waits: not told. */
	row = stats(&mutex);
	ck_assert_uint_eq(row.owner, FILCH_NOT_A_WORKER);
	ck_assert_uint_eq(row.owner_thread, 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, want_main, NULL), 0);
	row = stats_with_owner();
	ck_assert_uint_eq(row.owner, count_of(&index_of));
	ck_assert_uint_eq(row.owner_thread, count_of(&thread_of));
	count_up(&may_go);
	pthread_join(thread, NULL);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	row = stats(&mutex);
	ck_assert_uint_eq(row.owner, FILCH_NOT_A_WORKER);
	ck_assert_uint_eq(row.owner_thread, 0);
}
END_TEST

START_TEST(of_a_thread_outside_the_number_is_told)
{
	filch_mutex_metrics row;
	pthread_t holder, thread;

	ck_assert_int_eq(pthread_create(&holder, NULL, hold_main, NULL), 0);
	ck_assert(reaches(&holds, 1));
	ck_assert_int_eq(pthread_create(&thread, NULL, want_main, NULL), 0);
	row = stats_with_owner();
	ck_assert_uint_eq(row.owner, FILCH_NOT_A_WORKER);
	ck_assert_uint_eq(row.owner_thread, count_of(&thread_of));
	count_up(&may_go);
	pthread_join(holder, NULL);
	pthread_join(thread, NULL);
}
END_TEST

/* The export names both. */
static char text[65536];
static size_t length;

static int
append(void *unused, const char *piece, size_t n)
{
	(void)unused;
	MUST(length + n < sizeof(text));
	memcpy(text + length, piece, n);
	length += n;
	return 0;
}

START_TEST(the_export_names_the_owner)
{
	filch_group group = FILCH_GROUP_INIT;
	filch_mutex_metrics row;
	pthread_t thread;
	char member[80];

	group.pool = pool;
	MUST(filch_group_spawn(&group, hold, NULL) == FILCH_OK);
	ck_assert(reaches(&holds, 1));
	ck_assert_int_eq(pthread_create(&thread, NULL, want_main, NULL), 0);
	row = stats_with_owner();
	ck_assert_int_eq(filch_metrics_write(pool, FILCH_METRICS_JSON, append, NULL), FILCH_OK);
	snprintf(member, sizeof(member), "\"owner\":%zu,\"owner_thread\":%zu", row.owner,
	    row.owner_thread);
	ck_assert_ptr_nonnull(strstr(text, member));
	count_up(&may_go);
	pthread_join(thread, NULL);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("held_locks");
	TCase *two = case_of(suite, "two", use_two, drop);

	clear_variables();
	tcase_add_test(two, the_owner_is_the_index_of_a_worker);
	tcase_add_test(two, of_a_thread_outside_the_number_is_told);
	tcase_add_test(two, the_export_names_the_owner);
	return run_suite(suite);
}
