/* SPDX-License-Identifier: BSD-2-Clause */
/* Waits on channels: who wakes whom, and the descriptor that says so. */
#include "channels.h"

#include <fcntl.h>

static flc_atomic ended;

static void *
recv_main(void *status)
{
	uint64_t item = 0;

	*(int *)status = filch_channel_recv(shared, &item, FILCH_FOREVER);
	count_up(&ended);
	return NULL;
}

static void *
send_main(void *status)
{
	*(int *)status = send_u64(shared, 1, FILCH_FOREVER);
	count_up(&ended);
	return NULL;
}

START_TEST(a_send_wakes_a_receiver)
{
	int status = 1;
	pthread_t thread;

	shared = make_kind(_i);
	pthread_create(&thread, NULL, recv_main, &status);
	until_blocked(shared, 0, 1);
	ck_assert_uint_eq(count_of(&ended), 0);
	ck_assert_int_eq(send_u64(shared, 1, 0), FILCH_OK);
	pthread_join(thread, NULL);
	ck_assert_int_eq(status, FILCH_OK);
	ck_assert_uint_eq(stats_of(shared).receive_blocked, 1);
	filch_channel_destroy(shared);
}
END_TEST

START_TEST(a_receive_wakes_a_sender)
{
	int status = 1;
	pthread_t thread;

	shared = make_kind(_i);
	while (send_u64(shared, 1, 0) == FILCH_OK)
		;
	pthread_create(&thread, NULL, send_main, &status);
	until_blocked(shared, 1, 0);
	must_recv(shared);
	pthread_join(thread, NULL);
	ck_assert_int_eq(status, FILCH_OK);
	ck_assert_uint_eq(filch_channel_len(shared), filch_channel_capacity(shared));
	filch_channel_destroy(shared);
}
END_TEST

/* Threads that wait on a channel of that kind are told when it is closed. */
static void
close_beside(int kind, void *(*main_)(void *), bool sends)
{
	int status[3] = { 1, 1, 1 };
	size_t n = kinds[kind].spsc ? 1 : 3;
	pthread_t thread[3];

	for (size_t i = 0; i < n; i++)
		pthread_create(&thread[i], NULL, main_, &status[i]);
	until_blocked(shared, sends ? n : 0, sends ? 0 : n);
	filch_channel_close(shared);
	for (size_t i = 0; i < n; i++) {
		pthread_join(thread[i], NULL);
		ck_assert_int_eq(status[i], FILCH_CLOSED);
	}
}

START_TEST(closing_wakes_blocked_receivers)
{
	shared = make_kind(_i);
	close_beside(_i, recv_main, false);
	filch_channel_destroy(shared);
}
END_TEST

START_TEST(closing_wakes_blocked_senders)
{
	shared = make_kind(_i);
	while (send_u64(shared, 1, 0) == FILCH_OK)
		;
	close_beside(_i, send_main, true);
	ck_assert_uint_eq(filch_channel_len(shared), filch_channel_capacity(shared));
	filch_channel_destroy(shared);
}
END_TEST

START_TEST(one_batch_wakes_as_many_as_it_serves)
{
	int status[3] = { 1, 1, 1 };
	uint64_t items[3] = { 1, 2, 3 };
	pthread_t thread[3];

	shared = make(sizeof(uint64_t), _i == 0 ? 4 : FILCH_UNBOUNDED, 0);
	for (size_t i = 0; i < 3; i++)
		pthread_create(&thread[i], NULL, recv_main, &status[i]);
	until_blocked(shared, 0, 3);
	ck_assert_int_eq(filch_channel_send_many(shared, items, 3, NULL, 0), FILCH_OK);
	for (size_t i = 0; i < 3; i++) {
		pthread_join(thread[i], NULL);
		ck_assert_int_eq(status[i], FILCH_OK);
	}
	filch_channel_destroy(shared);
}
END_TEST

