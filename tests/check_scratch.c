/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory that algorithms work in: kept, given back, counted, and safe to share. */
#include "memory/scratch.h"
#include "pool/pool.h"
#include "pools.h"

#include <signal.h>
#include <sys/wait.h>

static struct flc_scratch scratch;
static flc_atomic blocks, bytes, calls;
static size_t refused_call; /* this call of the allocator gives nothing; 0: none */

static void *
allocate(void *context, size_t size, size_t align)
{
	size_t call = count_up(&calls) + 1;

	(void)context;
	if (call == refused_call)
		return NULL;
	count_up(&blocks);
	(void)flc_add_full(&bytes, size);
	return aligned_alloc(align, (size + align - 1) / align * align);
}

static void
release(void *context, void *memory, size_t size)
{
	(void)context;
	(void)flc_add_full(&blocks, (size_t)-1);
	(void)flc_add_full(&bytes, (size_t)0 - size);
	free(memory);
}

static const struct flc_memory memory = { allocate, release, NULL };

static void
setup(void)
{
	flc_scratch_init(&scratch, &memory);
}

static void
teardown(void)
{
	flc_scratch_fini(&scratch);
	ck_assert_uint_eq(count_of(&blocks), 0);
	ck_assert_uint_eq(count_of(&bytes), 0);
}

static void *
acquire(size_t size)
{
	void *block = flc_scratch_acquire(&scratch, FILCH_MEMORY_SORT, size);

	if (block != NULL) {
		MUST((size_t)block % FLC_SCRATCH_ALIGN == 0);
		memset(block, 0x5a, size);
	}
	return block;
}

START_TEST(a_released_block_serves_the_next_request)
{
	static const size_t sizes[] = { 0, 1, 127, 128, 129, 4096, 100000, 5000000 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		void *first = acquire(sizes[i]);
		size_t before = count_of(&calls);

		ck_assert_ptr_nonnull(first);
		flc_scratch_release(&scratch, first);
		for (int again = 0; again < 3; again++) {
			void *block = acquire(sizes[i]);

			ck_assert_ptr_nonnull(block);
			flc_scratch_release(&scratch, block);
		}
		ck_assert_uint_eq(count_of(&calls), before);
	}
	flc_scratch_release(&scratch, NULL);
}
END_TEST

START_TEST(a_small_request_does_not_take_a_large_block)
{
	void *large = acquire(100 << 20), *small, *again;

	flc_scratch_release(&scratch, large);
	small = acquire(1000);
	again = acquire(100 << 20);
	ck_assert_ptr_eq(again, large);
	flc_scratch_release(&scratch, small);
	flc_scratch_release(&scratch, again);
}
END_TEST

START_TEST(the_smallest_block_that_fits_is_taken)
{
	void *a = acquire(3000), *b = acquire(2000), *c = acquire(2500);

	flc_scratch_release(&scratch, a);
	flc_scratch_release(&scratch, b);
	flc_scratch_release(&scratch, c);
	ck_assert_ptr_eq(acquire(2400), c);
	ck_assert_ptr_eq(acquire(2400), a);
	ck_assert_ptr_eq(acquire(1900), b);
	flc_scratch_release(&scratch, a);
	flc_scratch_release(&scratch, b);
	flc_scratch_release(&scratch, c);
}
END_TEST

START_TEST(no_more_is_kept_than_was_in_use_at_once)
{
	for (size_t size = 1000; size < 4000000; size += size / 3) {
		void *block = acquire(size);

		ck_assert_ptr_nonnull(block);
		flc_scratch_release(&scratch, block);
		ck_assert_uint_le(count_of(&bytes), count_of(&scratch.high_water));
		ck_assert_uint_eq(count_of(&bytes), count_of(&scratch.kept_size));
	}
}
END_TEST

START_TEST(bytes_are_counted)
{
	void *a = acquire(10000), *b = acquire(20000);
	size_t both = count_of(&scratch.in_use);

	ck_assert_uint_ge(both, 30000);
	ck_assert_uint_le(both, 34000);
	ck_assert_uint_eq(both, count_of(&bytes));
	flc_scratch_release(&scratch, a);
	ck_assert_uint_eq(count_of(&scratch.in_use) + count_of(&scratch.kept_size), both);
	flc_scratch_release(&scratch, b);
	ck_assert_uint_eq(count_of(&scratch.in_use), 0);
	ck_assert_uint_eq(count_of(&scratch.kept_size), both);
	ck_assert_uint_eq(count_of(&scratch.high_water), both);
	flc_scratch_trim(&scratch);
	ck_assert_uint_eq(count_of(&scratch.kept_size), 0);
	ck_assert_uint_eq(count_of(&bytes), 0);
	ck_assert_uint_eq(count_of(&scratch.high_water), both);
}
END_TEST

START_TEST(trim_leaves_what_is_in_use)
{
	unsigned char *used = acquire(5000), *kept = acquire(6000);

	flc_scratch_release(&scratch, kept);
	flc_scratch_trim(&scratch);
	ck_assert_uint_eq(count_of(&blocks), 1);
	for (size_t i = 0; i < 5000; i++)
		MUST(used[i] == 0x5a);
	flc_scratch_release(&scratch, used);
}
END_TEST

START_TEST(a_size_that_no_memory_holds_is_refused)
{
	ck_assert_ptr_null(acquire(SIZE_MAX));
	ck_assert_ptr_null(acquire(SIZE_MAX - 4096));
	ck_assert_ptr_null(acquire(PTRDIFF_MAX));
	ck_assert_uint_eq(count_of(&scratch.in_use), 0);
}
END_TEST

