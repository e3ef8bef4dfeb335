/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shorter forms of calls: options and arms in place, deadlines from now, bodies that
 * cannot fail, a pool for a join and for a typed task, typed tasks in groups, channels
 * that know their items.
 */
#include "dump.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static filch_pool *pool;

START_TEST(a_deadline_is_so_much_later_than_now)
{
	uint64_t now = filch_now(), us = filch_after_us(5), ms = filch_after_ms(7);
	uint64_t ns = filch_after_ns(9), then = filch_now();

	ck_assert_uint_ge(us, now + 5000);
	ck_assert_uint_le(us, then + 5000);
	ck_assert_uint_ge(ms, now + 7000000);
	ck_assert_uint_le(ms, then + 7000000);
	ck_assert_uint_ge(ns, now + 9);
	ck_assert_uint_le(ns, then + 9);
}
END_TEST

START_TEST(a_deadline_beyond_any_is_for_ever)
{
	ck_assert_uint_eq(filch_after_ns(UINT64_MAX), FILCH_FOREVER);
	ck_assert_uint_eq(filch_after_ns(UINT64_MAX - filch_now()), FILCH_FOREVER);
	ck_assert_uint_eq(filch_after_us(UINT64_MAX), FILCH_FOREVER);
	ck_assert_uint_eq(filch_after_us(UINT64_MAX / 1000), FILCH_FOREVER);
	ck_assert_uint_eq(filch_after_ms(UINT64_MAX / 1000000), FILCH_FOREVER);
	ck_assert_uint_lt(filch_after_ms(UINT64_MAX / 2000000), FILCH_FOREVER);
}
END_TEST

/* Where each index ran, as the pool sees it. */
static flc_atomic ran, elsewhere;

static void
note_chunk(void *context, size_t begin, size_t end)
{
	if (filch_pool_current() != pool || context != &ran)
		count_up(&elsewhere);
	flc_add_full(&ran, end - begin);
}

