/* SPDX-License-Identifier: BSD-2-Clause */
/* What channels promise, kind by kind. */
#include "channels.h"

START_TEST(items_are_received_in_order)
{
	filch_channel *channel = make_kind(_i);
	uint64_t item, next = 0, sent = 0;

	for (size_t round = 0; round < 300; round++) {
		for (size_t n = 0; n <= round % 5 && send_u64(channel, sent, 0) == FILCH_OK; n++)
			sent++;
		while (filch_channel_recv(channel, &item, 0) == FILCH_OK)
			MUST(item == next++);
		MUST(next == sent);
	}
	ck_assert_uint_gt(next, 200);
	filch_channel_destroy(channel);
}
END_TEST

START_TEST(it_holds_exactly_its_capacity)
{
	filch_channel *channel = make_kind(_i);
	size_t capacity = kinds[_i].capacity;

	ck_assert_uint_eq(filch_channel_capacity(channel), capacity);
	for (size_t lap = 0; lap < 3; lap++) {
		for (size_t i = 0; i < capacity; i++) {
			MUST(filch_channel_len(channel) == i);
			MUST(send_u64(channel, i, 0) == FILCH_OK);
		}
		ck_assert_int_eq(send_u64(channel, 0, 0), FILCH_AGAIN);
		ck_assert_uint_eq(filch_channel_len(channel), capacity);
		for (size_t i = 0; i < capacity; i++)
			MUST(must_recv(channel) == i);
	}
	ck_assert_uint_eq(stats_of(channel).depth_high_water, capacity);
	ck_assert_uint_eq(stats_of(channel).try_send_full, 3);
	filch_channel_destroy(channel);
}
END_TEST

START_TEST(what_is_buffered_is_received_after_closing)
{
	filch_channel *channel = make_kind(_i);
	uint64_t item = 99;

	ck_assert_int_eq(filch_channel_recv(channel, &item, 0), FILCH_AGAIN);
	ck_assert_int_eq(send_u64(channel, 7, 0), FILCH_OK);
	filch_channel_close(channel);
	filch_channel_close(channel);
	ck_assert_int_eq(send_u64(channel, 8, 0), FILCH_CLOSED);
	ck_assert_int_eq(send_u64(channel, 8, FILCH_FOREVER), FILCH_CLOSED);
	ck_assert_uint_eq(must_recv(channel), 7);
	ck_assert_int_eq(filch_channel_recv(channel, &item, 0), FILCH_CLOSED);
	ck_assert_int_eq(filch_channel_recv(channel, &item, FILCH_FOREVER), FILCH_CLOSED);
	ck_assert_uint_eq(item, 99);
	ck_assert_uint_eq(stats_of(channel).rejected_closed, 2);
	filch_channel_destroy(channel);
}
END_TEST

START_TEST(items_of_any_size_are_copied_whole)
{
	static const size_t sizes[] = { 1, 3, 8, 13, 64, 1000, 70000 };
	unsigned char *in = malloc(70000), *out = malloc(70000);

	for (size_t s = 0; s < 7; s++) {
		filch_channel *channel = make(sizes[s], kinds[_i].capacity, kinds[_i].spsc);

		for (size_t lap = 0; lap < 140; lap++) {
			memset(in, (int)(lap + s), sizes[s]);
			MUST(filch_channel_send(channel, in, 0) == FILCH_OK);
			memset(out, 0, sizes[s]);
			MUST(filch_channel_recv(channel, out, 0) == FILCH_OK);
			MUST(memcmp(in, out, sizes[s]) == 0);
		}
		filch_channel_destroy(channel);
	}
	free(in);
	free(out);
}
END_TEST

