/* SPDX-License-Identifier: BSD-2-Clause */
/* How many indexes of a loop are done, for a user to read. */
#ifndef FLC_PROGRESS_H
#define FLC_PROGRESS_H

#include "sched/worker.h"

#include <filch/loop.h>

/* Counts `by` indexes as done, in this worker's stripe. */
void flc_progress_add(struct flc_worker *worker, filch_progress *progress, size_t by);

#endif /* FLC_PROGRESS_H */
