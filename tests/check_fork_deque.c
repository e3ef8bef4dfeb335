/* SPDX-License-Identifier: BSD-2-Clause */
/* The fork deque, step by step on one thread. */
#include "fork_deques.h"

static filch_record_ record[8];

static size_t
push(filch_record_ *r)
{
	r->at = flc_fork_deque_push(deque, r);
	return r->at;
}

static void
assert_steals(filch_record_ *wanted)
{
	filch_record_ *stolen = NULL;
	size_t at = 0;

	MUST(flc_fork_deque_steal(deque, NULL, &stolen, &at) == FLC_STEAL_TASK);
	MUST(stolen == wanted);
	MUST(at == wanted->at);
}

static void
assert_steals_nothing(const struct flc_leap *leap)
{
	filch_record_ *stolen = NULL;
	size_t at = 0;

	ck_assert_int_eq(flc_fork_deque_steal(deque, leap, &stolen, &at), FLC_STEAL_EMPTY);
	ck_assert_ptr_null(stolen);
}

START_TEST(an_empty_deque_gives_nothing)
{
	flc_fork_deque_init(deque, _i);
	ck_assert_uint_eq(flc_fork_deque_seen(deque), 0);
	assert_steals_nothing(NULL);
}
END_TEST

START_TEST(no_record_is_at_index_zero)
{
	flc_fork_deque_init(deque, _i);
	ck_assert_uint_ne(push(&record[0]), 0);
}
END_TEST

START_TEST(the_owner_takes_the_newest_first)
{
	flc_fork_deque_init(deque, _i);
	for (int i = 0; i < 3; i++)
		push(&record[i]);
	ck_assert_uint_eq(flc_fork_deque_seen(deque), 3);
	for (int i = 2; i >= 0; i--)
		ck_assert(flc_fork_deque_take(deque, record[i].at));
	ck_assert_uint_eq(flc_fork_deque_seen(deque), 0);
}
END_TEST

START_TEST(a_thief_steals_the_oldest_first)
{
	flc_fork_deque_init(deque, _i);
	for (int i = 0; i < 3; i++)
		push(&record[i]);
	for (int i = 0; i < 3; i++)
		assert_steals(&record[i]);
	assert_steals_nothing(NULL);
}
END_TEST

START_TEST(a_stolen_record_is_not_taken)
{
	flc_fork_deque_init(deque, _i);
	push(&record[0]);
	assert_steals(&record[0]);
	ck_assert(!flc_fork_deque_take(deque, record[0].at));
	ck_assert_uint_eq(flc_fork_deque_seen(deque), 0);
	assert_steals_nothing(NULL);
}
END_TEST

START_TEST(a_taken_record_is_not_stolen)
{
	flc_fork_deque_init(deque, _i);
	push(&record[0]);
	ck_assert(flc_fork_deque_take(deque, record[0].at));
	assert_steals_nothing(NULL);
}
END_TEST

START_TEST(what_was_stolen_below_leaves_the_rest)
{
	flc_fork_deque_init(deque, _i);
	for (int i = 0; i < 3; i++)
		push(&record[i]);
	assert_steals(&record[0]);
	ck_assert(flc_fork_deque_take(deque, record[2].at));
	ck_assert(flc_fork_deque_take(deque, record[1].at));
	ck_assert_uint_eq(flc_fork_deque_seen(deque), 0);
}
END_TEST

START_TEST(it_works_again_after_every_end)
{
	flc_fork_deque_init(deque, _i);
	for (int round = 0; round < 100; round++) {
		push(&record[0]);
		if (round % 3 == 0) {
			assert_steals(&record[0]);
			ck_assert(!flc_fork_deque_take(deque, record[0].at));
		} else {
			ck_assert(flc_fork_deque_take(deque, record[0].at));
		}
	}
	push(&record[1]);
	assert_steals(&record[1]);
}
END_TEST

START_TEST(a_full_deque_refuses)
{
	flc_fork_deque_init(deque, _i);
	for (size_t i = 0; i < FILCH_LANE_CAPACITY_; i++)
		MUST(push(&record[i % 8]) != 0);
	MUST(push(&record[0]) == 0);
}
END_TEST

START_TEST(a_full_deque_has_room_after_a_steal)
{
	filch_record_ *stolen;
	size_t at;

	flc_fork_deque_init(deque, _i);
	for (size_t i = 0; i < FILCH_LANE_CAPACITY_; i++)
		push(&record[0]);
	ck_assert_int_eq(flc_fork_deque_steal(deque, NULL, &stolen, &at), FLC_STEAL_TASK);
	ck_assert_uint_ne(push(&record[1]), 0);
	ck_assert_uint_eq(push(&record[2]), 0);
	ck_assert(flc_fork_deque_take(deque, record[1].at));
}
END_TEST

