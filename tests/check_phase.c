/* SPDX-License-Identifier: BSD-2-Clause */
/* Phases: workers that stay awake between loops. */
#include "pools.h"

#include <sys/wait.h>
#include <unistd.h>

static filch_pool *pool;

static void
setup(void)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	clear_variables();
	options.workers = 1;
	options.spin_ns = 1000;
	pool = pool_by(&options);
}

static void
teardown(void)
{
	end_pool(pool);
}

static uint64_t
parks(void)
{
	filch_metrics metrics;

	MUST(filch_metrics_snapshot(pool, &metrics, sizeof(metrics)) == FILCH_OK);
	return metrics.sum.parks;
}

/* Waits until the worker sleeps once more. */
static void
wait_for_park(uint64_t before)
{
	uint64_t until = in_ms(60000);

	while (parks() <= before) {
		MUST(filch_now() < until);
		pause_ms(1);
	}
}

static int
work(void *ran)
{
	count_up(ran);
	return FILCH_OK;
}

/* The worker has run something just now, and the spawner waits as a stranger. */
static void
work_once(void)
{
	static flc_atomic ran;
	filch_group group = FILCH_GROUP_INIT;
	size_t before = count_of(&ran);

	group.pool = pool;
	ck_assert_int_eq(filch_group_spawn(&group, work, &ran), FILCH_OK);
	ck_assert(reaches(&ran, before + 1));
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
}

START_TEST(a_worker_stays_awake_while_a_phase_is_open)
{
	uint64_t until = in_ms(100000);
	uint64_t start, before;

	ck_assert_int_eq(filch_phase_begin(pool), FILCH_OK);
	/* On a loaded machine the bound may have passed before we look. */
	do {
		ck_assert(filch_now() < until);
		work_once();
		start = filch_now();
		work_once();
		before = parks();
		/* Time itself: it could have fallen asleep. */
		pause_ms(10);
	} while (parks() != before || filch_now() - start > FILCH_PHASE_NS);
	ck_assert_int_eq(filch_phase_end(pool), FILCH_OK);
	wait_for_park(before);
}
END_TEST

START_TEST(a_worker_sleeps_when_the_phase_ends_and_wakes_for_work)
{
	for (int round = 0; round < 5; round++) {
		uint64_t before = parks();

		ck_assert_int_eq(filch_phase_begin(pool), FILCH_OK);
		work_once();
		ck_assert_int_eq(filch_phase_end(pool), FILCH_OK);
		wait_for_park(before);
	}
}
END_TEST

START_TEST(in_an_idle_phase_a_worker_sleeps_after_the_bound)
{
	ck_assert_int_eq(filch_phase_begin(pool), FILCH_OK);
	for (int round = 0; round < 3; round++) {
		uint64_t before = parks();

		work_once();
		wait_for_park(before);
	}
	ck_assert_int_eq(filch_phase_end(pool), FILCH_OK);
}
END_TEST

START_TEST(phases_are_counted)
{
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(filch_phase_begin(pool), FILCH_OK);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(filch_phase_end(pool), FILCH_OK);
	ck_assert_int_eq(filch_phase_end(pool), FILCH_INVAL);
	ck_assert_int_eq(filch_phase_end(pool), FILCH_INVAL);
	ck_assert_int_eq(filch_phase_begin(pool), FILCH_OK);
	ck_assert_int_eq(filch_phase_end(pool), FILCH_OK);
}
END_TEST

static int
end_here(void *unused)
{
	(void)unused;
	return filch_phase_end(NULL);
}

START_TEST(without_a_pool_it_is_the_current_or_the_default_one)
{
	setenv("FILCH_WORKERS", "1", 1);
	ck_assert_int_eq(filch_phase_begin(pool), FILCH_OK);
	ck_assert_int_eq(filch_phase_end(NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_phase_begin(NULL), FILCH_OK);
	ck_assert_int_eq(filch_pool_run(pool, end_here, NULL), FILCH_OK);
	ck_assert_int_eq(filch_phase_end(pool), FILCH_INVAL);
	ck_assert_int_eq(filch_phase_end(filch_pool_default()), FILCH_OK);
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
}
END_TEST

static void *
begin_and_end(void *unused)
{
	for (int i = 0; i < 1000; i++) {
		MUST(filch_phase_begin(pool) == FILCH_OK);
		MUST(filch_phase_end(pool) == FILCH_OK);
	}
	return unused;
}

START_TEST(any_thread_may_begin_and_end)
{
	run_threads(4, begin_and_end, NULL);
	ck_assert_int_eq(filch_phase_end(pool), FILCH_INVAL);
}
END_TEST

START_TEST(a_pool_ends_with_a_phase_open)
{
	filch_pool *other = pool_with(worker_counts[_i]);

	ck_assert_int_eq(filch_phase_begin(other), FILCH_OK);
	end_pool(other);
}
END_TEST

START_TEST(a_child_has_none_of_its_parents_phases)
{
	int status = -1;
	pid_t child;

	ck_assert_int_eq(filch_phase_begin(pool), FILCH_OK);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		_exit(filch_phase_end(pool) != FILCH_FORKED
		    || filch_phase_begin(pool) != FILCH_FORKED);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(filch_phase_end(pool), FILCH_OK);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("phase");
	TCase *tcase = case_of(suite, "phase", setup, teardown);

	tcase_add_test(tcase, a_worker_stays_awake_while_a_phase_is_open);
	tcase_add_test(tcase, a_worker_sleeps_when_the_phase_ends_and_wakes_for_work);
	tcase_add_test(tcase, in_an_idle_phase_a_worker_sleeps_after_the_bound);
	tcase_add_test(tcase, phases_are_counted);
	tcase_add_test(tcase, without_a_pool_it_is_the_current_or_the_default_one);
	tcase_add_test(tcase, any_thread_may_begin_and_end);
	tcase_add_loop_test(tcase, a_pool_ends_with_a_phase_open, 0, ALL_COUNTS);
	tcase_add_test(tcase, a_child_has_none_of_its_parents_phases);
	return run_suite(suite);
}
