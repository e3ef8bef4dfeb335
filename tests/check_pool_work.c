/* SPDX-License-Identifier: BSD-2-Clause */
/* Broadcasts, how many work, trimming, pools without workers and beside others. */
#include "pool_tests.h"

static filch_pool *first, *second;

/* -- Broadcast -- */

static flc_atomic shares[64];

static int
take_share(void *unused)
{
	(void)unused;
	count_up(&shares[filch_worker_index()]);
	return FILCH_OK;
}

static void
assert_shares(size_t workers, size_t each)
{
	for (size_t i = 0; i < 64; i++)
		ck_assert_uint_eq(count_of(&shares[i]), i < workers ? each : 0);
}

START_TEST(a_broadcast_runs_once_on_every_worker)
{
	size_t workers = worker_counts[_i];
	filch_pool *pool = pool_with(workers);

	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(filch_pool_broadcast(pool, take_share, NULL, FILCH_FOREVER),
		    FILCH_OK);
	assert_shares(workers, 100);
	end_pool(pool);
}
END_TEST

static int
fail_but_worker_0(void *unused)
{
	(void)unused;
	return (int)filch_worker_index() * 10;
}

START_TEST(a_broadcast_gives_the_failure_of_the_lowest_worker)
{
	filch_pool *pool = pool_with(4);

	ck_assert_int_eq(filch_pool_broadcast(pool, fail_but_worker_0, NULL, FILCH_FOREVER), 10);
	ck_assert_int_eq(filch_pool_broadcast(pool, NULL, NULL, FILCH_FOREVER), FILCH_INVAL);
	end_pool(pool);
}
END_TEST

START_TEST(a_broadcast_gives_up_at_its_deadline)
{
	filch_group group = FILCH_GROUP_INIT;
	filch_pool *pool = pool_by(&options);
	size_t ran;

	group.pool = pool;
	ck_assert_int_eq(filch_group_spawn(&group, block, NULL), FILCH_OK);
	ck_assert(reaches(&begun, 1));
	ck_assert_int_eq(filch_pool_broadcast(pool, take_share, NULL, in_ms(50)), FILCH_TIMEOUT);
	ran = count_of(&shares[0]) + count_of(&shares[1]);
	ck_assert_uint_le(ran, 1);
	flc_store_release(&gate, 1);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	/* The share that did not begin never will: later ones come after it. */
	for (size_t round = 1; round <= 2; round++) {
		ck_assert_int_eq(filch_pool_broadcast(pool, take_share, NULL, FILCH_FOREVER),
		    FILCH_OK);
		ck_assert_uint_eq(count_of(&shares[0]) + count_of(&shares[1]), ran + 2 * round);
	}
	end_pool(pool);
}
END_TEST

static void *
broadcast_main(void *pool)
{
	for (int i = 0; i < 50; i++)
		ck_assert_int_eq(filch_pool_broadcast(pool, take_share, NULL, FILCH_FOREVER),
		    FILCH_OK);
	return NULL;
}

START_TEST(broadcasts_may_come_many_at_once)
{
	filch_pool *pool = pool_with(3);

	run_threads(4, broadcast_main, pool);
	assert_shares(3, 200);
	end_pool(pool);
}
END_TEST

static int
broadcast_from_chunk(void *pool, size_t begin, size_t end)
{
	for (size_t i = begin; i < end; i++)
		ck_assert_int_eq(filch_pool_broadcast(pool, take_share, NULL, FILCH_FOREVER),
		    FILCH_OK);
	return FILCH_OK;
}

START_TEST(broadcasts_may_come_from_inside_tasks)
{
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;

	how.pool = pool_with((size_t)_i);
	how.grain_exact = 1;
	ck_assert_int_eq(filch_for(0, 100, broadcast_from_chunk, how.pool, &how), FILCH_OK);
	assert_shares((size_t)_i, 100);
	end_pool(how.pool);
}
END_TEST

/* -- Number of threads at work -- */

static flc_atomic at_work, most_at_work, stop;

static int
work_a_while(void *unused)
{
	(void)unused;
	keep_highest(&most_at_work, count_up(&at_work) + 1);
	/* Long enough that others come. */
	pause_ms(2);
	flc_add_full(&at_work, (size_t)-1);
	count_up(&ended);
	return FILCH_OK;
}