START_TEST(slots_are_used_again)
{
	flc_fork_deque_init(deque, true);
	for (size_t i = 0; i < 2 * FILCH_LANE_CAPACITY_ + 7; i++) {
		filch_record_ *oldest = &record[i % 8];

		push(oldest);
		push(&record[(i + 1) % 8]);
		assert_steals(oldest);
		MUST(flc_fork_deque_take(deque, record[(i + 1) % 8].at));
	}
}
END_TEST

/* -- Modes -- */

static size_t
top(void)
{
	return flc_load_relaxed(&deque->top);
}

START_TEST(the_mode_is_in_top_and_leaves_the_index)
{
	size_t index;

	flc_fork_deque_init(deque, false);
	push(&record[0]);
	push(&record[1]);
	assert_steals(&record[0]);
	index = flc_fork_deque_index(top());
	flc_fork_deque_set_mode(deque, true);
	ck_assert_uint_eq(top(), (index + 1) | FLC_FORK_DEQUE_FENCED);
	assert_steals(&record[1]);
	ck_assert_uint_eq(top(), (index + 2) | FLC_FORK_DEQUE_FENCED);
	flc_fork_deque_set_mode(deque, false);
	ck_assert_uint_eq(top(), index + 2);
}
END_TEST

START_TEST(a_deque_keeps_its_records_over_a_change_of_mode)
{
	flc_fork_deque_init(deque, _i);
	push(&record[0]);
	push(&record[1]);
	flc_fork_deque_set_mode(deque, !_i);
	push(&record[2]);
	ck_assert(flc_fork_deque_take(deque, record[2].at));
	assert_steals(&record[0]);
	ck_assert(flc_fork_deque_take(deque, record[1].at));
}
END_TEST

START_TEST(without_a_heavy_fence_nothing_is_stolen)
{
	flc_fork_deque_init(deque, false);
	push(&record[0]);
	flc_fence_break(true);
	assert_steals_nothing(NULL);
	ck_assert_uint_eq(top(), (FLC_FORK_DEQUE_FIRST + 1) | FLC_FORK_DEQUE_REFUSED);
	assert_steals_nothing(NULL);
	/* Not even when it works again: the owner decides. */
	flc_fence_break(false);
	assert_steals_nothing(NULL);
	flc_fork_deque_set_mode(deque, true);
	ck_assert_uint_eq(top(), (FLC_FORK_DEQUE_FIRST + 1) | FLC_FORK_DEQUE_FENCED);
	assert_steals(&record[0]);
}
END_TEST

START_TEST(a_fenced_deque_needs_no_heavy_fence)
{
	flc_fork_deque_init(deque, true);
	push(&record[0]);
	flc_fence_break(true);
	assert_steals(&record[0]);
}
END_TEST

START_TEST(the_owner_takes_from_a_refused_deque)
{
	flc_fork_deque_init(deque, false);
	push(&record[0]);
	push(&record[1]);
	flc_fence_break(true);
	assert_steals_nothing(NULL);
	ck_assert(flc_fork_deque_take(deque, record[1].at));
	ck_assert(flc_fork_deque_take(deque, record[0].at));
	ck_assert_uint_eq(flc_fork_deque_seen(deque), 0);
	ck_assert(top() & FLC_FORK_DEQUE_REFUSED);
}
END_TEST

/* -- Asking -- */

/* A thief that asks for what descends from `leap`, or anything. */
struct asker {
	const struct flc_leap *leap;
	filch_record_ *stolen;
	size_t at;
	flc_atomic ended;
};

static void *
asker_main(void *argument)
{
	struct asker *asker = argument;

	while (flc_fork_deque_steal(deque, asker->leap, &asker->stolen, &asker->at)
	    != FLC_STEAL_TASK)
		;
	flc_store_release(&asker->ended, 1);
	return NULL;
}

/* The owner of two records answers until one is gone; whether that was by grant. */
static bool
granted(const struct flc_leap *leap, const struct flc_frame *frame)
{
	struct asker asker = { leap, NULL, 0, FLC_ATOMIC_INIT(0) };
	pthread_t thread;
	size_t first;

	flc_fork_deque_init(deque, false);
	first = push(&record[0]);
	push(&record[1]);
	MUST(pthread_create(&thread, NULL, asker_main, &asker) == 0);
	/* Yields: on one CPU that others want, too, an owner that has used up its time
	 * would not be the next one when the asker gives the CPU away. */
	while (!flc_load_acquire(&asker.ended)) {
		flc_fork_deque_answer(deque, record[1].at, frame);
		sched_yield();
	}
	pthread_join(thread, NULL);
	MUST(asker.stolen == &record[0] && asker.at == first);
	MUST(top() == first + 2);
	MUST(flc_fork_deque_take(deque, record[1].at));
	return flc_load_relaxed(&deque->paid) == 0;
}

/* Whether it happens before long: a thief that is not running loses backoff. */
static bool
is_granted_soon(const struct flc_leap *leap, const struct flc_frame *frame)
{
	for (int i = 0; i < 10000; i++)
		if (granted(leap, frame))
			return true;
	return false;
}