START_TEST(batches_go_as_far_as_there_is_room)
{
	filch_channel *channel = make_kind(_i);
	size_t capacity = kinds[_i].capacity < 500 ? kinds[_i].capacity : 500;
	uint64_t items[512], got[512];
	size_t n = 99;

	for (size_t lap = 0; lap < 5; lap++) {
		for (size_t i = 0; i < 512; i++)
			items[i] = lap * 1000 + i;
		if (kinds[_i].capacity <= 500) {
			ck_assert_int_eq(filch_channel_send_many(channel, items, 512, &n, 0),
			    FILCH_AGAIN);
			ck_assert_uint_eq(n, capacity);
		} else {
			ck_assert_int_eq(filch_channel_send_many(channel, items, capacity, &n, 0),
			    FILCH_OK);
			ck_assert_uint_eq(n, capacity);
		}
		for (size_t at = 0; at < capacity; at += n) {
			ck_assert_int_eq(filch_channel_recv_many(channel, got, 7, &n, 0), FILCH_OK);
			MUST(n >= 1 && n <= 7);
			for (size_t i = 0; i < n; i++)
				MUST(got[i] == lap * 1000 + at + i);
		}
		ck_assert_int_eq(filch_channel_recv_many(channel, got, 7, &n, 0), FILCH_AGAIN);
		ck_assert_uint_eq(n, 0);
	}
	ck_assert_int_eq(filch_channel_send_many(channel, items, 0, &n, 0), FILCH_OK);
	ck_assert_int_eq(filch_channel_recv_many(channel, got, 0, &n, 0), FILCH_OK);
	filch_channel_destroy(channel);
}
END_TEST

START_TEST(a_deadline_ends_a_wait_and_not_before)
{
	filch_channel *channel = make_kind(_i);
	uint64_t until = in_ms(10), item;

	ck_assert_int_eq(filch_channel_recv(channel, &item, until), FILCH_TIMEOUT);
	ck_assert_uint_ge(filch_now(), until);
	ck_assert_int_eq(filch_channel_recv(channel, &item, 1), FILCH_TIMEOUT);
	ck_assert_uint_eq(stats_of(channel).receive_blocked, 2);
	if (kinds[_i].capacity != FILCH_UNBOUNDED) {
		while (send_u64(channel, 1, 0) == FILCH_OK)
			;
		until = in_ms(10);
		ck_assert_int_eq(send_u64(channel, 1, until), FILCH_TIMEOUT);
		ck_assert_uint_ge(filch_now(), until);
		ck_assert_uint_eq(stats_of(channel).send_blocked, 1);
	}
	filch_channel_destroy(channel);
}
END_TEST

/* -- Counting -- */

START_TEST(sends_less_receives_is_the_depth)
{
	filch_channel *channel = make_kind(_i);
	size_t n = kinds[_i].capacity < 300 ? kinds[_i].capacity : 300;
	filch_channel_metrics m;

	for (size_t i = 0; i < n; i++)
		send_u64(channel, i, 0);
	m = stats_of(channel);
	ck_assert_uint_eq(m.sends, n);
	ck_assert_uint_eq(m.receives, 0);
	ck_assert_uint_eq(m.depth, n);
	ck_assert_uint_eq(m.depth_high_water, n);
	must_recv(channel);
	m = stats_of(channel);
	ck_assert_uint_eq(m.receives, 1);
	ck_assert_uint_eq(m.depth, n - 1);
	ck_assert_uint_eq(m.dwell_samples, 1);
	ck_assert_str_eq(m.name, "test");
	filch_channel_destroy(channel);
}
END_TEST

/* A channel that was almost empty for long no longer looks at each depth. */
START_TEST(a_depth_of_64_and_a_full_channel_are_seen_at_any_time)
{
	filch_channel *channel = make_kind(_i);
	size_t capacity = kinds[_i].capacity;
	size_t n = capacity < 100 ? capacity : 100;

	for (size_t i = 0; i < 1000; i++) {
		send_u64(channel, i, 0);
		must_recv(channel);
	}
	ck_assert_uint_eq(stats_of(channel).depth_high_water, 1);
	for (size_t i = 0; i < n; i++)
		send_u64(channel, i, 0);
	if (n == capacity)
		ck_assert_int_eq(send_u64(channel, 0, 0), FILCH_AGAIN);
	for (size_t i = 0; i < n; i++)
		must_recv(channel);
	ck_assert_uint_eq(stats_of(channel).depth_high_water, n);
	filch_channel_destroy(channel);
}
END_TEST

