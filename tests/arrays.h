/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of the algorithms over arrays share: seeds, pools whose allocator fails,
 * sleeps at random, sizes. */
#ifndef FILCH_TEST_ARRAYS_H
#define FILCH_TEST_ARRAYS_H

#include "pools.h"

#include <stdio.h>

static uint64_t seed;
static filch_for_options how;
static flc_atomic allocations, failing_at, living;

/* FILCH_SEED=N repeats a run. */
static inline void
setup_arrays(void)
{
	static const filch_for_options init = FILCH_FOR_OPTIONS_INIT;
	const char *given = getenv("FILCH_SEED");

	clear_variables();
	how = init;
	seed = given != NULL ? strtoull(given, NULL, 0) : filch_now() | 1;
	fprintf(stderr, "# FILCH_SEED=%llu\n", (unsigned long long)seed);
}

static inline size_t
below(size_t n)
{
	return (size_t)(random_of(&seed) % n);
}

/* The N-th allocation fails, if N is not 0. */
static inline void *
allocate_or_fail(void *unused, size_t size, size_t align)
{
	size_t number = flc_add_full(&allocations, 1) + 1;
	size_t rounded = (size + align - 1) / align * align;

	(void)unused;
	if (number == flc_load_acquire(&failing_at))
		return NULL;
	flc_add_full(&living, 1);
	return aligned_alloc(align, rounded);
}

static inline void
release_counted(void *unused, void *block, size_t size)
{
	(void)unused;
	(void)size;
	flc_add_full(&living, (size_t)-1);
	free(block);
}

static inline filch_pool *
pool_that_may_lack_memory(size_t workers)
{
	static filch_allocator allocator = { allocate_or_fail, release_counted, NULL };
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	options.workers = workers;
	options.allocator = &allocator;
	return pool_by(&options);
}

/* Calls verb with the first, second, ... allocation failing, until none does: each call
 * ends with 0, after which `holds` must be true, or FILCH_NOMEM, and leaves nothing. */
static inline void
each_allocation_fails(size_t workers, int (*verb)(void), bool (*holds)(int status))
{
	how.pool = pool_that_may_lack_memory(workers);
	for (size_t n = 1;; n++) {
		size_t after;
		int status;

		while (filch_pool_trim(how.pool) == FILCH_AGAIN)
			pause_ms(1);
		after = count_of(&allocations) + n;
		flc_store_release(&failing_at, after);
		status = verb();
		flc_store_release(&failing_at, 0);
		ck_assert_msg(status == FILCH_OK || status == FILCH_NOMEM, "status %d", status);
		ck_assert(holds(status));
		if (count_of(&allocations) < after)
			break;
	}
	end_pool(how.pool);
	how.pool = NULL;
	ck_assert_uint_eq(count_of(&living), 0);
}

/* Now and then a thread is late. */
static inline void
be_late(size_t number)
{
	if (number % 97 == 13)
		pause_ms(1);
	else if (number % 11 == 3)
		sched_yield();
}

#endif /* FILCH_TEST_ARRAYS_H */
