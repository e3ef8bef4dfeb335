/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/fork.h"
#include "sched/guest.h"

/* The half that may be stolen. */
struct half {
	filch_record_ record;   /* first: run_half() gets this */
	int (*task)(void *context);
	void *context;
	int status;
};

static void
run_half(filch_lane_ *lane, size_t b, filch_record_ *record)
{
	struct half *half = (struct half *)record;

	(void)lane;
	(void)b;
	half->status = half->task(half->context);
}

struct join {
	int (*a)(void *);
	void *a_context;
	int (*b)(void *);
	void *b_context;
};

static int
join_verb(struct flc_worker *worker, void *argument)
{
	const struct join *join = argument;
	struct half half;
	int status;

	if (worker->pool->threads == 0) {
		status = join->a(join->a_context);
		return status != FILCH_OK ? status : join->b(join->b_context);
	}
	half.task = join->b;
	half.context = join->b_context;
	flc_fork(worker, &half.record, run_half);
	status = join->a(join->a_context);
	flc_worker_check_fork(worker);
	if (!flc_fork_join(worker, &half.record))
		return status != FILCH_OK ? status : half.status;
	return status != FILCH_OK ? status : join->b(join->b_context);
}

int
filch_join(int (*a)(void *), void *a_context, int (*b)(void *), void *b_context)
{
	struct join join = { a, a_context, b, b_context };
	struct flc_worker *worker = flc_self();

	if (a == NULL || b == NULL)
		return FILCH_INVAL;
	if (FLC_LIKELY(worker != NULL))
		return join_verb(worker, &join);
	return flc_guest_call(NULL, join_verb, &join);
}
