/* SPDX-License-Identifier: BSD-2-Clause */
/* The tasks that check_spawn.h declares. */
#include "check_spawn.h"

FILCH_TASK(int, is_even, unsigned, n)
{
	if (n == 0)
		return 1;
	FILCH_SPAWN(odd, is_odd, n - 1);
	return FILCH_JOIN(odd, is_odd);
}

FILCH_TASK(int, is_odd, unsigned, n)
{
	if (n == 0)
		return 0;
	FILCH_SPAWN(even, is_even, n - 1);
	return FILCH_JOIN(even, is_even);
}
