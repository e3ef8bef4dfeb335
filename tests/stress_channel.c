/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many producers and consumers, deadlines, canceled groups and a closing at random: each
 * item that a send reported as sent is received exactly once, by calls on one channel and
 * by selects of two.  FILCH_SEED=N repeats a run's choices, though not its timing.
 */
#include "pools.h"

#include <inttypes.h>
#include <stdio.h>

#define SIDES 16
#define ITEMS 3000
#define MOST_BATCH 8

static filch_channel *channel[2];
static size_t channels;  /* 2: of each call a select decides */
static size_t sides;     /* producers, and consumers */
static flc_atomic got[SIDES * ITEMS]; /* how often it was received */
static unsigned char sent[SIDES * ITEMS]; /* by its producer only */
static flc_atomic next_side, closes_at, ops;
static bool may_close;
static uint64_t seed;

/* A generator of its own for each thread. */
static uint64_t
random_from(uint64_t who)
{
	uint64_t state = (seed ^ who * UINT64_C(0x9e3779b97f4a7c15)) | 1;

	for (int i = 0; i < 8; i++)
		(void)random_of(&state);
	return state;
}

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

static void
close_all(void)
{
	for (size_t i = 0; i < channels; i++)
		filch_channel_close(channel[i]);
}

/* One thread in all closes, somewhere in the middle; of two channels one, and the other
 * somewhat later. */
static void
maybe_close(void)
{
	size_t n = count_up(&ops), at = flc_load_relaxed(&closes_at);

	if (!may_close)
		return;
	if (n == at)
		filch_channel_close(channel[0]);
	if (n == at + 500)
		close_all();
}

static int
send_by_select(const uint64_t *item, uint64_t random)
{
	filch_select_arm arm[2] = {
		{ channel[0], FILCH_SELECT_SEND, (void *)(uintptr_t)item },
		{ channel[1], FILCH_SELECT_SEND, (void *)(uintptr_t)item },
	};
	size_t chosen = 0;
	int status = random >> 63
	    ? filch_select(arm, channels, &chosen, some_deadline(random))
	    : filch_select_biased(arm, channels, &chosen, some_deadline(random));

	/* One was closed: now the other alone. */
	if (status == FILCH_CLOSED && channels == 2) {
		arm[chosen].channel = NULL;
		status = filch_select(arm, 2, &chosen, some_deadline(random));
	}
	return status;
}

/* Sends the items from `at` on, as many as it says; how far it came. */
static int
send_some(size_t at, size_t n, uint64_t random, size_t *done)
{
	uint64_t items[MOST_BATCH];
	int status;

	for (size_t i = 0; i < n; i++)
		items[i] = at + i;
	if (channels == 1 && n > 1)
		return filch_channel_send_many(channel[0], items, n, done, some_deadline(random));
	if (channels == 2 || random >> 60 == 0)
		status = send_by_select(items, random);
	else
		status = filch_channel_send(channel[0], items, some_deadline(random));
	*done = status == FILCH_OK;
	return status;
}

static bool
is_known(int status)
{
	return status == FILCH_OK || status == FILCH_AGAIN || status == FILCH_TIMEOUT
	    || status == FILCH_CLOSED || status == FILCH_CANCELED;
}

static void
produce(size_t me)
{
	uint64_t random = random_from(me);

	for (size_t i = 0; i < ITEMS;) {
		size_t n = 1 + random_of(&random) % MOST_BATCH % (ITEMS - i), done = 0;
		int status = send_some(me * ITEMS + i, n, random_of(&random), &done);

		for (size_t k = 0; k < done; k++)
			sent[me * ITEMS + i + k] = 1;
		i += done;
		MUST(is_known(status));
		if (status == FILCH_CLOSED || status == FILCH_CANCELED)
			return;
		if (status == FILCH_AGAIN)
			sched_yield();
		maybe_close();
	}
}

/* What a consumer knows of one channel. */
struct received {
	uint64_t last[SIDES];  /* of each producer, plus one */
};

static void
take(struct received *received, uint64_t item)
{
	size_t side = item / ITEMS;

	MUST(count_up(&got[item]) == 0);
	/* In the order of its producer. */
	MUST(item + 1 > received->last[side]);
	received->last[side] = item + 1;
}

static int
recv_some(struct received *received, uint64_t random)
{
	uint64_t items[MOST_BATCH];
	size_t done = 0;
	int status = filch_channel_recv_many(channel[0], items, 1 + random % MOST_BATCH, &done,
	    some_deadline(random >> 8));

	for (size_t k = 0; k < done; k++)
		take(received, items[k]);
	return status;
}

/* *open: which channels are not closed and drained yet. */
static int
recv_by_select(struct received *received, bool *open, uint64_t random)
{
	uint64_t item[2] = { 0, 0 };
	filch_select_arm arm[2] = {
		{ open[0] ? channel[0] : NULL, FILCH_SELECT_RECV, &item[0] },
		{ open[1] ? channel[1] : NULL, FILCH_SELECT_RECV, &item[1] },
	};
	size_t chosen = 0;
	int status = filch_select(arm, 2, &chosen, some_deadline(random));

	if (status == FILCH_OK)
		take(&received[chosen], item[chosen]);
	if (status != FILCH_CLOSED)
		return status;
	open[chosen] = false;
	return open[0] || open[1] ? FILCH_OK : FILCH_CLOSED;
}

