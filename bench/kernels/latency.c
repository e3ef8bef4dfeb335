/* SPDX-License-Identifier: BSD-2-Clause */
#include "form.h"

/* Two tasks from outside of the pool. */
#ifndef BENCH_PLAIN

FILCH_TASK(void, task, void *, context)
{
	latency_task(context);
}

FILCH_TASK(void, both, void *, context)
{
	FILCH_SPAWN(first, task, context);
	FILCH_CALL(task, context);
	FILCH_JOIN(first, task);
}

static void
pair(void *context)
{
	FILCH_RUN(both, context);
}

#else

static int
task(void *context)
{
	latency_task(context);
	return 0;
}

static void
pair(void *context)
{
	filch_join(task, context, task, context);
}

#endif

uint64_t
bench_launch(const struct bench_case *run)
{
#ifdef BENCH_SERIAL
	/* One thread, whatever was asked for: its tasks cannot meet. */
	struct bench_case alone = *run;

	alone.workers = 1;
	return latency_run(&alone, pair);
#else
	return latency_run(run, pair);
#endif
}

uint64_t
bench_handoff(const struct bench_case *run)
{
	return bench_launch(run);
}

uint64_t
bench_two_long(const struct bench_case *run)
{
	return bench_launch(run);
}

uint64_t
bench_idle(const struct bench_case *run)
{
	return bench_launch(run);
}
