/* SPDX-License-Identifier: BSD-2-Clause */
#include "pools.h"
#include "sched/sleep.h"

#define SLEEPERS 4
#define SPARE 3

static struct flc_sleep sleep_;
static struct flc_sleeper sleeper[SLEEPERS];
static struct flc_sleeper *table[SLEEPERS];

/* Three workers and a spare; a limit of two. */
static void
setup(void)
{
	flc_sleep_init(&sleep_, table, SLEEPERS, 2);
	for (size_t i = 0; i < SLEEPERS; i++) {
		flc_sleeper_init(&sleeper[i], i == SPARE ? FLC_RANK_SPARE : FLC_RANK_WORKER, i == SPARE ? FLC_NO_CPU : (uint32_t)i);
		flc_sleep_admit(&sleep_, i, &sleeper[i]);
	}
}

static void
teardown(void)
{
	for (size_t i = 0; i < SLEEPERS; i++)
		flc_sleeper_fini(&sleeper[i]);
	flc_sleep_fini(&sleep_);
}

/* Chooses a sleeper; whether it was an unstarted spare is in `start`. */
static bool start;

static struct flc_sleeper *
choose(void)
{
	return flc_sleep_choose(&sleep_, FLC_NO_CPU, false, &start);
}

/* A thread that begins as a searcher and finds nothing. */
static void
put_to_sleep(size_t i)
{
	flc_sleep_begin(&sleep_);
	(void)flc_sleep_fall_asleep(&sleep_, &sleeper[i]);
}

/* Its looks are over: each is in vain while nobody comes. */
static void
watch_no_more(size_t i)
{
	for (unsigned looks = 0; sleeper[i].watching; looks++) {
		ck_assert_uint_le(looks, FLC_WATCH_ON);
		ck_assert_int_eq(flc_sleep_wait(&sleep_, &sleeper[i]), FLC_WOKEN_TIMEOUT);
	}
}

START_TEST(nobody_is_active_at_first)
{
	ck_assert_uint_eq(flc_sleep_active(&sleep_), 0);
	ck_assert(flc_sleep_is_quiet(&sleep_));
	ck_assert(!flc_sleep_wanted(&sleep_));
	ck_assert_ptr_null(choose());
}
END_TEST

START_TEST(a_searcher_is_active_and_nobody_else_is_woken)
{
	put_to_sleep(0);
	flc_sleep_begin(&sleep_);
	ck_assert_uint_eq(flc_sleep_active(&sleep_), 1);
	ck_assert(!flc_sleep_is_quiet(&sleep_));
	ck_assert(!flc_sleep_wanted(&sleep_));
	ck_assert_ptr_null(choose());
	flc_sleep_end(&sleep_);
	ck_assert_uint_eq(flc_sleep_active(&sleep_), 0);
}
END_TEST

/* One who may come again. */
static void
a_guest_was_here(void)
{
	struct flc_sleeper guest;

	flc_sleeper_init(&guest, FLC_RANK_GUEST, FLC_NO_CPU);
	flc_sleep_enter(&sleep_, &guest, FLC_NO_CPU);
	(void)flc_sleep_leave(&sleep_, &guest);
	flc_sleeper_fini(&guest);
}

/* Another is at work besides; there is room for a third. */
static void
another_works(void)
{
	flc_sleep_set_limit(&sleep_, 3);
	flc_sleep_begin(&sleep_);
	(void)flc_sleep_stop_search(&sleep_, false);
}

START_TEST(the_last_searcher_to_steal_a_fork_wakes_one_to_watch)
{
	put_to_sleep(0);
	watch_no_more(0);
	another_works();
	flc_sleep_begin(&sleep_);
	ck_assert_int_eq(flc_sleep_stop_search(&sleep_, true), FLC_LEAVE_WAKE);
	ck_assert(flc_sleep_wanted(&sleep_));
}
END_TEST

START_TEST(with_other_work_it_only_looks)
{
	put_to_sleep(0);
	watch_no_more(0);
	another_works();
	flc_sleep_begin(&sleep_);
	ck_assert_int_eq(flc_sleep_stop_search(&sleep_, false), FLC_LEAVE_FENCE);
}
END_TEST