START_TEST(a_body_that_cannot_fail_and_options_in_place)
{
	pool = pool_with(worker_counts[_i]);
	ck_assert_int_eq(filch_for_void(3, 1003, note_chunk, &ran,
	    FILCH_FOR_WITH(.pool = pool, .grain_exact = 10)), FILCH_OK);
	ck_assert_uint_eq(count_of(&ran), 1000);
	ck_assert_uint_eq(count_of(&elsewhere), 0);
	ck_assert_int_eq(filch_for_void(0, 1, NULL, NULL, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_for_void(1, 0, note_chunk, &ran, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_for_void(0, 9, note_chunk, &ran,
	    FILCH_FOR_WITH(.pool = pool, .schedule = 77)), FILCH_INVAL);
	ck_assert_uint_eq(count_of(&ran), 1000);
	end_pool(pool);
}
END_TEST

START_TEST(options_in_place_of_pools_and_channels)
{
	filch_channel *channel;

	ck_assert_int_eq(filch_pool_create(&pool, FILCH_POOL_WITH(.workers = 3, .name = "three")),
	    FILCH_OK);
	ck_assert_uint_ge(filch_worker_limit(pool), 3);
	end_pool(pool);
	ck_assert_int_eq(filch_channel_create(&channel, 8, 4, FILCH_CHANNEL_WITH(.spsc = 1)),
	    FILCH_OK);
	ck_assert_uint_eq(filch_channel_capacity(channel), 4);
	filch_channel_destroy(channel);
}
END_TEST

static int
first(void *context)
{
	*(filch_pool **)context = filch_pool_current();
	return FILCH_OK;
}

static int
second(void *context)
{
	*(filch_pool **)context = filch_pool_current();
	return 7;
}

START_TEST(a_join_runs_on_the_pool_it_is_given)
{
	filch_pool *of_first = NULL, *of_second = NULL;

	pool = pool_with(worker_counts[_i]);
	ck_assert_int_eq(filch_join_in(pool, first, &of_first, second, &of_second), 7);
	ck_assert_ptr_eq(of_first, pool);
	ck_assert_ptr_eq(of_second, pool);
	ck_assert_int_eq(filch_join_in(pool, NULL, NULL, second, &of_second), FILCH_INVAL);
	ck_assert_int_eq(filch_join_in(pool, first, &of_first, NULL, NULL), FILCH_INVAL);
	end_pool(pool);
}
END_TEST

struct point {
	int x, y;
};

FILCH_TASK(long, fib, int, n)
{
	if (n < 2)
		return n;
	FILCH_SPAWN(left, fib, n - 1);
	long right = FILCH_CALL(fib, n - 2);

	return FILCH_JOIN(left, fib) + right;
}
FILCH_TASK(filch_pool *, pool_of_task)
{
	return filch_pool_current();
}
FILCH_TASK(void, add_to, long *, sum, int, n)
{
	*sum += n;
}
FILCH_TASK(struct point, mirrored, struct point, p)
{
	return (struct point){ p.y, p.x };
}

START_TEST(a_typed_task_runs_in_the_pool_it_is_given)
{
	filch_pool *found = NULL;
	struct point p = { 1, 2 };
	long sum = 1;

	pool = pool_with(worker_counts[_i]);
	ck_assert_ptr_eq(FILCH_RUN_IN(pool, pool_of_task), pool);
	ck_assert_int_eq(FILCH_RUN_IN(pool, fib, 15), 610);
	FILCH_RUN_IN(pool, add_to, &sum, 3);
	ck_assert_int_eq(FILCH_RUN_INTO(pool, &found, pool_of_task), FILCH_OK);
	ck_assert_ptr_eq(found, pool);
	ck_assert_int_eq(FILCH_RUN_INTO(pool, NULL, add_to, &sum, 4), FILCH_OK);
	ck_assert_int_eq(sum, 8);
	ck_assert_int_eq(FILCH_RUN_INTO(pool, &sum, fib, 16), FILCH_OK);
	ck_assert_int_eq(sum, 987);
	ck_assert_int_eq(FILCH_RUN_INTO(pool, &p, mirrored, p), FILCH_OK);
	ck_assert_int_eq(FILCH_RUN_IN(pool, mirrored, p).x, 1);
	ck_assert_int_eq(p.x, 2);
	/* NULL: the default one, outside. */
	ck_assert_ptr_eq(FILCH_RUN_IN(NULL, pool_of_task), filch_pool_default());
	end_pool(pool);
}
END_TEST

static int
run_in_the_other(void *other)
{
	filch_pool *found = NULL;

	MUST(FILCH_RUN_IN((filch_pool *)other, pool_of_task) == other);
	MUST(FILCH_RUN_INTO((filch_pool *)other, &found, pool_of_task) == FILCH_OK);
	MUST(found == other);
	MUST(FILCH_RUN_IN(NULL, pool_of_task) == pool);
	return FILCH_OK;
}

START_TEST(a_typed_task_may_be_sent_from_pool_to_pool)
{
	filch_pool *other = pool_with(2);

	pool = pool_with(worker_counts[_i]);
	ck_assert_int_eq(filch_pool_run(pool, run_in_the_other, other), FILCH_OK);
	end_pool(pool);
	end_pool(other);
}
END_TEST

START_TEST(where_a_pool_cannot_be_used_a_typed_task_says_so_or_runs_inline)
{
	int status = 0;
	pid_t child;

	pool = pool_with(2);
	child = fork();
	if (child == 0) {
		filch_pool *found = (filch_pool *)&status;

		if (FILCH_RUN_INTO(pool, &found, pool_of_task) != FILCH_FORKED)
			_exit(1);
		if (found != (filch_pool *)&status)
			_exit(2);
		if (FILCH_RUN_IN(pool, fib, 15) != 610)
			_exit(3);
		_exit(FILCH_RUN_IN(pool, pool_of_task) != NULL ? 4 : 0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	end_pool(pool);
}
END_TEST

/* What tasks of a group saw. */
static flc_atomic told;

FILCH_TASK(void, tell_nothing)
{
	count_up(&told);
}
FILCH_TASK(int, tell_number, short, n)
{
	flc_add_full(&told, (size_t)n);
	return n == 77 || n == 99 ? n : FILCH_OK;
}
FILCH_TASK(int, tell_all, int, a, char, b, struct point, c, double, d, float, e, long, f,
    const char *, g, long double, h)
{
	FILCH_SPAWN(record, fib, a);
	flc_add_full(&told, (size_t)(b + c.x + c.y + (int)d + (int)e + f + g[0] + (int)h));
	return FILCH_JOIN(record, fib) == 5 ? FILCH_OK : 1;
}

START_TEST(a_group_runs_typed_tasks)
{
	filch_group group = FILCH_GROUP_INIT;
	FILCH_RECORD(tell_all) record[100];
	struct point c = { 3, 4 };

	group.pool = pool = pool_with(worker_counts[_i]);
	for (int i = 0; i < 100; i++) {
		ck_assert_int_eq(FILCH_GROUP_SPAWN(&group, tell_nothing), FILCH_OK);
		ck_assert_int_eq(FILCH_GROUP_SPAWN(&group, tell_number, 1000), FILCH_OK);
		ck_assert_int_eq(FILCH_GROUP_SPAWN_AT(&group, &record[i], tell_all, 5, 2, c, 5.0,
		    6.0f, 7, "\x08", 9.0L), FILCH_OK);
	}
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(count_of(&told), 100 * (1 + 1000 + 44));
	end_pool(pool);
}
END_TEST

START_TEST(what_a_typed_task_returns_is_its_status)
{
	filch_group group = FILCH_GROUP_INIT;
	FILCH_RECORD(tell_all) record;
	struct point c = { 3, 4 };

	group.pool = pool = pool_with(worker_counts[_i]);
	for (short i = 0; i < 100; i++)
		ck_assert_int_eq(FILCH_GROUP_SPAWN(&group, tell_number, i), FILCH_OK);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), 77);
	ck_assert_int_eq(FILCH_GROUP_SPAWN_AT(&group, &record, tell_all, 4, 2, c, 5.0, 6.0f, 7,
	    "\x08", 9.0L), FILCH_OK);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), 1);
	ck_assert_int_eq(FILCH_RESULT_AT(&record, tell_all), 1);
	end_pool(pool);
}
END_TEST

