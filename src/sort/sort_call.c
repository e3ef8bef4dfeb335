/* SPDX-License-Identifier: BSD-2-Clause */
#include "sort/sort_call.h"

#include "pool/pool.h"

#include <string.h>

int
flc_sort_options(const filch_sort_options *given, filch_sort_options *complete)
{
	memset(complete, 0, sizeof(*complete));
	if (given != NULL) {
		if (given->size < offsetof(filch_sort_options, order))
			return FILCH_INVAL;
		memcpy(complete, given,
		    given->size < sizeof(*complete) ? given->size : sizeof(*complete));
	}
	return complete->order == FILCH_ASCENDING || complete->order == FILCH_DESCENDING
	    ? FILCH_OK : FILCH_INVAL;
}

void
flc_sort_call_begin(struct flc_sort_call *call, const struct flc_worker *worker,
    const filch_sort_options *options)
{
	static const filch_for_options init = FILCH_FOR_OPTIONS_INIT;
	struct filch_pool *pool = worker->pool;

	call->how = init;
	call->how.pool = pool;
	call->how.grain_exact = 1;
	call->how.schedule = FILCH_SCHEDULE_DYNAMIC;
	call->how.max_workers = options->max_workers;
	call->how.cancel = options->cancel;
	call->how.stop_at = options->stop_at;
	call->how.name = options->name;
	call->scratch = &pool->scratch;
	call->parts = pool->threads > 0 ? pool->threads : 1;
	if (options->max_workers > 0 && options->max_workers < call->parts)
		call->parts = options->max_workers;
	call->descending = options->order == FILCH_DESCENDING;
}
