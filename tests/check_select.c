/* SPDX-License-Identifier: BSD-2-Clause */
/* Select: one of several. */
#include "dump.h"

static filch_channel *
make(size_t capacity)
{
	filch_channel *channel = NULL;

	MUST(filch_channel_create(&channel, sizeof(uint64_t), capacity, NULL) == FILCH_OK);
	return channel;
}

static filch_select_arm
recv_arm(filch_channel *channel, uint64_t *item)
{
	filch_select_arm arm = { channel, FILCH_SELECT_RECV, item };

	return arm;
}

static filch_select_arm
send_arm(filch_channel *channel, uint64_t *item)
{
	filch_select_arm arm = { channel, FILCH_SELECT_SEND, item };

	return arm;
}

static void
send_u64(filch_channel *channel, uint64_t value)
{
	MUST(filch_channel_send(channel, &value, FILCH_FOREVER) == FILCH_OK);
}

START_TEST(the_arm_that_can_be_done_is_done)
{
	filch_channel *a = make(2), *b = make(2);
	uint64_t got_a = 0, got_b = 0, out = 5;
	filch_select_arm arms[3] = { recv_arm(a, &got_a), recv_arm(b, &got_b), { NULL, 0, NULL } };
	size_t chosen = 9;

	ck_assert_int_eq(filch_select(arms, 3, &chosen, 0), FILCH_AGAIN);
	send_u64(b, 3);
	ck_assert_int_eq(filch_select(arms, 3, &chosen, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(chosen, 1);
	ck_assert_uint_eq(got_b, 3);
	ck_assert_int_eq(filch_select(arms, 3, &chosen, in_ms(5)), FILCH_TIMEOUT);
	arms[2] = send_arm(a, &out);
	ck_assert_int_eq(filch_select(arms, 3, &chosen, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(chosen, 2);
	ck_assert_int_eq(filch_channel_recv(a, &got_a, 0), FILCH_OK);
	ck_assert_uint_eq(got_a, 5);
	filch_channel_destroy(a);
	filch_channel_destroy(b);
}
END_TEST

#define MEETINGS 20000

static void *
meet_main(void *channel)
{
	for (uint64_t i = 0; i < MEETINGS; i++)
		send_u64(channel, i);
	return NULL;
}

/* Arms without a channel stand before it, also where the peer comes just before the
 * select would wait. */
START_TEST(the_number_of_an_arm_counts_those_without_a_channel)
{
	filch_channel *met = make(0);
	uint64_t item = 0;
	filch_select_arm arms[3] = { { NULL, 0, NULL }, { NULL, 0, NULL }, recv_arm(met, &item) };
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, meet_main, met), 0);
	for (uint64_t i = 0; i < MEETINGS; i++) {
		size_t chosen = 9;

		MUST(filch_select(arms, 3, &chosen, FILCH_FOREVER) == FILCH_OK);
		MUST(chosen == 2 && item == i);
	}
	pthread_join(thread, NULL);
	filch_channel_destroy(met);
}
END_TEST

START_TEST(a_closed_arm_is_chosen_and_told)
{
	filch_channel *a = make((size_t)_i), *b = make(1);
	uint64_t item = 0;
	filch_select_arm arms[2] = { recv_arm(b, &item), recv_arm(a, &item) };
	size_t chosen = 9;

	filch_channel_close(a);
	ck_assert_int_eq(filch_select(arms, 2, &chosen, FILCH_FOREVER), FILCH_CLOSED);
	ck_assert_uint_eq(chosen, 1);
	arms[1] = send_arm(a, &item);
	ck_assert_int_eq(filch_select(arms, 2, &chosen, 0), FILCH_CLOSED);
	filch_channel_destroy(a);
	filch_channel_destroy(b);
}
END_TEST

START_TEST(bad_arms_are_refused)
{
	filch_channel *a = make(1);
	uint64_t item = 0;
	filch_select_arm arm = recv_arm(a, &item);
	filch_select_arm many[FILCH_SELECT_ARMS + 1] = { { NULL, 0, NULL } };
	size_t chosen;

	ck_assert_int_eq(filch_select(&arm, 1, NULL, 0), FILCH_INVAL);
	ck_assert_int_eq(filch_select(NULL, 1, &chosen, 0), FILCH_INVAL);
	ck_assert_int_eq(filch_select(many, FILCH_SELECT_ARMS + 1, &chosen, 0), FILCH_INVAL);
	ck_assert_int_eq(filch_select(NULL, 0, &chosen, FILCH_FOREVER), FILCH_DEADLOCK);
	ck_assert_int_eq(filch_select(many, 2, &chosen, FILCH_FOREVER), FILCH_DEADLOCK);
	ck_assert_int_eq(filch_select(NULL, 0, &chosen, in_ms(3)), FILCH_TIMEOUT);
	ck_assert_int_eq(filch_select(NULL, 0, &chosen, 0), FILCH_AGAIN);
	arm.what = 7;
	ck_assert_int_eq(filch_select(&arm, 1, &chosen, 0), FILCH_INVAL);
	filch_channel_destroy(a);
}
END_TEST

#define DRAWS 4000

START_TEST(each_arm_that_can_be_done_has_the_same_chance)
{
	filch_channel *a[4];
	uint64_t item = 1;
	filch_select_arm arms[10] = { { NULL, 0, NULL } };
	size_t chosen, hits[10] = { 0 };

	/* Neighbours, so that a mere rotation would show. */
	for (size_t i = 0; i < 4; i++) {
		a[i] = make(1);
		send_u64(a[i], 1);
		arms[i] = recv_arm(a[i], &item);
	}
	for (size_t i = 0; i < DRAWS; i++) {
		MUST(filch_select(arms, 10, &chosen, 0) == FILCH_OK);
		hits[chosen]++;
		send_u64(a[chosen], 1);
	}
	/* Expected 1000 each, with a deviation of 27. */
	for (size_t i = 0; i < 4; i++) {
		ck_assert_uint_ge(hits[i], 800);
		ck_assert_uint_le(hits[i], 1200);
	}
	for (size_t i = 0; i < 10; i++) {
		MUST(filch_select_biased(arms, 10, &chosen, 0) == FILCH_OK);
		MUST(chosen == 0);
		send_u64(a[0], 1);
	}
	for (size_t i = 0; i < 4; i++)
		filch_channel_destroy(a[i]);
}
END_TEST

/* -- Selects that wait -- */

#define CHANNELS 3
#define ITEMS 3000

static filch_channel *in[CHANNELS];
static flc_atomic seen[CHANNELS * ITEMS + 1], received, closed;

static void *
select_receiver_main(void *unused)
{
	uint64_t item[CHANNELS];
	filch_select_arm arms[CHANNELS];
	bool over[CHANNELS] = { false };
	size_t chosen;

	(void)unused;
	for (size_t i = 0; i < CHANNELS; i++)
		arms[i] = recv_arm(in[i], &item[i]);
	for (size_t left = CHANNELS; left > 0;) {
		int status = filch_select(arms, CHANNELS, &chosen, FILCH_FOREVER);

		if (status == FILCH_OK) {
			MUST(count_up(&seen[item[chosen]]) == 0);
			count_up(&received);
			continue;
		}
		MUST(status == FILCH_CLOSED && !over[chosen]);
		over[chosen] = true;
		arms[chosen].channel = NULL;
		left--;
	}
	return NULL;
}

static flc_atomic next_producer;

static void *
select_producer_main(void *unused)
{
	size_t me = count_up(&next_producer);
	uint64_t item;

	(void)unused;
	for (size_t i = 0; i < ITEMS; i++) {
		filch_select_arm arms[CHANNELS];
		size_t chosen;

		item = me * ITEMS + i;
		for (size_t k = 0; k < CHANNELS; k++)
			arms[k] = send_arm(in[k], &item);
		MUST(filch_select(arms, CHANNELS, &chosen, FILCH_FOREVER) == FILCH_OK);
	}
	if (count_up(&closed) == CHANNELS - 1)
		for (size_t k = 0; k < CHANNELS; k++)
			filch_channel_close(in[k]);
	return NULL;
}

/* Selects that send against selects that receive, over the same channels. */
START_TEST(selects_meet_selects)
{
	pthread_t thread[2 * CHANNELS];

	for (size_t i = 0; i < CHANNELS; i++)
		in[i] = make(_i == 3 ? i : (size_t)_i);
	for (size_t i = 0; i < CHANNELS; i++) {
		pthread_create(&thread[2 * i], NULL, select_receiver_main, NULL);
		pthread_create(&thread[2 * i + 1], NULL, select_producer_main, NULL);
	}
	for (size_t i = 0; i < 2 * CHANNELS; i++)
		pthread_join(thread[i], NULL);
	ck_assert_uint_eq(count_of(&received), CHANNELS * ITEMS);
	for (size_t i = 0; i < CHANNELS; i++)
		filch_channel_destroy(in[i]);
}
END_TEST

START_TEST(a_select_does_not_meet_itself)
{
	filch_channel *a = make(0);
	uint64_t out = 1, item = 0;
	filch_select_arm arms[2] = { send_arm(a, &out), recv_arm(a, &item) };
	size_t chosen;

	ck_assert_int_eq(filch_select(arms, 2, &chosen, in_ms(5)), FILCH_TIMEOUT);
	filch_channel_destroy(a);
}
END_TEST

static int
select_task(void *status)
{
	uint64_t item;
	filch_select_arm arms[2] = { recv_arm(in[0], &item), recv_arm(in[1], &item) };
	size_t chosen;

	*(int *)status = filch_select(arms, 2, &chosen, FILCH_FOREVER);
	return FILCH_OK;
}

START_TEST(a_canceled_group_ends_its_selects)
{
	filch_pool *pool = pool_with(worker_counts[_i]);
	filch_group group = FILCH_GROUP_INIT;
	int status = 1;

	group.pool = pool;
	in[0] = make(0);
	in[1] = make(1);
	ck_assert_int_eq(filch_group_spawn(&group, select_task, &status), FILCH_OK);
	until_dumped(1, " waits for select");
	filch_group_cancel(&group);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_CANCELED);
	ck_assert_int_eq(status, FILCH_CANCELED);
	filch_channel_destroy(in[0]);
	filch_channel_destroy(in[1]);
	end_pool(pool);
}
END_TEST

static filch_select_arm without[2] = {
	{ NULL, FILCH_SELECT_RECV, NULL }, { NULL, FILCH_SELECT_RECV, NULL },
};
static size_t arms_without;

static int
select_nothing(void *status)
{
	size_t chosen;

	*(int *)status = filch_select(without, arms_without, &chosen, in_ms(60000));
	return FILCH_OK;
}

/* Without an arm that has a channel a select only waits, and is canceled all the same. */
START_TEST(a_canceled_group_ends_selects_without_channels)
{
	filch_pool *pool = pool_with(2);
	filch_group group = FILCH_GROUP_INIT;
	uint64_t begun = filch_now();
	int status = 1;

	group.pool = pool;
	arms_without = (size_t)_i;
	ck_assert_int_eq(filch_group_spawn(&group, select_nothing, &status), FILCH_OK);
	until_dumped(1, " waits for select");
	filch_group_cancel(&group);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_CANCELED);
	ck_assert_int_eq(status, FILCH_CANCELED);
	ck_assert_uint_lt(filch_now() - begun, 30000 * MS);
	end_pool(pool);
}
END_TEST

