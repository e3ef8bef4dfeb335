/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A group whose first worker counts its tasks for itself, and others beside it.
 */
#include "base/fence.h"
#include "pools.h"

#include <stdlib.h>

#define TASKS 8

static filch_group group;
static flc_atomic told, gate, begun, ended;

static void
setup(void)
{
	static const filch_group init = FILCH_GROUP_INIT;

	flc_store_relaxed(&told, 0);
	flc_store_relaxed(&gate, 0);
	flc_store_relaxed(&begun, 0);
	flc_store_relaxed(&ended, 0);
	flc_fence_break(false);
	group = init;
}

static filch_pool *
two_and_no_spares(void)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	options.workers = 2;
	options.spares = FILCH_NO_SPARES;
	return pool_by(&options);
}

/* One round of a worker that spawns and another thread that waits. */
struct round {
	filch_group group;
	int ran[TASKS];        /* plain: a wait that does not cover it is a race */
	size_t number;
};

static int
mark(void *ran)
{
	++*(int *)ran;
	return FILCH_OK;
}

static int
spawn_round(void *context)
{
	struct round *round = context;

	for (size_t i = 0; i < TASKS; i++) {
		MUST(filch_group_spawn(&round->group, mark, &round->ran[i]) == FILCH_OK);
		flc_store_release(&told, round->number * TASKS + i + 1);
	}
	return FILCH_OK;
}

static void
wait_for_round(struct round *round)
{
	size_t first = round->number * TASKS, heard;

	do {
		do
			heard = count_of(&told);
		while (heard <= first);
		MUST(filch_group_wait(&round->group, FILCH_FOREVER) == FILCH_OK);
		for (size_t i = 0; i < heard - first; i++)
			MUST(round->ran[i] == 1);
	} while (heard < first + TASKS);
}

static void
play_rounds(filch_pool *pool, size_t n)
{
	filch_group spawners = FILCH_GROUP_INIT;

	spawners.pool = pool;
	for (size_t i = 0; i < n; i++) {
		struct round *round = calloc(1, sizeof(*round));

		MUST(round != NULL);
		round->number = i;
		MUST(filch_group_spawn(&spawners, spawn_round, round) == FILCH_OK);
		wait_for_round(round);
		/* The spawner is in its last call perhaps. */
		MUST(filch_group_wait(&spawners, FILCH_FOREVER) == FILCH_OK);
		free(round);
	}
}

START_TEST(another_thread_waits_beside_the_spawns)
{
	filch_pool *pool = pool_with(worker_counts[_i]);

	play_rounds(pool, 500);
	end_pool(pool);
}
END_TEST

/* The membarrier is refused once the group is counted by its owner. */
static int
spawn_and_break(void *context)
{
	MUST(filch_group_spawn(&group, mark, context) == FILCH_OK);
	MUST(filch_group_spawn(&group, mark, context) == FILCH_OK);
	flc_fence_break(true);
	count_up(&told);
	MUST(reaches(&gate, 1));
	return FILCH_OK;
}

START_TEST(another_thread_waits_although_the_fence_is_refused)
{
	filch_group spawner = FILCH_GROUP_INIT;
	int ran = 0;

	spawner.pool = pool_with(1);
	ck_assert_int_eq(filch_group_spawn(&spawner, spawn_and_break, &ran), FILCH_OK);
	ck_assert(reaches(&told, 1));
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	ck_assert_int_eq(ran, 2);
	flc_store_release(&gate, 1);
	ck_assert_int_eq(filch_group_wait(&spawner, FILCH_FOREVER), FILCH_OK);
	flc_fence_break(false);
	end_pool(spawner.pool);
}
END_TEST

/* Task i of four ends when those after it have, and fails from the first failing on. */
static size_t first_failing;

static int
fail_in_turn(void *number)
{
	size_t i = (size_t)number;

	count_up(&begun);
	MUST(reaches(&gate, 4 - i));
	/* The next may end before we have: the lower failure is still to win. */
	count_up(&gate);
	return i >= first_failing ? 10 + (int)i : FILCH_OK;
}

static int
spawn_even(void *unused)
{
	(void)unused;
	for (size_t i = 0; i < 4; i += 2) {
		MUST(reaches(&told, i));
		MUST(filch_group_spawn(&group, fail_in_turn, (void *)i) == FILCH_OK);
		count_up(&told);
	}
	return FILCH_OK;
}

