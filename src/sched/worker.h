/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A worker: two deques, the rests of its loops, a place to sleep, counters.  Guest slots and spares
 * have one too; what differs is whose thread it is.
 *
 * Its memory is reserved once and stays until the pool ends, so that a thief
 * or a waker may look at any worker at any time.
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

/* What runs of a task from outside have taken at this worker: another task's entry
 * is evicted. */
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
 * What record->state says: the filch_record_fn_ until a thief has begun; then
 * STOLEN with the thief's slot and the index its forks begin at; then DONE.
 * WAITED_FOR: the owner of the record sleeps until DONE.
 */
#define FLC_RECORD_DONE FILCH_RECORD_DONE_
#define FLC_RECORD_STOLEN ((size_t)1 << 63)
#define FLC_RECORD_WAITED_FOR ((size_t)1 << 62)
#define FLC_RECORD_BASE_BITS 48

/* The worker that the calling thread is, or NULL; in a forked child that of the parent. */
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

/* Makes the worker of a slot; under the pool's lock.  NULL without memory. */
struct flc_worker *flc_worker_make(struct filch_pool *pool, size_t slot);
void flc_worker_free(struct flc_worker *worker);

/* Starts its thread as a searcher, which the caller has counted; false if the
 * system refuses or the pool ends. */
bool flc_worker_start(struct flc_worker *worker);

/* The same for the next spare, which is made first. */
bool flc_worker_start_spare(struct filch_pool *pool);

/* Its thread goes to its own core, or to all that the pool may use. */
void flc_worker_bind(struct flc_worker *worker, bool to_core);

/* Looks for work until some was run (true), backoff ends, or too many are awake. */
bool flc_worker_search(struct flc_worker *worker);

/* Sleeps until there is work or, false, the pool ends. */
bool flc_worker_fall_asleep(struct flc_worker *worker);

/* Goes from searching to running, if it does search: with a fork stolen from another
 * worker, or not. */
void flc_worker_stop_search(struct flc_worker *worker, bool stole_fork);

/* Wakes a sleeper for work that was just published, if one is justified. */
void flc_worker_wake(struct flc_worker *worker, struct filch_pool *pool);

/* Spares that the system refused may be chosen again, if that was some time ago. */
void flc_worker_ask_again(struct filch_pool *pool);

/* A place became free: wakes one if there is work that no spawner will tell of. */
void flc_worker_look_and_wake(struct flc_worker *worker, struct filch_pool *pool);

/* Does what the counts ask of a thread that leaves the search or the pool. */
void flc_worker_after_leaving(struct flc_worker *worker, struct filch_pool *pool,
    enum flc_leave what);

/* Wakes from a push into an empty deque: at most one in wake_gap_ticks. */
void flc_worker_wake_gently(struct flc_worker *worker);

/* Work stands where others see it, before the looks at the sleepers, [sleep.publish]:
 * the sleeper's side is heavy. */
static inline void
flc_worker_publish(void)
{
	/* store-load [sleep.publish] */
	if (FLC_LIKELY(flc_fence_is_cheap()))
		flc_fence_light();
	else
		flc_fence_full();
}

/*
 * To be called after a push, with the top of the deque and the value it has if
 * there is nothing below.  Work above
 * older work wakes nobody: whoever takes the older looks around when it leaves
 * the search.
 */
static inline void
flc_worker_published(struct flc_worker *worker, const flc_atomic *top, size_t at)
{
	flc_worker_publish();
	if ((flc_load_relaxed(top) & FLC_FORK_DEQUE_INDEX) >= at
	    && flc_sleep_wanted(&worker->pool->sleep))
		flc_worker_wake_gently(worker);
}

/* To be called after a put into the injection queue, by any thread: the worker that it
 * is, or NULL. */
static inline void
flc_worker_injected(struct filch_pool *pool, struct flc_worker *worker)
{
	/* store-load [sleep.publish]: as above; here the fence is cheap enough. */
	flc_fence_full();
	flc_worker_wake(worker, pool);
}

