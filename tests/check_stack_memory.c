/* SPDX-License-Identifier: BSD-2-Clause */
/* What the stacks of deep tasks take, and what is done where there is no memory. */
#include "stacks.h"

#include <stdio.h>

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
	Suite *suite = suite_create("stack_memory");
	TCase *deep = case_of(suite, "deep", clear_variables, NULL);

	tcase_add_test(deep, a_level_takes_what_the_manual_says);
#if SWITCHES
	tcase_add_test(deep, stacks_are_given_back);
	tcase_add_test(deep, without_memory_it_goes_on_where_it_is);
#endif
	return run_suite(suite);
}
