/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The places of a thread among those that are active: given up while it waits.
 */
#ifndef FLC_PLACES_H
#define FLC_PLACES_H

#include "sched/worker.h"

/*
 * The thread's places in its pools go to others, if there is work for them or as soon as
 * there is: a guest that came from another pool has two.  These nest.
 */
void flc_give_up_places(struct flc_worker *worker);
void flc_take_back_places(struct flc_worker *worker);

/* One more part of a task that may spawn although its places are given up, or one less
 * (-1), in all of the thread's pools. */
void flc_count_blocking(struct flc_worker *worker, size_t change);

/* To be called after places were given up: asks again for spares that were refused.
 * Until when to wait before the next time. */
uint64_t flc_ask_again(struct flc_worker *worker);

/* A task has ended without as many filch_blocking_end() as it should. */
void flc_blocking_forgotten(struct flc_worker *worker);

#endif /* FLC_PLACES_H */
