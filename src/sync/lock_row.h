/* SPDX-License-Identifier: BSD-2-Clause */
/* The row of counters of a mutex or rwlock. */
#ifndef FLC_LOCK_ROW_H
#define FLC_LOCK_ROW_H

#include "count/rows.h"
#include "wait/held_locks.h"

static inline struct flc_mutex_row *
flc_held_row(const filch_held_ *held)
{
	/* acquire [held.row]: the row comes with its address. */
	return (struct flc_mutex_row *)flc_load_acquire((const flc_atomic *)&held->row);
}

/* The row's name, in memory that stays. */
static inline const char *
flc_held_name(const struct flc_mutex_row *row)
{
	return (const char *)row->row.name;
}

/* Takes a row for the lock unless it has one. */
void flc_held_take_row(filch_held_ *held);

/* The end of a lock, which is free if the word is 0: FILCH_BUSY if it is not, and of this
 * process; else it is as if never used. */
int flc_held_end(filch_held_ *held, size_t *word, size_t *made);

/* Copies the counters, at most size bytes.  FILCH_INVAL before the first use. */
int flc_held_read_row(const filch_held_ *held, struct filch_mutex_metrics *stats, size_t size);

#endif /* FLC_LOCK_ROW_H */