START_TEST(a_rendezvous_needs_both)
{
	int status = 1;
	uint64_t item = 0;
	pthread_t thread;

	shared = make(sizeof(uint64_t), 0, 0);
	ck_assert_int_eq(send_u64(shared, 1, 0), FILCH_AGAIN);
	ck_assert_int_eq(filch_channel_recv(shared, &item, 0), FILCH_AGAIN);
	ck_assert_int_eq(send_u64(shared, 1, in_ms(5)), FILCH_TIMEOUT);
	ck_assert_int_eq(filch_channel_recv(shared, &item, in_ms(5)), FILCH_TIMEOUT);
	pthread_create(&thread, NULL, send_main, &status);
	until_blocked(shared, 1, 0);
	ck_assert_uint_eq(filch_channel_len(shared), 0);
	while (filch_channel_recv(shared, &item, 0) != FILCH_OK)
		;
	pthread_join(thread, NULL);
	ck_assert_int_eq(status, FILCH_OK);
	ck_assert_uint_eq(item, 1);
	pthread_create(&thread, NULL, recv_main, &status);
	until_blocked(shared, 0, 1);
	filch_channel_close(shared);
	pthread_join(thread, NULL);
	ck_assert_int_eq(status, FILCH_CLOSED);
	ck_assert_int_eq(send_u64(shared, 1, 0), FILCH_CLOSED);
	ck_assert_uint_eq(stats_of(shared).sends, 1);
	ck_assert_uint_eq(stats_of(shared).receives, 1);
	filch_channel_destroy(shared);
}
END_TEST

/* -- The fd -- */

static bool
readable(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	return poll(&p, 1, 0) == 1;
}

START_TEST(the_fd_is_readable_until_a_receive_finds_nothing)
{
	filch_channel *channel = make_kind(_i);
	uint64_t item;
	int fd = -1;

	ck_assert_int_eq(filch_channel_fd(channel, &fd), FILCH_OK);
	for (int lap = 0; lap < 3; lap++) {
		ck_assert(!readable(fd));
		ck_assert_int_eq(send_u64(channel, 1, 0), FILCH_OK);
		ck_assert(readable(fd));
		ck_assert_int_eq(filch_channel_recv(channel, &item, 0), FILCH_OK);
		ck_assert_int_eq(filch_channel_recv(channel, &item, 0), FILCH_AGAIN);
	}
	filch_channel_close(channel);
	ck_assert(readable(fd));
	ck_assert_int_eq(filch_channel_recv(channel, &item, 0), FILCH_CLOSED);
	ck_assert(readable(fd));
	filch_channel_destroy(channel);
}
END_TEST

START_TEST(an_fd_made_late_knows_what_is_there)
{
	filch_channel *channel = make_kind(_i);
	int fd = -1, again = -1;

	ck_assert_int_eq(send_u64(channel, 1, 0), FILCH_OK);
	ck_assert_int_eq(filch_channel_fd(channel, &fd), FILCH_OK);
	ck_assert(readable(fd));
	ck_assert_int_eq(filch_channel_fd(channel, &again), FILCH_OK);
	ck_assert_int_eq(fd, again);
	filch_channel_destroy(channel);
}
END_TEST

static void *
many_sends_main(void *unused)
{
	(void)unused;
	for (uint64_t i = 0; i < 2000; i++)
		MUST(send_u64(shared, i, FILCH_FOREVER) == FILCH_OK);
	filch_channel_close(shared);
	return NULL;
}

START_TEST(a_poll_loop_receives_everything)
{
	uint64_t item, next = 0;
	int status, fd = -1;
	pthread_t thread;

	shared = make_kind(_i);
	ck_assert_int_eq(filch_channel_fd(shared, &fd), FILCH_OK);
	pthread_create(&thread, NULL, many_sends_main, NULL);
	for (;;) {
		struct pollfd p = { fd, POLLIN, 0 };

		MUST(poll(&p, 1, 60000) == 1);
		while ((status = filch_channel_recv(shared, &item, 0)) == FILCH_OK)
			MUST(item == next++);
		if (status == FILCH_CLOSED)
			break;
	}
	pthread_join(thread, NULL);
	ck_assert_uint_eq(next, 2000);
	filch_channel_destroy(shared);
}
END_TEST

