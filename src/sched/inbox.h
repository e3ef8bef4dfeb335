/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A worker's inbox holds one call, which no other worker may run: a function and its
 * context.  The worker looks there before it looks for other work, and in its waits.
 */
#ifndef FLC_INBOX_H
#define FLC_INBOX_H

#include "sched/worker.h"

struct flc_inbox_call {
	void (*run)(struct flc_worker *worker, struct flc_inbox_call *call);
};

/* Puts the call into the inbox; false: another one is there. */
static inline bool
flc_inbox_put(struct flc_worker *worker, struct flc_inbox_call *call)
{
	/* release [inbox.call]: the call, before the word. */
	return flc_cas_full(&worker->inbox, 0, (size_t)call);
}

/* Takes the call out of the inbox: its worker, or the thread that gives up on it. */
static inline bool
flc_inbox_withdraw(struct flc_worker *worker, struct flc_inbox_call *call)
{
	/* Full, hence acquire and release [inbox.call]: the call comes with the word, and
	 * is gone from it. */
	return call != NULL && flc_cas_full(&worker->inbox, (size_t)call, 0);
}

/* Runs what is in the worker's inbox; false if it is empty. */
bool flc_inbox_run(struct flc_worker *worker);

#endif /* FLC_INBOX_H */