START_TEST(set_active_limits_who_works)
{
	filch_group group = FILCH_GROUP_INIT;

	group.pool = pool_with(4);
	ck_assert_int_eq(filch_pool_set_active(group.pool, 0), FILCH_INVAL);
	ck_assert_int_eq(filch_pool_set_active(group.pool, 5), FILCH_INVAL);
	for (size_t limit = 4; limit >= 1; limit--) {
		ck_assert_int_eq(filch_pool_set_active(group.pool, limit), FILCH_OK);
		/* Surplus workers park when they next look for work. */
		until_active(group.pool, 0);
		flc_store_release(&most_at_work, 0);
		flc_store_release(&ended, 0);
		for (int i = 0; i < 40; i++)
			filch_group_spawn(&group, work_a_while, NULL);
		ck_assert(reaches(&ended, 40));
		ck_assert_uint_le(count_of(&most_at_work), limit);
	}
	ck_assert_int_eq(filch_pool_set_active(group.pool, 4), FILCH_OK);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	end_pool(group.pool);
}
END_TEST

static int
work_in_chunks(void *unused, size_t begin, size_t end)
{
	for (; begin < end; begin++)
		work_a_while(unused);
	return FILCH_OK;
}

static filch_cancel enough;

static void *
caller_main(void *pool)
{
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;

	/* One long verb each: who comes and goes is in excess for a moment. */
	how.pool = pool;
	how.grain_exact = 1;
	how.cancel = &enough;
	ck_assert_int_eq(filch_for(0, 1000000, work_in_chunks, NULL, &how), FILCH_CANCELED);
	return NULL;
}

START_TEST(working_callers_count_as_workers)
{
	filch_pool *pool = pool_with(4);
	pthread_t caller[3];

	for (int i = 0; i <= _i; i++)
		ck_assert_int_eq(pthread_create(&caller[i], NULL, caller_main, pool), 0);
	/* All have come, and whoever was in excess at first has gone. */
	ck_assert(reaches(&ended, 300));
	flc_store_release(&most_at_work, 0);
	ck_assert(reaches(&ended, 1000));
	ck_assert_uint_le(count_of(&most_at_work), 4);
	ck_assert_uint_ge(count_of(&most_at_work), 2);
	filch_cancel_request(&enough);
	for (int i = 0; i <= _i; i++)
		pthread_join(caller[i], NULL);
	end_pool(pool);
}
END_TEST

/* -- Callers and workers -- */

static void *
holder(void *pool)
{
	MUST(filch_pool_run(pool, block, NULL) == FILCH_OK);
	return NULL;
}

/* Of 3 workers _i are left beside 3 - _i callers, and none beside more. */
START_TEST(callers_take_the_places_of_workers_and_all_work)
{
	filch_pool *pool = pool_with(3);
	filch_group group = FILCH_GROUP_INIT;
	size_t callers = _i == 0 ? 8 : 3 - (size_t)_i;
	pthread_t thread[8];

	group.pool = pool;
	for (size_t i = 0; i < callers; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, holder, pool), 0);
	ck_assert(reaches(&begun, callers));
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(filch_group_spawn(&group, block, NULL), FILCH_OK);
	ck_assert(reaches(&begun, callers + (size_t)_i));
	/* The other workers have given up. */
	until_active(pool, callers + (size_t)_i);
	ck_assert_uint_eq(count_of(&begun), callers + (size_t)_i);
	count_up(&gate);
	for (size_t i = 0; i < callers; i++)
		pthread_join(thread[i], NULL);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(count_of(&begun), callers + 5);
	end_pool(pool);
}
END_TEST

static uint64_t
cpu_ns(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * 1000 * MS + (uint64_t)used.tv_nsec;
}

#if defined(__SANITIZE_THREAD__)
#define IDLE_NS (100 * MS)  /* the sanitizer has a thread of its own */
#else
#define IDLE_NS (3 * MS)
#endif

START_TEST(an_idle_pool_uses_no_cpu)
{
	filch_pool *pool = pool_with(4);
	uint64_t before;

	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(filch_pool_broadcast(pool, nothing, NULL, FILCH_FOREVER), FILCH_OK);
	until_active(pool, 0);
	before = cpu_ns();
	/* Time itself is measured. */
	pause_ms(3000);
	ck_assert_uint_lt(cpu_ns() - before, IDLE_NS);
	end_pool(pool);
}
END_TEST

