/* SPDX-License-Identifier: BSD-2-Clause */
/* Loops whose pieces go to the worker that had them last time. */
#include "pools.h"

#define MOST_WORKERS 16
#define MOST_N (MOST_WORKERS * 16)

static filch_for_options how;
static filch_affinity memory;
static size_t workers, n;

/* Of the loop under way. */
static flc_atomic begun;                      /* pieces */
static flc_atomic begun_by[MOST_WORKERS];
static size_t runner[MOST_N];                 /* each written by who runs it */

static void
setup(void)
{
	static const filch_for_options init = FILCH_FOR_OPTIONS_INIT;
	static const filch_affinity fresh = FILCH_AFFINITY_INIT;

	clear_variables();
	how = init;
	how.schedule = FILCH_SCHEDULE_AFFINITY;
	how.affinity = &memory;
	memory = fresh;
}

/* No thread but the workers: who takes part is then no matter of time. */
static void
use_workers(size_t count)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	workers = count;
	options.workers = count;
	options.spares = FILCH_NO_SPARES;
	how.pool = pool_by(&options);
	how.grain_exact = 1;
	n = 16 * count;
}

static void
begin_round(void)
{
	flc_store_relaxed(&begun, 0);
	for (size_t i = 0; i < MOST_WORKERS; i++)
		flc_store_relaxed(&begun_by[i], 0);
}

static bool
others_have_begun(size_t self, size_t pieces)
{
	for (size_t i = 0; i < workers; i++)
		if (i != self && count_of(&begun_by[i]) < pieces)
			return false;
	return true;
}

/* The workers keep step: nobody begins a piece before each has begun as many, so that
 * none takes another's but for the last. */
static int
keep_step(void *unused, size_t begin, size_t end)
{
	size_t self = filch_worker_index();
	uint64_t until = in_ms(60000);
	size_t mine;

	(void)unused;
	MUST(end == begin + 1 && self < workers);
	runner[begin] = self;
	mine = count_up(&begun_by[self]) + 1;
	count_up(&begun);
	while (count_of(&begun) < n && !others_have_begun(self, mine)) {
		MUST(filch_now() < until);
		sched_yield();
	}
	return FILCH_OK;
}

/* How many pieces another worker runs than the time before. */
static size_t
moved(const size_t *before)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += runner[i] != before[i];
	return count;
}

static int
run_rounds(void *unused)
{
	size_t before[MOST_N];

	(void)unused;
	for (int round = 0; round < 20; round++) {
		memcpy(before, runner, sizeof(before));
		begin_round();
		MUST(filch_for(0, n, keep_step, NULL, &how) == FILCH_OK);
		MUST(round == 0 || moved(before) <= n / 4);
	}
	return FILCH_OK;
}

/* The caller is a worker, too. */
static void
on_a_worker(int (*task)(void *unused))
{
	filch_group group = FILCH_GROUP_INIT;
	uint64_t until = in_ms(60000);

	group.pool = how.pool;
	ck_assert_int_eq(filch_group_spawn(&group, task, NULL), FILCH_OK);
	/* Not to be helped with: the spawner would become a guest. */
	while (flc_load_acquire((flc_atomic *)&group.pending_) != 0 && filch_now() < until)
		pause_ms(1);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
}

START_TEST(a_piece_stays_with_its_worker)
{
	use_workers(worker_counts[_i]);
	on_a_worker(run_rounds);
	end_pool(how.pool);
}
END_TEST

static size_t late;

/* One worker is held up in its first piece until all have begun. */
static int
hold_one_up(void *unused, size_t begin, size_t end)
{
	uint64_t until = in_ms(60000);

	(void)unused;
	(void)end;
	runner[begin]++;
	count_up(&begun);
	if (filch_worker_index() == late)
		while (count_of(&begun) < n) {
			MUST(filch_now() < until);
			sched_yield();
		}
	return FILCH_OK;
}

