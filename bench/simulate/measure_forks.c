/* SPDX-License-Identifier: BSD-2-Clause */
/* What a fork costs its owner, by the typed tasks of the library. */
#include "measure.h"

#include <stdlib.h>

#include <base/fence.h>
#include <filch.h>

#define FORKS 200000
#define ROUNDS 31

/* Nothing that the compiler could drop or share. */
FILCH_TASK(long, leaf, long, n)
{
	__asm__ volatile("" : "+r"(n));
	return n;
}

/* The ns of each of FORKS forks, one after the other. */
FILCH_TASK(double, row, int, spawned)
{
	double begin = now_ns();

	for (long i = 0; i < FORKS; i++) {
		if (spawned) {
			FILCH_SPAWN(child, leaf, i);
			(void)FILCH_JOIN(child, leaf);
		} else {
			(void)FILCH_CALL(leaf, i);
		}
	}
	return (now_ns() - begin) / FORKS;
}

/* The same with an older record below. */
FILCH_TASK(double, row_above, int, spawned)
{
	FILCH_SPAWN(older, leaf, 0);
	double ns = FILCH_CALL(row, spawned);

	(void)FILCH_JOIN(older, leaf);
	return ns;
}

enum form { CALLED, ABOVE, ALONE };

/* With one worker there is no thief.  A lane begins fenced; the first round takes it to
 * the mode in which it stays. */
static double
time_of(enum form form, bool fenced)
{
	double ns[ROUNDS];

	flc_fence_break(fenced);
	filch_pool_destroy_default();
	if (filch_pool_default() == NULL)
		return -1;
	for (int i = 0; i < ROUNDS; i++)
		ns[i] = form == ALONE ? FILCH_RUN(row, 1) : FILCH_RUN(row_above, form == ABOVE);
	flc_fence_break(false);
	return median_of(ns, ROUNDS);
}

bool
measure_forks(struct fork_costs *costs)
{
	if (setenv("FILCH_WORKERS", "1", 1) != 0)
		return false;
	stand_on(0);
	double call = time_of(CALLED, false), above = time_of(ABOVE, false);
	double fenced = time_of(ABOVE, true), alone = time_of(ALONE, false);

	filch_pool_destroy_default();
	costs->spawn = above - call;
	costs->fence = fenced - above;
	costs->last = alone - above;
	return call >= 0 && above >= 0 && fenced >= 0 && alone >= 0;
}
