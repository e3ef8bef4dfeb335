/* SPDX-License-Identifier: BSD-2-Clause */
#include "loop/range.h"
#include "sched/guest.h"

struct call {
	struct flc_loop loop;
	size_t begin, end;
};

static int
for_verb(struct flc_worker *worker, void *argument)
{
	struct call *call = argument;

	return flc_loop_run(worker, &call->loop, call->begin, call->end);
}

int
filch_for(size_t begin, size_t end, filch_range_fn *body, void *context,
    const filch_for_options *options)
{
	filch_for_options complete;
	struct call call;
	int status = flc_loop_options(options, &complete);

	if (status != FILCH_OK || begin > end || body == NULL)
		return FILCH_INVAL;
	call.loop.body = body;
	call.loop.context = context;
	call.loop.options = &complete;
	call.begin = begin;
	call.end = end;
	return flc_guest_call(complete.pool, for_verb, &call);
}
