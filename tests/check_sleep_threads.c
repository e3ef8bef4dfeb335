/* SPDX-License-Identifier: BSD-2-Clause */
/* Sleep and wake on threads: no wake is lost. */
#include "sleeps.h"

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
	Suite *suite = suite_create("sleep_threads");
	TCase *threads = case_of(suite, "threads", setup, teardown);

	tcase_add_test(threads, ping_no_wake_is_lost);
	return run_suite(suite);
}
