/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a worker without work searches and falls asleep.
 */
#ifndef FLC_IDLE_H
#define FLC_IDLE_H

#include "sched/worker.h"

/* Looks for work until some was run (true), backoff ends, or too many are awake. */
bool flc_worker_search(struct flc_worker *worker);

/* Sleeps until there is work or, false, the pool ends. */
bool flc_worker_fall_asleep(struct flc_worker *worker);

/* Goes from searching to running, if it does search: with a fork stolen from another
 * worker, or not. */
void flc_worker_stop_search(struct flc_worker *worker, bool stole_fork);

#endif /* FLC_IDLE_H */
