/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Locks and other things that tasks may block on: mutex, condition, rwlock, once,
 * semaphore, latch, barrier.
 *
 * A thread that has to wait spins for some 20 us at most, then it sleeps.  It runs no
 * other task meanwhile, so a lock may be held across any wait of the library.  If it is a
 * worker its core goes to another worker or to a spare, if there is work, or as soon as
 * there is.
 *
 * All are plain structs: static, on a stack or in the heap, made by the _INIT macro.  A
 * thread that knows that no other uses one any more may free or unmap it: an unlock does
 * not touch the lock once another thread could have locked it.  Any thread may call,
 * inside a pool or not, many at once:
 *
 *                          who may call                         may block
 *     lock, wait, acquire  any thread; not a signal handler        x
 *     unlock               the thread that holds it                -
 *     signal, release, count_down  any thread                      -
 *     fini                 one thread, when no other uses it       -
 *     stats                any thread, while it is not ended       -
 *
 * A deadline of 0 does not wait: FILCH_AGAIN if it is not available at once.  After a
 * deadline that has passed the call returns FILCH_TIMEOUT.  What was used before a fork()
 * returns FILCH_FORKED in the child.  A wait that could never end, because the owners of
 * what is waited for wait for each other (all without deadlines), returns FILCH_DEADLOCK
 * in one of these threads; the others go on when that one unlocks what it holds.  An
 * owner that waits in a join, for a group or for a loop waits for all threads that run a
 * task of it: a lock that such a task wants of it is refused so, too (at once, or within
 * some 0.1 s if the join came last; docs/blocking.md).
 */
#ifndef FILCH_MUTEX_H
#define FILCH_MUTEX_H

#include <filch/base.h>

/* The first words of what is counted by name. */
#define FILCH_PLACE_TEXT_(line) #line
#define FILCH_PLACE_LINE_(line) FILCH_PLACE_TEXT_(line)
#define FILCH_PLACE_ __FILE__ ":" FILCH_PLACE_LINE_(__LINE__)

/* What every lock has: its place in the list of what its owner holds. */
typedef struct filch_held_ {
	struct filch_held_ *below;  /* held longer by the same thread */
	const char *name;           /* or NULL */
	const char *place;          /* or NULL */
	size_t row;                 /* of counters; 0: not yet */
} filch_held_;

/*
 * A mutex.  The name is kept, not copied, and should be a constant; NULL or "": it is
 * called by the place of the macro, "file.c:12".  Neither recursive nor fair: a thread
 * that arrives at the moment of the unlock may acquire it before a woken waiter, which
 * then waits on, before the others.
 */
typedef struct filch_mutex {
	size_t word_;            /* the process and the thread that has it; 0: free */
	size_t made_;            /* the process that it was first used in */
	uint64_t held_since_;    /* ticks; 0: this hold is not measured */
	filch_held_ held_;
} filch_mutex;

#define FILCH_MUTEX_INIT(name) { 0, 0, 0, { NULL, name, FILCH_PLACE_, 0 } }

/* Makes a mutex at run time; or assign (filch_mutex)FILCH_MUTEX_INIT(name). */
FILCH_API int filch_mutex_init(filch_mutex *mutex, const char *name);

/*
 * Each kind has an init, which is its _INIT macro at run time (FILCH_INVAL for NULL), and
 * a fini, which releases what the library keeps for it: FILCH_BUSY while a thread holds
 * it or waits for it; NULL is nothing.  A static one need not be ended, and each can be
 * used again afterwards.  In a forked child fini makes an object of the parent usable
 * again.
 */
FILCH_API int filch_mutex_fini(filch_mutex *mutex);

/*
 * FILCH_DEADLOCK if the caller holds it already.  Uncontended: one locked instruction;
 * counted under the lock by plain stores.  The first lock takes a row of counters (some
 * microseconds; the very first of a process, unless there was a pool before, some 10 ms:
 * the system registers membarrier(2)).
 */
FILCH_API int filch_mutex_lock(filch_mutex *mutex, uint64_t deadline);

/* FILCH_INVAL, and nothing happens, unless the caller holds it.  Uncontended: a plain
 * store, where membarrier(2) is available; else a fence. */
FILCH_API int filch_mutex_unlock(filch_mutex *mutex);

/* Reads its counters; size is sizeof *metrics.  FILCH_INVAL before its first use.  struct
 * filch_mutex_metrics stands in <filch/metrics.h>. */
struct filch_mutex_metrics;
FILCH_API int filch_mutex_stats(const filch_mutex *mutex, struct filch_mutex_metrics *metrics,
    size_t size);

/* A condition of what a mutex protects. */
typedef struct filch_condition {
	size_t made_;
} filch_condition;

#define FILCH_CONDITION_INIT { 0 }

FILCH_API int filch_condition_init(filch_condition *condition);
FILCH_API int filch_condition_fini(filch_condition *condition);