START_TEST(spawns_of_the_owner_and_of_others_are_numbered_in_their_order)
{
	filch_group spawner = FILCH_GROUP_INIT;

	first_failing = (size_t)_i;
	group.pool = spawner.pool = pool_with(6);
	ck_assert_int_eq(filch_group_spawn(&spawner, spawn_even, NULL), FILCH_OK);
	for (size_t i = 1; i < 4; i += 2) {
		ck_assert(reaches(&told, i));
		ck_assert_int_eq(filch_group_spawn(&group, fail_in_turn, (void *)i), FILCH_OK);
		count_up(&told);
	}
	ck_assert(reaches(&begun, 4));
	count_up(&gate);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), 10 + _i);
	ck_assert_int_eq(filch_group_wait(&spawner, FILCH_FOREVER), FILCH_OK);
	end_pool(group.pool);
}
END_TEST

static int
block_until_open(void *unused)
{
	(void)unused;
	count_up(&begun);
	MUST(reaches(&gate, 1));
	return FILCH_OK;
}

static int
spawn_and_wait_widely(void *unused)
{
	(void)unused;
	MUST(filch_group_spawn(&group, block_until_open, NULL) == FILCH_OK);
	/* The other worker has it. */
	MUST(reaches(&begun, 1));
	count_up(&told);
	MUST(reaches(&told, 2));
	MUST(filch_group_wait(&group, FILCH_FOREVER) == FILCH_OK);
	count_up(&ended);
	return FILCH_OK;
}

static int
end_slowly(void *unused)
{
	(void)unused;
	/* Time itself, in which the wait may not end. */
	pause_ms(20);
	return FILCH_OK;
}

/* On top of the wait: all that it waits for has ended, and then there is more. */
static int
spawn_on_top(void *unused)
{
	(void)unused;
	flc_store_release(&gate, 1);
	/* The other worker has nothing left. */
	until_active(group.pool, 1);
	MUST(filch_group_spawn(&group, end_slowly, NULL) == FILCH_OK);
	return FILCH_OK;
}

START_TEST(a_task_on_top_of_the_owners_wait_may_spawn_into_the_group)
{
	filch_group others = FILCH_GROUP_INIT;

	group.pool = others.pool = two_and_no_spares();
	group.wide_help = 1;
	ck_assert_int_eq(filch_group_spawn(&others, spawn_and_wait_widely, NULL), FILCH_OK);
	ck_assert(reaches(&told, 1));
	ck_assert_int_eq(filch_group_spawn(&others, spawn_on_top, NULL), FILCH_OK);
	count_up(&told);
	ck_assert(reaches(&ended, 1));
	ck_assert_int_eq(filch_group_wait(&others, FILCH_FOREVER), FILCH_OK);
	end_pool(group.pool);
}
END_TEST

/* What the owner left behind is counted although its pool has ended. */
START_TEST(a_wait_after_the_owners_pool_has_ended)
{
	filch_group spawner = FILCH_GROUP_INIT;
	struct round *round = calloc(1, sizeof(*round));

	ck_assert_ptr_nonnull(round);
	spawner.pool = pool_with(2);
	ck_assert_int_eq(filch_group_spawn(&spawner, spawn_round, round), FILCH_OK);
	ck_assert_int_eq(filch_group_wait(&spawner, FILCH_FOREVER), FILCH_OK);
	end_pool(spawner.pool);
	ck_assert_int_eq(filch_group_wait(&round->group, FILCH_FOREVER), FILCH_OK);
	for (size_t i = 0; i < TASKS; i++)
		ck_assert_int_eq(round->ran[i], 1);
	free(round);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("group_count");
	TCase *owner = case_of(suite, "owner", setup, NULL);

	tcase_add_loop_test(owner, another_thread_waits_beside_the_spawns, 0, THREADED_COUNTS);
	tcase_add_test(owner, another_thread_waits_although_the_fence_is_refused);
	tcase_add_loop_test(owner, spawns_of_the_owner_and_of_others_are_numbered_in_their_order,
	    0, 4);
	tcase_add_test(owner, a_task_on_top_of_the_owners_wait_may_spawn_into_the_group);
	tcase_add_test(owner, a_wait_after_the_owners_pool_has_ended);
	return run_suite(suite);
}
