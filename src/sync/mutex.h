/* SPDX-License-Identifier: BSD-2-Clause */
/* What conditions and rwlocks need of the mutex. */
#ifndef FLC_MUTEX_H
#define FLC_MUTEX_H

#include "count/rows.h"
#include "wait/held_locks.h"

static inline struct flc_mutex_row *
flc_held_row(const filch_held_ *held)
{
	/* acquire [held.row]: the row comes with its address. */
	return (struct flc_mutex_row *)flc_load_acquire((const flc_atomic *)&held->row);
}

/* Takes a row for the lock unless it has one. */
void flc_held_take_row(filch_held_ *held);

/* The row's name, in memory that stays. */
static inline const char *
flc_held_name(const struct flc_mutex_row *row)
{
	return (const char *)row->row.name;
}

/* Whether the caller has it; whether it is of another process. */
bool flc_mutex_is_mine(const filch_mutex *mutex);
bool flc_mutex_is_old(const filch_mutex *mutex);

#endif /* FLC_MUTEX_H */
