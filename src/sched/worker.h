/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A worker: two deques, the rests of its loops, a place to sleep, counters; and how it
 * runs what was found.  Guest slots and spares have one too; what differs is whose thread
 * it is.
 *
 * Its memory is reserved once and stays until the pool ends, so that a thief or a waker
 * may look at any worker at any time.
 */
#ifndef FLC_WORKER_H
#define FLC_WORKER_H

#include "base/float_mode.h"
#include "count/counters.h"
#include "deque/job_deque.h"
#include "deque/range_rest.h"
#include "sched/cancel_scope.h"
#include "pool/pool.h"

struct flc_broadcast;
struct flc_stack;
struct flc_worker_row;

/* From which index on the forks of a worker stand in a scope. */
struct flc_scope_mark {
	flc_atomic at;
	flc_atomic scope;
	flc_atomic mode;              /* of floating point, when it was entered */
};

/* Scopes nested deeper than this are not seen by stolen forks. */
#define FLC_SCOPE_MARKS 32

/* What runs of a task from outside have taken at this worker: another task's entry is
 * evicted. */
struct flc_run_cost {
	filch_record_fn_ *run;
	uint64_t ticks;
};

#define FLC_RUN_COSTS 16

struct flc_worker {
	filch_fork_deque_ forks;            /* first: <filch/hot.h> sees it */
	struct flc_job_deque jobs;
	struct flc_rests rests;
	struct flc_sleeper sleeper;

	/* The owner's, and constant after it was made. */
	FLC_SET_APART struct filch_pool *pool;
	size_t generation;            /* the pool's */
	struct flc_counters *counters; /* in its row */
	struct flc_worker_row *row;   /* of the page; NULL: there was none left */
	struct flc_scope *scope;  /* what the running task can be canceled by */
	size_t index;
	int kind;                     /* enum filch_slot_kind */
	bool started;                 /* has a thread; under the pool's lock */
	bool searching;               /* counts as a searcher */
	bool widened;                 /* off its core until it next sleeps */
	bool outside;                 /* what it last found, or was woken for, was injected */
	size_t awaited;               /* tag of the group it waits for just now */
	flc_atomic marks;             /* of scopes, the outer ones first */
	struct flc_scope_mark mark[FLC_SCOPE_MARKS];
	const struct flc_frame *frame; /* the stolen records it runs, the latest first */
	unsigned depth;               /* pieces of found work on its stack */
	unsigned blocking;            /* filch_blocking_begin() without its end */
	unsigned given_up;            /* times that its place was, and not taken back */
	struct flc_worker *outer;     /* what this thread was before; guests */
	uint64_t random;
	uint64_t last_wake;           /* ticks */
	uint64_t brief_until;         /* ticks; what runs is known to be short; 0 */
	uint64_t waking;              /* ticks spent in waking others */
	uint32_t wake_skips;          /* pushes until the clock is read again */
	uint32_t pops;                /* fenced, since the last steal from us */
	uint32_t burst;               /* costly steals from us in quick succession */
	size_t paid;                  /* forks.paid at the last of them */
	uint64_t last_stolen;         /* ticks */
	size_t victims;
	uint32_t *victim;             /* slots, nearest first */
	uint8_t *distance;            /* enum filch_distance, of each victim */
	flc_atomic inbox;             /* a struct flc_inbox_call, or 0; see sched/inbox.h */
	pthread_t thread;
	struct flc_stack *stack;      /* kept for the next task without room, or NULL */
	struct flc_run_cost run_cost[FLC_RUN_COSTS];
	const struct flc_worker *sender; /* whose call it runs, which was sent; or NULL */
};

/* The worker that cannot go on before this one does: what the thread was before, or the
 * thread that sent it the call. */
static inline const struct flc_worker *
flc_worker_around(const struct flc_worker *worker)
{
	return worker->outer != NULL ? worker->outer : worker->sender;
}