START_TEST(records_keep_arguments_and_results)
{
	typedef FILCH_RECORD(fib) fib_record;
	filch_group group = FILCH_GROUP_INIT;
	fib_record record[20];
	FILCH_RECORD(mirrored) point;
	struct point p = { 1, 2 };

	group.pool = pool = pool_with(worker_counts[_i]);
	ck_assert_int_eq(FILCH_GROUP_SPAWN_AT(&group, &point, mirrored, p), FILCH_OK);
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(FILCH_GROUP_SPAWN_AT(&group, &record[i], fib, i), FILCH_OK);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	ck_assert_int_eq(FILCH_RESULT_AT(&point, mirrored).x, 2);
	ck_assert_int_eq(FILCH_RESULT_AT(&record[0], fib), 0);
	for (int i = 2; i < 20; i++)
		ck_assert_int_eq(FILCH_RESULT_AT(&record[i], fib),
		    FILCH_RESULT_AT(&record[i - 1], fib) + FILCH_RESULT_AT(&record[i - 2], fib));
	end_pool(pool);
}
END_TEST

static filch_semaphore go_on;

FILCH_TASK(int, await_go_on, long, one, long, two)
{
	return one + two == 3 ? filch_semaphore_acquire(&go_on, FILCH_FOREVER) : FILCH_INVAL;
}

