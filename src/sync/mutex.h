/* SPDX-License-Identifier: BSD-2-Clause */
/* What conditions need of the mutex. */
#ifndef FLC_MUTEX_H
#define FLC_MUTEX_H

#include "sync/lock_row.h"

/* Whether the caller has it; whether it is of another process. */
bool flc_mutex_is_mine(const filch_mutex *mutex);
bool flc_mutex_is_old(const filch_mutex *mutex);

#endif /* FLC_MUTEX_H */
