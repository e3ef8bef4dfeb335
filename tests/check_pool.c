/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a pool: it comes, goes, and leaves nothing behind. */
#include "pool_tests.h"

static filch_pool *first, *second;

#define ROUNDS 1000
#define SMALLEST_BLOCK 16

static void
assert_nothing_left(const struct left *before)
{
	struct left after;

	/* Not before: what is left of a thread goes with it. */
	ck_assert(threads_fall_to(before->threads));
	after = look();
	ck_assert_uint_eq(after.files, before->files);
	ck_assert_uint_lt(after.bytes, before->bytes + SMALLEST_BLOCK * ROUNDS);
	ck_assert_uint_lt(after.maps, before->maps + ROUNDS / 10);
}

static void
create_and_destroy(size_t times)
{
	for (size_t i = 0; i < times; i++) {
		filch_pool *pool = pool_by(&options);

		ck_assert_int_eq(filch_pool_run(pool, nothing, NULL), FILCH_OK);
		end_pool(pool);
	}
}

START_TEST(created_and_destroyed_1000_times_nothing_is_left)
{
	struct left before;

	options.workers = (size_t)_i + 1;
	create_and_destroy(3);
	before = look();
	create_and_destroy(ROUNDS);
	assert_nothing_left(&before);
}
END_TEST

START_TEST(the_default_pool_comes_and_goes_and_leaves_nothing)
{
	struct left before = { 0 };

	for (int i = 0; i < ROUNDS + 3; i++) {
		if (i == 3)
			before = look();
		ck_assert_int_eq(filch_pool_run(NULL, nothing, NULL), FILCH_OK);
		ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
	}
	assert_nothing_left(&before);
}
END_TEST

START_TEST(destroying_no_default_pool_is_fine)
{
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
}
END_TEST

START_TEST(the_default_pool_is_made_once)
{
	filch_pool *pool = filch_pool_default();

	ck_assert_ptr_nonnull(pool);
	ck_assert_ptr_eq(filch_pool_default(), pool);
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
}
END_TEST

START_TEST(exit_with_a_living_pool_is_clean)
{
	ck_assert_int_eq(filch_pool_run(NULL, nothing, NULL), FILCH_OK);
}
END_TEST

static flc_atomic destroyer;

static void *
open_gate_later(void *unused)
{
	(void)unused;
	until_asleep(&destroyer);
	flc_store_release(&gate, 1);
	return NULL;
}

START_TEST(drain_runs_what_is_queued)
{
	flc_atomic runs = FLC_ATOMIC_INIT(0);
	filch_group group = FILCH_GROUP_INIT;
	pthread_t thread;

	options.spares = FILCH_NO_SPARES;
	group.pool = pool_by(&options);
	queue_behind_blocked(&group, &runs, 100);
	pthread_create(&thread, NULL, open_gate_later, NULL);
	say_thread(&destroyer);
	end_pool(group.pool);
	ck_assert_uint_eq(count_of(&runs), 100);
	ck_assert_uint_eq(count_of(&ended), 2);
	pthread_join(thread, NULL);
}
END_TEST

START_TEST(discard_drops_and_counts_what_is_queued)
{
	flc_atomic runs = FLC_ATOMIC_INIT(0);
	filch_group group = FILCH_GROUP_INIT;
	size_t dropped = 999;
	pthread_t thread;

	options.spares = FILCH_NO_SPARES;
	options.on_destroy = FILCH_ON_DESTROY_DISCARD;
	options.dropped = &dropped;
	group.pool = pool_by(&options);
	queue_behind_blocked(&group, &runs, 100);
	pthread_create(&thread, NULL, open_gate_later, NULL);
	say_thread(&destroyer);
	end_pool(group.pool);
	ck_assert_uint_eq(count_of(&runs), 0);
	ck_assert_uint_eq(dropped, 100);
	pthread_join(thread, NULL);
}
END_TEST

