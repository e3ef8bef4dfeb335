/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fork-join, groups of tasks, cancellation, phases.
 *
 *                         who may call, and beside whom
 *     filch_join          any thread
 *     filch_group_spawn   any thread, many at once on one group, also while
 *                         another waits for it
 *     filch_group_wait    any thread, one at a time per group
 *     filch_group_cancel  any thread, at any time in the group's life
 *     filch_cancel_*      any thread, at any time in the token's life
 *     filch_blocking_*    any thread, both on the same one
 *     filch_phase_*       any thread, many at once
 */
#ifndef FILCH_TASK_H
#define FILCH_TASK_H

#include <filch/base.h>
#include <filch/spawn.h>

struct filch_pool;

/* A flag that loops and groups look at between chunks.  Zero is a live token; it may be
 * static, on a stack or in the heap, and needs no clean-up. */
typedef struct filch_cancel {
	size_t requested_;
} filch_cancel;

#define FILCH_CANCEL_INIT { 0 }

FILCH_API void filch_cancel_request(filch_cancel *token);
FILCH_API int filch_cancel_requested(const filch_cancel *token);
/* Makes the token live again, when nothing uses it. */
FILCH_API void filch_cancel_reset(filch_cancel *token);

/* Non-zero if what the caller runs in (its loop, its group, or one around these) was
 * canceled or has failed: a long task returns early on it. */
FILCH_API int filch_canceled(void);

/*
 * Runs a(a_context) and b(b_context), perhaps at the same time, and returns when both
 * have ended.  The caller runs a; b is there to be stolen, and if nobody takes it the
 * caller runs it next.  Returns a's failure, else b's; if a fails before b has begun, b
 * is skipped.  No allocation.  Typed tasks (<filch/spawn.h>) do the same for less,
 * inlined.
 */
FILCH_API int filch_join(filch_task_fn *a, void *a_context, filch_task_fn *b, void *b_context);

/* The same on a pool of the caller's choice; NULL: current or default. */
FILCH_API int filch_join_in(struct filch_pool *pool, filch_task_fn *a, void *a_context,
    filch_task_fn *b, void *b_context);

/*
 * A group: many children, results in the caller's own memory, one wait.
 *
 *     filch_group group = FILCH_GROUP_INIT;
 *     for (i = 0; i < n; i++)
 *         filch_group_spawn(&group, work, &item[i]);
 *     status = filch_group_wait(&group, FILCH_FOREVER);
 *
 * The struct must outlive its last task; wait before it goes out of scope.  After a wait
 * that ended the group is empty and may be used again.  Set the options before the first
 * spawn.
 */
typedef struct filch_group {
	size_t pending_;           /* tasks not ended */
	size_t state_;             /* canceled, failed, waited for */
	size_t failed_at_;         /* lowest failing spawn index, plus one */
	size_t spawned_;           /* by others than the owner */
	struct filch_pool *pool_;  /* where the first spawn went */
	struct filch_pool *pool;   /* option: NULL: current or default */
	filch_cancel *cancel;      /* option: a further token */
	size_t max_backlog;        /* option: try_spawn refuses above it; 0: none */
	void (*on_done)(void *context); /* option: when pending reaches zero */
	void *on_done_context;
	int failure_;
	int shielded;              /* option: does not heed cancellation around it */
	int fifo;                  /* option: own tasks oldest first, not newest */
	int wide_help;             /* option: a wait may run any task of the pool */
	size_t owner_;             /* the worker that spawned first */
	size_t own_;               /* how many it did */
} filch_group;

#define FILCH_GROUP_INIT { 0, 0, 0, 0, NULL, NULL, NULL, 0, NULL, NULL, 0, 0, 0, 0, 0, 0 }

/*
 * Starts task(context) in the group.  Without memory, without workers, and while
 * max_backlog tasks are pending, the task runs at once, inline, and is counted.
 * FILCH_NOMEM: there is no memory for the caller to run it as a guest either; it neither
 * runs nor counts.  A task of a canceled group is skipped.  No allocation per task once
 * the deque has grown.  FILCH_FORKED in a forked child; FILCH_INVAL for NULL.
 *
 * From outside of the pool it is queued, some worker is woken, and the call returns: an
 * event loop may hand work over by one group that lives as long as it does, waited for
 * once at the end, and get the results through a channel.
 */
