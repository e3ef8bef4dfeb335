/* SPDX-License-Identifier: BSD-2-Clause */
/* Tasks inside of tasks, deeper than a stack is, and verbs on small stacks. */
#include "pools.h"

#include <fenv.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where nothing switches, as under a sanitizer, which would have to be told of each
 * stack, what fits. */
#if !defined(FILCH_SANITIZED) && (defined(__x86_64__) || defined(__aarch64__))
#define SWITCHES 1
#define DEEP ((size_t)100000)
#define SMALL_STACK ((size_t)256 << 10)
#else
#define SWITCHES 0
#define DEEP ((size_t)500)
#define SMALL_STACK ((size_t)8 << 20)
#endif

static filch_pool *pool;
static const size_t counts[] = { 1, 2, 4, FILCH_NO_WORKERS };

/* A level: what is below it is a task that it waits for. */
struct level {
	size_t left;
	size_t sum;             /* of the levels below and this one */
	void (*bottom)(void);   /* called by the innermost, or NULL */
	filch_cancel *cancel;
};

static __thread size_t own;
static size_t *own_at;
static pthread_t own_thread;
static flc_atomic broken;

static int
descend(void *argument)
{
	struct level *level = argument;
	filch_group group = FILCH_GROUP_INIT;
	struct level below = { level->left - 1, 0, level->bottom, level->cancel };
	int status;

	level->sum = 1;
	if (level->left == 0) {
		if (level->bottom != NULL)
			level->bottom();
		return FILCH_OK;
	}
	group.pool = pool;
	group.cancel = level->cancel;
	MUST(filch_group_spawn(&group, descend, &below) == FILCH_OK);
	status = filch_group_wait(&group, FILCH_FOREVER);
	level->sum += below.sum;
	return status;
}

/* The same with a join between any two. */
static int
nothing(void *unused)
{
	(void)unused;
	return FILCH_OK;
}

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

static filch_pool *
pool_with_stack(size_t workers, size_t stack_size)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	options.workers = workers;
	options.stack_size = stack_size;
	return pool_by(&options);
}

/* Runs it on a thread with so small a stack. */
static void
on_stack_of(size_t size, void *(*main_)(void *), void *argument)
{
	pthread_attr_t attributes;
	pthread_t thread;

	ck_assert_int_eq(pthread_attr_init(&attributes), 0);
	ck_assert_int_eq(pthread_attr_setstacksize(&attributes, size), 0);
	ck_assert_int_eq(pthread_create(&thread, &attributes, main_, argument), 0);
	pthread_attr_destroy(&attributes);
	pthread_join(thread, NULL);
}

static void *
descend_main(void *argument)
{
	MUST(filch_pool_run(pool, descend, argument) == FILCH_OK);
	return NULL;
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

/* What a level takes: the figures of filch_task(3), which FILCH_SHOW_FRAMES=1 prints. */
static size_t frame_at[2];

static int
note_frame(void *context)
{
	size_t *at = context;
	filch_group group = FILCH_GROUP_INIT;

	*at = (size_t)&group;
	if (at == &frame_at[1])
		return FILCH_OK;
	group.pool = pool;
	MUST(filch_group_spawn(&group, note_frame, at + 1) == FILCH_OK);
	return filch_group_wait(&group, FILCH_FOREVER);
}

static int
note_frame_of_join(void *context)
{
	size_t *at = context;

	*at = (size_t)&at;
	return at == &frame_at[1] ? FILCH_OK
	    : filch_join(note_frame_of_join, at + 1, nothing, NULL);
}

static size_t
frame_of(int (*task)(void *context))
{
	size_t size;

	MUST(filch_pool_run(pool, task, &frame_at[0]) == FILCH_OK);
	size = frame_at[0] - frame_at[1];
	if (getenv("FILCH_SHOW_FRAMES") != NULL)
		fprintf(stderr, "%s: %zu bytes a level\n",
		    task == note_frame ? "a group" : "a join", size);
	return size;
}

START_TEST(a_level_takes_what_the_manual_says)
{
	size_t group, join;

	/* Nobody steals. */
	pool = pool_with(FILCH_NO_WORKERS);
	group = frame_of(note_frame);
	end_pool(pool);
	/* The first half stays here. */
	pool = pool_with(1);
	join = frame_of(note_frame_of_join);
	end_pool(pool);
#if SWITCHES && defined(__x86_64__) && defined(__OPTIMIZE__)
	ck_assert_uint_le(group, 700);
	ck_assert_uint_le(join, 300);
#else
	ck_assert_uint_gt(group, 0);
	ck_assert_uint_gt(join, 0);
#endif
}
END_TEST

#if SWITCHES
static size_t
mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	size_t lines = 0;

	ck_assert_ptr_nonnull(maps);
	for (int c; (c = fgetc(maps)) != EOF;)
		lines += c == '\n';
	fclose(maps);
	return lines;
}