START_TEST(alone_it_needs_no_heavy_fence)
{
	put_to_sleep(0);
	flc_sleep_begin(&sleep_);
	ck_assert_int_eq(flc_sleep_stop_search(&sleep_, true), FLC_LEAVE_LOOK);
	flc_sleep_start_search(&sleep_);
	ck_assert(flc_sleep_fall_asleep(&sleep_, &sleeper[1]));
}
END_TEST

START_TEST(beside_a_blocking_part_of_a_task_it_is_not_alone)
{
	put_to_sleep(0);
	watch_no_more(0);
	flc_sleep_begin(&sleep_);
	flc_add_full(&sleep_.blocking, 1);
	ck_assert_int_eq(flc_sleep_stop_search(&sleep_, false), FLC_LEAVE_FENCE);
	flc_sleep_start_search(&sleep_);
	ck_assert(!flc_sleep_fall_asleep(&sleep_, &sleeper[1]));
}
END_TEST

START_TEST(or_relies_on_the_one_who_watches)
{
	another_works();
	put_to_sleep(0);
	flc_sleep_begin(&sleep_);
	ck_assert_int_eq(flc_sleep_stop_search(&sleep_, true), FLC_LEAVE_FENCE);
}
END_TEST

START_TEST(or_looks_again_if_only_a_spare_could_be_started)
{
	flc_sleep_add_unstarted(&sleep_, 1);
	another_works();
	flc_sleep_begin(&sleep_);
	ck_assert_int_eq(flc_sleep_stop_search(&sleep_, true), FLC_LEAVE_FENCE);
}
END_TEST

START_TEST(nobody_watches_where_no_guest_comes)
{
	put_to_sleep(0);
	ck_assert(!sleeper[0].watching);
	a_guest_was_here();
	put_to_sleep(1);
	ck_assert(sleeper[1].watching);
	flc_sleep_cancel(&sleep_, &sleeper[1]);
	flc_sleep_end(&sleep_);
	put_to_sleep(1);
	ck_assert(!sleeper[1].watching);
}
END_TEST

START_TEST(not_while_another_searches)
{
	put_to_sleep(0);
	flc_sleep_set_limit(&sleep_, 3);
	flc_sleep_begin(&sleep_);
	flc_sleep_begin(&sleep_);
	ck_assert_int_eq(flc_sleep_stop_search(&sleep_, true), FLC_LEAVE_NOTHING);
	ck_assert_int_ne(flc_sleep_stop_search(&sleep_, true), FLC_LEAVE_NOTHING);
}
END_TEST

START_TEST(not_when_nobody_sleeps_or_the_limit_is_reached)
{
	flc_sleep_begin(&sleep_);
	ck_assert_int_eq(flc_sleep_stop_search(&sleep_, true), FLC_LEAVE_NOTHING);
	put_to_sleep(0);
	flc_sleep_begin(&sleep_);
	ck_assert_int_eq(flc_sleep_stop_search(&sleep_, true), FLC_LEAVE_NOTHING);
	ck_assert(!flc_sleep_wanted(&sleep_));
	flc_sleep_set_limit(&sleep_, 3);
	ck_assert(flc_sleep_wanted(&sleep_));
	ck_assert(!flc_sleep_surplus(&sleep_));
	flc_sleep_set_limit(&sleep_, 1);
	ck_assert(flc_sleep_surplus(&sleep_));
}
END_TEST

START_TEST(the_chosen_one_counts_as_searching)
{
	put_to_sleep(0);
	put_to_sleep(1);
	struct flc_sleeper *chosen = choose();

	ck_assert_ptr_nonnull(chosen);
	ck_assert_uint_eq(flc_load_relaxed(&chosen->asleep), 0);
	ck_assert_uint_eq(flc_sleep_active(&sleep_), 1);
	ck_assert_ptr_null(choose());
	ck_assert_int_ne(flc_sleep_stop_search(&sleep_, true), FLC_LEAVE_NOTHING);
	struct flc_sleeper *second = choose();

	ck_assert_ptr_nonnull(second);
	ck_assert_ptr_ne(second, chosen);
}
END_TEST

