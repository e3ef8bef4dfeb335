/* SPDX-License-Identifier: BSD-2-Clause */
/* Ten children a node down to single numbers, which are summed; n digits. */
#include "run.h"

#define CHILDREN 10

#if defined(FORK_SERIAL)
static __attribute__((noinline)) uint64_t
skynet(uint64_t number, uint64_t size)
{
	uint64_t part = size / CHILDREN, sum = 0;

	if (size == 1)
		return number;
	for (uint64_t i = 0; i < CHILDREN; i++)
		sum += skynet(number + i * part, part);
	return sum;
}
#elif defined(FORK_LACE)
TASK_2(uint64_t, skynet, uint64_t, number, uint64_t, size)
{
	if (size == 1)
		return number;
	uint64_t part = size / CHILDREN;

	for (uint64_t i = 0; i < CHILDREN - 1; i++)
		SPAWN(skynet, number + i * part, part);
	uint64_t sum = CALL(skynet, number + (CHILDREN - 1) * part, part);

	for (int i = CHILDREN - 1; i-- > 0;)
		sum += SYNC(skynet);
	return sum;
}
#else
FILCH_TASK(uint64_t, skynet, uint64_t, number, uint64_t, size)
{
	FORK_PLANT();
	if (size == 1)
		return number;

	FILCH_RECORD(skynet) child[CHILDREN - 1];
	uint64_t part = size / CHILDREN;

	for (uint64_t i = 0; i < CHILDREN - 1; i++)
		FILCH_SPAWN_AT(&child[i], skynet, number + i * part, part);
	uint64_t sum = FILCH_CALL(skynet, number + (CHILDREN - 1) * part, part);

	for (int i = CHILDREN - 1; i-- > 0;)
		sum += FILCH_JOIN_AT(&child[i], skynet);
	return sum;
}
#endif

static uint64_t
leaves(int n)
{
	uint64_t size = 1;

	while (n-- > 0)
		size *= CHILDREN;
	return size;
}

static uint64_t
kernel_run(int n)
{
	uint64_t size = leaves(n);

#ifdef FORK_SERIAL
	return skynet(0, size);
#else
	return FORK_RUN(skynet, 0, size);
#endif
}

static double
kernel_calls(int n, uint64_t *wanted)
{
	uint64_t size = leaves(n);
	double calls = 0;

	*wanted = size * (size - 1) / 2;
	for (; n >= 0; n--)
		calls += (double)leaves(n);
	return calls;
}