START_TEST(selects_without_channels_wait_until_the_deadline)
{
	uint64_t deadline = in_ms(5);
	size_t chosen = 42;

	ck_assert_int_eq(filch_select(without, (size_t)_i, &chosen, 0), FILCH_AGAIN);
	ck_assert_int_eq(filch_select(without, (size_t)_i, &chosen, FILCH_FOREVER), FILCH_DEADLOCK);
	ck_assert_int_eq(filch_select(without, (size_t)_i, &chosen, deadline), FILCH_TIMEOUT);
	ck_assert_uint_ge(filch_now(), deadline);
	ck_assert_uint_eq(chosen, 42);
}
END_TEST

/* -- At every moment there is an item in one of two channels -- */

static filch_channel *first, *last;
static bool moves;

uint64_t __real_filch_now(void);
uint64_t __wrap_filch_now(void);

/* Between the looks at the first and the last arm, when the timer between them asks for
 * the time, an item comes in the first channel, and then the one of the last leaves. */
uint64_t
__wrap_filch_now(void)
{
	uint64_t item = 7;

	if (moves) {
		moves = false;
		MUST(filch_channel_send(first, &item, 0) == FILCH_OK);
		MUST(filch_channel_recv(last, &item, 0) == FILCH_OK);
	}
	return __real_filch_now();
}

