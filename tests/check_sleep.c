/* SPDX-License-Identifier: BSD-2-Clause */
/* Who sleeps, who searches and who is woken, step by step on one thread. */
#include "sleeps.h"

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

int
main(void)
{
	Suite *suite = suite_create("sleep");
	TCase *alone = case_of(suite, "alone", setup, teardown);

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
	return run_suite(suite);
}
