/* SPDX-License-Identifier: BSD-2-Clause */
/* Short in `make check`; FILCH_STRESS=N makes it N times as long. */
#include "pools.h"

static filch_pool_options options;
static filch_pool *pool;
static flc_atomic runs, stop;

static void
setup(void)
{
	static const filch_pool_options init = FILCH_POOL_OPTIONS_INIT;

	clear_variables();
	options = init;
}

static int
count_task(void *unused)
{
	(void)unused;
	count_up(&runs);
	return FILCH_OK;
}

static int
count_range(void *unused, size_t begin, size_t end)
{
	(void)unused;
	flc_add_full(&runs, end - begin);
	return FILCH_OK;
}

/* -- Random trees of verbs: the same value as the serial walk -- */

struct node {
	uint64_t seed;
	size_t depth;
	uint64_t value;   /* plain: a missing edge is a race */
};

static int walk(void *node);

static uint64_t
mix(uint64_t a, uint64_t b)
{
	return (a ^ (b + UINT64_C(0x9e3779b97f4a7c15) + (a << 6) + (a >> 2))) * 0xff51afd7ed558ccdu;
}

static int
walk_range(void *nodes, size_t begin, size_t end)
{
	for (; begin < end; begin++)
		walk((struct node *)nodes + begin);
	return FILCH_OK;
}

static int
mix_zero(void *unused, void *into)
{
	(void)unused;
	*(uint64_t *)into = 1;
	return FILCH_OK;
}

static int
mix_fold(void *nodes, size_t begin, size_t end, void *into)
{
	for (; begin < end; begin++) {
		walk((struct node *)nodes + begin);
		*(uint64_t *)into = mix(*(uint64_t *)into, ((struct node *)nodes)[begin].value);
	}
	return FILCH_OK;
}

static int
mix_combine(void *unused, void *into, void *from)
{
	(void)unused;
	*(uint64_t *)into = mix(*(uint64_t *)into, *(uint64_t *)from);
	return FILCH_OK;
}

#define MOST_CHILDREN 7

/* Runs the children in one of five ways. */
static uint64_t
walk_children(uint64_t *seed, struct node *child, size_t n)
{
	static const filch_reducer reducer = { sizeof(uint64_t), mix_zero, mix_combine, NULL };
	filch_group group = FILCH_GROUP_INIT;
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;
	uint64_t value = 1;

	how.grain_exact = 1 + random_of(seed) % 2;
	switch (random_of(seed) % 5) {
	case 0:
		MUST(filch_for(0, n, walk_range, child, &how) == FILCH_OK);
		break;
	case 1:
		for (size_t i = 0; i < n; i++)
			MUST(filch_group_spawn(&group, walk, &child[i]) == FILCH_OK);
		MUST(filch_group_wait(&group, FILCH_FOREVER) == FILCH_OK);
		break;
	case 2:
		MUST(filch_reduce(0, n, mix_fold, child, &reducer, &value, &how) == FILCH_OK);
		return value;
	default:
		for (size_t i = 0; i + 1 < n; i += 2)
			MUST(filch_join(walk, &child[i], walk, &child[i + 1]) == FILCH_OK);
		if (n % 2 == 1)
			walk(&child[n - 1]);
	}
	for (size_t i = 0; i < n; i++)
		value = mix(value, child[i].value);
	return value;
}

static int
walk(void *argument)
{
	struct node *node = argument;
	struct node child[MOST_CHILDREN];
	uint64_t seed = node->seed;
	size_t n = 1 + random_of(&seed) % MOST_CHILDREN;

	node->value = mix(node->seed, node->depth);
	if (node->depth == 0)
		return FILCH_OK;
	for (size_t i = 0; i < n; i++) {
		child[i].seed = random_of(&seed) | 1;
		child[i].depth = random_of(&seed) % node->depth;
	}
	node->value = mix(node->value, walk_children(&seed, child, n));
	return FILCH_OK;
}

#define SEEDS 64
static uint64_t wanted[SEEDS];

static void
find_wanted(void)
{
	filch_pool *serial = pool_with(FILCH_NO_WORKERS);

	for (size_t i = 0; i < SEEDS; i++) {
		struct node root = { i * 7919 + 1, 7, 0 };

		ck_assert_int_eq(filch_pool_run(serial, walk, &root), FILCH_OK);
		wanted[i] = root.value;
	}
	end_pool(serial);
}

static void *
walk_main(void *times)
{
	for (size_t i = 0; i < (size_t)times; i++) {
		struct node root = { i % SEEDS * 7919 + 1, 7, 0 };

		MUST(filch_pool_run(pool, walk, &root) == FILCH_OK);
		MUST(root.value == wanted[i % SEEDS]);
	}
	return NULL;
}

static void
walk_with(size_t threads, size_t times)
{
	find_wanted();
	pool = pool_by(&options);
	run_threads(threads, walk_main, (void *)rounds(times));
	end_pool(pool);
}

START_TEST(random_trees_equal_the_serial_walk)
{
	options.workers = worker_counts[_i];
	walk_with(1, 2000);
}
END_TEST

START_TEST(eight_outside_threads_walk_at_once)
{
	options.workers = worker_counts[_i];
	walk_with(8, 200);
}
END_TEST

START_TEST(more_outside_threads_than_guest_slots)
{
	options.workers = worker_counts[_i];
	options.guests = 2;
	walk_with(8, 200);
}
END_TEST

START_TEST(without_spares)
{
	options.workers = worker_counts[_i];
	options.spares = FILCH_NO_SPARES;
	walk_with(4, 200);
}
END_TEST

START_TEST(with_one_spare)
{
	options.workers = worker_counts[_i];
	options.spares = 1;
	walk_with(4, 200);
}
END_TEST

