/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/worker.h"

#include "base/float_mode.h"
#include "sched/idle.h"
#include "sched/stack.h"

#ifdef FILCH_INVARIANTS
#include <dlfcn.h>
#include <stdio.h>
#endif

__thread struct flc_worker *flc_this_worker FLC_OF_THREAD;

FLC_COLD void
flc_worker_end_child(void)
{
	pthread_exit(NULL);
}

/* Running work that was found while waiting or searching: the state is RUN for its
 * time. */
static struct flc_task_span
begin_run(struct flc_worker *worker, bool stole_fork)
{
	flc_worker_stop_search(worker, stole_fork);
	return flc_counters_begin_task(worker->counters);
}

#ifdef FILCH_INVARIANTS
/* The place of a task is all that is known of it without a cost to each: a spawner does
 * not write down where it spawned. */
static void
say_unjoined(size_t left, filch_record_fn_ *run)
{
	uintptr_t at = (uintptr_t)run;
	Dl_info in;

	if (dladdr((void *)at, &in) == 0)
		return;
	fprintf(stderr, "filch: a task has ended with %zu records that it, or a task that it "
	    "called, did not join; addr2line -fe %s 0x%zx names it with its file and line\n", left,
	    in.dli_fname, (size_t)(at - (uintptr_t)in.dli_fbase));
}
#else
#define say_unjoined(left, run) ((void)(run))
#endif

void
flc_worker_drop_unjoined(struct flc_worker *worker, size_t base, filch_record_fn_ *run)
{
	size_t bottom = flc_load_relaxed(&worker->forks.bottom);

	if (FLC_LIKELY(bottom <= base || flc_fork_deque_seen(&worker->forks) == 0))
		return;
	say_unjoined(bottom - base, run);
	FLC_INVARIANT(bottom <= base);
	while (bottom > base)
		(void)flc_fork_deque_take(&worker->forks, --bottom);
}

/* What is to run on a stack that has room: a job or a stolen record. */
struct roomless {
	struct flc_worker *worker;
	const struct flc_job *job;
	struct flc_worker *victim;
	filch_record_ *record;
	size_t at;
};

static void
run_roomless(void *argument)
{
	const struct roomless *r = (const struct roomless *)argument;

	if (r->job != NULL)
		flc_worker_run_in_place(r->worker, r->job);
	else
		flc_worker_run_record(r->worker, r->victim, r->record, r->at);
}

static FLC_COLD bool
run_record_elsewhere(struct flc_worker *worker, struct flc_worker *victim, filch_record_ *record,
    size_t at)
{
	struct roomless roomless = { worker, NULL, victim, record, at };

	return flc_stack_call(worker, run_roomless, &roomless);
}

static FLC_COLD bool
run_job_elsewhere(struct flc_worker *worker, const struct flc_job *job)
{
	struct roomless roomless = { worker, job, NULL, NULL, 0 };

	return flc_stack_call(worker, run_roomless, &roomless);
}

void
flc_worker_run_record(struct flc_worker *worker, struct flc_worker *victim, filch_record_ *record,
    size_t at)
{
	if (FLC_UNLIKELY(flc_stack_is_short()) && run_record_elsewhere(worker, victim, record, at))
		return;
	filch_record_fn_ *run = flc_record_run(record);
	size_t base = flc_load_relaxed(&worker->forks.bottom);
	size_t stolen = FLC_RECORD_STOLEN | worker->index << FLC_RECORD_BASE_BITS | base;
	struct flc_task_span span = begin_run(worker, true);
	struct flc_frame frame = { worker->frame, record, base, worker->scope };
	struct flc_scope_place place;
	struct flc_scope *scope;
	size_t mode = flc_float_mode(), victims_mode;

	worker->frame = &frame;
	flc_store_release(&record->state, stolen);
	scope = flc_scope_of_fork(victim, at, &victims_mode);
	flc_float_set_mode(victims_mode);
	place = flc_scope_enter(worker, scope);
	worker->depth++;
	run(&worker->forks, base, record);
	worker->depth--;
	flc_scope_leave(worker, place);
	worker->frame = frame.outer;
	flc_float_set_mode(mode);
	flc_worker_drop_unjoined(worker, base, run);
	flc_worker_check_fork(worker);
	flc_counters_end_task(worker->counters, span);

	/* Full, hence release [record.done]: the result, before DONE.  Once that is seen,
	 * the record is gone; the victim itself stays. */
	if (!flc_cas_full(&record->state, stolen, FLC_RECORD_DONE)) {
		flc_store_release(&record->state, FLC_RECORD_DONE);
		(void)flc_parker_wake(&victim->sleeper.parker);
	}
}

void
flc_worker_run_in_place(struct flc_worker *worker, const struct flc_job *job)
{
	size_t mode;

	if (FLC_UNLIKELY(flc_stack_is_short()) && run_job_elsewhere(worker, job))
		return;
	mode = flc_float_mode();
	worker->depth++;
	job->run(worker, job);
	worker->depth--;
	flc_float_set_mode(mode);
	flc_worker_check_fork(worker);
}

void
flc_worker_run_job(struct flc_worker *worker, const struct flc_job *job)
{
	struct flc_task_span span = begin_run(worker, false);

	flc_worker_run_in_place(worker, job);
	flc_counters_end_task(worker->counters, span);
}
