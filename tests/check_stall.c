/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenes in which a pool of blocked workers would never go on: each of them ends here, or
 * is reported with who waits for what.
 */
#include "dump.h"

#include <stdio.h>

static filch_pool *pool;
static filch_mutex mutex = FILCH_MUTEX_INIT("cache");
static size_t guarded;  /* by the mutex */

static void
make_pool(size_t workers, size_t spares)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	options.workers = workers;
	options.spares = spares == 0 ? FILCH_NO_SPARES : spares;
	pool = pool_by(&options);
}

static void
use_one(void)
{
	make_pool(1, 16);
}

static void
drop(void)
{
	end_pool(pool);
}

static filch_channel *
channel_named(const char *name, size_t capacity)
{
	filch_channel_options options = FILCH_CHANNEL_OPTIONS_INIT;
	filch_channel *channel = NULL;

	options.name = name;
	MUST(filch_channel_create(&channel, sizeof(int), capacity, &options) == FILCH_OK);
	return channel;
}

static filch_metrics
metrics(void)
{
	filch_metrics now;

	MUST(filch_metrics_snapshot(pool, &now, sizeof(now)) == FILCH_OK);
	return now;
}

static filch_mutex_metrics
mutex_stats(void)
{
	filch_mutex_metrics row = { .live = 0 };

	/* FILCH_INVAL before its first use. */
	(void)filch_mutex_stats(&mutex, &row, sizeof(row));
	return row;
}

/* -- A lock that is held across a wait for tasks, and others that want it -- */

static int
nothing(void *unused)
{
	(void)unused;
	return FILCH_OK;
}

static int
no_chunk(void *unused, size_t begin, size_t end)
{
	(void)unused;
	(void)begin;
	(void)end;
	return FILCH_OK;
}

static int
across_join(void)
{
	return filch_join(nothing, NULL, nothing, NULL);
}

static int
across_group(void)
{
	filch_group group = FILCH_GROUP_INIT;

	for (int i = 0; i < 5; i++)
		MUST(filch_group_spawn(&group, nothing, NULL) == FILCH_OK);
	return filch_group_wait(&group, FILCH_FOREVER);
}

static int
across_loop(void)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;

	options.grain_exact = 1;
	return filch_for(0, 20, no_chunk, NULL, &options);
}

static int (*const across[])(void) = { across_join, across_group, across_loop };
#define ACROSS 3

static int
hold_across(void *how)
{
	int status;

	MUST(filch_mutex_lock(&mutex, FILCH_FOREVER) == FILCH_OK);
	status = across[(size_t)how]();
	guarded++;
	MUST(filch_mutex_unlock(&mutex) == FILCH_OK);
	return status;
}

static int
want_lock(void *unused)
{
	(void)unused;
	MUST(filch_mutex_lock(&mutex, FILCH_FOREVER) == FILCH_OK);
	guarded++;
	MUST(filch_mutex_unlock(&mutex) == FILCH_OK);
	return FILCH_OK;
}

/* i: how, and the number of workers. */
START_TEST(a_lock_is_held_across_a_wait_for_tasks)
{
	filch_group group = FILCH_GROUP_INIT;

	make_pool(worker_counts[_i / ACROSS], 16);
	group.pool = pool;
	for (size_t i = 0; i < 30; i++) {
		MUST(filch_group_spawn(&group, hold_across, (void *)(size_t)(_i % ACROSS))
		    == FILCH_OK);
		MUST(filch_group_spawn(&group, want_lock, NULL) == FILCH_OK);
	}
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(guarded, 60);
	ck_assert_uint_eq(mutex_stats().deadlocks, 0);
	end_pool(pool);
}
END_TEST

/* -- Channels that only a queued task would fill -- */

static filch_channel *orders;
static flc_atomic begun, received;

static int
receive_order(void *unused)
{
	int item;

	(void)unused;
	count_up(&begun);
	MUST(filch_channel_recv(orders, &item, FILCH_FOREVER) == FILCH_OK);
	count_up(&received);
	return FILCH_OK;
}

static int
send_order(void *unused)
{
	int item = 1;

	(void)unused;
	return filch_channel_send(orders, &item, FILCH_FOREVER);
}

/* i: the number of workers, and the capacity. */
START_TEST(a_spare_fills_the_channel_that_all_workers_wait_for)
{
	size_t n = worker_counts[_i / 2];
	filch_group group = FILCH_GROUP_INIT;

	make_pool(n, 2 * n);
	orders = channel_named("orders", (size_t)(_i % 2));
	group.pool = pool;
	for (size_t i = 0; i < n; i++)
		MUST(filch_group_spawn(&group, receive_order, NULL) == FILCH_OK);
	ck_assert(reaches(&begun, n));
	for (size_t i = 0; i < n; i++)
		MUST(filch_group_spawn(&group, send_order, NULL) == FILCH_OK);
	/* Without our help. */
	ck_assert(reaches(&received, n));
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	filch_channel_destroy(orders);
	end_pool(pool);
}
END_TEST