START_TEST(without_spinning)
{
	options.workers = worker_counts[_i];
	options.spin_ns = FILCH_NO_SPIN;
	walk_with(4, 200);
}
END_TEST

static void *
break_fence_main(void *unused)
{
	(void)unused;
	for (int i = 0; count_of(&stop) == 0; i++) {
		flc_fence_break(i % 2 == 0);
		pause_ms(1);
	}
	flc_fence_break(false);
	return NULL;
}

START_TEST(while_the_heavy_fence_comes_and_goes)
{
	pthread_t thread;

	options.workers = worker_counts[_i];
	ck_assert_int_eq(pthread_create(&thread, NULL, break_fence_main, NULL), 0);
	walk_with(2, 500);
	flc_store_release(&stop, 1);
	pthread_join(thread, NULL);
}
END_TEST

/* -- Small things, many times: each begins with everybody asleep or nearly -- */

START_TEST(tiny_verbs_lose_no_wake)
{
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;
	filch_group group = FILCH_GROUP_INIT;
	size_t times = rounds(10000);

	options.workers = worker_counts[_i];
	options.spin_ns = FILCH_NO_SPIN;
	how.pool = group.pool = pool = pool_by(&options);
	how.grain_exact = 1;
	for (size_t i = 0; i < times; i++) {
		MUST(filch_for(0, 3, count_range, NULL, &how) == FILCH_OK);
		MUST(filch_group_spawn(&group, count_task, NULL) == FILCH_OK);
		MUST(filch_group_wait(&group, FILCH_FOREVER) == FILCH_OK);
	}
	MUST(count_of(&runs) == 4 * times);
	end_pool(pool);
}
END_TEST

/* Nobody waits as a guest: only a wake can get these done. */
START_TEST(a_spawn_from_outside_wakes_somebody)
{
	filch_group group = FILCH_GROUP_INIT;
	size_t times = rounds(2000);

	options.workers = worker_counts[_i];
	options.spin_ns = FILCH_NO_SPIN;
	group.pool = pool = pool_by(&options);
	for (size_t i = 1; i <= times; i++) {
		uint64_t until = in_ms(60000);

		MUST(filch_group_spawn(&group, count_task, NULL) == FILCH_OK);
		while (count_of(&runs) < i) {
			MUST(filch_now() < until);
			sched_yield();
		}
	}
	MUST(filch_group_wait(&group, FILCH_FOREVER) == FILCH_OK);
	end_pool(pool);
}
END_TEST

START_TEST(pools_come_and_go_under_load)
{
	options.workers = worker_counts[_i];
	find_wanted();
	for (size_t i = 0; i < rounds(100); i++) {
		filch_group group = FILCH_GROUP_INIT;
		struct node root = { i % SEEDS * 7919 + 1, 7, 0 };

		group.pool = pool_by(&options);
		flc_store_release(&runs, 0);
		ck_assert_int_eq(filch_group_spawn(&group, walk, &root), FILCH_OK);
		for (int k = 0; k < 20; k++)
			ck_assert_int_eq(filch_group_spawn(&group, count_task, NULL), FILCH_OK);
		end_pool(group.pool);
		ck_assert_uint_eq(count_of(&runs), 20);
		ck_assert_uint_eq(root.value, wanted[i % SEEDS]);
	}
}
END_TEST

/* -- A lock held across a nested loop that other chunks want -- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static size_t guarded;

static int
nested_under_lock(void *unused, size_t begin, size_t end)
{
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;

	how.grain_exact = 1;
	for (; begin < end; begin++) {
		pthread_mutex_lock(&lock);
		guarded++;
		MUST(filch_for(0, 8, count_range, unused, &how) == FILCH_OK);
		pthread_mutex_unlock(&lock);
	}
	return FILCH_OK;
}

START_TEST(a_lock_may_be_held_across_a_nested_loop)
{
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;
	size_t times = rounds(2000);

	options.workers = worker_counts[_i];
	how.pool = pool = pool_by(&options);
	how.grain_exact = 1;
	for (size_t i = 0; i < times; i++)
		MUST(filch_for(0, 8, nested_under_lock, NULL, &how) == FILCH_OK);
	MUST(guarded == 8 * times);
	MUST(count_of(&runs) == 64 * times);
	end_pool(pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("sched");
	TCase *stress = case_of(suite, "stress", setup, NULL);

	/* The watchdog: what hangs fails here. */
	tcase_set_timeout(stress, (double)rounds(TIMEOUT_S));
	tcase_add_loop_test(stress, random_trees_equal_the_serial_walk, 0, THREADED_COUNTS);
	tcase_add_loop_test(stress, eight_outside_threads_walk_at_once, 0, THREADED_COUNTS);
	tcase_add_loop_test(stress, more_outside_threads_than_guest_slots, 0, THREADED_COUNTS);
	tcase_add_loop_test(stress, without_spares, 0, THREADED_COUNTS);
	tcase_add_loop_test(stress, with_one_spare, 0, THREADED_COUNTS);
	tcase_add_loop_test(stress, without_spinning, 0, THREADED_COUNTS);
	tcase_add_loop_test(stress, while_the_heavy_fence_comes_and_goes, 0, THREADED_COUNTS);
	tcase_add_loop_test(stress, tiny_verbs_lose_no_wake, 0, THREADED_COUNTS);
	tcase_add_loop_test(stress, a_spawn_from_outside_wakes_somebody, 0, THREADED_COUNTS);
	tcase_add_loop_test(stress, pools_come_and_go_under_load, 0, THREADED_COUNTS);
	tcase_add_loop_test(stress, a_lock_may_be_held_across_a_nested_loop, 0, 4);
	return run_suite(suite);
}