static size_t mapped_below;

static void
count_mappings(void)
{
	mapped_below = mappings();
}

START_TEST(stacks_are_given_back)
{
	struct level level = { DEEP / 10, 0, count_mappings, NULL };
	size_t before = mappings(), kept;

	pool = pool_with_stack(FILCH_NO_WORKERS, SMALL_STACK);
	on_stack_of(SMALL_STACK, descend_main, &level);
	/* Two each: the guard is one. */
	ck_assert_uint_gt(mapped_below, before + 40);
	kept = mappings();
	ck_assert_uint_lt(kept, before + 16);
	ck_assert_int_eq(filch_pool_trim(pool), FILCH_OK);
	ck_assert_uint_lt(mappings(), kept);
	end_pool(pool);
}
END_TEST

/* Goes on until only so much is left: less than what makes a task go elsewhere. */
#define LAST ((size_t)32 << 10)

static size_t stack_end;
static bool went_elsewhere;

static int
descend_to_the_end(void *unused)
{
	filch_group group = FILCH_GROUP_INIT;

	if ((size_t)&group - stack_end > SMALL_STACK)
		went_elsewhere = true;
	if (went_elsewhere || (size_t)&group - stack_end < LAST)
		return FILCH_OK;
	group.pool = pool;
	MUST(filch_group_spawn(&group, descend_to_the_end, unused) == FILCH_OK);
	return filch_group_wait(&group, FILCH_FOREVER);
}

static void *
go_to_the_end(void *unused)
{
	pthread_attr_t attributes;
	void *block;
	size_t size;

	MUST(pthread_getattr_np(pthread_self(), &attributes) == 0);
	pthread_attr_getstack(&attributes, &block, &size);
	pthread_attr_destroy(&attributes);
	stack_end = (size_t)block;
	MUST(filch_pool_run(pool, descend_to_the_end, unused) == FILCH_OK);
	return NULL;
}

START_TEST(without_memory_it_goes_on_where_it_is)
{
	pool = pool_with_stack(FILCH_NO_WORKERS, (size_t)1 << 47);
	on_stack_of(SMALL_STACK, go_to_the_end, NULL);
	ck_assert(!went_elsewhere);
	end_pool(pool);
	pool = pool_with(FILCH_NO_WORKERS);
	on_stack_of(SMALL_STACK, go_to_the_end, NULL);
	ck_assert(went_elsewhere);
	end_pool(pool);
}
END_TEST
#endif

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
	tcase_add_test(deep, a_level_takes_what_the_manual_says);
	tcase_add_test(deep, the_thread_stays_what_it_is);
	tcase_add_test(deep, a_child_of_a_deep_task_ends_in_order);
	tcase_add_loop_test(deep, a_stop_at_the_bottom_reaches_the_top, 0, n);
#if SWITCHES
	tcase_add_test(deep, a_deep_task_can_be_canceled_with_its_thread);
	tcase_add_test(deep, stacks_are_given_back);
	tcase_add_test(deep, without_memory_it_goes_on_where_it_is);
	tcase_add_loop_test(small, a_small_stack_may_make_the_pool, 24, 25);
#else
	tcase_add_loop_test(small, a_small_stack_may_make_the_pool, 1024, 1025);
#endif
	return run_suite(suite);
}
