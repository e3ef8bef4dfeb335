/* SPDX-License-Identifier: BSD-2-Clause */
/* How the rows of the page change hands, and what they then say. */
#include "mutex_rows.h"

#include <stdio.h>

/* -- Changing hands -- */

START_TEST(a_row_bears_the_end_of_its_name)
{
	char name[200];
	struct flc_mutex_row *row;

	memset(name, 'a', sizeof(name));
	strcpy(name + 150, "file.c:12");
	row = flc_page_mutex_row(name);
	filch_mutex_metrics m = read_mutex(row);

	ck_assert_uint_eq(strlen(m.name), FILCH_METRICS_NAME - 1);
	ck_assert_str_eq(m.name + FILCH_METRICS_NAME - 1 - 9, "file.c:12");
	ck_assert_str_eq(read_mutex(flc_page_mutex_row("")).name, "");
}
END_TEST

/* Of all rows of that name. */
static int
sum_of_name(void *sum, const filch_mutex_metrics *m)
{
	if (strcmp(m->name, "cache") == 0)
		*(uint64_t *)sum += m->acquisitions;
	return FILCH_OK;
}

START_TEST(what_an_ended_thing_counted_stands_and_its_namesake_begins_at_zero)
{
	uint64_t sum = 0;

	struct flc_mutex_row *row = flc_page_mutex_row("cache"), *again;

	acquire(row, 3);
	flc_row_max(&row->row, &row->wait_max, 1000);
	flc_page_give_back(&row->row);
	ck_assert_uint_eq(read_mutex(row).acquisitions, 3);
	ck_assert_int_eq(read_mutex(row).live, 0);
	ck_assert_ptr_ne(flc_page_mutex_row("other one"), row);
	again = flc_page_mutex_row("cache");
	ck_assert_ptr_ne(again, row);
	acquire(again, 2);
	ck_assert_uint_eq(read_mutex(again).acquisitions, 2);
	ck_assert_int_eq(read_mutex(again).live, 1);
	flc_page_give_back(&again->row);
	/* One row is left, and the sum was the same at any time. */
	ck_assert_uint_eq(read_mutex(row).acquisitions, 5);
	ck_assert_uint_eq(read_mutex(again).acquisitions, 0);
	ck_assert_int_eq(filch_metrics_foreach_mutex(sum_of_name, &sum), FILCH_OK);
	ck_assert_uint_eq(sum, 5);
}
END_TEST

START_TEST(two_of_one_name_have_a_row_each_and_leave_one_behind)
{
	struct flc_mutex_row *a = flc_page_mutex_row("twin"), *b = flc_page_mutex_row("twin");

	ck_assert_ptr_ne(a, b);
	acquire(a, 3);
	acquire(b, 4);
	flc_row_time(&b->row, &b->wait, 5000);
	flc_page_give_back(&a->row);
	flc_page_give_back(&b->row);
	ck_assert_uint_eq(read_mutex(a).acquisitions, 7);
	filch_mutex_metrics m = read_mutex(a);

	ck_assert_uint_eq(flc_histogram_total(&m.wait), 1);
	ck_assert_uint_eq(read_mutex(b).acquisitions, 0);
	/* The other row is free again. */
	ck_assert_ptr_eq(flc_page_mutex_row("next"), b);
}
END_TEST

#define OBJECTS 400

START_TEST(more_things_than_rows_share_one_and_nothing_is_lost)
{
	struct flc_mutex_row *row[OBJECTS];
	size_t shared = 0;
	char name[16];

	for (int i = 0; i < OBJECTS; i++) {
		snprintf(name, sizeof(name), "m%d", i);
		row[i] = flc_page_mutex_row(name);
		acquire(row[i], 10);
		shared += flc_load_relaxed(&row[i]->row.shared);
	}
	ck_assert_uint_eq(shared, OBJECTS - 255);
	ck_assert_uint_eq(flc_load_relaxed(&flc_page()->rows_overflow), OBJECTS - 255);
	ck_assert_uint_eq(all_acquisitions(), OBJECTS * 10);
	for (int i = 0; i < OBJECTS; i++)
		flc_page_give_back(&row[i]->row);
	ck_assert_uint_eq(all_acquisitions(), OBJECTS * 10);
	/* The rows of ended things serve others; what they say goes to "other". */
	for (int i = 0; i < OBJECTS; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		row[i] = flc_page_mutex_row(name);
	}
	ck_assert_uint_eq(all_acquisitions(), OBJECTS * 10);
	ck_assert_uint_eq(flc_load_relaxed(&flc_page()->rows_recycled), 255);
	ck_assert_str_eq(read_mutex(row[OBJECTS - 1]).name, "other");
	ck_assert_uint_eq(read_mutex(row[OBJECTS - 1]).acquisitions, OBJECTS * 10);
}
END_TEST

