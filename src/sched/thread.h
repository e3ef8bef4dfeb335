/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a worker: it is made, its thread starts, it is freed.
 */
#ifndef FLC_THREAD_H
#define FLC_THREAD_H

#include "sched/worker.h"

/* Makes the worker of a slot; under the pool's lock.  NULL without memory. */
struct flc_worker *flc_worker_make(struct filch_pool *pool, size_t slot);
void flc_worker_free(struct flc_worker *worker);

/* Starts its thread as a searcher, which the caller has counted; false if the system
 * refuses or the pool ends. */
bool flc_worker_start(struct flc_worker *worker);

/* The same for the next spare, which is made first. */
bool flc_worker_start_spare(struct filch_pool *pool);

/* Its thread goes to its own core, or to all that the pool may use. */
void flc_worker_bind(struct flc_worker *worker, bool to_core);

#endif /* FLC_THREAD_H */