FILCH_API int filch_group_spawn(filch_group *group, filch_task_fn *task,
    void *context);

/*
 * The same, but FILCH_AGAIN while max_backlog tasks are pending.  A task is pending until
 * it has ended, which is after whatever it sent: a caller that must not wait counts what
 * it got back, as docs/examples/echo_pool_server.c does, and not on a place being free
 * when the last result comes.
 */
FILCH_API int filch_group_try_spawn(filch_group *group, filch_task_fn *task,
    void *context);

/*
 * In C: spawns a typed task (<filch/spawn.h>) into the group.
 *
 *     FILCH_TASK(int, render, const struct scene *, scene, int, row) { ... }
 *     typedef FILCH_RECORD(render) render_record;
 *
 *     for (int row = 0; row < rows; row++)
 *         FILCH_GROUP_SPAWN_AT(&group, &record[row], render, scene, row);
 *     status = filch_group_wait(&group, FILCH_FOREVER);
 *
 * FILCH_GROUP_SPAWN       a task of at most one argument, of up to eight bytes, which
 *                         travels with the task; it returns int, its status, or void
 * FILCH_GROUP_SPAWN_AT    a task of any arguments, which stand in a record of the
 *                         caller's; that must live until the group was waited for
 * FILCH_RESULT_AT         what such a task returned, after a wait that returned 0; an int
 *                         is also its status in the group
 *
 * The forms with TRY are refused as filch_group_try_spawn() is.  All return what the
 * plain spawns do, allocate nothing of their own, and cost a few nanoseconds more.  One
 * record holds one task at a time.
 */
#if !defined(FILCH_NO_TYPED_TASKS) && !defined(__cplusplus)
#define FILCH_GROUP_SPAWN(group, ...) \
	FLC_NOW_(FLC_SPAWN_WORD_, filch_group_spawn, group, FLC_PASTE_(flc_record_, __COUNTER__), \
	    FLC_FIRST_(__VA_ARGS__), FLC_REST_(__VA_ARGS__))
#define FILCH_GROUP_TRY_SPAWN(group, ...) \
	FLC_NOW_(FLC_SPAWN_WORD_, filch_group_try_spawn, group, \
	    FLC_PASTE_(flc_record_, __COUNTER__), FLC_FIRST_(__VA_ARGS__), FLC_REST_(__VA_ARGS__))
