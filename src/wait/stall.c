/* SPDX-License-Identifier: BSD-2-Clause */
#include "wait/stall.h"

#include "sched/places.h"

/* What the program wants to be told by. */
static flc_atomic told;
static flc_atomic told_context;

FLC_COLD void
flc_stall_look(struct flc_worker *worker)
{
	struct filch_pool *pool = worker->pool;
	void (*tell)(void *context, struct filch_pool *pool);

	if (!flc_sleep_is_stalled(&pool->sleep)
	    || !flc_cas_full(&pool->stalled, 0, 1))
		return;
	flc_count(&worker->counters->stalls, 1);
	/* acquire [stall.tell]: the context comes with the function. */
	tell = (void (*)(void *, struct filch_pool *))flc_load_acquire(&told);
	if (tell != NULL) {
		/* It may spawn, and our places are given up. */
		flc_count_blocking(worker, 1);
		tell((void *)flc_load_relaxed(&told_context), pool);
		flc_count_blocking(worker, (size_t)-1);
	} else if (flc_config_display()) {
		(void)filch_dump(2);
	}
}

void
filch_pool_on_stall(void (*tell)(void *context, struct filch_pool *pool), void *context)
{
	flc_store_relaxed(&told_context, (size_t)context);
	/* release [stall.tell]: the context, before the function. */
	flc_store_release(&told, (size_t)tell);
}
