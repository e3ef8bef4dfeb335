/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a group needs of the system; the model has this otherwise.
 */
#ifndef FLC_GROUP_SYSTEM_H
#define FLC_GROUP_SYSTEM_H

#include "base/static_lock.h"

#include <filch/task.h>

/* Of the failures of all groups: the pool of a group may be gone when its failure is
 * taken. */
extern struct flc_static_lock flc_group_failures;

/*
 * There was no memory to become a guest of the pool, nor to send it the wait: the caller
 * sleeps, and helps nobody, since tasks may still use its frame.  FILCH_OK,
 * FILCH_TIMEOUT.
 */
int flc_group_wait_outside(filch_group *group, uint64_t deadline);

#endif /* FLC_GROUP_SYSTEM_H */
