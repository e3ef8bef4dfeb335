/* SPDX-License-Identifier: BSD-2-Clause */
/* Tasks inside of tasks, deeper than a stack is, and verbs on small stacks. */
#include "stacks.h"

#include <fenv.h>
#include <sys/wait.h>
#include <unistd.h>

static __thread size_t own;
static size_t *own_at;
static pthread_t own_thread;
static flc_atomic broken;

static int
descend_by_join(void *argument)
{
	struct level *level = argument;
	filch_group group = FILCH_GROUP_INIT;
	struct level below = { level->left - 1, 0, NULL, NULL };
	int status;

	level->sum = 1;
	if (level->left == 0)
		return FILCH_OK;
	if (level->left % 2 == 0) {
		status = filch_join(descend_by_join, &below, nothing, NULL);
	} else {
		group.pool = pool;
		MUST(filch_group_spawn(&group, descend_by_join, &below) == FILCH_OK);
		status = filch_group_wait(&group, FILCH_FOREVER);
	}
	level->sum += below.sum;
	return status;
}

START_TEST(groups_nest_deeper_than_the_stack)
{
	struct level level = { DEEP, 0, NULL, NULL };

	pool = pool_with(counts[_i]);
	ck_assert_int_eq(filch_pool_run(pool, descend, &level), FILCH_OK);
	ck_assert_uint_eq(level.sum, DEEP + 1);
	end_pool(pool);
}
END_TEST

START_TEST(groups_nest_on_small_stacks)
{
	struct level level = { DEEP / 10, 0, NULL, NULL };

	pool = pool_with_stack(counts[_i], SMALL_STACK);
	on_stack_of(SMALL_STACK, descend_main, &level);
	ck_assert_uint_eq(level.sum, DEEP / 10 + 1);
	end_pool(pool);
}
END_TEST

START_TEST(joins_and_groups_nest_deeper_than_the_stack)
{
	struct level level = { DEEP, 0, NULL, NULL };

	pool = pool_with(counts[_i]);
	ck_assert_int_eq(filch_pool_run(pool, descend_by_join, &level), FILCH_OK);
	ck_assert_uint_eq(level.sum, DEEP + 1);
	end_pool(pool);
}
END_TEST

FILCH_TASK(size_t, same, size_t, n)
{
	(void)flc_b_;
	return n;
}

typedef FILCH_RECORD(same) same_record;

/* More than the deque has room for: the others run at their joins. */
FILCH_TASK(size_t, spawn_all, same_record *, record, size_t, n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		FILCH_SPAWN_AT(&record[i], same, i);
	for (size_t i = n; i-- > 0;)
		sum += FILCH_JOIN_AT(&record[i], same);
	return sum;
}

START_TEST(a_million_spawns_may_be_outstanding)
{
	const size_t n = 1000000;
	same_record *record = calloc(n, sizeof(*record));

	ck_assert_ptr_nonnull(record);
	setenv("FILCH_WORKERS", "2", 1);
	ck_assert_uint_eq(FILCH_RUN(spawn_all, record, n), n * (n - 1) / 2);
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
	free(record);
}
END_TEST

static int
count_range(void *context, size_t begin, size_t end)
{
	flc_add_full(context, end - begin);
	return FILCH_OK;
}

static void *
first_loop(void *context)
{
	MUST(filch_for(0, 100000, count_range, context, NULL) == FILCH_OK);
	return NULL;
}

/* Without its own stack, the making of a pool needs more than 32 KiB.  _i: KiB. */
START_TEST(a_small_stack_may_make_the_pool)
{
	flc_atomic runs;

	flc_store_relaxed(&runs, 0);
	on_stack_of((size_t)_i << 10, first_loop, &runs);
	ck_assert_uint_eq(count_of(&runs), 100000);
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
}
END_TEST

static void
look_whose(void)
{
	if (&own != own_at || own != 42 || !pthread_equal(pthread_self(), own_thread)
	    || filch_pool_current() != pool || fegetround() != FE_UPWARD)
		count_up(&broken);
	/* What becomes of a body's own change must not depend on its stack. */
	fesetround(FE_DOWNWARD);
}

static void *
stay_the_thread(void *argument)
{
	struct level shallow = { 1, 0, look_whose, NULL };
	int left;

	own = 42;
	own_at = &own;
	own_thread = pthread_self();
	fesetround(FE_UPWARD);
	descend_main(&shallow);
	left = fegetround();
	fesetround(FE_UPWARD);
	descend_main(argument);
	MUST(fegetround() == left);
	return NULL;
}

