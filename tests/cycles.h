/* SPDX-License-Identifier: BSD-2-Clause */
/* Two workers, and tasks that wait for each other, for the tests of the wait graph. */
#ifndef FILCH_TEST_CYCLES_H
#define FILCH_TEST_CYCLES_H

#include "dump.h"

static filch_pool *pool;

static flc_atomic begun, refused;

static inline void
use_two(void)
{
	pool = pool_with(2);
}

static inline void
drop(void)
{
	end_pool(pool);
}

/* Another thread has begun it; its core is given away meanwhile. */
static inline void
until_begun(size_t n)
{
	(void)filch_blocking_begin();
	ck_assert(reaches(&begun, n));
	MUST(filch_blocking_end() == FILCH_OK);
}

static inline int
wait_until_stolen(void *unused)
{
	(void)unused;
	until_begun(1);
	return FILCH_OK;
}

#endif /* FILCH_TEST_CYCLES_H */