START_TEST(workers_are_woken_before_spares)
{
	put_to_sleep(SPARE);
	put_to_sleep(2);
	ck_assert_ptr_eq(choose(), &sleeper[2]);
	flc_sleep_stop_search(&sleep_, true);
	ck_assert_ptr_eq(choose(), &sleeper[SPARE]);
}
END_TEST

START_TEST(a_spare_is_started_when_nobody_else_sleeps)
{
	flc_sleep_add_unstarted(&sleep_, 1);
	put_to_sleep(2);
	ck_assert_ptr_eq(choose(), &sleeper[2]);
	ck_assert(!start);
	flc_sleep_stop_search(&sleep_, true);
	ck_assert_ptr_null(choose());
	ck_assert(start);
	ck_assert_uint_eq(flc_sleep_active(&sleep_), 2);
	flc_sleep_not_started(&sleep_);
	ck_assert_uint_eq(flc_sleep_active(&sleep_), 1);
	ck_assert_ptr_null(choose());
	ck_assert(!start);
}
END_TEST

START_TEST(who_is_pinned_to_a_guests_cpu_is_woken_last)
{
	struct flc_sleeper guest;

	flc_sleeper_init(&guest, FLC_RANK_GUEST, FLC_NO_CPU);
	flc_sleep_admit(&sleep_, SPARE, &guest);
	put_to_sleep(0);
	put_to_sleep(1);
	flc_sleep_enter(&sleep_, &guest, 0);
	ck_assert_ptr_eq(choose(), &sleeper[1]);
	flc_sleeper_fini(&guest);
}
END_TEST

START_TEST(who_is_pinned_to_the_wakers_cpu_is_woken_last)
{
	bool spare;

	put_to_sleep(0);
	put_to_sleep(1);
	ck_assert_ptr_eq(flc_sleep_choose(&sleep_, 1, false, &spare), &sleeper[0]);
	ck_assert(!sleeper[0].crowded);
	flc_sleep_stop_search(&sleep_, true);
	/* There is no other. */
	ck_assert_ptr_eq(flc_sleep_choose(&sleep_, 1, false, &spare), &sleeper[1]);
	ck_assert(!sleeper[1].crowded);
}
END_TEST

START_TEST(even_before_the_watcher)
{
	bool spare;

	a_guest_was_here();
	put_to_sleep(0);
	put_to_sleep(1);
	ck_assert(sleeper[0].watching);
	ck_assert_ptr_eq(flc_sleep_choose(&sleep_, 1, false, &spare), &sleeper[0]);
}
END_TEST

/* -- A machine of many CPUs -- */

#define CPUS 320

static struct flc_sleep big;
static struct flc_sleeper big_sleeper[CPUS], big_guest[FLC_SLEEP_GUESTS];
static struct flc_sleeper *big_table[CPUS + FLC_SLEEP_GUESTS];

/* A worker on each CPU, all asleep, the last one first. */
static void
setup_big(void)
{
	flc_sleep_init(&big, big_table, CPUS + FLC_SLEEP_GUESTS, CPUS);
	for (size_t i = 0; i < CPUS; i++) {
		flc_sleeper_init(&big_sleeper[i], FLC_RANK_WORKER, (uint32_t)i);
		flc_sleep_admit(&big, i, &big_sleeper[i]);
		flc_sleep_begin(&big);
		(void)flc_sleep_fall_asleep(&big, &big_sleeper[i]);
	}
	for (size_t i = 0; i < FLC_SLEEP_GUESTS; i++) {
		flc_sleeper_init(&big_guest[i], FLC_RANK_GUEST, FLC_NO_CPU);
		flc_sleep_admit(&big, CPUS + i, &big_guest[i]);
	}
}

static void
teardown_big(void)
{
	for (size_t i = 0; i < CPUS; i++)
		flc_sleeper_fini(&big_sleeper[i]);
	for (size_t i = 0; i < FLC_SLEEP_GUESTS; i++)
		flc_sleeper_fini(&big_guest[i]);
	flc_sleep_fini(&big);
}

/* Whom a thread on this CPU wakes; it finds work at once. */
static size_t
woken_from(uint32_t cpu)
{
	bool spare;
	struct flc_sleeper *chosen = flc_sleep_choose(&big, cpu, false, &spare);

	ck_assert_ptr_nonnull(chosen);
	flc_sleep_stop_search(&big, true);
	return (size_t)(chosen - big_sleeper);
}

