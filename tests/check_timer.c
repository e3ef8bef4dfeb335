/* SPDX-License-Identifier: BSD-2-Clause */
/* Timers: channels of times. */
#include "dump.h"

#include <poll.h>

START_TEST(a_one_shot_strikes_once_and_is_closed)
{
	uint64_t at = in_ms(10), item = 0;
	filch_channel *timer;

	ck_assert_int_eq(filch_channel_create_timer(&timer, at, 0, NULL), FILCH_OK);
	ck_assert_int_eq(filch_channel_recv(timer, &item, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_ge(filch_now(), at);
	ck_assert_uint_eq(item, at);
	ck_assert_int_eq(filch_channel_recv(timer, &item, FILCH_FOREVER), FILCH_CLOSED);
	ck_assert_int_eq(filch_channel_send(timer, &item, 0), FILCH_INVAL);
	filch_channel_destroy(timer);
}
END_TEST

START_TEST(before_its_time_there_is_nothing)
{
	uint64_t item = 0;
	filch_channel *timer;

	ck_assert_int_eq(filch_channel_create_timer(&timer, in_ms(600000), 0, NULL), FILCH_OK);
	ck_assert_int_eq(filch_channel_recv(timer, &item, 0), FILCH_AGAIN);
	ck_assert_int_eq(filch_channel_recv(timer, &item, in_ms(5)), FILCH_TIMEOUT);
	filch_channel_destroy(timer);
}
END_TEST

START_TEST(its_length_is_one_while_a_time_can_be_received)
{
	filch_channel_metrics m;
	uint64_t item = 0, first = in_ms(20);
	filch_channel *timer;
	size_t length;

	ck_assert_int_eq(filch_channel_create_timer(&timer, first, 600000 * MS, NULL), FILCH_OK);
	length = filch_channel_len(timer);
	/* Unless the first time has come already, on a loaded machine. */
	ck_assert(length == 0 || filch_now() >= first);
	/* Time itself: until the first has come. */
	while (filch_now() < first)
		pause_ms(1);
	ck_assert_uint_eq(filch_channel_len(timer), 1);
	ck_assert_int_eq(filch_channel_stats(timer, &m, sizeof(m)), FILCH_OK);
	ck_assert_uint_eq(m.depth, 1);
	ck_assert_int_eq(filch_channel_recv(timer, &item, 0), FILCH_OK);
	ck_assert_uint_eq(filch_channel_len(timer), 0);
	filch_channel_destroy(timer);
	/* Of the past: at once; closed, or struck for good: nothing more. */
	ck_assert_int_eq(filch_channel_create_timer(&timer, 0, 0, NULL), FILCH_OK);
	ck_assert_uint_eq(filch_channel_len(timer), 1);
	ck_assert_int_eq(filch_channel_recv(timer, &item, 0), FILCH_OK);
	ck_assert_uint_eq(filch_channel_len(timer), 0);
	filch_channel_destroy(timer);
	ck_assert_int_eq(filch_channel_create_timer(&timer, 0, 0, NULL), FILCH_OK);
	filch_channel_close(timer);
	ck_assert_uint_eq(filch_channel_len(timer), 0);
	filch_channel_destroy(timer);
}
END_TEST

/* Whatever the receiver does, each time is first + k * period, they only grow, and none
 * is early. */
START_TEST(a_ticker_stays_on_its_grid)
{
	uint64_t first = in_ms(2), item = 0, last = 0;
	filch_channel *timer;

	ck_assert_int_eq(filch_channel_create_timer(&timer, first, MS, NULL), FILCH_OK);
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(filch_channel_recv(timer, &item, FILCH_FOREVER), FILCH_OK);
		MUST(item >= first && (item - first) % MS == 0);
		MUST(item > last && item <= filch_now());
		last = item;
		/* Time itself: some strikes pass by a late receiver. */
		if (i % 5 == 0)
			pause_ms(3);
	}
	filch_channel_destroy(timer);
}
END_TEST

START_TEST(times_that_nobody_took_are_skipped)
{
	uint64_t first = filch_now() - 100 * MS, item = 0;
	filch_channel *timer;

	ck_assert_int_eq(filch_channel_create_timer(&timer, first, 600000 * MS, NULL), FILCH_OK);
	ck_assert_int_eq(filch_channel_recv(timer, &item, 0), FILCH_OK);
	ck_assert_uint_eq(item, first);
	ck_assert_int_eq(filch_channel_recv(timer, &item, 0), FILCH_AGAIN);
	filch_channel_destroy(timer);
	ck_assert_int_eq(filch_channel_create_timer(&timer, first, 70 * MS, NULL), FILCH_OK);
	ck_assert_int_eq(filch_channel_recv(timer, &item, 0), FILCH_OK);
	ck_assert_uint_ge(item, first + 70 * MS);
	filch_channel_destroy(timer);
}
END_TEST

static filch_channel *shared;

static void *
recv_main(void *status)
{
	uint64_t item;

	*(int *)status = filch_channel_recv(shared, &item, FILCH_FOREVER);
	return NULL;
}

START_TEST(closing_ends_a_wait)
{
	pthread_t thread;
	int status = 1;

	ck_assert_int_eq(filch_channel_create_timer(&shared, in_ms(600000), 0, NULL), FILCH_OK);
	pthread_create(&thread, NULL, recv_main, &status);
	until_dumped(1, " waits for channel receive");
	filch_channel_close(shared);
	pthread_join(thread, NULL);
	ck_assert_int_eq(status, FILCH_CLOSED);
	filch_channel_destroy(shared);
}
END_TEST

START_TEST(a_select_takes_the_earlier_time)
{
	filch_channel *early, *late, *never;
	uint64_t item[3];
	size_t chosen = 9;

	ck_assert_int_eq(filch_channel_create_timer(&late, in_ms(600000), 0, NULL), FILCH_OK);
	ck_assert_int_eq(filch_channel_create_timer(&early, in_ms(5), 0, NULL), FILCH_OK);
	ck_assert_int_eq(filch_channel_create(&never, 8, 1, NULL), FILCH_OK);
	filch_select_arm arms[3] = {
		{ late, FILCH_SELECT_RECV, &item[0] },
		{ never, FILCH_SELECT_RECV, &item[1] },
		{ early, FILCH_SELECT_RECV, &item[2] },
	};
	ck_assert_int_eq(filch_select(arms, 3, &chosen, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(chosen, 2);
	filch_channel_destroy(early);
	filch_channel_destroy(late);
	filch_channel_destroy(never);
}
END_TEST

static flc_atomic strikes;

static void *
share_main(void *unused)
{
	uint64_t item;

	(void)unused;
	for (int i = 0; i < 5; i++) {
		MUST(filch_channel_recv(shared, &item, FILCH_FOREVER) == FILCH_OK);
		count_up(&strikes);
	}
	return NULL;
}

START_TEST(several_receivers_share_the_times)
{
	filch_channel_metrics m;

	ck_assert_int_eq(filch_channel_create_timer(&shared, in_ms(1), MS / 2, NULL), FILCH_OK);
	run_threads(3, share_main, NULL);
	ck_assert_uint_eq(count_of(&strikes), 15);
	ck_assert_int_eq(filch_channel_stats(shared, &m, sizeof(m)), FILCH_OK);
	ck_assert_uint_eq(m.receives, 15);
	ck_assert_uint_eq(m.sends, 15);
	filch_channel_destroy(shared);
}
END_TEST

START_TEST(its_fd_becomes_readable_by_itself)
{
	uint64_t item;
	struct pollfd p = { -1, POLLIN, 0 };
	filch_channel *timer;

	ck_assert_int_eq(filch_channel_create_timer(&timer, in_ms(20), 20 * MS, NULL), FILCH_OK);
	ck_assert_int_eq(filch_channel_fd(timer, &p.fd), FILCH_OK);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(poll(&p, 1, 60000), 1);
		ck_assert_int_eq(filch_channel_recv(timer, &item, 0), FILCH_OK);
		/* Late enough for the next time, this loops once more. */
		while (filch_channel_recv(timer, &item, 0) == FILCH_OK)
			;
	}
	filch_channel_close(timer);
	ck_assert_int_eq(poll(&p, 1, 60000), 1);
	filch_channel_destroy(timer);
}
END_TEST

/* Of a period whose second time never comes. */
static const uint64_t endless[] = { FILCH_FOREVER, FILCH_FOREVER - 1, UINT64_C(1) << 63 };

START_TEST(a_timer_whose_next_time_never_comes_stays_open)
{
	uint64_t first = filch_now() - 1, item = 0, data = 0;
	struct pollfd p = { .events = POLLIN };
	filch_channel *timer, *other;
	filch_select_arm arms[2];
	size_t chosen;

	ck_assert_int_eq(filch_channel_create_timer(&timer, first, endless[_i], NULL), FILCH_OK);
	ck_assert_int_eq(filch_channel_create(&other, sizeof(data), 1, NULL), FILCH_OK);
	ck_assert_int_eq(filch_channel_fd(timer, &p.fd), FILCH_OK);
	ck_assert_int_eq(poll(&p, 1, 60000), 1);
	ck_assert_int_eq(filch_channel_recv(timer, &item, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(item, first);
	ck_assert_int_eq(filch_channel_recv(timer, &item, 0), FILCH_AGAIN);
	ck_assert_int_eq(filch_channel_recv(timer, &item, in_ms(5)), FILCH_TIMEOUT);
	ck_assert_int_eq(poll(&p, 1, 10), 0);
	ck_assert_int_eq(filch_channel_send(other, &data, 0), FILCH_OK);
	arms[0] = (filch_select_arm){ timer, FILCH_SELECT_RECV, &item };
	arms[1] = (filch_select_arm){ other, FILCH_SELECT_RECV, &data };
	ck_assert_int_eq(filch_select_biased(arms, 2, &chosen, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(chosen, 1);
	filch_channel_close(timer);
	ck_assert_int_eq(filch_channel_recv(timer, &item, 0), FILCH_CLOSED);
	filch_channel_destroy(other);
	filch_channel_destroy(timer);
}
END_TEST

/* One of them gets the time; the others hear that there is no other, also those that
 * begin to wait in the same moment. */
static filch_channel *shared_timer;
static flc_atomic struck, ended;

static void *
wait_for_the_one_time(void *unused)
{
	uint64_t item;
	int status = filch_channel_recv(shared_timer, &item, in_ms(30000));

	(void)unused;
	MUST(status == FILCH_OK || status == FILCH_CLOSED);
	count_up(status == FILCH_OK ? &struck : &ended);
	return NULL;
}

START_TEST(a_one_shot_ends_every_wait)
{
	for (size_t i = 0; i < rounds(100); i++) {
		ck_assert_int_eq(filch_channel_create_timer(&shared_timer, filch_now() + MS / 4, 0,
		    NULL), FILCH_OK);
		run_threads(4, wait_for_the_one_time, NULL);
		MUST(count_of(&struck) == i + 1 && count_of(&ended) == 3 * (i + 1));
		filch_channel_destroy(shared_timer);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("timer");
	TCase *timer = case_of(suite, "timer", NULL, NULL);

	tcase_add_test(timer, a_one_shot_strikes_once_and_is_closed);
	tcase_add_test(timer, before_its_time_there_is_nothing);
	tcase_add_test(timer, its_length_is_one_while_a_time_can_be_received);
	tcase_add_test(timer, a_ticker_stays_on_its_grid);
	tcase_add_test(timer, times_that_nobody_took_are_skipped);
	tcase_add_test(timer, closing_ends_a_wait);
	tcase_add_test(timer, a_select_takes_the_earlier_time);
	tcase_add_test(timer, several_receivers_share_the_times);
	tcase_add_test(timer, its_fd_becomes_readable_by_itself);
	tcase_add_loop_test(timer, a_timer_whose_next_time_never_comes_stays_open, 0, 3);
	tcase_add_test(timer, a_one_shot_ends_every_wait);
	return run_suite(suite);
}
