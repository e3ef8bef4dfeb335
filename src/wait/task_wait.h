/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waits: a waiting worker runs only what it waits for.
 */
#ifndef FLC_TASK_WAIT_H
#define FLC_TASK_WAIT_H

#include "sched/worker.h"

/*
 * A count of what is still to end, with the slot of the worker that waits for it in one
 * word, so that the last one to end knows whom to wake although the count's memory may be
 * gone by then.  Between them and above them is a bit each that only whoever owns the
 * count looks at.
 */
#define FLC_PENDING_WAITER_SHIFT 48
#define FLC_PENDING_MARK ((size_t)1 << 47)
#define FLC_PENDING_COUNT (FLC_PENDING_MARK - 1)
#define FLC_PENDING_STICKY ((size_t)1 << 63)

static inline size_t
flc_pending_count(size_t pending)
{
	return pending & FLC_PENDING_COUNT;
}

/* The slot plus one; 0: nobody. */
static inline size_t
flc_pending_waiter(size_t pending)
{
	return (pending & ~FLC_PENDING_STICKY) >> FLC_PENDING_WAITER_SHIFT;
}

/*
 * Behind the count stands the word that stops the tasks which are counted, if they have
 * scopes: so it can be told of a thread whether it runs one of them.
 */
#define FLC_PENDING_BEFORE_STOP(type, pending, stopped) \
	_Static_assert(offsetof(type, stopped) == offsetof(type, pending) + sizeof(flc_atomic), \
	    "flc_pending_stop() finds it there")

static inline const flc_atomic *
flc_pending_stop(const flc_atomic *pending)
{
	return pending + 1;
}

/* Wakes the waiter that the count's last value names. */
void flc_pending_wake(size_t before, struct filch_pool *pool);

/* So many have ended; wakes the waiter if they were the last.  True if so. */
static FLC_ALWAYS_INLINE bool
flc_pending_end_some(flc_atomic *pending, size_t ended, struct filch_pool *pool)
{
	/* Full, hence release [pending.end]: what was done, before the count. */
	size_t before = flc_add_full(pending, (size_t)0 - ended);

	if (flc_pending_count(before) != ended)
		return false;
	if (flc_pending_waiter(before) != 0)
		flc_pending_wake(before, pool);
	return true;
}

/* One has. */
static FLC_ALWAYS_INLINE bool
flc_pending_end(flc_atomic *pending, struct filch_pool *pool)
{
	return flc_pending_end_some(pending, 1, pool);
}

/* Waits until a stolen record is done; helps by leapfrogging only. */
void flc_wait_record(struct flc_worker *worker, filch_record_ *record);

/* How to wait for a count. */
struct flc_waiting {
	size_t tag;            /* help with jobs that bear it, and with no others */
	bool wide;             /* help with any work */
	bool fifo;             /* own jobs oldest first */
	uint64_t deadline;
	void (*poll)(void *context); /* called at least every ms, unless NULL */
	int (*stuck)(void *context); /* asked before it parks first, unless NULL: whether
	                                it would wait for ever; then the wait ends so */
	bool tell;             /* FILCH_DEADLOCK if the waits of others lead back to it */
	void *context;
	void (*own)(struct flc_worker *worker, void *context); /* runs own jobs first in a
	                                way of its own, as many as it likes, unless NULL */
	const char *what;      /* is waited for, in filch_dump(); NULL: "a task" */
	const char *name;      /* of that, or NULL */
};

/*
 * Waits until pending is zero.  FILCH_OK; FILCH_TIMEOUT at the deadline: until then it
 * sleeps and does not help, unless it is to help widely or nobody else could; what
 * `stuck` said; FILCH_DEADLOCK.
 */
int flc_wait_pending(struct flc_worker *worker, flc_atomic *pending,
    const struct flc_waiting *how);

#endif /* FLC_TASK_WAIT_H */
