/* SPDX-License-Identifier: BSD-2-Clause */
/* Sleep and wake on a machine of many CPUs. */
#include "sleeps.h"

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

int
main(void)
{
	Suite *suite = suite_create("sleep_many_cpus");
	TCase *many = case_of(suite, "many CPUs", setup_big, teardown_big);

	tcase_add_test(many, cpus_that_differ_by_64_are_not_confused);
	tcase_add_test(many, all_guests_are_seen);
	tcase_add_test(many, everybody_is_woken_in_the_end);
	tcase_add_test(many, one_in_particular_of_many_can_be_chosen);
	return run_suite(suite);
}
