/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of typed tasks share: pools of several sizes, and tasks that one
 * translation unit defines and others use. */
#ifndef FILCH_CHECK_SPAWN_H
#define FILCH_CHECK_SPAWN_H

#include <filch.h>

#include <time.h>

static const size_t pool_sizes[] = { 1, 2, 3, 4, 16, FILCH_NO_WORKERS };
#define POOL_SIZES ((int)(sizeof(pool_sizes) / sizeof(pool_sizes[0])))

/* Runs task(context) as a guest of a new pool; what it returned. */
static inline int
run_in_pool(size_t workers, int (*task)(void *context), void *context)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	filch_pool *pool = NULL;
	int status;

	options.workers = workers;
	status = filch_pool_create(&pool, &options);
	if (status != FILCH_OK)
		return status;
	status = filch_pool_run(pool, task, context);
	return filch_pool_destroy(pool) == FILCH_OK ? status : FILCH_BUSY;
}

/* Gives up the core, so that thieves come. */
static inline void
nap_us(long us)
{
	struct timespec nap = { us / 1000000, us % 1000000 * 1000 };

	nanosleep(&nap, NULL);
}

/* Defined in check_spawn_other.c; mutually recursive there. */
#ifdef __cplusplus
extern "C" {
#endif
FILCH_TASK_DECLARE(int, is_even, unsigned, n);
FILCH_TASK_DECLARE(int, is_odd, unsigned, n);
#ifdef __cplusplus
}
#endif

#endif /* FILCH_CHECK_SPAWN_H */
