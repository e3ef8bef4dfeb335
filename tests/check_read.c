/* SPDX-License-Identifier: BSD-2-Clause */
/* Every counter that is exported only grows, for each of several readers. */
#include "pools.h"
#include "monotone.h"

#include "base/clock.h"

#define READERS 3
#define FEEDERS 2

static struct monotone reader[READERS];
static flc_atomic stop;

static int
tiny(void *unused)
{
	(void)unused;
	return FILCH_OK;
}

static int
piece(void *unused, size_t begin, size_t end)
{
	(void)unused;
	for (volatile size_t i = begin; i < end; i++)
		;
	return FILCH_OK;
}

static filch_mutex mutex = FILCH_MUTEX_INIT("fed");
static filch_condition condition = FILCH_CONDITION_INIT;

/* Changes of state as fast as they come, on workers and on guests. */
static void *
feed_workers(void *unused)
{
	filch_group group = FILCH_GROUP_INIT;

	while (count_of(&stop) == 0) {
		for (int i = 0; i < 20; i++)
			MUST(filch_group_spawn(&group, tiny, NULL) == FILCH_OK);
		MUST(filch_group_wait(&group, FILCH_FOREVER) == FILCH_OK);
		MUST(filch_for(0, 5000, piece, NULL, NULL) == FILCH_OK);
	}
	return unused;
}

/* Locks, and channels that come and go under one name. */
static void *
feed_objects(void *unused)
{
	filch_channel_options options = FILCH_CHANNEL_OPTIONS_INIT;

	options.name = "come and go";
	for (uint64_t n = 0; count_of(&stop) == 0; n++) {
		filch_channel *channel = NULL;
		uint64_t item = n;

		MUST(filch_channel_create(&channel, sizeof(item), 2, &options) == FILCH_OK);
		for (size_t i = 0; i < n % 3; i++)
			MUST(filch_channel_send(channel, &item, FILCH_FOREVER) == FILCH_OK);
		if (n % 3 == 2)
			MUST(filch_channel_recv(channel, &item, FILCH_FOREVER) == FILCH_OK);
		MUST(filch_mutex_lock(&mutex, FILCH_FOREVER) == FILCH_OK);
		(void)filch_condition_wait(&condition, &mutex, filch_now() + 1000);
		MUST(filch_mutex_unlock(&mutex) == FILCH_OK);
		filch_channel_destroy(channel);
	}
	return unused;
}

static void *
read_on(void *argument)
{
	struct monotone *m = argument;

	while (count_of(&stop) == 0 && m->shrunk == 0)
		MUST(monotone_read(m) == FILCH_OK);
	return NULL;
}

static void
start(pthread_t *thread, void *(*main_)(void *), void *argument)
{
	MUST(pthread_create(thread, NULL, main_, argument) == 0);
}

START_TEST(no_counter_shrinks_for_any_of_several_readers)
{
	pthread_t thread[READERS + FEEDERS + 1];
	size_t n = 0;

	for (size_t i = 0; i < FEEDERS; i++)
		start(&thread[n++], feed_workers, NULL);
	start(&thread[n++], feed_objects, NULL);
	for (size_t i = 0; i < READERS; i++)
		start(&thread[n++], read_on, &reader[i]);
	/* Time itself: they read meanwhile. */
	pause_ms(rounds(1500));
	count_up(&stop);
	while (n > 0)
		pthread_join(thread[--n], NULL);
	for (size_t i = 0; i < READERS; i++) {
		if (reader[i].shrunk > 0)
			ck_abort_msg("it shrank: %s", reader[i].worst);
		ck_assert_uint_gt(reader[i].reads, 1);
		ck_assert_uint_gt(reader[i].series, 100);
	}
}
END_TEST

/* The clock alone, where no report is read: it is the quickest reader. */
static filch_worker_metrics last[64];
static size_t looks;

static int
look(void *unused, const filch_worker_metrics *row)
{
	filch_worker_metrics *before = &last[row->index % 64];

	(void)unused;
	looks++;
	for (int s = 0; s < FILCH_STATES; s++)
		if (row->time_ns[s] < before->time_ns[s])
			ck_abort_msg("worker %zu, state %d: %llu after %llu", row->index, s,
			    (unsigned long long)row->time_ns[s],
			    (unsigned long long)before->time_ns[s]);
	*before = *row;
	return FILCH_OK;
}

static void
look_for_a_while(void)
{
	pthread_t thread[FEEDERS];
	uint64_t until = in_ms(rounds(1500));

	for (size_t i = 0; i < FEEDERS; i++)
		start(&thread[i], feed_workers, NULL);
	while (filch_now() < until)
		MUST(filch_metrics_foreach_worker(NULL, look, NULL) == FILCH_OK);
	count_up(&stop);
	for (size_t i = 0; i < FEEDERS; i++)
		pthread_join(thread[i], NULL);
	ck_assert_uint_gt(looks, 100);
}

START_TEST(a_time_is_not_read_before_its_edge)
{
	look_for_a_while();
}
END_TEST

START_TEST(without_the_heavy_fence_times_are_right_too)
{
	flc_fence_break(true);
	look_for_a_while();
	flc_fence_break(false);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("read");
	TCase *all = case_of(suite, "all", clear_variables, NULL);

	tcase_add_test(all, no_counter_shrinks_for_any_of_several_readers);
	tcase_add_test(all, a_time_is_not_read_before_its_edge);
	tcase_add_test(all, without_the_heavy_fence_times_are_right_too);
	return run_suite(suite);
}