static void
consume(size_t me)
{
	uint64_t random = random_from(me + SIDES);
	struct received received[2] = { { { 0 } }, { { 0 } } };
	bool open[2] = { true, true };

	for (;;) {
		int status = channels == 2
		    ? recv_by_select(received, open, random_of(&random))
		    : recv_some(received, random_of(&random));

		MUST(is_known(status));
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
		close_all();
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
	size_t all_sent = 0, sends = 0, receives = 0;

	for (size_t i = 0; i < channels; i++) {
		filch_channel_metrics m;
		uint64_t item;

		/* What canceled consumers left. */
		while (filch_channel_recv(channel[i], &item, 0) == FILCH_OK)
			MUST(count_up(&got[item]) == 0);
		MUST(filch_channel_stats(channel[i], &m, sizeof(m)) == FILCH_OK);
		sends += m.sends;
		receives += m.receives;
		ck_assert_uint_eq(m.depth, 0);
		ck_assert_uint_eq(m.blocked_senders, 0);
		ck_assert_uint_eq(m.blocked_receivers, 0);
		filch_channel_destroy(channel[i]);
	}
	for (size_t i = 0; i < SIDES * ITEMS; i++) {
		if (count_of(&got[i]) != sent[i])
			ck_abort_msg("item %zu: sent %d, received %zu, seed %" PRIu64, i, sent[i],
			    count_of(&got[i]), seed);
		all_sent += sent[i];
	}
	ck_assert_uint_eq(sends, all_sent);
	ck_assert_uint_eq(receives, all_sent);
}

static void
make(size_t i, size_t capacity, int spsc)
{
	filch_channel_options options = FILCH_CHANNEL_OPTIONS_INIT;

	options.spsc = spsc;
	MUST(filch_channel_create(&channel[i], sizeof(uint64_t), capacity, &options) == FILCH_OK);
}

static void
begin(size_t of_channels, size_t of_sides, size_t when)
{
	channels = of_channels;
	sides = of_sides;
	may_close = when != 0;
	flc_store_relaxed(&closes_at, when);
	flc_store_relaxed(&producers_left, sides);
}

static const size_t capacities[] = { 0, 1, 3, 64, FILCH_UNBOUNDED };
#define KINDS 5

static void
run_all_sides(void)
{
	pthread_t thread[2 * SIDES];

	for (size_t i = 0; i < sides; i++) {
		MUST(pthread_create(&thread[2 * i], NULL, producer_main, NULL) == 0);
		MUST(pthread_create(&thread[2 * i + 1], NULL, consumer_main, NULL) == 0);
	}
	for (size_t i = 0; i < 2 * sides; i++)
		pthread_join(thread[i], NULL);
	check_all();
}

/* Somewhere in the middle. */
static size_t
some_time(size_t most)
{
	uint64_t random = random_from(1000);

	return 1 + random % most;
}

/* i < KINDS: to the end; from there: closed in the middle. */
START_TEST(each_item_is_received_once)
{
	make(0, capacities[_i % KINDS], 0);
	begin(1, SIDES, _i < KINDS ? 0 : some_time(8000));
	run_all_sides();
}
END_TEST

START_TEST(each_item_of_one_producer_is_received_once_by_one_consumer)
{
	static const size_t lines[] = { 1, 3, 64 };

	make(0, lines[_i % 3], 1);
	begin(1, 1, _i < 3 ? 0 : some_time(500));
	run_all_sides();
}
END_TEST

/* Two channels of all kinds; i: which, and whether closed. */
START_TEST(each_item_is_received_once_by_select)
{
	make(0, capacities[_i % KINDS], 0);
	make(1, capacities[_i / KINDS % KINDS], 0);
	begin(2, SIDES, _i < KINDS * KINDS ? 0 : some_time(8000));
	run_all_sides();
}
END_TEST

/* -- The same as tasks of two groups, of which one is canceled in the middle -- */

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

/* i: the number of workers, which group, and by how many channels. */
START_TEST(canceled_groups_leave_nothing_behind)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	size_t when = some_time(600);
	filch_pool *pool;

	options.workers = worker_counts[_i % THREADED_COUNTS];
	options.spares = 2 * SIDES;
	pool = pool_by(&options);
	make(0, capacities[_i % 4], 0);
	make(1, capacities[(_i + 1) % 4], 0);
	begin(_i < 2 * THREADED_COUNTS ? 1 : 2, SIDES, 0);
	if (channels == 1)
		filch_channel_destroy(channel[1]);
	producers.pool = consumers.pool = pool;
	for (size_t i = 0; i < SIDES; i++) {
		MUST(filch_group_spawn(&consumers, consumer_task, NULL) == FILCH_OK);
		MUST(filch_group_spawn(&producers, producer_task, NULL) == FILCH_OK);
	}
	while (count_of(&ops) < when)
		sched_yield();
	filch_group_cancel(_i % 2 ? &producers : &consumers);
	if (_i % 2 == 0)
		close_all();
	(void)filch_group_wait(&producers, FILCH_FOREVER);
	close_all();
	(void)filch_group_wait(&consumers, FILCH_FOREVER);
	check_all();
	end_pool(pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stress_channel");
	TCase *stress = case_of(suite, "stress", NULL, NULL);
	const char *given = getenv("FILCH_SEED");

	clear_variables();
	seed = given != NULL ? strtoull(given, NULL, 10) : filch_now();
	fprintf(stderr, "stress_channel: FILCH_SEED=%" PRIu64 "\n", seed);
	tcase_add_loop_test(stress, each_item_is_received_once, 0, 2 * KINDS);
	tcase_add_loop_test(stress, each_item_of_one_producer_is_received_once_by_one_consumer, 0,
	    6);
	tcase_add_loop_test(stress, each_item_is_received_once_by_select, 0, 2 * KINDS * KINDS);
	tcase_add_loop_test(stress, canceled_groups_leave_nothing_behind, 0, 4 * THREADED_COUNTS);
	return run_suite(suite);
}
