/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all sorts share: options, the pool they run in, loops over their parts.
 */
#ifndef FLC_SORT_CALL_H
#define FLC_SORT_CALL_H

#include "memory/scratch.h"
#include "sched/worker.h"

#include <filch/loop.h>
#include <filch/sort.h>

/* One call of a sort. */
struct flc_sort_call {
	filch_for_options how;       /* of its loops: one index at a time */
	struct flc_scratch *scratch; /* of its pool */
	size_t parts;                /* threads that may take part */
	bool descending;
};

/* A full copy of options, each new field zero; FILCH_INVAL if one is bad. */
int flc_sort_options(const filch_sort_options *given, filch_sort_options *complete);

/* Nothing is asked for that a sort of a few items on the spot would break. */
static inline bool
flc_sort_is_plain(const filch_sort_options *options)
{
	return options->pool == NULL && options->cancel == NULL && options->stop_at == 0
	    && !filch_canceled();
}

/* On the worker that runs the call. */
void flc_sort_call_begin(struct flc_sort_call *call, const struct flc_worker *worker,
    const filch_sort_options *options);

/* body(context, begin, end) for parts of [0, n), each of one index. */
static inline int
flc_sort_loop(const struct flc_sort_call *call, size_t n, filch_range_fn *body, void *context)
{
	return filch_for(0, n, body, context, &call->how);
}

#endif /* FLC_SORT_CALL_H */
