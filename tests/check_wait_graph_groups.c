/* SPDX-License-Identifier: BSD-2-Clause */
/* Waits for groups that would never end: from inside of the group, on any thread, and for
 * each other. */
#include "cycles.h"

/* -- Groups that are waited for from inside, on another thread -- */

static filch_group outermost;

/* In ms; 0: none. */
static flc_atomic own_deadline;

static int
wait_for_outermost(void *unused)
{
	size_t ms = count_of(&own_deadline);

	(void)unused;
	count_up(&begun);
	return filch_group_wait(&outermost, ms == 0 ? FILCH_FOREVER : in_ms(ms));
}

/* The chunk that another thread has taken waits for the group around the loop. */
static int
chunk_that_waits(void *unused, size_t begin, size_t end)
{
	(void)end;
	if (begin == 0)
		return reaches(&begun, 1) ? FILCH_OK : 97;
	return wait_for_outermost(unused);
}

static int
loop_inside(void *unused)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;

	options.grain_exact = 1;
	return filch_for(0, 2, chunk_that_waits, unused, &options);
}

static int
group_inside(void *unused)
{
	filch_group inner = FILCH_GROUP_INIT;

	MUST(filch_group_spawn(&inner, wait_for_outermost, unused) == FILCH_OK);
	until_begun(1);
	return filch_group_wait(&inner, FILCH_FOREVER);
}

static int
join_inside(void *unused)
{
	return filch_join(wait_until_stolen, unused, wait_for_outermost, unused);
}

/* A group in a task of the inner one. */
static int
groups_inside(void *unused)
{
	filch_group inner = FILCH_GROUP_INIT;

	MUST(filch_group_spawn(&inner, group_inside, unused) == FILCH_OK);
	return filch_group_wait(&inner, FILCH_FOREVER);
}

static int (*const inside[])(void *) = { loop_inside, group_inside, join_inside, groups_inside };

START_TEST(a_wait_for_the_group_around_is_refused_on_every_thread)
{
	for (size_t round = 0; round < 30; round++) {
		filch_group fresh = FILCH_GROUP_INIT;

		outermost = fresh;
		outermost.pool = pool;
		flc_store_relaxed(&begun, 0);
		MUST(filch_group_spawn(&outermost, inside[_i], NULL) == FILCH_OK);
		ck_assert_int_eq(filch_group_wait(&outermost, FILCH_FOREVER), FILCH_DEADLOCK);
	}
}
END_TEST

/* In a chunk and in a fork that another thread has taken: by the scopes alone, since
 * waits with a deadline are not followed. */
START_TEST(a_wait_with_a_deadline_for_the_group_around_is_refused_at_once)
{
	flc_store_relaxed(&own_deadline, 10000);
	for (size_t round = 0; round < 30; round++) {
		filch_group fresh = FILCH_GROUP_INIT;

		outermost = fresh;
		outermost.pool = pool;
		flc_store_relaxed(&begun, 0);
		MUST(filch_group_spawn(&outermost, inside[2 * _i], NULL) == FILCH_OK);
		ck_assert_int_eq(filch_group_wait(&outermost, FILCH_FOREVER), FILCH_DEADLOCK);
	}
}
END_TEST

/* Two groups of nobody's frame, each waited for in a task of the other. */
static filch_group other;

static int
wait_for_the_other(void *group)
{
	int status;

	count_up(&begun);
	ck_assert(reaches(&begun, 2));
	status = filch_group_wait(group, FILCH_FOREVER);
	if (status == FILCH_DEADLOCK)
		count_up(&refused);
	else
		ck_assert_int_eq(status, FILCH_OK);
	return FILCH_OK;
}

