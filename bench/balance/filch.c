/* SPDX-License-Identifier: BSD-2-Clause */
#include "balance.h"

#include <filch.h>

#include <stdlib.h>

const char balance_library[] = "filch";
const char *const balance_schedules[] = { "auto", "dynamic", "affinity", "static", NULL };

static const int schedules[] = {
	FILCH_SCHEDULE_AUTO, FILCH_SCHEDULE_DYNAMIC, FILCH_SCHEDULE_AFFINITY, FILCH_SCHEDULE_STATIC,
};
static filch_pool *pool;

static int
range(void *unused, size_t begin, size_t end)
{
	(void)unused;
	for (size_t i = begin; i < end; i++)
		balance_index(i);
	return FILCH_OK;
}

static int
tile(void *rows, filch_tile_2d t)
{
	for (size_t i = t.begin0; i < t.end0; i++)
		for (size_t k = t.begin1; k < t.end1; k++)
			balance_index(i * *(size_t *)rows + k);
	return FILCH_OK;
}

void
balance_begin(int workers)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	options.workers = (size_t)workers;
	if (filch_pool_create(&pool, &options) != FILCH_OK)
		abort();
}

void
balance_end(void)
{
	if (filch_pool_destroy(pool) != FILCH_OK)
		abort();
}

int
balance_run(int schedule, size_t n, size_t rows)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	filch_tile_2d all = { 0, rows, 0, rows };
	int status;

	options.pool = pool;
	options.schedule = schedules[schedule];
	status = rows > 0 ? filch_for_2d(all, 1, 1, tile, &rows, &options)
	    : filch_for(0, n, range, NULL, &options);
	if (status != FILCH_OK)
		abort();
	return 1;
}
