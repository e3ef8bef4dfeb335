/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Outside callers: a thread takes a guest slot for one blocking verb and works.
 */
#ifndef FLC_GUEST_H
#define FLC_GUEST_H

#include "sched/worker.h"

/* One verb under way. */
struct flc_call {
	struct flc_worker *worker;  /* whom to work as */
	struct flc_worker *outer;   /* what the thread was before */
	bool entered;               /* took a slot */
};

/*
 * Makes the caller a worker of the pool for one verb: it stays what it is if it is in
 * that pool already.  FILCH_OK; FILCH_BUSY when no slot is free: use flc_pool_send() of
 * wait/call.h; FILCH_FORKED; FILCH_NOMEM.
 */
int flc_guest_enter(struct filch_pool *pool, struct flc_call *call);

/* The same as the first worker of a pool whose threads have ended: it needs neither a
 * slot nor memory. */
void flc_guest_enter_ended(struct filch_pool *pool, struct flc_call *call);
void flc_guest_leave_ended(struct flc_call *call);

void flc_guest_leave(struct flc_call *call);

/* Gives slots back that were taken as bits of pool->guests_free. */
void flc_guest_give_slots(struct filch_pool *pool, size_t bits);

/*
 * A loop from outside that is too small to share is light: it takes a guest slot of the
 * default pool, so that whatever its body asks for can be had, but it is nobody there
 * until the body asks.  flc_self_entered() then makes it the worker of its slot, to the
 * end.  Each call of which a body could tell whether it runs in the pool asks by that;
 * those that count only, or may run in a signal handler, by flc_self().  False: no slot
 * is free, or the worker of it is not made; then it is no light loop.
 */
bool flc_light_begin(void);
void flc_light_end(void);

/* Light loops under way on this thread, one inside the other. */
extern __thread unsigned flc_light_depth FLC_OF_THREAD;

/* Inside a light loop: its worker, which the thread becomes. */
struct flc_worker *flc_light_worker(void);

/* The worker that the thread is; inside a light loop it becomes one. */
static inline struct flc_worker *
flc_self_entered(void)
{
	struct flc_worker *worker = flc_self();

	if (FLC_UNLIKELY(worker == NULL && flc_light_depth > 0))
		worker = flc_light_worker();
	return worker;
}

#endif /* FLC_GUEST_H */
