/* SPDX-License-Identifier: BSD-2-Clause */
/* Typed tasks that call themselves, for the tests of typed tasks. */
#ifndef FILCH_TEST_SPAWN_TASKS_H
#define FILCH_TEST_SPAWN_TASKS_H

#include "test.h"

#include "check_spawn.h"

#include <stdbool.h>

static unsigned long ran;

/* With leaves that sleep now and then, so that much is stolen. */
FILCH_TASK(long, fib, int, n)
{
	if (n < 2)
		return n;
	if (n == 3 && (__atomic_fetch_add(&ran, 1, __ATOMIC_RELAXED) & 63) == 0)
		nap_us(100);
	FILCH_SPAWN(left, fib, n - 1);
	FILCH_SPAWN(right, fib, n - 2);
	return FILCH_JOIN(left, fib) + FILCH_JOIN(right, fib);
}

/* Joins among the arguments of a call. */
FILCH_TASK(int, tak, int, x, int, y, int, z)
{
	if (y >= x)
		return z;
	FILCH_RECORD(tak) two[2];

	FILCH_SPAWN_AT(&two[0], tak, x - 1, y, z);
	FILCH_SPAWN_AT(&two[1], tak, y - 1, z, x);
	FILCH_SPAWN(third, tak, z - 1, x, y);
	return FILCH_CALL(tak, FILCH_JOIN_AT(&two[0], tak), FILCH_JOIN_AT(&two[1], tak),
	    FILCH_JOIN(third, tak));
}

FILCH_TASK(int, leaf, int, n)
{
	if (n % 7 == 0)
		nap_us(100);
	return n;
}

static inline void
end_default_pool(void)
{
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
}

#endif /* FILCH_TEST_SPAWN_TASKS_H */