START_TEST(two_groups_that_wait_for_each_other_are_refused_once)
{
	filch_group fresh = FILCH_GROUP_INIT;

	outermost = other = fresh;
	outermost.pool = other.pool = pool;
	MUST(filch_group_spawn(&outermost, wait_for_the_other, &other) == FILCH_OK);
	MUST(filch_group_spawn(&other, wait_for_the_other, &outermost) == FILCH_OK);
	ck_assert(reaches(&begun, 2));
	ck_assert_int_eq(filch_group_wait(&outermost, FILCH_FOREVER), FILCH_OK);
	ck_assert_int_eq(filch_group_wait(&other, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(count_of(&refused), 1);
}
END_TEST

/* -- What is none -- */

static flc_atomic hold, gate;

static int
hold_slot(void *unused)
{
	(void)unused;
	count_up(&hold);
	return reaches(&gate, 1) ? FILCH_OK : 97;
}

static void *
hold_slot_main(void *unused)
{
	MUST(filch_pool_run(pool, hold_slot, unused) == FILCH_OK);
	return NULL;
}

static int
wait_widely(void *unused)
{
	filch_group inner = FILCH_GROUP_INIT;

	inner.wide_help = 1;
	MUST(filch_group_spawn(&inner, hold_slot, unused) == FILCH_OK);
	ck_assert(reaches(&hold, 1));
	count_up(&begun);
	return filch_group_wait(&inner, FILCH_FOREVER);
}

static void *
open_later_main(void *unused)
{
	(void)unused;
	until_dumped(1, " waits for a call sent to a pool");
	flc_store_release(&gate, 1);
	return NULL;
}

/* With every guest slot taken a wait is sent to a worker: not to one that waits in a task
 * of the group. */
START_TEST(a_wait_that_is_sent_to_a_worker_is_nobodys_own)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	filch_group group = FILCH_GROUP_INIT;
	filch_pool *plain = pool;
	pthread_t holder, opener;

	options.workers = 2;
	options.guests = 1;
	options.spares = FILCH_NO_SPARES;
	group.pool = pool = pool_by(&options);
	MUST(filch_group_spawn(&group, wait_widely, NULL) == FILCH_OK);
	ck_assert(reaches(&begun, 1));
	ck_assert_int_eq(pthread_create(&holder, NULL, hold_slot_main, NULL), 0);
	ck_assert(reaches(&hold, 2));
	ck_assert_int_eq(pthread_create(&opener, NULL, open_later_main, NULL), 0);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	pthread_join(holder, NULL);
	pthread_join(opener, NULL);
	end_pool(pool);
	pool = plain;
}
END_TEST

static filch_pool *full;
static flc_atomic ended;

static int
wait_sent(void *unused)
{
	int status = wait_for_outermost(unused);

	count_up(&ended);
	return status;
}

static int
wait_in_other_pool(void *other_pool)
{
	return filch_pool_run(other_pool, wait_sent, NULL);
}

static void *
hold_full_main(void *unused)
{
	MUST(filch_pool_run(full, hold_slot, unused) == FILCH_OK);
	return NULL;
}

/* A task enters another pool, waits there for its own group, and as no guest has a slot
 * the wait is sent back, to another worker.  i: with a deadline. */
START_TEST(a_wait_that_is_sent_knows_the_group_around_its_caller)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	filch_group fresh = FILCH_GROUP_INIT;
	pthread_t holder;

	options.workers = 3;
	options.guests = 1;
	full = pool_by(&options);
	flc_store_relaxed(&own_deadline, (size_t)_i * 10000);
	ck_assert_int_eq(pthread_create(&holder, NULL, hold_full_main, NULL), 0);
	ck_assert(reaches(&hold, 1));
	outermost = fresh;
	outermost.pool = full;
	MUST(filch_group_spawn(&outermost, wait_in_other_pool, pool) == FILCH_OK);
	ck_assert(reaches(&ended, 1));
	ck_assert_int_eq(filch_group_wait(&outermost, FILCH_FOREVER), FILCH_DEADLOCK);
	flc_store_release(&gate, 1);
	pthread_join(holder, NULL);
	end_pool(full);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("wait_graph_groups");
	TCase *two = case_of(suite, "two", use_two, drop);

	clear_variables();
	tcase_add_loop_test(two, a_wait_for_the_group_around_is_refused_on_every_thread, 0, 4);
	tcase_add_loop_test(two, a_wait_with_a_deadline_for_the_group_around_is_refused_at_once,
	    0, 2);
	tcase_add_test(two, two_groups_that_wait_for_each_other_are_refused_once);
	tcase_add_test(two, a_wait_that_is_sent_to_a_worker_is_nobodys_own);
	tcase_add_loop_test(two, a_wait_that_is_sent_knows_the_group_around_its_caller, 0, 2);
	return run_suite(suite);
}