static int
run_with_a_late_one(void *unused)
{
	(void)unused;
	begin_round();
	MUST(filch_for(0, n, keep_step, NULL, &how) == FILCH_OK);
	for (late = 0; late < workers; late++) {
		begin_round();
		memset(runner, 0, sizeof(runner));
		MUST(filch_for(0, n, hold_one_up, NULL, &how) == FILCH_OK);
		for (size_t i = 0; i < n; i++)
			MUST(runner[i] == 1);
	}
	return FILCH_OK;
}

START_TEST(what_a_late_worker_has_is_taken_by_others)
{
	use_workers(worker_counts[_i]);
	on_a_worker(run_with_a_late_one);
	end_pool(how.pool);
}
END_TEST

static unsigned char seen[5000];

static int
mark(void *unused, size_t begin, size_t end)
{
	(void)unused;
	MUST(end - begin >= how.grain_min || begin == 0);
	for (; begin < end; begin++)
		seen[begin]++;
	return FILCH_OK;
}

START_TEST(each_index_runs_once_while_ranges_and_grains_change)
{
	uint64_t seed = 7 + (uint64_t)_i;

	use_workers(worker_counts[_i]);
	for (size_t round = 0; round < rounds(300); round++) {
		size_t end = random_of(&seed) % sizeof(seen);

		how.grain_min = random_of(&seed) % 2 * (random_of(&seed) % 100);
		how.grain_exact = random_of(&seed) % 3 == 0 ? random_of(&seed) % 70 : 0;
		if (how.grain_exact != 0)
			how.grain_min = 0;
		if (end < how.grain_min)
			how.grain_min = 0;
		for (int again = 0; again < 3; again++) {
			ck_assert_int_eq(filch_for(0, end, mark, NULL, &how), FILCH_OK);
			for (size_t i = 0; i < sizeof(seen); i++)
				MUST(seen[i] == (i < end));
			memset(seen, 0, sizeof(seen));
		}
	}
	end_pool(how.pool);
}
END_TEST

static filch_cancel token;

static int
cancel_in_the_middle(void *unused, size_t begin, size_t end)
{
	(void)unused;
	count_up(&begun);
	if (begin <= n / 2 && n / 2 < end)
		filch_cancel_request(&token);
	return FILCH_OK;
}

static int
fail_above(void *least, size_t begin, size_t end)
{
	for (; begin < end; begin++)
		if (begin >= *(size_t *)least)
			return (int)begin + 1;
	return FILCH_OK;
}

START_TEST(a_loop_that_ends_early_leaves_the_memory_usable)
{
	use_workers(worker_counts[_i]);
	for (size_t least = 0; least < n; least += 3) {
		ck_assert_int_eq(filch_for(0, n, fail_above, &least, &how), (int)least + 1);
		how.cancel = &token;
		ck_assert_int_eq(filch_for(0, n, cancel_in_the_middle, NULL, &how),
		    FILCH_CANCELED);
		filch_cancel_reset(&token);
		how.cancel = NULL;
		how.stop_at = filch_now();
		ck_assert_int_eq(filch_for(0, n, mark, NULL, &how), FILCH_TIMEOUT);
		how.stop_at = 0;
		ck_assert_int_eq(filch_for(0, n, mark, NULL, &how), FILCH_OK);
		for (size_t i = 0; i < n; i++)
			MUST(seen[i] == 1);
		memset(seen, 0, sizeof(seen));
	}
	ck_assert_uint_eq(memory.busy_, 0);
	end_pool(how.pool);
}
END_TEST

static flc_atomic runs;

static int
count_range(void *unused, size_t begin, size_t end)
{
	(void)unused;
	flc_add_full(&runs, end - begin);
	return FILCH_OK;
}

static int
loop_inside(void *unused, size_t begin, size_t end)
{
	(void)unused;
	(void)begin;
	(void)end;
	return filch_for(0, 100, count_range, NULL, &how);
}

static void *
loop_outside(void *unused)
{
	for (int round = 0; round < 50; round++)
		MUST(filch_for(0, 100, count_range, NULL, &how) == FILCH_OK);
	return unused;
}

