/* SPDX-License-Identifier: BSD-2-Clause */
/* A loop, its options and the indexes that ran, for the tests of loops. */
#ifndef FILCH_TEST_LOOPS_H
#define FILCH_TEST_LOOPS_H

#include "pools.h"

#define MOST 20000

static filch_for_options how;
static filch_affinity memory;  /* one for all loops by affinity, nested ones too */
static flc_atomic runs;
static unsigned char seen[MOST + 1];

static inline void
setup(void)
{
	static const filch_for_options init = FILCH_FOR_OPTIONS_INIT;

	clear_variables();
	how = init;
	how.affinity = &memory;
}

static inline void
use_workers(size_t workers)
{
	how.pool = pool_with(workers);
}

/* Plain: two chunks that share an index are a race, too. */
static inline int
mark(void *unused, size_t begin, size_t end)
{
	(void)unused;
	MUST(begin < end);
	for (; begin < end; begin++)
		seen[begin]++;
	return FILCH_OK;
}

static inline void
assert_marked(size_t begin, size_t end)
{
	for (size_t i = 0; i < MOST; i++)
		if (seen[i] != (i >= begin && i < end))
			ck_abort_msg("index %zu ran %d times in %zu to %zu", i, seen[i], begin,
			    end);
	memset(seen, 0, sizeof(seen));
}

static inline int
count_range(void *unused, size_t begin, size_t end)
{
	(void)unused;
	flc_add_full(&runs, end - begin);
	return FILCH_OK;
}

static inline int
loop(size_t begin, size_t end, filch_range_fn *body)
{
	return filch_for(begin, end, body, NULL, &how);
}

static inline void
spend_time(size_t n)
{
	for (volatile size_t i = 0; i < n; i++)
		;
}

#endif /* FILCH_TEST_LOOPS_H */