START_TEST(a_channel_begins_at_zero_whatever_its_namesake_counted)
{
	filch_channel *channel = make_kind(_i);
	filch_channel_metrics m;

	send_u64(channel, 1, 0);
	filch_channel_destroy(channel);
	channel = make_kind(_i);
	m = stats_of(channel);
	ck_assert_uint_eq(m.sends, 0);
	ck_assert_uint_eq(m.depth, 0);
	ck_assert_uint_eq(m.depth_high_water, 0);
	send_u64(channel, 1, 0);
	must_recv(channel);
	m = stats_of(channel);
	ck_assert_uint_eq(m.sends, 1);
	ck_assert_uint_eq(m.receives, 1);
	ck_assert_uint_eq(m.depth, 0);
	filch_channel_destroy(channel);
}
END_TEST

#define MANY 300

/* Over all rows. */
static filch_channel_metrics
all_channels(void)
{
	filch_metrics m;

	MUST(filch_metrics_snapshot(NULL, &m, sizeof(m)) == FILCH_OK);
	return m.channels;
}

static int
find_other(void *found, const filch_channel_metrics *m)
{
	if (strcmp(m->name, "other") == 0)
		*(filch_channel_metrics *)found = *m;
	return FILCH_OK;
}

START_TEST(channels_without_a_row_are_counted_while_they_live)
{
	filch_channel *channel[MANY];
	filch_channel_metrics other;

	for (size_t i = 0; i < MANY; i++) {
		channel[i] = make(sizeof(uint64_t), 4, 0);
		send_u64(channel[i], i, 0);
		send_u64(channel[i], i, 0);
		must_recv(channel[i]);
	}
	for (int again = 0; again < 2; again++) {
		ck_assert_uint_eq(all_channels().sends, 2 * MANY);
		ck_assert_uint_eq(all_channels().receives, MANY);
		ck_assert_uint_eq(all_channels().depth, MANY);
		ck_assert_int_eq(filch_metrics_foreach_channel(find_other, &other), FILCH_OK);
		ck_assert_uint_eq(other.sends, 2 * (MANY - 255));
		ck_assert_uint_eq(other.depth, MANY - 255);
		ck_assert_uint_eq(other.depth_high_water, 2);
	}
	ck_assert_uint_eq(stats_of(channel[MANY - 1]).depth, 1);
	for (size_t i = 0; i < MANY; i++)
		filch_channel_destroy(channel[i]);
	ck_assert_uint_eq(all_channels().sends, 2 * MANY);
	ck_assert_int_eq(filch_metrics_foreach_channel(find_other, &other), FILCH_OK);
	ck_assert_uint_eq(other.depth, 0);
}
END_TEST

/* -- Refusals -- */