START_TEST(loops_that_meet_at_one_memory_are_still_whole)
{
	use_workers(worker_counts[_i]);
	for (size_t round = 1; round <= 20; round++) {
		ck_assert_int_eq(filch_for(0, 20, loop_inside, NULL, &how), FILCH_OK);
		ck_assert_uint_eq(count_of(&runs), round * 20 * 100);
	}
	run_threads(4, loop_outside, NULL);
	ck_assert_uint_eq(count_of(&runs), 20 * 20 * 100 + 4 * 50 * 100);
	end_pool(how.pool);
}
END_TEST

/* -- Callers come and go, so that workers become one too many and hand back -- */

static flc_atomic inside, most_inside, ended;

static int
blocking_range(void *unused, size_t begin, size_t end)
{
	keep_highest(&most_inside, count_up(&inside) + 1);
	if (begin % 64 == 0) {
		(void)filch_blocking_begin();
		sched_yield();
		ck_assert_int_eq(filch_blocking_end(), FILCH_OK);
	}
	flc_add_full(&inside, (AO_t)-1);
	return count_range(unused, begin, end);
}

static int
limited_loop(void *unused)
{
	(void)unused;
	return filch_for(0, 3000, blocking_range, NULL, &how);
}

static int
stay_a_moment(void *unused)
{
	(void)unused;
	for (uint64_t until = filch_now() + 30000; filch_now() < until; )
		;
	return FILCH_OK;
}

static void *
come_and_go(void *unused)
{
	while (count_of(&ended) == 0)
		MUST(filch_pool_run(how.pool, stay_a_moment, NULL) == FILCH_OK);
	return unused;
}

START_TEST(no_more_than_max_workers_have_a_part)
{
	filch_group group = FILCH_GROUP_INIT;
	pthread_t caller[2];

	use_workers(3);
	how.grain_exact = 0;
	how.max_workers = 2;
	group.pool = how.pool;
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_create(&caller[i], NULL, come_and_go, NULL), 0);
	for (size_t round = 1; round <= rounds(400); round++) {
		ck_assert_int_eq(filch_group_spawn(&group, limited_loop, NULL), FILCH_OK);
		ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
		ck_assert_uint_eq(count_of(&runs), round * 3000);
	}
	flc_store_release(&ended, 1);
	for (int i = 0; i < 2; i++)
		pthread_join(caller[i], NULL);
	ck_assert_uint_le(count_of(&most_inside), 2);
	end_pool(how.pool);
}
END_TEST

static flc_atomic allocations;

static void *
allocate(void *context, size_t size, size_t align)
{
	(void)context;
	count_up(&allocations);
	return aligned_alloc(align, (size + align - 1) / align * align);
}

static void
release(void *context, void *block, size_t size)
{
	(void)context;
	(void)size;
	free(block);
}

START_TEST(a_loop_allocates_nothing)
{
	static const filch_allocator allocator = { allocate, release, NULL };
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	size_t before;

	options.workers = 2;
	options.allocator = &allocator;
	how.pool = pool_by(&options);
	/* Each worker's deque gets its memory once: few are left to get it. */
	for (int round = 0; round < 100; round++)
		ck_assert_int_eq(filch_for(0, 1000, count_range, NULL, &how), FILCH_OK);
	before = count_of(&allocations);
	for (int round = 0; round < 1000; round++)
		ck_assert_int_eq(filch_for(0, 1000, count_range, NULL, &how), FILCH_OK);
	ck_assert_uint_le(count_of(&allocations), before + 40);
	end_pool(how.pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("pieces");
	TCase *tcase = case_of(suite, "affinity", setup, NULL);

	tcase_add_loop_test(tcase, a_piece_stays_with_its_worker, 0, 4);
	tcase_add_loop_test(tcase, what_a_late_worker_has_is_taken_by_others, 1, 4);
	tcase_add_loop_test(tcase, each_index_runs_once_while_ranges_and_grains_change, 0,
	    THREADED_COUNTS);
	tcase_add_loop_test(tcase, a_loop_that_ends_early_leaves_the_memory_usable, 0,
	    THREADED_COUNTS);
	tcase_add_loop_test(tcase, loops_that_meet_at_one_memory_are_still_whole, 0,
	    THREADED_COUNTS);
	tcase_add_test(tcase, no_more_than_max_workers_have_a_part);
	tcase_add_test(tcase, a_loop_allocates_nothing);
	return run_suite(suite);
}
