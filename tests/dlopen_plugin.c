/* SPDX-License-Identifier: BSD-2-Clause */
/* A plug-in that uses filch, for dlopen.sh: linked with libfilch.so or libfilch.a. */
#include <filch.h>

#include <stddef.h>

#define INDEXES 5000
#define TASKS 50

int plugin_run(void);
int plugin_end(void);

static int
touch(void *context, size_t begin, size_t end)
{
	for (size_t i = begin; i < end; i++)
		((unsigned char *)context)[i] = 1;
	return FILCH_OK;
}

static int
count(void *context)
{
	__atomic_fetch_add((long *)context, 1, __ATOMIC_RELAXED);
	return FILCH_OK;
}

FILCH_TASK(long, fib, int, n)
{
	if (n < 2)
		return n;
	FILCH_SPAWN(left, fib, n - 1);
	long right = FILCH_CALL(fib, n - 2);

	return FILCH_JOIN(left, fib) + right;
}

/* Zero if all that was asked for was done; leaves the default pool alive. */
int
plugin_run(void)
{
	unsigned char touched[INDEXES];
	filch_group group = FILCH_GROUP_INIT;
	long counted = 0;

	for (size_t i = 0; i < INDEXES; i++)
		touched[i] = 0;
	if (filch_for(0, INDEXES, touch, touched, NULL) != FILCH_OK)
		return 1;
	for (size_t i = 0; i < INDEXES; i++)
		if (touched[i] != 1)
			return 2;
	for (int i = 0; i < TASKS; i++)
		if (filch_group_spawn(&group, count, &counted) != FILCH_OK)
			return 3;
	if (filch_group_wait(&group, FILCH_FOREVER) != FILCH_OK || counted != TASKS)
		return 4;
	return FILCH_RUN(fib, 10) == 55 ? 0 : 5;
}

int
plugin_end(void)
{
	return filch_pool_destroy_default();
}