START_TEST(the_thread_stays_what_it_is)
{
	struct level level = { DEEP / 10, 0, look_whose, NULL };

	flc_store_relaxed(&broken, 0);
	pool = pool_with_stack(FILCH_NO_WORKERS, SMALL_STACK);
	on_stack_of(SMALL_STACK, stay_the_thread, &level);
	ck_assert_uint_eq(level.sum, DEEP / 10 + 1);
	ck_assert_uint_eq(count_of(&broken), 0);
	end_pool(pool);
}
END_TEST

/* A child of a deep task: its thread ends when the task does, and on its way all is
 * unwound, down to the stack that the thread began on. */
#define UNWOUND 42

static pid_t child;

static void
fork_here(void)
{
	child = fork();
	if (child == 0)
		alarm(30);
}

static void
unwound(void *unused)
{
	(void)unused;
	_exit(UNWOUND);
}

static void *
descend_and_fork(void *argument)
{
	pthread_cleanup_push(unwound, NULL);
	descend_main(argument);
	pthread_cleanup_pop(0);
	return NULL;
}

START_TEST(a_child_of_a_deep_task_ends_in_order)
{
	struct level level = { DEEP / 10, 0, fork_here, NULL };
	int status;

	pool = pool_with_stack(FILCH_NO_WORKERS, SMALL_STACK);
	on_stack_of(SMALL_STACK, descend_and_fork, &level);
	ck_assert_uint_eq(level.sum, DEEP / 10 + 1);
	ck_assert_int_gt(child, 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == UNWOUND, "%#x", (unsigned)status);
	end_pool(pool);
}
END_TEST

#if SWITCHES
/* AddressSanitizer takes frames that a cancellation has unwound for those of a fault. */
static void
cancel_here(void)
{
	pthread_cancel(pthread_self());
	pthread_testcancel();
}

static void
note_unwound(void *argument)
{
	*(bool *)argument = true;
}

static void *
descend_and_end(void *argument)
{
	static bool *seen;
	struct level level = { DEEP / 10, 0, cancel_here, NULL };

	seen = argument;
	pthread_cleanup_push(note_unwound, seen);
	descend_main(&level);
	pthread_cleanup_pop(0);
	return NULL;
}

/* The pool has a guest that never leaves: it is not destroyed. */
START_TEST(a_deep_task_can_be_canceled_with_its_thread)
{
	bool seen = false;

	pool = pool_with_stack(FILCH_NO_WORKERS, SMALL_STACK);
	on_stack_of(SMALL_STACK, descend_and_end, &seen);
	ck_assert(seen);
}
END_TEST
#endif

static filch_cancel token = FILCH_CANCEL_INIT;

static void
stop_here(void)
{
	filch_cancel_request(&token);
}

static void *
descend_and_stop(void *argument)
{
	MUST(filch_pool_run(pool, descend, argument) == FILCH_CANCELED);
	return NULL;
}

START_TEST(a_stop_at_the_bottom_reaches_the_top)
{
	struct level level = { DEEP / 10, 0, stop_here, &token };

	pool = pool_with_stack(counts[_i], SMALL_STACK);
	on_stack_of(SMALL_STACK, descend_and_stop, &level);
	ck_assert_uint_eq(level.sum, DEEP / 10 + 1);
	end_pool(pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stack");
	const int n = sizeof(counts) / sizeof(counts[0]);
	TCase *deep = case_of(suite, "deep", clear_variables, NULL);
	TCase *small = case_of(suite, "small", clear_variables, NULL);

	tcase_add_loop_test(deep, groups_nest_deeper_than_the_stack, 0, n);
	tcase_add_loop_test(deep, groups_nest_on_small_stacks, 0, n);
	tcase_add_loop_test(deep, joins_and_groups_nest_deeper_than_the_stack, 0, n);
	tcase_add_test(deep, a_million_spawns_may_be_outstanding);
	tcase_add_test(deep, the_thread_stays_what_it_is);
	tcase_add_test(deep, a_child_of_a_deep_task_ends_in_order);
	tcase_add_loop_test(deep, a_stop_at_the_bottom_reaches_the_top, 0, n);
#if SWITCHES
	tcase_add_test(deep, a_deep_task_can_be_canceled_with_its_thread);
	tcase_add_loop_test(small, a_small_stack_may_make_the_pool, 24, 25);
#else
	tcase_add_loop_test(small, a_small_stack_may_make_the_pool, 1024, 1025);
#endif
	return run_suite(suite);
}