/* -- Trim -- */

static void
trim_when_idle(filch_pool *pool)
{
	int status = FILCH_AGAIN;

	for (int i = 0; i < 10000 && status == FILCH_AGAIN; i++) {
		pause_ms(1);
		status = filch_pool_trim(pool);
	}
	ck_assert_int_eq(status, FILCH_OK);
}

START_TEST(trim_gives_back_what_growth_left)
{
	flc_atomic runs = FLC_ATOMIC_INIT(0);
	filch_group group = FILCH_GROUP_INIT;
	filch_pool *pool = pool_by(&options);
	size_t before;

	ck_assert_int_eq(filch_pool_run(pool, nothing, NULL), FILCH_OK);
	trim_when_idle(pool);
	before = mallinfo2().uordblks;
	group.pool = pool;
	queue_behind_blocked(&group, &runs, 5000);
	ck_assert_int_eq(filch_pool_trim(pool), FILCH_AGAIN);
	flc_store_release(&gate, 1);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	trim_when_idle(pool);
	ck_assert_uint_lt(mallinfo2().uordblks, before + 20000);
	ck_assert_uint_eq(count_of(&runs), 5000);
	ck_assert_int_eq(filch_pool_run(pool, nothing, NULL), FILCH_OK);
	end_pool(pool);
}
END_TEST

static void *
trim_main(void *pool)
{
	while (count_of(&stop) == 0)
		(void)filch_pool_trim(pool);
	return NULL;
}

START_TEST(trim_beside_calls_stops_nobody)
{
	filch_pool *pool = pool_with(worker_counts[_i]);
	flc_atomic runs = FLC_ATOMIC_INIT(0);
	size_t times = worker_counts[_i] == FILCH_NO_WORKERS ? 200000 : 5000;
	pthread_t thread;

	MUST(pthread_create(&thread, NULL, trim_main, pool) == 0);
	for (size_t i = 0; i < times; i++)
		MUST(filch_pool_run(pool, count_task, &runs) == FILCH_OK);
	flc_store_release(&stop, 1);
	pthread_join(thread, NULL);
	MUST(count_of(&runs) == times);
	end_pool(pool);
}
END_TEST

/* -- No workers, several pools -- */

static size_t trail[200], steps;
static pthread_t caller;

static int
step(void *number)
{
	MUST(pthread_equal(pthread_self(), caller));
	trail[steps++] = (size_t)number;
	return FILCH_OK;
}

static int
step_range(void *unused, size_t begin, size_t end)
{
	(void)unused;
	for (; begin < end; begin++)
		step((void *)begin);
	return FILCH_OK;
}

static int
walk(void *unused)
{
	filch_group group = FILCH_GROUP_INIT;

	(void)unused;
	MUST(filch_for(0, 50, step_range, NULL, NULL) == FILCH_OK);
	for (size_t i = 50; i < 100; i++)
		MUST(filch_group_spawn(&group, step, (void *)i) == FILCH_OK);
	MUST(filch_group_wait(&group, FILCH_FOREVER) == FILCH_OK);
	MUST(filch_join(step, (void *)100, step, (void *)101) == FILCH_OK);
	return 77;
}

START_TEST(without_workers_everything_runs_inline_and_in_order)
{
	filch_pool *pool = pool_with(FILCH_NO_WORKERS);
	size_t threads = threads_now();

	caller = pthread_self();
	ck_assert_int_eq(filch_pool_run(pool, walk, NULL), 77);
	ck_assert_uint_eq(steps, 102);
	for (size_t i = 0; i < steps; i++)
		ck_assert_uint_eq(trail[i], i);
	ck_assert(threads_fall_to(threads));
	end_pool(pool);
}
END_TEST

static int
check_first(void *unused)
{
	(void)unused;
	ck_assert_ptr_eq(filch_pool_current(), first);
	ck_assert_uint_lt(filch_worker_index(), filch_worker_limit(NULL));
	return 5;
}

static int
go_through_both(void *unused)
{
	(void)unused;
	ck_assert_ptr_eq(filch_pool_current(), second);
	size_t index = filch_worker_index();

	ck_assert_int_eq(filch_pool_run(first, check_first, NULL), 5);
	ck_assert_ptr_eq(filch_pool_current(), second);
	ck_assert_uint_eq(filch_worker_index(), index);
	return 6;
}

