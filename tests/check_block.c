/* SPDX-License-Identifier: BSD-2-Clause */
#include "dump.h"
#include "wait/block.h"
#include "wait/held_locks.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static filch_pool *pool;

static void
use_one(void)
{
	pool = pool_with(1);
}

static void
use_one_and_no_spares(void)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	options.workers = 1;
	options.spares = FILCH_NO_SPARES;
	pool = pool_by(&options);
}

static void
drop(void)
{
	end_pool(pool);
}

static filch_metrics
metrics(void)
{
	filch_metrics now;

	ck_assert_int_eq(filch_metrics_snapshot(pool, &now, sizeof(now)), FILCH_OK);
	return now;
}

static flc_atomic nobody;
static const struct flc_blocked_on on_test = {
	.state = FILCH_STATE_LOCK_WAIT, .what = "test", .name = "thing", .owner = &nobody,
};

/* -- One waiter and who wakes it. -- */

static struct flc_waiter waiter;
static flc_atomic blocked, went_on;

static int
block_for_ever(void *unused)
{
	struct flc_block_how how = { .on = on_test, .deadline = FILCH_FOREVER };

	(void)unused;
	count_up(&blocked);
	MUST(flc_block(&waiter, &how) == FLC_BLOCK_WOKEN);
	count_up(&went_on);
	return FILCH_OK;
}

static int
wake_it(void *unused)
{
	(void)unused;
	flc_waiter_wake(&waiter);
	return FILCH_OK;
}

static void *
block_main(void *unused)
{
	block_for_ever(unused);
	return NULL;
}

START_TEST(a_thread_outside_of_any_pool_blocks_too)
{
	pthread_t thread;

	flc_waiter_init(&waiter);
	ck_assert_int_eq(pthread_create(&thread, NULL, block_main, NULL), 0);
	ck_assert(reaches(&blocked, 1));
	flc_waiter_wake(&waiter);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(count_of(&went_on), 1);
	flc_waiter_fini(&waiter);
}
END_TEST

START_TEST(a_wake_that_comes_first_is_kept)
{
	flc_waiter_init(&waiter);
	flc_waiter_wake(&waiter);
	block_for_ever(NULL);
	flc_waiter_fini(&waiter);
}
END_TEST

START_TEST(a_deadline_ends_a_block_and_not_before)
{
	struct flc_block_how how = { .on = on_test, .deadline = in_ms(10) };

	flc_waiter_init(&waiter);
	ck_assert_int_eq(flc_block(&waiter, &how), FLC_BLOCK_TIMEOUT);
	ck_assert_uint_ge(filch_now(), how.deadline);
	flc_waiter_fini(&waiter);
}
END_TEST

static int
third_time(void *context)
{
	return ++*(int *)context == 3;
}

START_TEST(a_poll_that_says_so_ends_a_block)
{
	int polls = 0;
	struct flc_block_how how = {
		.on = on_test, .deadline = FILCH_FOREVER, .poll = third_time, .context = &polls,
	};

	flc_waiter_init(&waiter);
	ck_assert_int_eq(flc_block(&waiter, &how), FLC_BLOCK_POLLED);
	ck_assert_int_eq(polls, 3);
	flc_waiter_fini(&waiter);
}
END_TEST

/* -- Compensation. -- */

/* Both tasks of one group, on one worker and from outside: the first blocks until the
 * second has run. */
START_TEST(a_spare_runs_what_would_end_the_block)
{
	filch_group group = FILCH_GROUP_INIT;

	flc_waiter_init(&waiter);
	group.pool = pool;
	group.fifo = 1;
	MUST(filch_group_spawn(&group, block_for_ever, NULL) == FILCH_OK);
	ck_assert(reaches(&blocked, 1));
	MUST(filch_group_spawn(&group, wake_it, NULL) == FILCH_OK);
	/* Not by us: outside of the wait nobody helps. */
	ck_assert(reaches(&went_on, 1));
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_gt(metrics().sum.time_ns[FILCH_STATE_LOCK_WAIT], 0);
	ck_assert_uint_eq(metrics().sum.spares_refused, 0);
	flc_waiter_fini(&waiter);
}
END_TEST

static int
spawn_and_block(void *group)
{
	MUST(filch_group_spawn(group, wake_it, NULL) == FILCH_OK);
	return block_for_ever(NULL);
}

/* What the blocked one itself had queued before. */
START_TEST(work_that_was_queued_before_is_run_too)
{
	filch_group group = FILCH_GROUP_INIT, inner = FILCH_GROUP_INIT;

	flc_waiter_init(&waiter);
	group.pool = pool;
	MUST(filch_group_spawn(&group, spawn_and_block, &inner) == FILCH_OK);
	ck_assert(reaches(&went_on, 1));
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	ck_assert_int_eq(filch_group_wait(&inner, FILCH_FOREVER), FILCH_OK);
	flc_waiter_fini(&waiter);
}
END_TEST