/* How often a stall was told of; the dump is of the last one. */
static flc_atomic told;

static void
be_told(void *context, filch_pool *stalled)
{
	MUST(context == &told && stalled == pool);
	dump();
	count_up(&told);
}

START_TEST(without_spares_the_stall_is_told_with_the_name_of_the_channel)
{
	size_t n = worker_counts[_i];
	filch_group group = FILCH_GROUP_INIT;

	make_pool(n, 0);
	filch_pool_on_stall(be_told, &told);
	orders = channel_named("orders", 1);
	group.pool = pool;
	for (size_t i = 0; i < n; i++)
		MUST(filch_group_spawn(&group, receive_order, NULL) == FILCH_OK);
	ck_assert(reaches(&begun, n));
	for (size_t i = 0; i < n; i++)
		MUST(filch_group_spawn(&group, send_order, NULL) == FILCH_OK);
	/* Nobody is left to send. */
	ck_assert(reaches(&told, 1));
	ck_assert_uint_eq(times_dumped(" waits for channel receive \"orders\""), n);
	ck_assert_uint_eq(metrics().sum.stalls, 1);
	ck_assert_uint_eq(count_of(&received), 0);
	/* One from outside ends it. */
	ck_assert_int_eq(send_order(NULL), FILCH_OK);
	ck_assert(reaches(&received, n));
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(filch_channel_len(orders), 1);
	filch_pool_on_stall(NULL, NULL);
	filch_channel_destroy(orders);
	end_pool(pool);
}
END_TEST

static void *
receive_main(void *unused)
{
	filch_group group = FILCH_GROUP_INIT;

	(void)unused;
	group.pool = pool;
	/* Runs here at once: without workers nobody else could. */
	MUST(filch_group_spawn(&group, receive_order, NULL) == FILCH_OK);
	MUST(filch_group_wait(&group, FILCH_FOREVER) == FILCH_OK);
	return NULL;
}

START_TEST(a_pool_without_workers_tells_its_stall)
{
	pthread_t thread;

	make_pool(FILCH_NO_WORKERS, 0);
	filch_pool_on_stall(be_told, &told);
	orders = channel_named("orders", 1);
	ck_assert_int_eq(pthread_create(&thread, NULL, receive_main, NULL), 0);
	ck_assert(reaches(&told, 1));
	ck_assert_uint_eq(times_dumped(" waits for channel receive \"orders\""), 1);
	ck_assert_int_eq(send_order(NULL), FILCH_OK);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(count_of(&told), 1);
	filch_pool_on_stall(NULL, NULL);
	filch_channel_destroy(orders);
	end_pool(pool);
}
END_TEST

/* i: who comes first. */
START_TEST(two_tasks_of_one_worker_have_a_rendezvous)
{
	orders = channel_named("orders", 0);
	for (size_t round = 0; round < 100; round++) {
		filch_group group = FILCH_GROUP_INIT;

		group.pool = pool;
		group.fifo = 1;
		MUST(filch_group_spawn(&group, _i ? send_order : receive_order, NULL) == FILCH_OK);
		MUST(filch_group_spawn(&group, _i ? receive_order : send_order, NULL) == FILCH_OK);
		ck_assert(reaches(&received, round + 1));
		MUST(filch_group_wait(&group, FILCH_FOREVER) == FILCH_OK);
	}
	filch_channel_destroy(orders);
}
END_TEST

/* -- A lock that is held across a blocking send or receive -- */

static int
hold_and(int (*what)(void *))
{
	int status;

	MUST(filch_mutex_lock(&mutex, FILCH_FOREVER) == FILCH_OK);
	status = what(NULL);
	MUST(filch_mutex_unlock(&mutex) == FILCH_OK);
	return status;
}

static int
hold_and_send(void *unused)
{
	(void)unused;
	return hold_and(send_order);
}

static int
hold_and_receive(void *unused)
{
	(void)unused;
	return hold_and(receive_order);
}

static uint64_t found[FILCH_HELD_WAITS], others;

static int
find_row(void *context, const filch_held_wait_metrics *row)
{
	(void)context;
	if (strcmp(row->lock, "cache") == 0 && strstr(row->place, "check_stall.c:") != NULL
	    && strcmp(row->waited, "orders") == 0)
		found[row->wait] += row->count;
	else
		others += row->count;
	return FILCH_OK;
}