START_TEST(a_task_may_use_another_pool_and_comes_back)
{
	first = pool_by(&options);
	second = pool_with(3);
	ck_assert_ptr_null(filch_pool_current());
	ck_assert_uint_eq(filch_worker_index(), FILCH_NOT_A_WORKER);
	ck_assert_int_eq(filch_pool_run(second, go_through_both, NULL), 6);
	ck_assert_int_eq(filch_pool_broadcast(second, go_through_both, NULL, FILCH_FOREVER), 6);
	ck_assert_ptr_null(filch_pool_current());
	ck_assert_uint_eq(filch_worker_limit(second), filch_worker_limit(first) + 1);
	end_pool(first);
	end_pool(second);
}
END_TEST

static int
count_both_ways(void *runs, size_t begin, size_t end)
{
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;

	how.pool = filch_pool_current() == first ? second : first;
	if (end - begin > 1 || begin % 2 == 0)
		flc_add_full(runs, end - begin);
	else
		return filch_for(2 * begin, 2 * begin + 1, count_both_ways, runs, &how);
	return FILCH_OK;
}

static void *
both_main(void *runs)
{
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;

	how.grain_exact = 1;
	for (int i = 0; i < 50; i++) {
		how.pool = i % 2 == 0 ? first : second;
		ck_assert_int_eq(filch_for(0, 100, count_both_ways, runs, &how), FILCH_OK);
	}
	return NULL;
}

START_TEST(two_pools_call_each_other)
{
	flc_atomic runs = FLC_ATOMIC_INIT(0);

	first = pool_by(&options);
	second = pool_with(3);
	run_threads(4, both_main, &runs);
	ck_assert_uint_eq(count_of(&runs), 4 * 50 * 100);
	end_pool(first);
	end_pool(second);
}
END_TEST

static void *
one_pool_main(void *runs)
{
	for (size_t i = 0; i < 30; i++) {
		filch_for_options how = FILCH_FOR_OPTIONS_INIT;

		how.pool = pool_with(1 + i % 3);
		ck_assert_int_eq(filch_for(0, 1000, count_both_ways, runs, &how), FILCH_OK);
		end_pool(how.pool);
	}
	return NULL;
}

START_TEST(pools_live_side_by_side)
{
	flc_atomic runs = FLC_ATOMIC_INIT(0);

	first = second = pool_with(FILCH_NO_WORKERS);
	run_threads(4, one_pool_main, &runs);
	ck_assert_uint_eq(count_of(&runs), 4 * 30 * 1000);
	end_pool(first);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("pool_work");
	TCase *broadcast = case_of(suite, "broadcast", setup, NULL);
	TCase *active = case_of(suite, "active", setup, NULL);
	TCase *trim = case_of(suite, "trim", setup, NULL);
	TCase *pools = case_of(suite, "pools", setup, NULL);

	tcase_add_loop_test(broadcast, a_broadcast_runs_once_on_every_worker, 0, THREADED_COUNTS);
	tcase_add_test(broadcast, a_broadcast_gives_the_failure_of_the_lowest_worker);
	tcase_add_test(broadcast, a_broadcast_gives_up_at_its_deadline);
	tcase_add_test(broadcast, broadcasts_may_come_many_at_once);
	tcase_add_loop_test(broadcast, broadcasts_may_come_from_inside_tasks, 1, 5);

	tcase_add_test(active, set_active_limits_who_works);
	tcase_add_loop_test(active, working_callers_count_as_workers, 0, 3);
	tcase_add_loop_test(active, callers_take_the_places_of_workers_and_all_work, 0, 3);
	tcase_add_test(active, an_idle_pool_uses_no_cpu);

	tcase_add_test(trim, trim_gives_back_what_growth_left);
	tcase_add_loop_test(trim, trim_beside_calls_stops_nobody, 0, ALL_COUNTS);

	tcase_add_test(pools, without_workers_everything_runs_inline_and_in_order);
	tcase_add_test(pools, a_task_may_use_another_pool_and_comes_back);
	tcase_add_test(pools, two_pools_call_each_other);
	tcase_add_test(pools, pools_live_side_by_side);
	return run_suite(suite);
}