START_TEST(cpus_that_differ_by_64_are_not_confused)
{
	flc_sleep_enter(&big, &big_guest[0], CPUS - 1 - 64);
	flc_sleep_enter(&big, &big_guest[1], CPUS - 2);
	ck_assert_uint_eq(woken_from(CPUS - 3 - 64), CPUS - 1);
	ck_assert(!big_sleeper[CPUS - 1].crowded);
	ck_assert_uint_eq(woken_from(CPUS - 4), CPUS - 3);
}
END_TEST

/* Guests on the CPUs of the first 64; the waker is on the next. */
START_TEST(all_guests_are_seen)
{
	for (size_t i = 0; i < FLC_SLEEP_GUESTS; i++)
		flc_sleep_enter(&big, &big_guest[i], (uint32_t)(CPUS - 1 - i));
	ck_assert_uint_eq(woken_from(CPUS - 1 - FLC_SLEEP_GUESTS),
	    CPUS - 2 - FLC_SLEEP_GUESTS);
}
END_TEST

/* Each once, and whoever sleeps again is the next. */
START_TEST(everybody_is_woken_in_the_end)
{
	bool woken[CPUS] = { false };

	for (size_t i = 0; i < CPUS; i++) {
		size_t at = woken_from(FLC_NO_CPU);

		ck_assert(!woken[at]);
		woken[at] = true;
	}
	ck_assert(!flc_sleep_wanted(&big));
	for (size_t i = 0; i < CPUS; i += 7) {
		flc_sleep_start_search(&big);
		(void)flc_sleep_fall_asleep(&big, &big_sleeper[i]);
		ck_assert_uint_eq(woken_from(FLC_NO_CPU), i);
	}
}
END_TEST

/* From the middle, the end and the beginning of those asleep. */
START_TEST(one_in_particular_of_many_can_be_chosen)
{
	static const size_t some[] = { CPUS / 2, 0, CPUS - 1, CPUS / 2 + 1, 1 };
	size_t n = sizeof(some) / sizeof(some[0]);

	for (size_t i = 0; i < n; i++)
		ck_assert(flc_sleep_choose_this(&big, &big_sleeper[some[i]]));
	for (size_t i = 0; i < n; i++)
		flc_sleep_stop_search(&big, true);
	for (size_t i = n; i < CPUS; i++)
		for (size_t at = woken_from(FLC_NO_CPU), k = 0; k < n; k++)
			ck_assert_uint_ne(at, some[k]);
	ck_assert(!flc_sleep_wanted(&big));
}
END_TEST

START_TEST(one_in_particular_can_be_chosen)
{
	put_to_sleep(0);
	put_to_sleep(1);
	ck_assert(flc_sleep_choose_this(&sleep_, &sleeper[1]));
	ck_assert(!flc_sleep_choose_this(&sleep_, &sleeper[1]));
	ck_assert_uint_eq(flc_sleep_active(&sleep_), 1);
}
END_TEST

START_TEST(canceling_a_sleep_makes_a_searcher_again)
{
	put_to_sleep(0);
	flc_sleep_cancel(&sleep_, &sleeper[0]);
	ck_assert_uint_eq(flc_sleep_active(&sleep_), 1);
	flc_sleep_cancel(&sleep_, &sleeper[0]);
	ck_assert_uint_eq(flc_sleep_active(&sleep_), 1);
	flc_sleep_end(&sleep_);
	ck_assert(flc_sleep_is_quiet(&sleep_));
}
END_TEST

START_TEST(one_sleeper_watches_while_others_work)
{
	flc_sleep_set_limit(&sleep_, 3);
	put_to_sleep(0);
	watch_no_more(0);
	ck_assert(flc_sleep_unwatched(&sleep_));
	flc_sleep_begin(&sleep_);
	put_to_sleep(1);
	ck_assert(!flc_sleep_unwatched(&sleep_));
	put_to_sleep(2);
	ck_assert(!sleeper[0].watching);
	ck_assert(sleeper[1].watching);
	ck_assert(!sleeper[2].watching);
	ck_assert_int_eq(flc_sleep_wait(&sleep_, &sleeper[1]), FLC_WOKEN_TIMEOUT);
	flc_sleep_cancel(&sleep_, &sleeper[1]);
	ck_assert(flc_sleep_unwatched(&sleep_));
}
END_TEST