/* Queues the job in the worker's own deque, counts it and shows it to others; false:
 * there is no room, which may be made only if may_grow, or no memory for it. */
static FLC_ALWAYS_INLINE bool
flc_worker_spawn_if(struct flc_worker *worker, const struct flc_job *job, bool may_grow)
{
	size_t at = flc_job_deque_push_if(&worker->jobs, job, may_grow);

	if (FLC_UNLIKELY(at == 0))
		return false;
	flc_count(&worker->counters->tasks_spawned, 1);
	flc_worker_published(worker, &worker->jobs.top, at);
	return true;
}

static inline bool
flc_worker_spawn(struct flc_worker *worker, const struct flc_job *job)
{
	return flc_worker_spawn_if(worker, job, true);
}

/* The same for any of the pool's workers, by any thread: the worker that it is, or NULL. */
static inline bool
flc_worker_inject(struct filch_pool *pool, struct flc_worker *worker, const struct flc_job *job)
{
	if (FLC_UNLIKELY(!flc_injector_put(&pool->injector, job)))
		return false;
	flc_worker_injected(pool, worker);
	return true;
}

/* Steals and runs one piece of anything; false if nothing was found. */
bool flc_worker_help(struct flc_worker *worker);

/* How many tasks its deques hold, to its counters; any thread. */
static inline void
flc_worker_show_depth(struct flc_worker *worker)
{
	size_t depth = flc_fork_deque_seen(&worker->forks) + flc_job_deque_seen(&worker->jobs);

	flc_counters_show_depth(worker->counters, depth);
}

/* Counts a probe of a victim at this distance. */
void flc_worker_count_probe(struct flc_worker *worker, unsigned distance, enum flc_steal outcome);

/* The distance class of another worker. */
unsigned flc_worker_distance(const struct flc_worker *worker, const struct flc_worker *other);

/* Takes and runs one job with the tag, from anywhere; own ones newest first, or
 * oldest first if fifo. */
bool flc_worker_help_tag(struct flc_worker *worker, size_t tag, bool fifo);

/* Takes, as one that takes part already, more of the loop with the tag. */
bool flc_worker_take_more(struct flc_worker *worker, size_t tag, struct flc_job *job);

/* A thread has left the loop with the tag: another may take part. */
void flc_worker_show_rests(struct filch_pool *pool, size_t tag);

/* The same for one that lies between those of others in some deque, where these are to
 * be moved first: before a wait parks. */
bool flc_worker_help_buried(struct flc_worker *worker, size_t tag);

/* Whether such a job, or work of any kind, seems to be there for a waiter. */
bool flc_worker_sees(struct flc_worker *worker, size_t tag, bool wide);

/* The same from its own deque only, while it runs: no change of state, no clock. */
bool flc_worker_run_own(struct flc_worker *worker, size_t tag, bool fifo);

/* Whether any work seems to lie anywhere; no barrier. */
bool flc_pool_has_work(struct filch_pool *pool);

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

/* From here on the worker runs in the scope, and so does what it forks, also
 * where that is stolen. */
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

/* Runs a job from a queue. */
void flc_worker_run_job(struct flc_worker *worker, const struct flc_job *job);

/* Ends the thread, which is that of a child forked inside a task. */
void flc_worker_end_child(void);

/* The same if it is one. */
static inline void
flc_worker_check_fork(const struct flc_worker *worker)
{
	if (FLC_UNLIKELY(flc_worker_is_old(worker)))
		flc_worker_end_child();
}

/* One step of a wait that found nothing to help with: spins, then parks. */
struct flc_backoff {
	uint64_t since;   /* ticks; 0: not begun */
	uint32_t rounds;
};

/* True: go on looking; false: time to park. */
bool flc_backoff_spin(struct flc_worker *worker, struct flc_backoff *backoff);

#endif /* FLC_WORKER_H */