/* i: send or receive. */
START_TEST(a_lock_is_held_across_a_blocking_call_and_reported)
{
	int (*holder)(void *) = _i ? hold_and_receive : hold_and_send;
	int (*peer)(void *) = _i ? send_order : receive_order;

	orders = channel_named("orders", 0);
	for (uint64_t round = 1; round <= 5; round++) {
		filch_group group = FILCH_GROUP_INIT;

		group.pool = pool;
		MUST(filch_group_spawn(&group, holder, NULL) == FILCH_OK);
		while (mutex_stats().held_across < round)
			pause_ms(1);
		/* Who wants the lock waits, and its peer gets a spare. */
		MUST(filch_group_spawn(&group, want_lock, NULL) == FILCH_OK);
		MUST(filch_group_spawn(&group, peer, NULL) == FILCH_OK);
		ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	}
	ck_assert_uint_eq(mutex_stats().held_across, 5);
	ck_assert_uint_eq(metrics().sum.waits_holding, 5);
	ck_assert_int_eq(filch_metrics_foreach_held_wait(find_row, NULL), FILCH_OK);
	ck_assert_uint_eq(found[_i ? FILCH_HELD_WAIT_RECV : FILCH_HELD_WAIT_SEND], 5);
	ck_assert_uint_eq(found[_i ? FILCH_HELD_WAIT_SEND : FILCH_HELD_WAIT_RECV], 0);
	ck_assert_uint_eq(others, 0);
	filch_channel_destroy(orders);
}
END_TEST

/* -- A ring of tasks: each receives from the next one's channel, then sends to
 * its own -- */

#define RING 16
static filch_channel *link_of[RING];

static int
pass_on(void *argument)
{
	size_t me = (size_t)argument;
	int item;

	count_up(&begun);
	MUST(filch_channel_recv(link_of[(me + 1) % RING], &item, FILCH_FOREVER) == FILCH_OK);
	count_up(&received);
	/* The one with which it ends has nobody left to receive. */
	return filch_channel_send(link_of[me], &item, FILCH_FOREVER);
}

/* i + 1 workers, and as many spares as make 16: all threads wait, and who waits for whom
 * is told.  An item from outside then goes round. */
START_TEST(sixteen_wait_for_the_next_ones_channel)
{
	filch_group group = FILCH_GROUP_INIT;
	int item = 7;

	make_pool((size_t)_i + 1, RING - ((size_t)_i + 1));
	filch_pool_on_stall(be_told, &told);
	for (size_t i = 0; i < RING; i++) {
		char name[16];

		snprintf(name, sizeof(name), "link-%zu", i);
		link_of[i] = channel_named(name, 1);
	}
	group.pool = pool;
	for (size_t i = 0; i < RING; i++)
		MUST(filch_group_spawn(&group, pass_on, (void *)i) == FILCH_OK);
	ck_assert(reaches(&begun, RING));
	ck_assert(reaches(&told, 1));
	for (size_t i = 0; i < RING; i++) {
		char line[64];

		snprintf(line, sizeof(line), " waits for channel receive \"link-%zu\"", i);
		ck_assert_uint_eq(times_dumped(line), 1);
	}
	ck_assert_uint_eq(count_of(&received), 0);
	ck_assert_int_eq(filch_channel_send(link_of[0], &item, FILCH_FOREVER), FILCH_OK);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(count_of(&received), RING);
	ck_assert_uint_eq(filch_channel_len(link_of[0]), 1);
	ck_assert_uint_eq(count_of(&told), 1);
	filch_pool_on_stall(NULL, NULL);
	for (size_t i = 0; i < RING; i++)
		filch_channel_destroy(link_of[i]);
	end_pool(pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stall");
	TCase *any = tcase_create("any"), *one = tcase_create("one");

	clear_variables();
	tcase_set_timeout(any, TIMEOUT_S);
	tcase_add_loop_test(any, a_lock_is_held_across_a_wait_for_tasks,
	    0, THREADED_COUNTS * ACROSS);
	tcase_add_loop_test(any, a_spare_fills_the_channel_that_all_workers_wait_for,
	    0, THREADED_COUNTS * 2);
	tcase_add_loop_test(any, without_spares_the_stall_is_told_with_the_name_of_the_channel,
	    0, THREADED_COUNTS);
	tcase_add_test(any, a_pool_without_workers_tells_its_stall);
	tcase_add_loop_test(any, sixteen_wait_for_the_next_ones_channel, 0, 2);
	suite_add_tcase(suite, any);

	tcase_add_checked_fixture(one, use_one, drop);
	tcase_set_timeout(one, TIMEOUT_S);
	tcase_add_loop_test(one, two_tasks_of_one_worker_have_a_rendezvous, 0, 2);
	tcase_add_loop_test(one, a_lock_is_held_across_a_blocking_call_and_reported, 0, 2);
	suite_add_tcase(suite, one);
	return run_suite(suite);
}
