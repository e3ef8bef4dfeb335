/* SPDX-License-Identifier: BSD-2-Clause */
#include "wait/call.h"
#include "task/fork.h"

/* The half that may be stolen. */
struct half {
	filch_record_ record;   /* first: run_half() gets this */
	int (*task)(void *context);
	void *context;
	int status;
};

static void
run_half(filch_fork_deque_ *deque, size_t b, filch_record_ *record)
{
	struct half *half = (struct half *)record;

	(void)deque;
	(void)b;
	half->status = half->task(half->context);
}

/* The end of a join that the fast path has not made. */
static FLC_NOINLINE int
join_half(struct flc_worker *worker, struct half *half, int status)
{
	if (!flc_fork_join(worker, &half->record))
		return status != FILCH_OK ? status : half->status;
	return status != FILCH_OK ? status : half->task(half->context);
}

/* Without thieves nothing is forked. */
static FLC_NOINLINE int
join_alone(int (*a)(void *), void *a_context, int (*b)(void *), void *b_context)
{
	int status = a(a_context);

	return status != FILCH_OK ? status : b(b_context);
}

/* The first fork in its deque, a deque that is fenced, a thief that asks. */
static FLC_NOINLINE int
join_slowly(int (*a)(void *), void *a_context, int (*b)(void *), void *b_context,
    struct flc_worker *worker)
{
	struct half half;
	int status;

	half.task = b;
	half.context = b_context;
	flc_fork(worker, &half.record, run_half);
	status = a(a_context);
	flc_worker_check_fork(worker);
	return join_half(worker, &half, status);
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

	if (worker->pool->threads == 0)
		return join_alone(join->a, join->a_context, join->b, join->b_context);
	return join_slowly(join->a, join->a_context, join->b, join->b_context, worker);
}

int
filch_join_in(filch_pool *pool, int (*a)(void *), void *a_context, int (*b)(void *),
    void *b_context)
{
	struct join join = { a, a_context, b, b_context };

	if (a == NULL || b == NULL)
		return FILCH_INVAL;
	return flc_pool_call(pool, join_verb, &join);
}

static FLC_NOINLINE int
join_outside(int (*a)(void *), void *a_context, int (*b)(void *), void *b_context)
{
	return filch_join_in(NULL, a, a_context, b, b_context);
}

static inline bool
fork_half(filch_fork_deque_ *deque, struct half *half)
{
	flc_record_set_run(&half->record, run_half);
	return flc_fork_deque_push_above(deque, flc_load_relaxed(&deque->bottom), &half->record, 0);
}

int
filch_join(int (*a)(void *), void *a_context, int (*b)(void *), void *b_context)
{
	struct flc_worker *worker = flc_self();
	struct half half;
	int status;

	if (FLC_UNLIKELY(a == NULL || b == NULL || worker == NULL))
		return join_outside(a, a_context, b, b_context);
	if (FLC_UNLIKELY(worker->pool->threads == 0))
		return join_alone(a, a_context, b, b_context);
	half.task = b;
	half.context = b_context;
	if (FLC_UNLIKELY(!fork_half(&worker->forks, &half)))
		return join_slowly(a, a_context, b, b_context, worker);
	status = a(a_context);
	flc_worker_check_fork(worker);
	if (FLC_UNLIKELY(!flc_fork_deque_take_above(&worker->forks, &half.record, false, 0)))
		return join_half(worker, &half, status);
	return status != FILCH_OK ? status : half.task(half.context);
}
