/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The blocked threads and what they wait for, right now: one entry per thread that sleeps
 * in a call of the library.
 *
 *                  its thread   others
 *     enter, leave     x           -      no locks, no memory is taken
 *     is_cycle         x           -      a lock, if there seems to be a cycle;
 *                                         as often as one likes
 *     foreach          x           x      also in a signal handler
 *
 * The table has a fixed size; a thread that finds it full is not in it, and is counted.
 * What an entry points to lives as long as its thread waits, and the thread does not go
 * on while somebody reads, which takes no system call: so a lock that is waited for may
 * be followed to its owner, and is gone only afterwards.
 */
#ifndef FLC_WAIT_GRAPH_H
#define FLC_WAIT_GRAPH_H

#include "base/atomic.h"

#include <stdint.h>

#define FLC_BLOCKED_MOST 1024

/* What somebody waits for. */
struct flc_blocked_on {
	int state;                 /* enum filch_state: how the time counts */
	const char *what;          /* "mutex", ...: a string constant */
	const char *name;          /* of the object; or NULL */
	const flc_atomic *owner;   /* word of its owner, for flc_thread_of_claim(); or NULL */
	/* Or, of a wait for tasks, what stands on the stack of whoever runs one of them:
	 * the stolen record, or the word that stops their scope; or NULL. */
	const void *awaited;
};

struct flc_blocked;

/* Publishes what the calling thread is about to wait for; for_ever: without a deadline,
 * so that a cycle through it does not end.  NULL: the table is full. */
struct flc_blocked *flc_blocked_enter(const struct flc_blocked_on *on, int for_ever);
void flc_blocked_leave(struct flc_blocked *entry);

/*
 * Whether the thread waits, through threads that wait for ever themselves, for itself:
 * each has what the one before waits for, or runs a task that it waits for.  True is
 * proof, and is told to one thread of a cycle only, whose entry is taken back: it must
 * not wait, but it must leave.  A wait for tasks looks along waits for tasks only: if
 * there is a lock in the cycle, the wait for that is told.
 */
int flc_blocked_is_cycle(struct flc_blocked *entry);

#define FLC_BLOCKED_NAME 64

/* An entry as it was read: a copy. */
struct flc_blocked_row {
	size_t thread;             /* number */
	size_t owner;              /* number, 0: nobody or unknown; of tasks: a blocked
	                              thread that runs one of them */
	int tasks;                 /* it waits for tasks */
	const char *what;
	int named;
	char name[FLC_BLOCKED_NAME]; /* its begin */
	uint64_t since;            /* ticks */
	int for_ever;
};

/* Reads one after the other; while visit() runs it holds nobody, so that it may write to
 * where a thread of the table reads.  Returns the number of threads that found the table
 * full. */
size_t flc_blocked_foreach(void (*visit)(void *context, const struct flc_blocked_row *row),
    void *context);

#endif /* FLC_WAIT_GRAPH_H */
