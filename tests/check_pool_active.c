/* SPDX-License-Identifier: BSD-2-Clause */
/* How many threads of a pool work. */
#include "pool_tests.h"

/* -- Number of threads at work -- */

static flc_atomic at_work, most_at_work;

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
		ck_assert_int_eq(filch_pool_broadcast(pool, nothing, NULL, FILCH_FOREVER),
		    FILCH_OK);
	until_active(pool, 0);
	before = cpu_ns();
	/* Time itself is measured. */
	pause_ms(3000);
	ck_assert_uint_lt(cpu_ns() - before, IDLE_NS);
	end_pool(pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("pool_active");
	TCase *active = case_of(suite, "active", setup, NULL);

	tcase_add_test(active, set_active_limits_who_works);
	tcase_add_loop_test(active, working_callers_count_as_workers, 0, 3);
	tcase_add_loop_test(active, callers_take_the_places_of_workers_and_all_work, 0, 3);
	tcase_add_test(active, an_idle_pool_uses_no_cpu);
	return run_suite(suite);
}
