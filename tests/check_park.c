/* SPDX-License-Identifier: BSD-2-Clause */
#include "pools.h"
#include "base/park.h"

static struct flc_parker here, there;

static void
setup(void)
{
	flc_parker_init(&here);
	flc_parker_init(&there);
}

static void
teardown(void)
{
	flc_parker_fini(&here);
	flc_parker_fini(&there);
}

START_TEST(a_wake_that_comes_first_is_kept)
{
	ck_assert(!flc_parker_wake(&here));
	ck_assert(flc_parker_wait(&here, FILCH_FOREVER));
}
END_TEST

START_TEST(wakes_do_not_add_up)
{
	flc_parker_wake(&here);
	flc_parker_wake(&here);
	ck_assert(flc_parker_wait(&here, FILCH_FOREVER));
	ck_assert(!flc_parker_wait(&here, in_ms(1)));
}
END_TEST

START_TEST(a_deadline_ends_a_wait_and_not_before)
{
	uint64_t until = in_ms(20);

	ck_assert(!flc_parker_wait(&here, until));
	ck_assert_uint_ge(filch_now(), until);
}
END_TEST

START_TEST(a_deadline_in_the_past_does_not_wait)
{
	ck_assert(!flc_parker_wait(&here, 0));
	flc_parker_wake(&here);
	ck_assert(flc_parker_wait(&here, 0));
}
END_TEST

START_TEST(after_a_timeout_the_next_wake_is_kept)
{
	ck_assert(!flc_parker_wait(&here, in_ms(1)));
	ck_assert(!flc_parker_wake(&here));
	ck_assert(flc_parker_wait(&here, FILCH_FOREVER));
}
END_TEST

static flc_atomic sleeper, woken;

static void *
sleeper_main(void *unused)
{
	(void)unused;
	say_thread(&sleeper);
	ck_assert(flc_parker_wait(&here, FILCH_FOREVER));
	count_up(&woken);
	return NULL;
}

START_TEST(a_sleeping_thread_is_woken)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, sleeper_main, NULL), 0);
	until_asleep(&sleeper);
	ck_assert_uint_eq(count_of(&woken), 0);
	flc_parker_wake(&here);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(count_of(&woken), 1);
}
END_TEST

/* -- Ping: one plain ball, so that a wake without its edge is a race. -- */

#define PINGS 20000
static size_t ball;

static void *
pong_main(void *unused)
{
	(void)unused;
	for (size_t i = 0; i < PINGS; i++) {
		MUST(flc_parker_wait(&there, FILCH_FOREVER));
		MUST(ball == 2 * i + 1);
		ball++;
		flc_parker_wake(&here);
	}
	return NULL;
}

START_TEST(ping_no_wake_is_lost)
{
	pthread_t thread;

	MUST(pthread_create(&thread, NULL, pong_main, NULL) == 0);
	for (size_t i = 0; i < PINGS; i++) {
		ball++;
		flc_parker_wake(&there);
		/* A timeout now and then crosses the wake. */
		while (!flc_parker_wait(&here, i % 2 == 0 ? FILCH_FOREVER : filch_now() + 5000))
			;
		MUST(ball == 2 * i + 2);
	}
	pthread_join(thread, NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("park");
	TCase *park = case_of(suite, "park", setup, teardown);

	tcase_add_test(park, a_wake_that_comes_first_is_kept);
	tcase_add_test(park, wakes_do_not_add_up);
	tcase_add_test(park, a_deadline_ends_a_wait_and_not_before);
	tcase_add_test(park, a_deadline_in_the_past_does_not_wait);
	tcase_add_test(park, after_a_timeout_the_next_wake_is_kept);
	tcase_add_test(park, a_sleeping_thread_is_woken);
	tcase_add_test(park, ping_no_wake_is_lost);
	return run_suite(suite);
}
