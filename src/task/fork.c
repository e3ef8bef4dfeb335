/* SPDX-License-Identifier: BSD-2-Clause */
#include "task/fork.h"

#include "sched/publish.h"
#include "wait/task_wait.h"

/*
 * A heavy fence costs both cores together 14 to 24 us a steal, an ordinary one its owner
 * 5 ns a pop: they break even near 5,000 pops per steal.
 */
#define POPS_PER_STEAL 5000u

/* In the unfenced mode pops are not counted; this many steals that took the heavy fence,
 * one in each gap at least, send the deque fenced, where they are. */
#define BURST 8u
#define BURST_GAP_NS 500000u

static bool
is_fenced(struct flc_worker *worker)
{
	return (flc_load_relaxed(&worker->forks.top) & FLC_FORK_DEQUE_FENCED) != 0;
}

static void
set_mode(struct flc_worker *worker, bool fenced)
{
	flc_fork_deque_set_mode(&worker->forks, fenced);
	worker->pops = 0;
	worker->burst = 0;
	flc_count(&worker->counters->mode_switches, 1);
}

/* A thief asks, and may have what lies below `end`; or it found no heavy fence: from now
 * on it is the ordinary one. */
static void
attend(struct flc_worker *worker, size_t end)
{
	size_t top = flc_load_relaxed(&worker->forks.top);

	if (top & FLC_FORK_DEQUE_ASKED)
		flc_fork_deque_answer(&worker->forks, end, worker->frame);
	else if (FLC_UNLIKELY((top & FLC_FORK_DEQUE_REFUSED) && !(top & FLC_FORK_DEQUE_FENCED)))
		set_mode(worker, true);
}

/* After a join of a stolen record. */
static void
count_theft(struct flc_worker *worker)
{
	size_t paid = flc_load_relaxed(&worker->forks.paid);
	uint64_t now;

	worker->pops = 0;
	if (paid == worker->paid || is_fenced(worker))
		return;
	now = flc_ticks();
	worker->burst = now - worker->last_stolen
	    < flc_ns_to_ticks(BURST_GAP_NS) * (paid - worker->paid)
	    ? worker->burst + (uint32_t)(paid - worker->paid) : 0;
	worker->paid = paid;
	worker->last_stolen = now;
	if (worker->burst >= BURST)
		set_mode(worker, true);
}

/* After a fenced pop that found its record. */
static void
count_pop(struct flc_worker *worker)
{
	if (++worker->pops >= POPS_PER_STEAL && flc_fence_probe())
		set_mode(worker, false);
}

void
flc_fork(struct flc_worker *worker, filch_record_ *record, filch_record_fn_ *run)
{
	flc_record_set_run(record, run);
	if (FLC_LIKELY(flc_fork_deque_push_above(&worker->forks,
	    flc_load_relaxed(&worker->forks.bottom), record, FLC_FORK_DEQUE_FENCED)))
		return;
	attend(worker, flc_load_relaxed(&worker->forks.bottom));
	record->at = flc_fork_deque_push(&worker->forks, record);
	if (FLC_UNLIKELY(record->at == 0))
		flc_count(&worker->counters->tasks_inlined, 1);
	else
		flc_worker_published(worker, &worker->forks.top, record->at + 1);
}

/* Runs here what was forked after a record that is joined first. */
static void
run_newer(struct flc_worker *worker, filch_record_ *record)
{
	filch_record_fn_ *run = flc_record_run(record);

	record->at = 0;
	run(&worker->forks, flc_load_relaxed(&worker->forks.bottom), record);
	flc_store_relaxed(&record->state, FLC_RECORD_DONE);
}

/* Takes the record back; false: stolen. */
static bool
take(struct flc_worker *worker, filch_record_ *record)
{
	filch_fork_deque_ *deque = &worker->forks;
	size_t at = record->at;

	for (size_t p = flc_load_relaxed(&deque->bottom) - 1; p > at; p--) {
		filch_record_ *newer;

		/* Stolen are the oldest: if the index has passed, ours is gone. */
		if (flc_fork_deque_index(flc_load_relaxed(&deque->top)) > at)
			return false;
		newer = (filch_record_ *)flc_load_relaxed(FLC_HOT_SLOT(deque, p));
		if (!flc_fork_deque_take(deque, p))
			return false;
		run_newer(worker, newer);
	}
	return flc_fork_deque_take(deque, at);
}

/* After the fast path lowered bottom for a record that is gone: the deque goes on at
 * top. */
static void
restore(filch_fork_deque_ *deque)
{
	size_t top = flc_fork_deque_index(flc_load_relaxed(&deque->top));

	if (flc_load_relaxed(&deque->bottom) < top)
		flc_store_release(&deque->bottom, top);
}

/* The common case: the newest, an older one below, nobody asks. */
static inline bool
join_fast(struct flc_worker *worker, const filch_record_ *record)
{
	bool fenced = is_fenced(worker);

	if (!flc_fork_deque_take_above(&worker->forks, record, fenced, FLC_FORK_DEQUE_FENCED))
		return false;
	if (fenced)
		count_pop(worker);
	return true;
}

bool
flc_fork_join(struct flc_worker *worker, filch_record_ *record)
{
	/* Run by a thief, or here when it was joined out of order.  acquire
	 * [record.done]: the result comes with DONE. */
	if (flc_load_acquire(&record->state) == FLC_RECORD_DONE) {
		restore(&worker->forks);
		if (record->at != 0
		    && flc_fork_deque_index(flc_load_relaxed(&worker->forks.top)) > record->at)
			count_theft(worker);
		return false;
	}
	/* Without room it was never shown to anybody. */
	if (record->at == 0 || FLC_LIKELY(join_fast(worker, record)))
		return true;
	attend(worker, record->at);
	if (FLC_LIKELY(take(worker, record))) {
		if (is_fenced(worker))
			count_pop(worker);
		return true;
	}
	count_theft(worker);
	flc_wait_record(worker, record);
	return false;
}