#define FLC_SPAWN_WORD_(spawn, into, r_, task, ...) \
	__extension__ ({ \
		FLC_PACKED_(r_, task, __VA_ARGS__) \
		_Static_assert(FLC_IS_RESULT_(task, int) || FLC_IS_RESULT_(task, void), \
		    #task " returns neither int nor void; FILCH_GROUP_SPAWN_AT can spawn it"); \
		_Static_assert(sizeof(r_.typed_.bytes_) <= sizeof(void *), \
		    #task " has more arguments than a word; FILCH_GROUP_SPAWN_AT can spawn it"); \
		FLC_MENTION_IN_GROUP_(task) \
		spawn((into), FLC_NAME_OF_(task, group), flc_word_of_(r_.typed_.bytes_)); \
		FLC_LAX_ \
	})

#define FILCH_GROUP_SPAWN_AT(group, record, ...) \
	FLC_NOW_(FLC_SPAWN_IN_, filch_group_spawn, group, FLC_PASTE_(flc_record_, __COUNTER__), \
	    record, FLC_FIRST_(__VA_ARGS__), FLC_REST_(__VA_ARGS__))
#define FILCH_GROUP_TRY_SPAWN_AT(group, record, ...) \
	FLC_NOW_(FLC_SPAWN_IN_, filch_group_try_spawn, group, \
	    FLC_PASTE_(flc_record_, __COUNTER__), record, FLC_FIRST_(__VA_ARGS__), \
	    FLC_REST_(__VA_ARGS__))
#define FLC_SPAWN_IN_(spawn, into, r_, record, task, ...) \
	__extension__ ({ \
		__typeof__(&*(record)) r_ = (record); \
		FLC_MENTION_(task) \
		FLC_NEEDS_RECORD_(*r_, task) \
		FLC_STRICT_ \
		FLC_NAME_OF_(task, pack)(r_->typed_.bytes_ __VA_ARGS__); \
		FLC_HOT_STORE(&r_->head_.state, (size_t)FLC_NAME_OF_(task, run)); \
		r_->head_.at = FLC_IS_RESULT_(task, int); \
		spawn((into), filch_group_run_record_, r_); \
		FLC_LAX_ \
	})

#define FILCH_RESULT_AT(record, task) \
	FLC_NOW_(FLC_RESULT_AT_, FLC_PASTE_(flc_record_, __COUNTER__), record, task)
#define FLC_RESULT_AT_(r_, record, task) \
	__extension__ ({ \
		__typeof__(&*(record)) r_ = (record); \
		FLC_MENTION_(task) \
		FLC_NEEDS_RECORD_(*r_, task) \
		FLC_STRICT_ \
		FLC_NAME_OF_(task, value)(r_->typed_.bytes_); \
		FLC_LAX_ \
	})

/* The arguments of a task, where they are a word. */
static inline void *
flc_word_of_(const unsigned char *bytes)
{
	void *word;

	__builtin_memcpy(&word, bytes, sizeof(word));
	return word;
}
#endif

/* Runs a typed task of a group whose arguments stand in a record. */
FILCH_API int filch_group_run_record_(void *context);

/*
 * Waits until every task of the group has ended, those included whose spawn has returned
 * before the call; the caller works on the group's tasks meanwhile and on no others
 * (unless wide_help).  With a deadline it sleeps instead, and its place in the pool goes
 * to another thread, because a task might last beyond the deadline; it works all the same
 * with wide_help, and where no other thread could.
 *
 * The group has ended: 0; the failure of the lowest spawn index; FILCH_CANCELED if the
 * group was canceled.
 *
 * It is still live and must be waited for again: FILCH_TIMEOUT at the deadline;
 * FILCH_DEADLOCK from inside a task of the group itself, also on another thread (a chunk
 * of its loop, a task of a group inside of it), and for one of several waits for groups
 * that wait for each other.  A task that a wide_help runs on top of a waiting one is
 * inside of that as well.
 *
 * FILCH_FORKED in a child, for tasks of its parent; FILCH_INVAL for NULL.  Without memory
 * the caller sleeps and does not work.  A task that returns one of these codes cannot be
 * told from the wait that does: let tasks under a wait with a deadline return no
 * FILCH_TIMEOUT.
 */
FILCH_API int filch_group_wait(filch_group *group, uint64_t deadline);

/*
 * Around a call that blocks outside of this library (a read, a sleep, a foreign lock):
 * the worker counts as idle, and another one or a spare takes its place for work that is
 * queued or comes.  FILCH_AGAIN: nobody is left to take it; the call is marked all the
 * same.  Pairs may nest; only the outermost counts.  Call nothing that forks, spawns or
 * waits for tasks in between.  A begin that a task leaves without its end ends with the
 * task.  Outside of a pool both do nothing.  Cost: two locked instructions each; if
 * somebody sleeps also a membarrier (some us), and a wake-up if there is work.
 * filch_blocking_end() returns FILCH_INVAL without its begin.
 */
FILCH_API int filch_blocking_begin(void);
FILCH_API int filch_blocking_end(void);

/* Tasks that have not begun are skipped; the wait returns FILCH_CANCELED. */
FILCH_API void filch_group_cancel(filch_group *group);

/* How long a worker stays awake in a phase after its last work: 50 ms. */
#define FILCH_PHASE_NS 50000000u

/*
 * A phase of the program in which parallel work follows at short intervals: while one is
 * open on the pool, a worker without work goes on looking for it for FILCH_PHASE_NS after
 * its last, at the price of its core, before it sleeps as usual; what starts meanwhile is
 * taken within a microsecond.  A worker that sleeps already is not woken before there is
 * work.  Phases may overlap; any thread may begin one and any other end it.  NULL:
 * current or default pool, at either call.  One atomic operation each; neither blocks.
 * FILCH_FORKED in a child, where the phases of the parent's pools do not exist;
 * FILCH_INVAL from an end without a begin.
 */
FILCH_API int filch_phase_begin(struct filch_pool *pool);
FILCH_API int filch_phase_end(struct filch_pool *pool);

#endif /* FILCH_TASK_H */
