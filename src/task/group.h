/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A group waited for by who has no part in its pool.
 */
#ifndef FLC_GROUP_H
#define FLC_GROUP_H

#include <filch/task.h>

/*
 * There was no memory to become a guest of the pool, nor to send it the wait: the caller
 * sleeps, and helps nobody, since tasks may still use its frame.  FILCH_OK, FILCH_TIMEOUT.
 */
int flc_group_wait_outside(filch_group *group, uint64_t deadline);

#endif /* FLC_GROUP_H */
