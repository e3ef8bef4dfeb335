/* SPDX-License-Identifier: BSD-2-Clause */
#include "balance.h"

#include <pthreadpool.h>
#include <stdlib.h>

const char balance_library[] = "pthreadpool";
const char *const balance_schedules[] = { "stealing", NULL };

static pthreadpool_t pool;

static void
run_index(void *unused, size_t i)
{
	(void)unused;
	balance_index(i);
}

static void
run_tile(void *rows, size_t i, size_t k)
{
	balance_index(i * *(size_t *)rows + k);
}

void
balance_begin(int workers)
{
	pool = pthreadpool_create((size_t)workers);
	if (pool == NULL)
		abort();
}

void
balance_end(void)
{
	pthreadpool_destroy(pool);
}

int
balance_run(int schedule, size_t n, size_t rows)
{
	(void)schedule;
	if (rows > 0)
		pthreadpool_parallelize_2d(pool, run_tile, &rows, rows, rows, 0);
	else
		pthreadpool_parallelize_1d(pool, run_index, NULL, n, 0);
	return 1;
}