/* What is kept is freed, and the allocator asked once more, before there is none. */
START_TEST(each_call_of_the_allocator_may_fail)
{
	void *kept = acquire(1000);

	flc_scratch_release(&scratch, kept);
	refused_call = count_of(&calls) + 1;
	kept = acquire(3 << 20);
	ck_assert_ptr_nonnull(kept);
	ck_assert_uint_eq(count_of(&blocks), 1);
	flc_scratch_release(&scratch, kept);
	for (size_t n = 1; n <= 6; n++) {
		void *block[4];

		flc_scratch_trim(&scratch);
		refused_call = count_of(&calls) + n;
		for (size_t i = 0; i < 4; i++)
			block[i] = acquire(10000 * (i + 1));
		for (size_t i = 0; i < 4; i++)
			flc_scratch_release(&scratch, block[i]);
		ck_assert_uint_eq(count_of(&scratch.in_use), 0);
	}
}
END_TEST

/* -- Many threads -- */

#define THREADS 4
#define ROUNDS 3000

static void *
use(void *seed)
{
	size_t state = (size_t)seed * 2654435761u + 1;

	for (int i = 0; i < ROUNDS; i++) {
		size_t size;
		unsigned char *block;

		state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
		size = (state >> 40) % 9000;
		block = flc_scratch_acquire(&scratch, FILCH_MEMORY_SORT, size);
		MUST(block != NULL);
		memset(block, (int)(size_t)seed, size);
		if (i % 64 == 0)
			flc_scratch_trim(&scratch);
		for (size_t at = 0; at < size; at += 61)
			MUST(block[at] == (unsigned char)(size_t)seed);
		flc_scratch_release(&scratch, block);
	}
	return NULL;
}

START_TEST(threads_never_share_a_block)
{
	pthread_t thread[THREADS];

	for (size_t i = 0; i < THREADS; i++)
		MUST(pthread_create(&thread[i], NULL, use, (void *)(i + 1)) == 0);
	for (size_t i = 0; i < THREADS; i++)
		MUST(pthread_join(thread[i], NULL) == 0);
	ck_assert_uint_eq(count_of(&scratch.in_use), 0);
}
END_TEST

/* -- A forked child -- */

START_TEST(a_child_gets_none_and_keeps_what_it_has)
{
	unsigned char *block = acquire(5000);
	int status;
	pid_t child;

	/* Another thread of the parent may hold the lock while it forks. */
	flc_word_lock_acquire(&scratch.lock);
	child = fork();
	if (child == 0) {
		alarm(20);
		block[0] = 1;
		if (flc_scratch_acquire(&scratch, FILCH_MEMORY_SORT, 10) != NULL)
			_exit(1);
		flc_scratch_release(&scratch, block);
		flc_scratch_trim(&scratch);
		_exit(block[0] == 1 ? 0 : 2);
	}
	flc_word_lock_release(&scratch.lock);
	MUST(waitpid(child, &status, 0) == child);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	flc_scratch_release(&scratch, block);
}
END_TEST

/* -- Of pools -- */

static filch_metrics
metrics_of(filch_pool *pool)
{
	filch_metrics metrics;

	ck_assert_int_eq(filch_metrics_snapshot(pool, &metrics, sizeof(metrics)), FILCH_OK);
	return metrics;
}

START_TEST(each_pool_has_its_own)
{
	filch_allocator allocator = { allocate, release, NULL };
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	filch_pool *one, *other;
	filch_metrics before, after;
	void *block;

	options.allocator = &allocator;
	options.workers = 2;
	one = pool_by(&options);
	other = pool_by(&options);
	before = metrics_of(one);
	ck_assert_uint_eq(before.scratch_high_water, 0);
	block = flc_scratch_acquire(&one->scratch, FILCH_MEMORY_SORT, 300000);
	ck_assert_ptr_nonnull(block);
	after = metrics_of(one);
	ck_assert_uint_ge(after.scratch_in_use, 300000);
	ck_assert_uint_eq(after.malloc_calls[FILCH_MEMORY_SORT]
	    - before.malloc_calls[FILCH_MEMORY_SORT], 1);
	ck_assert_uint_eq(metrics_of(other).scratch_in_use, 0);
	flc_scratch_release(&one->scratch, block);
	after = metrics_of(one);
	ck_assert_uint_eq(after.scratch_in_use, 0);
	ck_assert_uint_ge(after.scratch_kept, 300000);
	ck_assert_uint_eq(after.scratch_high_water, after.scratch_kept);
	(void)filch_pool_trim(one);
	ck_assert_uint_eq(metrics_of(one).scratch_kept, 0);
	/* A pool that ends frees what it keeps: teardown looks. */
	block = flc_scratch_acquire(&other->scratch, FILCH_MEMORY_SORT, 300000);
	flc_scratch_release(&other->scratch, block);
	end_pool(one);
	end_pool(other);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("scratch");
	TCase *alone = case_of(suite, "alone", setup, teardown);
	TCase *shared = case_of(suite, "shared", setup, teardown);

	tcase_add_test(alone, a_released_block_serves_the_next_request);
	tcase_add_test(alone, a_small_request_does_not_take_a_large_block);
	tcase_add_test(alone, the_smallest_block_that_fits_is_taken);
	tcase_add_test(alone, no_more_is_kept_than_was_in_use_at_once);
	tcase_add_test(alone, bytes_are_counted);
	tcase_add_test(alone, trim_leaves_what_is_in_use);
	tcase_add_test(alone, a_size_that_no_memory_holds_is_refused);
	tcase_add_test(alone, each_call_of_the_allocator_may_fail);
	tcase_add_test(shared, threads_never_share_a_block);
	tcase_add_test(shared, a_child_gets_none_and_keeps_what_it_has);
	tcase_add_test(shared, each_pool_has_its_own);
	return run_suite(suite);
}
