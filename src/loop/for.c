/* SPDX-License-Identifier: BSD-2-Clause */
#include "loop/range.h"
#include "wait/call.h"

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

/* Nothing is asked for that a single call of the body would break. */
static bool
is_plain(const filch_for_options *options)
{
	return options == NULL || (options->size >= sizeof(*options) && options->pool == NULL
	    && options->grain_exact == 0 && options->schedule == FILCH_SCHEDULE_AUTO
	    && options->cancel == NULL && options->stop_at == 0 && options->progress == NULL
	    && options->cost_ns >= 0);
}

/* A loop that is known to be too small to share, at the price of a call. */
static bool
run_small(struct flc_site *site, filch_range_fn *body, void *context, size_t begin, size_t end,
    int *status)
{
	struct flc_worker *worker = flc_self();
	double limit;

	/* A site that has learned comes after the start of the clock. */
	if (begin >= end || flc_site_cost(site) <= 0)
		return false;
	limit = FLC_SERIAL_NS * flc_clock_rate;
	if (!flc_site_is_small(site, end - begin, limit))
		return false;
	if (worker == NULL) {
		if (!flc_light_begin())
			return false;
		*status = flc_site_run(site, body, context, begin, end, limit);
		flc_light_end();
		return true;
	}
	if (flc_scope_is_stopped(worker->scope))
		return false;
	*status = flc_site_run(site, body, context, begin, end, limit);
	flc_worker_check_fork(worker);
	return true;
}

int
filch_for(size_t begin, size_t end, filch_range_fn *body, void *context,
    const filch_for_options *options)
{
	filch_for_options complete;
	struct call call;
	int status;

	if (begin > end || body == NULL)
		return FILCH_INVAL;
	call.loop.site = NULL;
	if (FLC_LIKELY(is_plain(options))) {
		call.loop.site = flc_site_of(body);
		if (run_small(call.loop.site, body, context, begin, end, &status))
			return status;
	}
	if (flc_loop_options(options, &complete) != FILCH_OK)
		return FILCH_INVAL;
	call.loop.body = body;
	call.loop.context = context;
	call.loop.options = &complete;
	call.begin = begin;
	call.end = end;
	return flc_pool_call(complete.pool, for_verb, &call);
}

struct void_body {
	filch_range_void_fn *body;
	void *context;
};

static int
run_void_body(void *argument, size_t begin, size_t end)
{
	const struct void_body *v = argument;

	v->body(v->context, begin, end);
	return FILCH_OK;
}

int
filch_for_void(size_t begin, size_t end, filch_range_void_fn *body, void *context,
    const filch_for_options *options)
{
	struct void_body v = { body, context };

	return body == NULL ? FILCH_INVAL : filch_for(begin, end, run_void_body, &v, options);
}