/* The worker that a deque belongs to. */
static inline struct flc_worker *
flc_worker_of(filch_fork_deque_ *deque)
{
	return FLC_CONTAINER_OF(deque, struct flc_worker, forks);
}

/*
 * What record->state says: the filch_record_fn_ until a thief has begun; then STOLEN with
 * the thief's slot and the index its forks begin at; then DONE.  WAITED_FOR: the owner of
 * the record sleeps until DONE.
 */
#define FLC_RECORD_DONE FILCH_RECORD_DONE_
#define FLC_RECORD_STOLEN ((size_t)1 << 63)
#define FLC_RECORD_WAITED_FOR ((size_t)1 << 62)
#define FLC_RECORD_BASE_BITS 48

/* The worker that the calling thread is, or NULL; in a forked child that of the
 * parent. */
extern __thread struct flc_worker *flc_this_worker FLC_OF_THREAD;

/* Whether the caller is in a child of the process that made its pool. */
static inline bool
flc_worker_is_old(const struct flc_worker *worker)
{
	return flc_generation_is_old(worker->generation);
}

/* The worker that the calling thread is, or NULL; not in a forked child. */
static inline struct flc_worker *
flc_self(void)
{
	struct flc_worker *worker = flc_this_worker;

	return FLC_UNLIKELY(worker != NULL && flc_worker_is_old(worker)) ? NULL : worker;
}

static inline void
flc_set_self(struct flc_worker *worker)
{
	flc_this_worker = worker;
}

/* How many tasks its deques hold, to its counters; any thread. */
static inline void
flc_worker_show_depth(struct flc_worker *worker)
{
	size_t depth = flc_fork_deque_seen(&worker->forks) + flc_job_deque_seen(&worker->jobs);

	flc_counters_show_depth(worker->counters, depth);
}

/* Runs a record stolen from that index, and tells the owner. */
void flc_worker_run_record(struct flc_worker *worker, struct flc_worker *victim,
    filch_record_ *record, size_t at);

/* What a worker was in before it entered a scope. */
struct flc_scope_place {
	struct flc_scope *scope;
	size_t marks;
};

/* What a task forked from the index `base` on and did not join is taken back when it
 * ends: its frame is gone, and no thief shall find the record any more.  With
 * --enable-invariants the task, which run has run, is named instead. */
void flc_worker_drop_unjoined(struct flc_worker *worker, size_t base, filch_record_fn_ *run);

/* From here on the worker runs in the scope, and so does what it forks, also where that
 * is stolen. */
static inline struct flc_scope_place
flc_scope_enter(struct flc_worker *worker, struct flc_scope *scope)
{
	struct flc_scope_place before = { worker->scope, flc_load_relaxed(&worker->marks) };

	worker->scope = scope;
	if (before.marks < FLC_SCOPE_MARKS) {
		struct flc_scope_mark *mark = &worker->mark[before.marks];

		flc_store_relaxed(&mark->at, flc_load_relaxed(&worker->forks.bottom));
		flc_store_relaxed(&mark->scope, (size_t)scope);
		flc_store_relaxed(&mark->mode, flc_float_mode());
		/* release [scope.mark]: the mark and the scope, before the count. */
		flc_store_release(&worker->marks, before.marks + 1);
	}
	return before;
}

static inline void
flc_scope_leave(struct flc_worker *worker, struct flc_scope_place before)
{
	worker->scope = before.scope;
	flc_store_release(&worker->marks, before.marks);
}

/* Runs a job from a queue; and while the worker runs already: no change of state, no
 * clock. */
void flc_worker_run_job(struct flc_worker *worker, const struct flc_job *job);
void flc_worker_run_in_place(struct flc_worker *worker, const struct flc_job *job);

/* Ends the thread, which is that of a child forked inside a task. */
void flc_worker_end_child(void);

/* The same if it is one. */
static inline void
flc_worker_check_fork(const struct flc_worker *worker)
{
	if (FLC_UNLIKELY(flc_worker_is_old(worker)))
		flc_worker_end_child();
}

#endif /* FLC_WORKER_H */