START_TEST(discard_counts_all_that_did_not_run)
{
	options.on_destroy = FILCH_ON_DESTROY_DISCARD;
	for (int round = 0; round < 300; round++) {
		flc_atomic runs = FLC_ATOMIC_INIT(0);
		filch_group group = FILCH_GROUP_INIT;
		size_t dropped = 999;

		options.dropped = &dropped;
		group.pool = pool_by(&options);
		for (int i = 0; i < 200; i++)
			filch_group_spawn(&group, count_task, &runs);
		end_pool(group.pool);
		ck_assert_uint_eq(count_of(&runs) + dropped, 200);
	}
}
END_TEST

static int
destroy_current(void *unused)
{
	(void)unused;
	return filch_pool_destroy(filch_pool_current());
}

START_TEST(destroying_a_pool_from_inside_is_refused)
{
	filch_pool *pool = pool_by(&options);

	ck_assert_int_eq(filch_pool_run(pool, destroy_current, NULL), FILCH_BUSY);
	ck_assert_int_eq(filch_pool_broadcast(pool, destroy_current, NULL, FILCH_FOREVER),
	    FILCH_BUSY);
	end_pool(pool);
}
END_TEST

static int
destroy_first(void *unused)
{
	(void)unused;
	return filch_pool_destroy(first);
}

static int
destroy_first_as_guest_of_second(void *unused)
{
	(void)unused;
	return filch_pool_run(second, destroy_first, NULL);
}

START_TEST(also_from_inside_by_way_of_another_pool)
{
	first = pool_by(&options);
	second = pool_by(&options);
	ck_assert_int_eq(filch_pool_broadcast(first, destroy_first_as_guest_of_second, NULL,
	    FILCH_FOREVER), FILCH_BUSY);
	end_pool(first);
	end_pool(second);
}
END_TEST

/* An allocator that says no at the n-th call, and checks sizes. */
static flc_atomic calls, living;
static size_t failing_call;

static void *
allocate(void *context, size_t size, size_t align)
{
	void *memory = NULL;

	MUST(context == (&living));
	if (count_up(&calls) + 1 == failing_call
	    || posix_memalign(&memory, align < 16 ? 16 : align, size + 16) != 0)
		return NULL;
	count_up(&living);
	memcpy((char *)memory + size, &size, sizeof(size));
	return memory;
}

static void
release(void *context, void *memory, size_t size)
{
	MUST(context == (&living));
	MUST(memcmp((char *)memory + size, &size, sizeof(size)) == 0);
	flc_add_full(&living, (size_t)-1);
	free(memory);
}

START_TEST(without_memory_at_any_place_create_fails_and_leaves_nothing)
{
	static const filch_allocator allocator = { allocate, release, &living };
	filch_pool *pool;
	size_t failures = 0, threads;
	int status;

	create_and_destroy(1);
	threads = threads_now();
	options.allocator = &allocator;
	do {
		flc_store_relaxed(&calls, 0);
		failing_call++;
		status = filch_pool_create(&pool, &options);
		if (status == FILCH_OK) {
			end_pool(pool);
		} else {
			ck_assert_int_eq(status, FILCH_NOMEM);
			ck_assert_ptr_null(pool);
			failures++;
		}
		ck_assert_uint_eq(count_of(&living), 0);
	} while (status != FILCH_OK);
	ck_assert_uint_gt(failures, 3);
	ck_assert(threads_fall_to(threads));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("pool");
	TCase *life = case_of(suite, "life", setup, NULL);

	tcase_add_loop_test(life, created_and_destroyed_1000_times_nothing_is_left, 0, 2);
	tcase_add_test(life, the_default_pool_comes_and_goes_and_leaves_nothing);
	tcase_add_test(life, destroying_no_default_pool_is_fine);
	tcase_add_test(life, the_default_pool_is_made_once);
	tcase_add_test(life, exit_with_a_living_pool_is_clean);
	tcase_add_test(life, drain_runs_what_is_queued);
	tcase_add_test(life, discard_drops_and_counts_what_is_queued);
	tcase_add_test(life, discard_counts_all_that_did_not_run);
	tcase_add_test(life, destroying_a_pool_from_inside_is_refused);
	tcase_add_test(life, also_from_inside_by_way_of_another_pool);
	tcase_add_test(life, without_memory_at_any_place_create_fails_and_leaves_nothing);
	return run_suite(suite);
}