START_TEST(an_owner_that_answers_hands_out_the_oldest)
{
	ck_assert(is_granted_soon(NULL, NULL));
}
END_TEST

START_TEST(a_leap_is_granted_what_descends_from_what_runs)
{
	filch_record_ awaited = { .at = 0 }, other = { .at = 0 };
	struct flc_leap leap = { &awaited, 77, FLC_FORK_DEQUE_FIRST };
	struct flc_frame below = { NULL, &awaited, FLC_FORK_DEQUE_FIRST, NULL };
	struct flc_frame frame = { &below, &other, FLC_FORK_DEQUE_FIRST + 1, NULL };

	flc_store_relaxed(&awaited.state, 77);
	ck_assert(is_granted_soon(&leap, &frame));
}
END_TEST

START_TEST(a_leap_is_not_granted_what_descends_from_nothing)
{
	filch_record_ awaited = { .at = 0 };
	struct flc_leap leap = { &awaited, 77, FLC_FORK_DEQUE_FIRST };
	struct flc_frame later = { NULL, &awaited, FLC_FORK_DEQUE_FIRST + 1, NULL };

	flc_store_relaxed(&awaited.state, 77);
	for (int i = 0; i < 50; i++)
		ck_assert(!granted(&leap, &later));
}
END_TEST

START_TEST(nobody_is_answered_who_does_not_ask)
{
	flc_fork_deque_init(deque, _i);
	push(&record[0]);
	flc_fork_deque_answer(deque, record[0].at + 1, NULL);
	ck_assert_uint_eq(flc_fork_deque_seen(deque), 1);
	ck_assert(flc_fork_deque_take(deque, record[0].at));
}
END_TEST

/* -- Leapfrogging -- */

START_TEST(a_leap_takes_at_or_above_its_base_only)
{
	filch_record_ awaited = { .at = 0 }, *stolen;
	struct flc_leap leap = { &awaited, 77, 0 };
	size_t at;

	flc_fork_deque_init(deque, _i);
	flc_store_relaxed(&awaited.state, 77);
	push(&record[0]);
	push(&record[1]);
	leap.base = record[1].at;
	assert_steals_nothing(&leap);
	assert_steals(&record[0]);
	ck_assert_int_eq(flc_fork_deque_steal(deque, &leap, &stolen, &at), FLC_STEAL_TASK);
	ck_assert_ptr_eq(stolen, &record[1]);
}
END_TEST

START_TEST(a_leap_ends_with_what_it_waits_for)
{
	filch_record_ awaited = { .at = 0 };
	struct flc_leap leap = { &awaited, 77, 0 };

	flc_fork_deque_init(deque, _i);
	flc_store_relaxed(&awaited.state, FLC_RECORD_DONE);
	leap.base = push(&record[0]);
	assert_steals_nothing(&leap);
	assert_steals(&record[0]);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("fork_deque");
	TCase *alone = case_of(suite, "alone", setup, teardown);

	tcase_add_loop_test(alone, an_empty_deque_gives_nothing, 0, 2);
	tcase_add_loop_test(alone, no_record_is_at_index_zero, 0, 2);
	tcase_add_loop_test(alone, the_owner_takes_the_newest_first, 0, 2);
	tcase_add_loop_test(alone, a_thief_steals_the_oldest_first, 0, 2);
	tcase_add_loop_test(alone, a_stolen_record_is_not_taken, 0, 2);
	tcase_add_loop_test(alone, a_taken_record_is_not_stolen, 0, 2);
	tcase_add_loop_test(alone, what_was_stolen_below_leaves_the_rest, 0, 2);
	tcase_add_loop_test(alone, it_works_again_after_every_end, 0, 2);
	tcase_add_loop_test(alone, a_full_deque_refuses, 0, 2);
	tcase_add_loop_test(alone, a_full_deque_has_room_after_a_steal, 0, 2);
	tcase_add_test(alone, slots_are_used_again);
	tcase_add_test(alone, the_mode_is_in_top_and_leaves_the_index);
	tcase_add_loop_test(alone, a_deque_keeps_its_records_over_a_change_of_mode, 0, 2);
	tcase_add_test(alone, without_a_heavy_fence_nothing_is_stolen);
	tcase_add_test(alone, a_fenced_deque_needs_no_heavy_fence);
	tcase_add_test(alone, the_owner_takes_from_a_refused_deque);
	tcase_add_test(alone, an_owner_that_answers_hands_out_the_oldest);
	tcase_add_test(alone, a_leap_is_granted_what_descends_from_what_runs);
	tcase_add_test(alone, a_leap_is_not_granted_what_descends_from_nothing);
	tcase_add_loop_test(alone, nobody_is_answered_who_does_not_ask, 0, 2);
	tcase_add_loop_test(alone, a_leap_takes_at_or_above_its_base_only, 0, 2);
	tcase_add_loop_test(alone, a_leap_ends_with_what_it_waits_for, 0, 2);
	return run_suite(suite);
}