START_TEST(a_short_block_with_nothing_queued_wakes_nobody)
{
	filch_group group = FILCH_GROUP_INIT;
	size_t threads = threads_now();
	uint64_t sent;

	flc_waiter_init(&waiter);
	group.pool = pool;
	MUST(filch_group_spawn(&group, block_for_ever, NULL) == FILCH_OK);
	ck_assert(reaches(&blocked, 1));
	sent = metrics().sum.wakes_sent;
	flc_waiter_wake(&waiter);
	ck_assert(reaches(&went_on, 1));
	ck_assert_uint_eq(metrics().sum.wakes_sent, sent);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	/* No spare was made. */
	ck_assert_uint_le(threads_now(), threads);
	flc_waiter_fini(&waiter);
}
END_TEST

START_TEST(without_a_spare_it_is_counted)
{
	filch_group group = FILCH_GROUP_INIT;

	flc_waiter_init(&waiter);
	group.pool = pool;
	MUST(filch_group_spawn(&group, block_for_ever, NULL) == FILCH_OK);
	ck_assert(reaches(&blocked, 1));
	while (metrics().sum.spares_refused == 0)
		pause_ms(1);
	ck_assert_uint_eq(metrics().sum.spares_refused, 1);
	flc_waiter_wake(&waiter);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	flc_waiter_fini(&waiter);
}
END_TEST

/* -- What the user marks. -- */

static int
mark_and_block(void *unused)
{
	int status = filch_blocking_begin();
	int nested = filch_blocking_begin();

	block_for_ever(unused);
	MUST(nested == FILCH_OK);
	MUST(filch_blocking_end() == FILCH_OK);
	MUST(filch_blocking_end() == FILCH_OK);
	MUST(filch_blocking_end() == FILCH_INVAL);
	return status;
}

START_TEST(a_marked_call_lets_a_spare_work)
{
	filch_group group = FILCH_GROUP_INIT;

	flc_waiter_init(&waiter);
	group.pool = pool;
	MUST(filch_group_spawn(&group, mark_and_block, NULL) == FILCH_OK);
	ck_assert(reaches(&blocked, 1));
	MUST(filch_group_spawn(&group, wake_it, NULL) == FILCH_OK);
	ck_assert(reaches(&went_on, 1));
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	flc_waiter_fini(&waiter);
}
END_TEST

START_TEST(a_marked_call_without_a_spare_says_again)
{
	filch_group group = FILCH_GROUP_INIT;

	flc_waiter_init(&waiter);
	flc_waiter_wake(&waiter);
	group.pool = pool;
	MUST(filch_group_spawn(&group, mark_and_block, NULL) == FILCH_OK);
	ck_assert(reaches(&went_on, 1));
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_AGAIN);
	ck_assert_uint_eq(metrics().sum.spares_refused, 1);
	ck_assert_uint_gt(metrics().sum.time_ns[FILCH_STATE_BLOCKING], 0);
	flc_waiter_fini(&waiter);
}
END_TEST

START_TEST(outside_of_a_pool_a_mark_does_nothing)
{
	ck_assert_int_eq(filch_blocking_end(), FILCH_INVAL);
	ck_assert_int_eq(filch_blocking_begin(), FILCH_OK);
	ck_assert_int_eq(filch_blocking_end(), FILCH_OK);
}
END_TEST

/* -- Cycles and stalls. -- */

/* Threads in a ring: each owns thing i and waits for thing i + 1. */
#define RING 4
static flc_atomic owner_of[RING], owned, refused;
static struct flc_waiter ring_waiter[RING];

static void *
ring_main(void *argument)
{
	size_t i = (size_t)argument;
	struct flc_block_how how = {
		.on = { .state = FILCH_STATE_LOCK_WAIT, .what = "ring",
		        .owner = &owner_of[(i + 1) % RING] },
		.deadline = FILCH_FOREVER,
	};

	flc_store_relaxed(&owner_of[i], flc_thread_number());
	count_up(&owned);
	while (count_of(&owned) < RING)
		sched_yield();
	if (flc_block(&ring_waiter[i], &how) == FLC_BLOCK_DEADLOCK)
		count_up(&refused);
	/* Unlocks thing i, for which the one before waits. */
	flc_store_release(&owner_of[i], 0);
	flc_waiter_wake(&ring_waiter[(i + RING - 1) % RING]);
	return NULL;
}

START_TEST(one_of_a_ring_of_owners_is_told)
{
	pthread_t thread[RING];

	for (size_t round = 0; round < rounds(200); round++) {
		flc_store_relaxed(&owned, 0);
		flc_store_relaxed(&refused, 0);
		for (size_t i = 0; i < RING; i++)
			flc_waiter_init(&ring_waiter[i]);
		for (size_t i = 0; i < RING; i++)
			MUST(pthread_create(&thread[i], NULL, ring_main, (void *)i) == 0);
		for (size_t i = 0; i < RING; i++)
			pthread_join(thread[i], NULL);
		MUST(count_of(&refused) == 1);
		for (size_t i = 0; i < RING; i++)
			flc_waiter_fini(&ring_waiter[i]);
	}
}
END_TEST