START_TEST(the_watch_goes_on_while_guests_come)
{
	struct flc_sleeper guest;

	flc_sleeper_init(&guest, FLC_RANK_GUEST, FLC_NO_CPU);
	flc_sleep_set_limit(&sleep_, 2);
	a_guest_was_here();
	put_to_sleep(0);
	for (unsigned looks = 0; looks < 2 * FLC_WATCH_ON; looks++) {
		flc_sleep_enter(&sleep_, &guest, FLC_NO_CPU);
		(void)flc_sleep_leave(&sleep_, &guest);
		ck_assert_int_eq(flc_sleep_wait(&sleep_, &sleeper[0]), FLC_WOKEN_TIMEOUT);
		ck_assert(sleeper[0].watching);
	}
	watch_no_more(0);
	flc_sleeper_fini(&guest);
}
END_TEST

START_TEST(a_waiter_gives_its_place_to_another)
{
	put_to_sleep(0);
	flc_sleep_set_limit(&sleep_, 1);
	flc_sleep_begin(&sleep_);
	ck_assert_int_eq(flc_sleep_stop_search(&sleep_, true), FLC_LEAVE_NOTHING);
	ck_assert_int_eq(flc_sleep_give_up(&sleep_), FLC_LEAVE_LOOK);
	ck_assert(!flc_sleep_is_quiet(&sleep_));
	ck_assert_uint_eq(flc_sleep_active(&sleep_), 0);
	ck_assert_ptr_eq(choose(), &sleeper[0]);
	flc_sleep_take_back(&sleep_);
	ck_assert_uint_eq(flc_sleep_active(&sleep_), 2);
	ck_assert(flc_sleep_surplus(&sleep_));
}
END_TEST

START_TEST(a_guest_takes_a_place_and_gives_it_back)
{
	struct flc_sleeper guest;

	flc_sleeper_init(&guest, FLC_RANK_GUEST, FLC_NO_CPU);
	flc_sleep_set_limit(&sleep_, 1);
	put_to_sleep(0);
	flc_sleep_enter(&sleep_, &guest, FLC_NO_CPU);
	ck_assert(!flc_sleep_wanted(&sleep_));
	ck_assert_int_eq(flc_sleep_leave(&sleep_, &guest), FLC_LEAVE_LOOK);
	ck_assert(flc_sleep_is_quiet(&sleep_));
	flc_sleeper_fini(&guest);
}
END_TEST

START_TEST(closing_ends_every_wait)
{
	put_to_sleep(0);
	flc_sleep_close(&sleep_);
	ck_assert_int_eq(flc_sleep_wait(&sleep_, &sleeper[0]), FLC_WOKEN_SHUTDOWN);
	ck_assert_int_eq(flc_sleep_wait(&sleep_, &sleeper[0]), FLC_WOKEN_SHUTDOWN);
}
END_TEST

/* -- The protocol with threads: work is a count, published and taken. -- */

#define ITEMS 20000

static flc_atomic work, taken, sleeping;

static bool
take(void)
{
	for (;;) {
		size_t n = flc_load_acquire(&work);

		if (n == 0)
			return false;
		if (flc_cas_full(&work, n, n - 1)) {
			count_up(&taken);
			return true;
		}
	}
}

static void
look_and_rouse(void)
{
	struct flc_sleeper *chosen;

	bool spare;

	flc_fence_full();
	if (flc_load_relaxed(&work) == 0)
		return;
	chosen = flc_sleep_choose(&sleep_, FLC_NO_CPU, false, &spare);
	if (chosen != NULL)
		flc_parker_wake(&chosen->parker);
}