START_TEST(without_membarrier_nothing_is_lost)
{
	flc_fence_break(true);
	for (int i = 0; i < KINDS; i++) {
		uint64_t next = 0, item;
		pthread_t thread;

		shared = make_kind(i);
		pthread_create(&thread, NULL, many_sends_main, NULL);
		while (filch_channel_recv(shared, &item, FILCH_FOREVER) == FILCH_OK)
			MUST(item == next++);
		pthread_join(thread, NULL);
		ck_assert_uint_eq(next, 2000);
		filch_channel_destroy(shared);
	}
	flc_fence_break(false);
}
END_TEST

/* -- A dump -- */

static int dump_to;
static flc_atomic dumped, left;

static void *
wait_a_little(void *unused)
{
	uint64_t item;

	MUST(filch_channel_recv(shared, &item, in_ms(300)) == FILCH_TIMEOUT);
	count_up(&left);
	return unused;
}

static void *
dump_there(void *unused)
{
	MUST(filch_dump(dump_to) == FILCH_OK);
	count_up(&dumped);
	return unused;
}

START_TEST(a_dump_into_a_full_pipe_holds_no_waiter)
{
	pthread_t waiter, dumper;
	char piece[4096];
	int end[2];

	shared = make(sizeof(uint64_t), 1, 0);
	MUST(pipe(end) == 0);
	MUST(fcntl(end[1], F_SETPIPE_SZ, 4096) >= 4096);
	memset(piece, 'x', sizeof(piece));
	/* The first line fits, that of the waiter does not. */
	MUST(write(end[1], piece, 4096 - 40) == 4096 - 40);
	dump_to = end[1];
	MUST(pthread_create(&waiter, NULL, wait_a_little, NULL) == 0);
	until_blocked(shared, 0, 1);
	MUST(pthread_create(&dumper, NULL, dump_there, NULL) == 0);
	ck_assert(reaches(&left, 1));
	ck_assert_uint_eq(count_of(&dumped), 0);
	MUST(read(end[0], piece, sizeof(piece)) > 0);
	ck_assert(reaches(&dumped, 1));
	pthread_join(waiter, NULL);
	pthread_join(dumper, NULL);
	filch_channel_destroy(shared);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("channel_waits");
	TCase *threads = case_of(suite, "threads", NULL, NULL),
	    *fd = case_of(suite, "fd", NULL, NULL);

	tcase_add_loop_test(threads, a_send_wakes_a_receiver, 0, KINDS);
	tcase_add_loop_test(threads, a_receive_wakes_a_sender, 0, BOUNDED_KINDS);
	tcase_add_loop_test(threads, closing_wakes_blocked_receivers, 0, KINDS);
	tcase_add_loop_test(threads, closing_wakes_blocked_senders, 0, BOUNDED_KINDS);
	tcase_add_loop_test(threads, one_batch_wakes_as_many_as_it_serves, 0, 2);
	tcase_add_test(threads, a_rendezvous_needs_both);
	tcase_add_test(threads, without_membarrier_nothing_is_lost);
	tcase_add_loop_test(fd, the_fd_is_readable_until_a_receive_finds_nothing, 0, KINDS);
	tcase_add_loop_test(fd, an_fd_made_late_knows_what_is_there, 0, KINDS);
	tcase_add_loop_test(fd, a_poll_loop_receives_everything, 0, KINDS);
	tcase_add_test(case_of(suite, "dump", NULL, NULL), a_dump_into_a_full_pipe_holds_no_waiter);
	return run_suite(suite);
}
