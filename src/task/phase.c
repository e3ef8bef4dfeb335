/* SPDX-License-Identifier: BSD-2-Clause */
/* Phases: workers stay awake between loops. */
#include "pool/default_pool.h"
#include "pool/pool.h"

#include <filch/task.h>

int
filch_phase_begin(filch_pool *pool)
{
	int status = FILCH_OK;

	pool = flc_pool_choose(pool, &status);
	if (pool == NULL)
		return status;
	flc_add_full(&pool->phases, 1);
	return FILCH_OK;
}

int
filch_phase_end(filch_pool *pool)
{
	int status = FILCH_OK;
	size_t open;

	pool = flc_pool_choose(pool, &status);
	if (pool == NULL)
		return status;
	do {
		open = flc_load_relaxed(&pool->phases);
		if (open == 0)
			return FILCH_INVAL;
	} while (!flc_cas_full(&pool->phases, open, open - 1));
	return FILCH_OK;
}