START_TEST(a_typed_try_spawn_is_refused_above_the_backlog)
{
	typedef FILCH_RECORD(await_go_on) await_record;
	filch_group group = FILCH_GROUP_INIT;
	await_record record[3];

	group.pool = pool = pool_with(2);
	group.max_backlog = 2;
	ck_assert_int_eq(FILCH_GROUP_TRY_SPAWN_AT(&group, &record[0], await_go_on, 1, 2), FILCH_OK);
	ck_assert_int_eq(FILCH_GROUP_TRY_SPAWN_AT(&group, &record[1], await_go_on, 2, 1), FILCH_OK);
	ck_assert_int_eq(FILCH_GROUP_TRY_SPAWN_AT(&group, &record[2], await_go_on, 1, 2),
	    FILCH_AGAIN);
	ck_assert_int_eq(FILCH_GROUP_TRY_SPAWN(&group, tell_number, 1), FILCH_AGAIN);
	ck_assert_int_eq(filch_semaphore_release(&go_on, 2), FILCH_OK);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	ck_assert_int_eq(FILCH_GROUP_SPAWN(NULL, tell_number, 1), FILCH_INVAL);
	ck_assert_int_eq(FILCH_GROUP_SPAWN_AT(NULL, &record[2], await_go_on, 1, 2), FILCH_INVAL);
	ck_assert_uint_eq(count_of(&told), 0);
	end_pool(pool);
}
END_TEST

START_TEST(a_channel_knows_its_items)
{
	FILCH_CHANNEL_OF(long) sums;
	FILCH_CHANNEL_OF(struct point) points;
	struct point here = { 1, 2 }, there = { 0, 0 };
	long sum = 0;

	ck_assert_int_eq(FILCH_CHANNEL_CREATE(&sums, 2, NULL), FILCH_OK);
	ck_assert_int_eq(FILCH_CHANNEL_CREATE(&points, 1, FILCH_CHANNEL_WITH(.spsc = 1)), FILCH_OK);
	/* An int is a long when it is sent. */
	ck_assert_int_eq(FILCH_CHANNEL_SEND(&sums, here.x + here.y, 0), FILCH_OK);
	ck_assert_int_eq(FILCH_CHANNEL_RECV(&sums, &sum, 0), FILCH_OK);
	ck_assert_int_eq(sum, 3);
	ck_assert_int_eq(FILCH_CHANNEL_RECV(&sums, &sum, 0), FILCH_AGAIN);
	ck_assert_int_eq(FILCH_CHANNEL_SEND(&points, here, 0), FILCH_OK);
	ck_assert_int_eq(FILCH_CHANNEL_SEND(&points, here, 0), FILCH_AGAIN);
	ck_assert_int_eq(FILCH_CHANNEL_RECV(&points, &there, 0), FILCH_OK);
	ck_assert_int_eq(there.y, 2);
	filch_channel_destroy(sums.channel);
	filch_channel_destroy(points.channel);
}
END_TEST

START_TEST(arms_in_place)
{
	filch_channel *full, *empty;
	size_t chosen = 9;
	long item = 4, got = 0;

	ck_assert_int_eq(filch_channel_create(&full, sizeof(long), 1, NULL), FILCH_OK);
	ck_assert_int_eq(filch_channel_create(&empty, sizeof(long), 1, NULL), FILCH_OK);
	ck_assert_int_eq(FILCH_SELECT(0, &chosen, FILCH_ON_RECV(empty, &got)), FILCH_AGAIN);
	ck_assert_int_eq(filch_channel_send(full, &item, 0), FILCH_OK);
	ck_assert_int_eq(FILCH_SELECT(0, &chosen, FILCH_ON_RECV(empty, &got),
	    FILCH_ON_SEND(full, &item), FILCH_ON_RECV(full, &got)), FILCH_OK);
	ck_assert_uint_eq(chosen, 2);
	ck_assert_int_eq(got, 4);
	ck_assert_int_eq(FILCH_SELECT(filch_after_ms(1), &chosen, FILCH_ON_SEND(empty, &item)),
	    FILCH_OK);
	ck_assert_uint_eq(chosen, 0);
	filch_channel_destroy(full);
	filch_channel_destroy(empty);
}
END_TEST

static filch_semaphore taken, seen;