START_TEST(bad_arguments_are_refused)
{
	filch_channel *channel = NULL;
	uint64_t item = 0;
	size_t n;
	int fd;

	ck_assert_int_eq(filch_channel_create(NULL, 8, 1, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_channel_create(&channel, 0, 1, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_channel_create(&channel, SIZE_MAX, 1, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_channel_create(&channel, 8, SIZE_MAX / 8, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_channel_create(&channel, SIZE_MAX, FILCH_UNBOUNDED, NULL),
	    FILCH_INVAL);
	ck_assert_ptr_null(channel);
	ck_assert_int_eq(filch_channel_send(NULL, &item, 0), FILCH_INVAL);
	ck_assert_int_eq(filch_channel_recv(NULL, &item, 0), FILCH_INVAL);
	ck_assert_int_eq(filch_channel_create(&channel, 8, 1, NULL), FILCH_OK);
	ck_assert_int_eq(filch_channel_send(channel, NULL, 0), FILCH_INVAL);
	ck_assert_int_eq(filch_channel_recv_many(channel, NULL, 1, &n, 0), FILCH_INVAL);
	ck_assert_int_eq(filch_channel_fd(channel, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_channel_fd(NULL, &fd), FILCH_INVAL);
	filch_channel_destroy(channel);
	filch_channel_destroy(NULL);
	filch_channel_close(NULL);
	ck_assert_uint_eq(filch_channel_len(NULL), 0);
}
END_TEST

START_TEST(a_forked_child_is_refused)
{
	filch_channel *channel = make_kind(_i);
	uint64_t item = 0;
	pid_t child = fork();
	int status;

	if (child == 0) {
		bool right = filch_channel_send(channel, &item, 0) == FILCH_FORKED
		    && filch_channel_recv(channel, &item, FILCH_FOREVER) == FILCH_FORKED;
		filch_channel_close(channel);
		filch_channel_destroy(channel);
		_exit(right ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(send_u64(channel, 1, 0), FILCH_OK);
	filch_channel_destroy(channel);
}
END_TEST

/* -- On workers -- */

static int
recv_task(void *sum)
{
	*(uint64_t *)sum += must_recv(shared);
	return FILCH_OK;
}

static int
send_task(void *unused)
{
	(void)unused;
	return send_u64(shared, 1, FILCH_FOREVER);
}

/* All workers, and the caller, block on what only a queued task sends. */
static int
fill_scene(void *argument)
{
	size_t n = *(size_t *)argument;
	filch_group group = FILCH_GROUP_INIT;
	uint64_t sum[17] = { 0 };

	for (size_t i = 0; i < n; i++)
		MUST(filch_group_spawn(&group, recv_task, &sum[i]) == FILCH_OK);
	/* Newest first: the receives begin before the sends. */
	group.fifo = 1;
	for (size_t i = 0; i < n; i++)
		MUST(filch_group_spawn(&group, send_task, NULL) == FILCH_OK);
	MUST(filch_group_wait(&group, FILCH_FOREVER) == FILCH_OK);
	for (size_t i = 0; i < n; i++)
		MUST(sum[i] == 1);
	return FILCH_OK;
}

START_TEST(workers_that_all_block_are_filled_by_a_queued_task)
{
	filch_pool *pool = pool_with(worker_counts[_i]);
	size_t n = worker_counts[_i];

	for (int capacity = 0; capacity < 2; capacity++) {
		shared = make(sizeof(uint64_t), (size_t)capacity, 0);
		ck_assert_int_eq(filch_pool_run(pool, fill_scene, &n), FILCH_OK);
		filch_channel_destroy(shared);
	}
	end_pool(pool);
}
END_TEST

static int
canceled_task(void *status)
{
	uint64_t item;

	*(int *)status = filch_channel_recv(shared, &item, FILCH_FOREVER);
	return FILCH_OK;
}

START_TEST(a_canceled_group_ends_the_waits_inside)
{
	filch_pool *pool = pool_with(worker_counts[_i]);
	filch_group group = FILCH_GROUP_INIT;
	int status = 1;

	group.pool = pool;
	shared = make(sizeof(uint64_t), (size_t)(_i % 2), 0);
	ck_assert_int_eq(filch_group_spawn(&group, canceled_task, &status), FILCH_OK);
	until_blocked(shared, 0, 1);
	filch_group_cancel(&group);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_CANCELED);
	ck_assert_int_eq(status, FILCH_CANCELED);
	filch_channel_destroy(shared);
	end_pool(pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("channel");
	TCase *alone = case_of(suite, "alone", NULL, NULL),
	    *counts = case_of(suite, "counts", NULL, NULL);
	TCase *workers = case_of(suite, "workers", NULL, NULL);

	tcase_add_loop_test(alone, items_are_received_in_order, 0, KINDS);
	tcase_add_loop_test(alone, it_holds_exactly_its_capacity, 0, BOUNDED_KINDS);
	tcase_add_loop_test(alone, what_is_buffered_is_received_after_closing, 0, KINDS);
	tcase_add_loop_test(alone, items_of_any_size_are_copied_whole, 0, KINDS);
	tcase_add_loop_test(alone, batches_go_as_far_as_there_is_room, 0, KINDS);
	tcase_add_loop_test(alone, a_deadline_ends_a_wait_and_not_before, 0, KINDS);
	tcase_add_test(alone, bad_arguments_are_refused);
	tcase_add_loop_test(alone, a_forked_child_is_refused, 0, KINDS);
	tcase_add_loop_test(counts, sends_less_receives_is_the_depth, 0, KINDS);
	tcase_add_loop_test(counts, a_depth_of_64_and_a_full_channel_are_seen_at_any_time, 0,
	    KINDS);
	tcase_add_loop_test(counts, a_channel_begins_at_zero_whatever_its_namesake_counted,
	    0, KINDS);
	tcase_add_test(counts, channels_without_a_row_are_counted_while_they_live);
	tcase_add_loop_test(workers, workers_that_all_block_are_filled_by_a_queued_task,
	    0, THREADED_COUNTS);
	tcase_add_loop_test(workers, a_canceled_group_ends_the_waits_inside, 0, THREADED_COUNTS);
	return run_suite(suite);
}