static void *
worker_main(void *unused)
{
	static flc_atomic next;
	struct flc_sleeper *me = &sleeper[count_up(&next)];
	bool searching = true;

	(void)unused;
	for (;;) {
		if (take()) {
			if (searching && flc_sleep_stop_search(&sleep_, true) != FLC_LEAVE_NOTHING)
				look_and_rouse();
			searching = false;
			continue;
		}
		if (!searching)
			flc_sleep_start_search(&sleep_);
		searching = true;
		(void)flc_sleep_fall_asleep(&sleep_, me);
		(void)flc_fence_heavy();
		flc_fence_full();
		if (flc_load_relaxed(&work) > 0) {
			flc_sleep_cancel(&sleep_, me);
			continue;
		}
		count_up(&sleeping);
		if (flc_sleep_wait(&sleep_, me) == FLC_WOKEN_SHUTDOWN)
			return NULL;
		flc_sleep_cancel(&sleep_, me);
	}
}

/* Two workers sleep after each item, so nearly every publication must wake. */
START_TEST(ping_no_wake_is_lost)
{
	pthread_t thread[2];

	for (int i = 0; i < 2; i++) {
		flc_sleep_begin(&sleep_);
		ck_assert_int_eq(pthread_create(&thread[i], NULL, worker_main, NULL), 0);
	}
	for (size_t i = 1; i <= ITEMS; i++) {
		count_up(&work);
		look_and_rouse();
		if (i % 16 == 0)
			while (count_of(&taken) < i)
				sched_yield();
	}
	ck_assert(reaches(&taken, ITEMS));
	flc_sleep_close(&sleep_);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	ck_assert_uint_gt(count_of(&sleeping), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("sleep");
	TCase *alone = tcase_create("alone");
	TCase *many = tcase_create("many CPUs");
	TCase *threads = tcase_create("threads");

	tcase_add_checked_fixture(alone, setup, teardown);
	tcase_add_test(alone, nobody_is_active_at_first);
	tcase_add_test(alone, a_searcher_is_active_and_nobody_else_is_woken);
	tcase_add_test(alone, the_last_searcher_to_steal_a_fork_wakes_one_to_watch);
	tcase_add_test(alone, with_other_work_it_only_looks);
	tcase_add_test(alone, alone_it_needs_no_heavy_fence);
	tcase_add_test(alone, beside_a_blocking_part_of_a_task_it_is_not_alone);
	tcase_add_test(alone, nobody_watches_where_no_guest_comes);
	tcase_add_test(alone, or_relies_on_the_one_who_watches);
	tcase_add_test(alone, or_looks_again_if_only_a_spare_could_be_started);
	tcase_add_test(alone, not_while_another_searches);
	tcase_add_test(alone, not_when_nobody_sleeps_or_the_limit_is_reached);
	tcase_add_test(alone, the_chosen_one_counts_as_searching);
	tcase_add_test(alone, workers_are_woken_before_spares);
	tcase_add_test(alone, who_is_pinned_to_a_guests_cpu_is_woken_last);
	tcase_add_test(alone, who_is_pinned_to_the_wakers_cpu_is_woken_last);
	tcase_add_test(alone, even_before_the_watcher);
	tcase_add_test(alone, a_spare_is_started_when_nobody_else_sleeps);
	tcase_add_test(alone, one_in_particular_can_be_chosen);
	tcase_add_test(alone, canceling_a_sleep_makes_a_searcher_again);
	tcase_add_test(alone, one_sleeper_watches_while_others_work);
	tcase_add_test(alone, the_watch_goes_on_while_guests_come);
	tcase_add_test(alone, a_waiter_gives_its_place_to_another);
	tcase_add_test(alone, a_guest_takes_a_place_and_gives_it_back);
	tcase_add_test(alone, closing_ends_every_wait);
	suite_add_tcase(suite, alone);

	tcase_add_checked_fixture(many, setup_big, teardown_big);
	tcase_add_test(many, cpus_that_differ_by_64_are_not_confused);
	tcase_add_test(many, all_guests_are_seen);
	tcase_add_test(many, everybody_is_woken_in_the_end);
	tcase_add_test(many, one_in_particular_of_many_can_be_chosen);
	suite_add_tcase(suite, many);

	tcase_add_checked_fixture(threads, setup, teardown);
	tcase_set_timeout(threads, TIMEOUT_S);
	tcase_add_test(threads, ping_no_wake_is_lost);
	suite_add_tcase(suite, threads);
	return run_suite(suite);
}