/* The caller's chunk ends as soon as the other has begun. */
static int
last_is_slow(void *context, size_t begin, size_t end)
{
	(void)context;
	(void)end;
	if (begin == 0)
		return filch_semaphore_acquire(&taken, FILCH_FOREVER);
	(void)filch_semaphore_release(&taken, 1);
	return filch_semaphore_acquire(&seen, FILCH_FOREVER);
}

static void *
run_named_loop(void *unused)
{
	(void)unused;
	MUST(filch_for(0, 2, last_is_slow, NULL,
	    FILCH_FOR_WITH(.pool = pool, .grain_exact = 1, .name = "tiles")) == FILCH_OK);
	return NULL;
}

START_TEST(a_dump_names_the_loop_that_is_waited_for)
{
	pthread_t thread;

	pool = pool_with(2);
	ck_assert_int_eq(pthread_create(&thread, NULL, run_named_loop, NULL), 0);
	until_dumped(1, " waits for a loop \"tiles\"");
	ck_assert_int_eq(filch_semaphore_release(&seen, 1), FILCH_OK);
	pthread_join(thread, NULL);
	end_pool(pool);
}
END_TEST

START_TEST(to_destroy_nothing_is_nothing)
{
	filch_pool *living = filch_pool_default();

	ck_assert_ptr_nonnull(living);
	ck_assert_int_eq(filch_pool_destroy(NULL), FILCH_OK);
	ck_assert_ptr_eq(filch_pool_default(), living);
	filch_channel_destroy(NULL);
	ck_assert_int_eq(filch_graph_destroy(NULL), FILCH_OK);
	ck_assert_int_eq(filch_pipeline_destroy(NULL), FILCH_OK);
	ck_assert_int_eq(filch_mutex_fini(NULL), FILCH_OK);
	ck_assert_int_eq(filch_rwlock_fini(NULL), FILCH_OK);
	ck_assert_int_eq(filch_condition_fini(NULL), FILCH_OK);
	ck_assert_int_eq(filch_once_fini(NULL), FILCH_OK);
	ck_assert_int_eq(filch_semaphore_fini(NULL), FILCH_OK);
	ck_assert_int_eq(filch_latch_fini(NULL), FILCH_OK);
	ck_assert_int_eq(filch_barrier_fini(NULL), FILCH_OK);
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("faces");
	TCase *faces = case_of(suite, "faces", NULL, NULL);

	clear_variables();
	tcase_add_test(faces, a_deadline_is_so_much_later_than_now);
	tcase_add_test(faces, a_deadline_beyond_any_is_for_ever);
	tcase_add_loop_test(faces, a_body_that_cannot_fail_and_options_in_place, 0, ALL_COUNTS);
	tcase_add_test(faces, options_in_place_of_pools_and_channels);
	tcase_add_loop_test(faces, a_join_runs_on_the_pool_it_is_given, 0, ALL_COUNTS);
	tcase_add_loop_test(faces, a_typed_task_runs_in_the_pool_it_is_given, 0, ALL_COUNTS);
	tcase_add_loop_test(faces, a_typed_task_may_be_sent_from_pool_to_pool, 0, ALL_COUNTS);
	tcase_add_test(faces, where_a_pool_cannot_be_used_a_typed_task_says_so_or_runs_inline);
	tcase_add_loop_test(faces, a_group_runs_typed_tasks, 0, ALL_COUNTS);
	tcase_add_loop_test(faces, what_a_typed_task_returns_is_its_status, 0, ALL_COUNTS);
	tcase_add_loop_test(faces, records_keep_arguments_and_results, 0, ALL_COUNTS);
	tcase_add_test(faces, a_typed_try_spawn_is_refused_above_the_backlog);
	tcase_add_test(faces, a_channel_knows_its_items);
	tcase_add_test(faces, arms_in_place);
	tcase_add_test(faces, a_dump_names_the_loop_that_is_waited_for);
	tcase_add_test(faces, to_destroy_nothing_is_nothing);
	return run_suite(suite);
}
