/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GATE_PLANTED plants a fault in each fork, to try the gate on: 1 an instruction, 2 a
 * fence, 3 an allocation.
 */
#include "gate_typed.h"

#include <filch.h>

#include <stdlib.h>

#ifndef GATE_PLANTED
#define GATE_PLANTED 0
#endif

static inline void
plant(void)
{
#if GATE_PLANTED == 1
	__asm__ volatile("nop");
#elif GATE_PLANTED == 2
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#elif GATE_PLANTED == 3
	void *volatile memory = malloc(8);

	free(memory);
#endif
}

FILCH_TASK(long, leaf, long, value)
{
	/* Something to return that the compiler cannot foresee. */
	__asm__ volatile("" : "+r"(value));
	return value;
}

FILCH_TASK(long, fib, int, n)
{
	if (n < 2)
		return n;
	FILCH_SPAWN(left, fib, n - 1);
	long right = FILCH_CALL(fib, n - 2);

	return FILCH_JOIN(left, fib) + right;
}

long
gate_fork(long length)
{
	long sum = 0;

	FILCH_TASKS_HERE;
	FILCH_SPAWN(older, leaf, 1);
	for (long i = 0; i < length; i++) {
		FILCH_SPAWN(child, leaf, i);
		plant();
		sum += FILCH_JOIN(child, leaf);
	}
	return sum + FILCH_JOIN(older, leaf);
}

long
gate_fib(long length)
{
	return FILCH_RUN(fib, (int)length);
}