static flc_atomic told;

static void
be_told(void *context, filch_pool *stalled)
{
	MUST(context == &told);
	MUST(stalled == pool);
	count_up(&told);
}

START_TEST(a_stall_is_told_once)
{
	filch_group group = FILCH_GROUP_INIT;

	filch_pool_on_stall(be_told, &told);
	flc_waiter_init(&waiter);
	group.pool = pool;
	MUST(filch_group_spawn(&group, block_for_ever, NULL) == FILCH_OK);
	ck_assert(reaches(&told, 1));
	ck_assert_uint_eq(metrics().sum.stalls, 1);
	flc_waiter_wake(&waiter);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(count_of(&told), 1);
	filch_pool_on_stall(NULL, NULL);
	flc_waiter_fini(&waiter);
}
END_TEST

START_TEST(a_dump_names_who_waits_for_what)
{
	filch_group group = FILCH_GROUP_INIT;
	char owner[40];

	dump();
	ck_assert_uint_eq(times_dumped("filch: 0 blocked\n"), 1);
	flc_store_relaxed(&nobody, flc_thread_number());
	flc_waiter_init(&waiter);
	group.pool = pool;
	MUST(filch_group_spawn(&group, block_for_ever, NULL) == FILCH_OK);
	ck_assert(reaches(&blocked, 1));
	until_dumped(1, "filch: 1 blocked\n");
	snprintf(owner, sizeof(owner), "of thread %zu (", flc_thread_number());
	ck_assert_uint_eq(times_dumped("(filch-0) waits for test \"thing\""), 1);
	ck_assert_uint_eq(times_dumped(owner), 1);
	flc_waiter_wake(&waiter);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	ck_assert_int_eq(filch_dump(-1), FILCH_INVAL);
	flc_waiter_fini(&waiter);
}
END_TEST

static int null_fd;

static void
on_signal(int number)
{
	(void)number;
	MUST(filch_dump(null_fd) == FILCH_OK);
}

/* Ping between two threads while signals dump. */
static struct flc_waiter ping[2];
#define PINGS 300

static void *
ping_main(void *argument)
{
	size_t me = (size_t)argument;
	struct flc_block_how how = { .on = on_test, .deadline = FILCH_FOREVER };

	for (size_t i = 0; i < PINGS; i++) {
		if (me == 1 || i > 0)
			MUST(flc_block(&ping[me], &how) == FLC_BLOCK_WOKEN);
		flc_waiter_wake(&ping[1 - me]);
	}
	return NULL;
}

START_TEST(a_dump_may_come_in_a_signal_handler)
{
	struct sigaction action = { .sa_handler = on_signal };
	pthread_t thread[2];

	null_fd = open("/dev/null", O_WRONLY);
	ck_assert_int_ge(null_fd, 0);
	sigaction(SIGUSR1, &action, NULL);
	for (size_t i = 0; i < 2; i++)
		flc_waiter_init(&ping[i]);
	for (size_t i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, ping_main, (void *)i), 0);
	for (size_t i = 0; i < 100; i++)
		pthread_kill(thread[i % 2], SIGUSR1);
	for (size_t i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	for (size_t i = 0; i < 2; i++)
		flc_waiter_fini(&ping[i]);
	close(null_fd);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("block");
	TCase *alone = case_of(suite, "alone", NULL, NULL);
	TCase *one = case_of(suite, "one", use_one, drop);
	TCase *bare = case_of(suite, "no-spares", use_one_and_no_spares, drop);

	clear_variables();
	tcase_add_test(alone, a_thread_outside_of_any_pool_blocks_too);
	tcase_add_test(alone, a_wake_that_comes_first_is_kept);
	tcase_add_test(alone, a_deadline_ends_a_block_and_not_before);
	tcase_add_test(alone, a_poll_that_says_so_ends_a_block);
	tcase_add_test(alone, outside_of_a_pool_a_mark_does_nothing);
	tcase_add_test(alone, one_of_a_ring_of_owners_is_told);
	tcase_add_test(alone, a_dump_may_come_in_a_signal_handler);

	tcase_add_test(one, a_spare_runs_what_would_end_the_block);
	tcase_add_test(one, work_that_was_queued_before_is_run_too);
	tcase_add_test(one, a_short_block_with_nothing_queued_wakes_nobody);
	tcase_add_test(one, a_marked_call_lets_a_spare_work);
	tcase_add_test(one, a_dump_names_who_waits_for_what);

	tcase_add_test(bare, without_a_spare_it_is_counted);
	tcase_add_test(bare, a_marked_call_without_a_spare_says_again);
	tcase_add_test(bare, a_stall_is_told_once);
	return run_suite(suite);
}
