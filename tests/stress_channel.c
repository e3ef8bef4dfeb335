/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many producers and consumers, deadlines, cancelled groups and a closing at
 * random: each item that a send reported as sent is received exactly once.
 */
#include "pools.h"

#define SIDES 16
#define ITEMS 3000
#define MOST_BATCH 8

static filch_channel *channel;
static flc_atomic got[SIDES * ITEMS]; /* how often it was received */
static unsigned char sent[SIDES * ITEMS]; /* by its producer only */
static flc_atomic next_side, closes_at, ops;
static bool may_close;

static uint64_t
some_deadline(uint64_t random)
{
	switch (random % 4) {
	case 0:
		return 0;
	case 1:
		return filch_now() + (random >> 8) % 50000;
	default:
		return in_ms(60000);
	}
}

/* One thread in all closes, somewhere in the middle. */
static void
maybe_close(void)
{
	if (count_up(&ops) == flc_load_relaxed(&closes_at) && may_close)
		filch_channel_close(channel);
}

/* Sends the items from `at` on, as many as it says; how far it came. */
static int
send_some(size_t at, size_t n, uint64_t random, size_t *done)
{
	uint64_t items[MOST_BATCH];
	int status;

	for (size_t i = 0; i < n; i++)
		items[i] = at + i;
	if (n > 1)
		return filch_channel_send_many(channel, items, n, done, some_deadline(random));
	if (random >> 60 == 0) {
		filch_select_arm arm = { channel, FILCH_SELECT_SEND, items };
		size_t chosen;

		status = filch_select(&arm, 1, &chosen, some_deadline(random));
	} else {
		status = filch_channel_send(channel, items, some_deadline(random));
	}
	*done = status == FILCH_OK;
	return status;
}

static void
produce(size_t me)
{
	uint64_t random = 88172645463325252u + me;

	for (size_t i = 0; i < ITEMS;) {
		size_t n = 1 + random_of(&random) % MOST_BATCH % (ITEMS - i), done = 0;
		int status = send_some(me * ITEMS + i, n, random_of(&random), &done);

		for (size_t k = 0; k < done; k++)
			sent[me * ITEMS + i + k] = 1;
		i += done;
		MUST(status == FILCH_OK || status == FILCH_AGAIN || status == FILCH_TIMEOUT
		    || status == FILCH_CLOSED || status == FILCH_CANCELED);
		if (status == FILCH_CLOSED || status == FILCH_CANCELED)
			return;
		if (status == FILCH_AGAIN)
			sched_yield();
		maybe_close();
	}
}

static void
consume(size_t me)
{
	uint64_t random = 1234567u * (me + 1), items[MOST_BATCH];
	uint64_t last[SIDES] = { 0 };

	for (;;) {
		size_t n = 1 + random_of(&random) % MOST_BATCH, done = 0;
		int status = filch_channel_recv_many(channel, items, n, &done,
		    some_deadline(random_of(&random)));

		for (size_t k = 0; k < done; k++) {
			size_t side = items[k] / ITEMS;

			MUST(count_up(&got[items[k]]) == 0);
			/* In the order of its producer. */
			MUST(items[k] + 1 > last[side]);
			last[side] = items[k] + 1;
		}
		MUST(status == FILCH_OK || status == FILCH_AGAIN || status == FILCH_TIMEOUT
		    || status == FILCH_CLOSED || status == FILCH_CANCELED);
		if (status == FILCH_CLOSED || status == FILCH_CANCELED)
			return;
		if (status == FILCH_AGAIN)
			sched_yield();
	}
}

static flc_atomic producers_left;

static void *
producer_main(void *unused)
{
	(void)unused;
	produce(count_up(&next_side));
	if (flc_add_full(&producers_left, (AO_t)-1) == 1)
		filch_channel_close(channel);
	return NULL;
}

static void *
consumer_main(void *unused)
{
	static flc_atomic next;

	(void)unused;
	consume(count_up(&next));
	return NULL;
}

static void
check_all(void)
{
	filch_channel_metrics m;
	uint64_t item;
	size_t all_sent = 0;

	/* What cancelled consumers left. */
	while (filch_channel_recv(channel, &item, 0) == FILCH_OK)
		MUST(count_up(&got[item]) == 0);
	for (size_t i = 0; i < SIDES * ITEMS; i++) {
		MUST(count_of(&got[i]) == sent[i]);
		all_sent += sent[i];
	}
	MUST(filch_channel_stats(channel, &m, sizeof(m)) == FILCH_OK);
	ck_assert_uint_eq(m.sends, all_sent);
	ck_assert_uint_eq(m.receives, all_sent);
	ck_assert_uint_eq(m.depth, 0);
	ck_assert_uint_eq(m.blocked_senders, 0);
	ck_assert_uint_eq(m.blocked_receivers, 0);
}

static void
make(int i, size_t when)
{
	static const size_t capacities[] = { 0, 1, 3, 64, FILCH_UNBOUNDED };

	MUST(filch_channel_create(&channel, sizeof(uint64_t), capacities[i % 5], NULL) == FILCH_OK);
	may_close = i >= 5;
	flc_store_relaxed(&closes_at, when);
	flc_store_relaxed(&producers_left, SIDES);
}

/* i < 5: to the end; from 5: closed in the middle. */
START_TEST(each_item_is_received_once)
{
	pthread_t thread[2 * SIDES];

	make(_i, 4000);
	for (size_t i = 0; i < SIDES; i++) {
		pthread_create(&thread[2 * i], NULL, producer_main, NULL);
		pthread_create(&thread[2 * i + 1], NULL, consumer_main, NULL);
	}
	for (size_t i = 0; i < 2 * SIDES; i++)
		pthread_join(thread[i], NULL);
	check_all();
	filch_channel_destroy(channel);
}
END_TEST

/* -- The same as tasks of two groups, of which one is cancelled in the middle -- */

static filch_group producers = FILCH_GROUP_INIT, consumers = FILCH_GROUP_INIT;

static int
producer_task(void *unused)
{
	(void)producer_main(unused);
	return FILCH_OK;
}

static int
consumer_task(void *unused)
{
	(void)consumer_main(unused);
	return FILCH_OK;
}

START_TEST(cancelled_groups_leave_nothing_behind)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	filch_pool *pool;

	options.workers = worker_counts[_i % THREADED_COUNTS];
	options.spares = 2 * SIDES;
	pool = pool_by(&options);
	make(1 + _i % 4, 0);
	producers.pool = consumers.pool = pool;
	for (size_t i = 0; i < SIDES; i++) {
		MUST(filch_group_spawn(&consumers, consumer_task, NULL) == FILCH_OK);
		MUST(filch_group_spawn(&producers, producer_task, NULL) == FILCH_OK);
	}
	while (count_of(&ops) < 300)
		sched_yield();
	filch_group_cancel(_i % 2 ? &producers : &consumers);
	if (_i % 2 == 0)
		filch_channel_close(channel);
	(void)filch_group_wait(&producers, FILCH_FOREVER);
	filch_channel_close(channel);
	(void)filch_group_wait(&consumers, FILCH_FOREVER);
	check_all();
	filch_channel_destroy(channel);
	end_pool(pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stress_channel");
	TCase *stress = tcase_create("stress");

	clear_variables();
	tcase_set_timeout(stress, TIMEOUT_S);
	tcase_add_loop_test(stress, each_item_is_received_once, 0, 10);
	tcase_add_loop_test(stress, cancelled_groups_leave_nothing_behind, 0, 2 * THREADED_COUNTS);
	suite_add_tcase(suite, stress);
	return run_suite(suite);
}
