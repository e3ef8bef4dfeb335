/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Forks of a worker: its forks deque together with the wake-ups, the choice of mode and
 * the wait for what was stolen.  The owner calls.
 */
#ifndef FLC_FORK_H
#define FLC_FORK_H

#include "sched/worker.h"

/*
 * Makes the record one that `run` can be stolen by, and sets record->at: 0 if there was
 * no room.  The record stays until flc_fork_join() returned.
 */
void flc_fork(struct flc_worker *worker, filch_record_ *record, filch_record_fn_ *run);

/*
 * True: nobody has begun it and nobody will: the caller runs it.  False: it was run and
 * has ended.  Records may be joined in any order, the newest first is fastest.
 */
bool flc_fork_join(struct flc_worker *worker, filch_record_ *record);

#endif /* FLC_FORK_H */