/*
 * Unlocks the mutex, waits for a signal, and locks the mutex again.  The caller holds it
 * whatever is returned, except FILCH_INVAL (it did not hold it before), FILCH_FORKED, and
 * FILCH_DEADLOCK (it could not be locked again).  After FILCH_OK check the condition
 * again, since another thread may have been faster.  A deadline of 0 returns FILCH_AGAIN.
 */
FILCH_API int filch_condition_wait(filch_condition *condition, filch_mutex *mutex,
    uint64_t deadline);
/* Wakes the thread that has waited longest, or all.  The caller should hold the mutex, or
 * have held it when it changed the condition. */
FILCH_API int filch_condition_signal(filch_condition *condition);
FILCH_API int filch_condition_broadcast(filch_condition *condition);

/*
 * Many readers or one writer.  A writer that waits is preferred: readers that come later
 * wait for it.  So a thread must not lock it for reading twice.  Its counters are those
 * of a mutex; acquisitions are of both kinds, holds are not measured.
 */
typedef struct filch_rwlock {
	size_t word_;            /* readers inside, writers that wait, a writer inside */
	size_t made_;
	size_t writer_;          /* number of the thread that writes */
	filch_held_ held_;
} filch_rwlock;

#define FILCH_RWLOCK_INIT(name) { 0, 0, 0, { NULL, name, FILCH_PLACE_, 0 } }

FILCH_API int filch_rwlock_init(filch_rwlock *lock, const char *name);
FILCH_API int filch_rwlock_fini(filch_rwlock *lock);
FILCH_API int filch_rwlock_read_lock(filch_rwlock *lock, uint64_t deadline);
/* FILCH_INVAL if no thread reads.  Which threads read is not known. */
FILCH_API int filch_rwlock_read_unlock(filch_rwlock *lock);
FILCH_API int filch_rwlock_write_lock(filch_rwlock *lock, uint64_t deadline);
FILCH_API int filch_rwlock_write_unlock(filch_rwlock *lock);
FILCH_API int filch_rwlock_stats(const filch_rwlock *lock, struct filch_mutex_metrics *metrics,
    size_t size);

/* Something that is done once. */
typedef struct filch_once {
	size_t word_;            /* done, or number of the thread that does it */
	size_t made_;
	size_t owner_;
} filch_once;

#define FILCH_ONCE_INIT { 0, 0, 0 }

FILCH_API int filch_once_init(filch_once *once);
FILCH_API int filch_once_fini(filch_once *once);

/*
 * Runs task(context) unless it was run before with success; waits while another thread
 * runs it.  Returns what task returned; after a failure the next caller tries again.
 * FILCH_DEADLOCK from inside of the task itself.  Done: one load.
 */
FILCH_API int filch_once_run(filch_once *once, filch_task_fn *task, void *context);

/* A counting semaphore. */
typedef struct filch_semaphore {
	size_t count_;
	size_t made_;
} filch_semaphore;

#define FILCH_SEMAPHORE_INIT(count) { count, 0 }

/* FILCH_INVAL also for a count above SIZE_MAX / 2. */
FILCH_API int filch_semaphore_init(filch_semaphore *semaphore, size_t count);
FILCH_API int filch_semaphore_fini(filch_semaphore *semaphore);

FILCH_API int filch_semaphore_acquire(filch_semaphore *semaphore, uint64_t deadline);
/* FILCH_INVAL if the count would pass SIZE_MAX / 2. */
FILCH_API int filch_semaphore_release(filch_semaphore *semaphore, size_t n);

/* A count that goes down to zero once. */
typedef struct filch_latch {
	size_t count_;
	size_t made_;
} filch_latch;

#define FILCH_LATCH_INIT(count) { count, 0 }

FILCH_API int filch_latch_init(filch_latch *latch, size_t count);
FILCH_API int filch_latch_fini(filch_latch *latch);

/* FILCH_INVAL, and nothing happens, for more than is left. */
FILCH_API int filch_latch_count_down(filch_latch *latch, size_t n);
/* Waits until the count is zero. */
FILCH_API int filch_latch_wait(filch_latch *latch, uint64_t deadline);

/*
 * A barrier of all workers of a pool, in a task of filch_pool_broadcast() only: elsewhere
 * it is not known which threads would come, and it returns FILCH_INVAL.  May be passed
 * many times in one broadcast, but by each worker as often.  Two broadcasts with barriers
 * must not run at once.
 */
typedef struct filch_barrier {
	size_t word_;            /* rounds passed, and how many are here */
	size_t made_;
} filch_barrier;

#define FILCH_BARRIER_INIT { 0, 0 }

FILCH_API int filch_barrier_init(filch_barrier *barrier);
FILCH_API int filch_barrier_fini(filch_barrier *barrier);

/* FILCH_TIMEOUT: the caller is not counted as having come; the others wait on. */
FILCH_API int filch_barrier_wait(filch_barrier *barrier, uint64_t deadline);

#endif /* FILCH_MUTEX_H */
