/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way into a pool of every blocking verb.  The caller runs the verb as the worker
 * that it is, or as a guest; where no guest slot is free a worker runs it, and the caller
 * sleeps until it has.
 */
#ifndef FLC_CALL_H
#define FLC_CALL_H

#include "sched/guest.h"

/* Runs verb(worker, argument) as a worker of the pool that `option` chooses.  Inside that
 * pool this is a plain call. */
int flc_pool_call(filch_pool *option, int (*verb)(struct flc_worker *worker, void *argument),
    void *argument);

/* The same for a verb that has a deadline. */
int flc_pool_call_until(filch_pool *option,
    int (*verb)(struct flc_worker *worker, void *argument), void *argument, uint64_t deadline);

/* Has a worker run verb(argument) and parks until it has; after FILCH_BUSY of
 * flc_guest_enter().  FILCH_TIMEOUT if no worker had begun by the deadline: then none
 * will. */
int flc_pool_send(struct filch_pool *pool, int (*verb)(void *argument), void *argument,
    uint64_t deadline);

#endif /* FLC_CALL_H */