/* By the kind of channel, and by a deadline of 0 or one that is long over. */
START_TEST(what_is_ready_at_every_moment_is_found)
{
	filch_channel_options options = FILCH_CHANNEL_OPTIONS_INIT;
	const size_t capacity[3] = { 1, 1, FILCH_UNBOUNDED };
	filch_channel *timer;
	uint64_t item = 0;
	filch_select_arm arms[3];
	size_t chosen = 9;

	options.spsc = _i / 2 == 1;
	ck_assert_int_eq(filch_channel_create(&first, sizeof(item), capacity[_i / 2], &options),
	    FILCH_OK);
	ck_assert_int_eq(filch_channel_create(&last, sizeof(item), capacity[_i / 2], &options),
	    FILCH_OK);
	arms[0] = recv_arm(first, &item);
	ck_assert_int_eq(filch_channel_create_timer(&timer, in_ms(3600000), 0, NULL), FILCH_OK);
	arms[1] = recv_arm(timer, &item);
	arms[2] = recv_arm(last, &item);
	send_u64(last, 3);
	moves = true;
	ck_assert_int_eq(filch_select_biased(arms, 3, &chosen, (uint64_t)_i % 2), FILCH_OK);
	ck_assert_uint_eq(chosen, 0);
	ck_assert_uint_eq(item, 7);
	ck_assert(!moves);
	filch_channel_destroy(first);
	filch_channel_destroy(last);
	filch_channel_destroy(timer);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("select");
	TCase *select = case_of(suite, "select", NULL, NULL);

	tcase_add_test(select, the_arm_that_can_be_done_is_done);
	tcase_add_test(select, the_number_of_an_arm_counts_those_without_a_channel);
	tcase_add_loop_test(select, a_closed_arm_is_chosen_and_told, 0, 2);
	tcase_add_test(select, bad_arms_are_refused);
	tcase_add_test(select, each_arm_that_can_be_done_has_the_same_chance);
	tcase_add_loop_test(select, selects_meet_selects, 0, 4);
	tcase_add_test(select, a_select_does_not_meet_itself);
	tcase_add_loop_test(select, a_canceled_group_ends_its_selects, 0, THREADED_COUNTS);
	tcase_add_loop_test(select, a_canceled_group_ends_selects_without_channels, 0, 3);
	tcase_add_loop_test(select, what_is_ready_at_every_moment_is_found, 0, 6);
	tcase_add_loop_test(select, selects_without_channels_wait_until_the_deadline, 0, 3);
	return run_suite(suite);
}
