/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Once on every worker: a broadcast waits in each worker's inbox.
 */
#ifndef FLC_BROADCAST_H
#define FLC_BROADCAST_H

#include "sched/worker.h"

/* Runs what is in the worker's inbox; false if it is empty. */
bool flc_broadcast_run(struct flc_worker *worker);

#endif /* FLC_BROADCAST_H */