START_TEST(channels_keep_their_capacity_and_lose_no_item_when_they_end)
{
	struct flc_channel_row *row = flc_page_channel_row("out", 64);
	filch_channel_metrics m;

	flc_row_count(&row->row, &row->sends, 5);
	flc_row_count(&row->row, &row->receives, 4);
	flc_row_time(&row->row, &row->send_wait, flc_ns_to_ticks(1000000));
	ck_assert(flc_channel_row_read(row, &m));
	ck_assert_str_eq(m.name, "out");
	ck_assert_uint_eq(m.capacity, 64);
	ck_assert_uint_eq(m.sends, 5);
	ck_assert_uint_eq(m.receives, 4);
	ck_assert_uint_ge(m.send_wait.sum_ns, 990000);
	ck_assert_uint_le(m.send_wait.sum_ns, 1010000);
	ck_assert_uint_eq(m.send_wait.count[14], 1);
	flc_page_give_back(&row->row);
	row = flc_page_channel_row("out", 128);
	ck_assert(flc_channel_row_read(row, &m));
	ck_assert_uint_eq(m.capacity, 128);
	ck_assert_uint_eq(m.sends, 0);
}
END_TEST

/* A name that goes on keeps its ended row; what finds none shares "other". */
START_TEST(no_row_is_taken_from_a_name_that_goes_on)
{
	struct flc_mutex_row *live, *row;
	uint64_t sum = 0;
	char name[16];

	row = flc_page_mutex_row("cache");
	acquire(row, 3);
	flc_page_give_back(&row->row);
	live = flc_page_mutex_row("cache");
	acquire(live, 1);
	for (int i = 0; i < OBJECTS; i++) {
		snprintf(name, sizeof(name), "m%d", i);
		(void)flc_page_mutex_row(name);
	}
	ck_assert_int_eq(filch_metrics_foreach_mutex(sum_of_name, &sum), FILCH_OK);
	ck_assert_uint_eq(sum, 4);
	flc_page_give_back(&live->row);
	/* Now the last of that name has ended; another of it does not take its row. */
	ck_assert_uint_eq(read_mutex(row).acquisitions, 4);
	(void)flc_page_mutex_row("free again");
	live = flc_page_mutex_row("cache");
	ck_assert_str_eq(read_mutex(live).name, "other");
}
END_TEST

struct ring {
	struct flc_channel_row *row;
	flc_atomic sent;
};

static void
refresh_ring(void *object, struct flc_row *row)
{
	struct ring *ring = object;

	flc_store_relaxed(&((struct flc_channel_row *)(void *)row)->sends,
	    flc_load_relaxed(&ring->sent));
}

static int
find_ring(void *context, const filch_channel_metrics *m)
{
	if (strcmp(m->name, "ring") == 0)
		*(uint64_t *)context = m->sends;
	return FILCH_OK;
}

START_TEST(a_refresher_brings_what_stands_elsewhere)
{
	struct ring ring = { flc_page_channel_row("ring", 8), FLC_ATOMIC_INIT(0) };
	struct flc_refresher by;
	uint64_t sends = 0;

	flc_page_refresh_by(&by, &ring.row->row, refresh_ring, &ring);
	flc_store_relaxed(&ring.sent, 7);
	ck_assert_int_eq(filch_metrics_foreach_channel(find_ring, &sends), FILCH_OK);
	ck_assert_uint_eq(sends, 7);
	/* Once more at the end, and then never again. */
	flc_store_relaxed(&ring.sent, 9);
	flc_page_refresh_end(&by);
	flc_page_give_back(&ring.row->row);
	flc_store_relaxed(&ring.sent, 11);
	ck_assert_int_eq(filch_metrics_foreach_channel(find_ring, &sends), FILCH_OK);
	ck_assert_uint_eq(sends, 9);
}
END_TEST

/* -- Many threads -- */

#define TURNS 300

#define THREADS 4

static flc_atomic ended;

/* Things that come and go, of a few names; each counts in its row alone. */
static void *
come_and_go(void *unused)
{
	uint64_t seed = (uint64_t)(size_t)&seed | 1;
	char name[16];

	(void)unused;
	for (size_t i = 0; i < rounds(TURNS); i++) {
		struct flc_mutex_row *row[3];

		for (int k = 0; k < 3; k++) {
			snprintf(name, sizeof(name), "m%d", (int)(random_of(&seed) % 400));
			row[k] = flc_page_mutex_row(name);
			acquire(row[k], 2);
		}
		for (int k = 0; k < 3; k++) {
			acquire(row[k], 1);
			flc_page_give_back(&row[k]->row);
		}
	}
	count_up(&ended);
	return NULL;
}

START_TEST(sums_only_grow_while_things_come_and_go)
{
	pthread_t thread[THREADS];
	uint64_t before = 0, after;

	(void)filch_pool_default();
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, come_and_go, NULL), 0);
	while (count_of(&ended) < THREADS) {
		after = all_acquisitions();
		MUST(after >= before);
		before = after;
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	ck_assert_uint_eq(all_acquisitions(), THREADS * rounds(TURNS) * 9);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("page_rows");
	TCase *page = case_of(suite, "page", NULL, NULL);

	tcase_add_test(page, a_row_bears_the_end_of_its_name);
	tcase_add_test(page, what_an_ended_thing_counted_stands_and_its_namesake_begins_at_zero);
	tcase_add_test(page, two_of_one_name_have_a_row_each_and_leave_one_behind);
	tcase_add_test(page, more_things_than_rows_share_one_and_nothing_is_lost);
	tcase_add_test(page, no_row_is_taken_from_a_name_that_goes_on);
	tcase_add_test(page, channels_keep_their_capacity_and_lose_no_item_when_they_end);
	tcase_add_test(page, a_refresher_brings_what_stands_elsewhere);
	tcase_add_test(page, sums_only_grow_while_things_come_and_go);
	return run_suite(suite);
}
