/* SPDX-License-Identifier: BSD-2-Clause */
/* One function on a pool, with a status. */
#include "wait/call.h"

#include <filch/pool.h>

struct run {
	int (*task)(void *context);
	void *context;
};

static int
run_verb(struct flc_worker *worker, void *argument)
{
	struct run *run = argument;

	(void)worker;
	return run->task(run->context);
}

int
filch_pool_run(filch_pool *pool, int (*task)(void *context), void *context)
{
	struct run run = { task, context };

	return task == NULL ? FILCH_INVAL : flc_pool_call(pool, run_verb, &run);
}
