/* SPDX-License-Identifier: BSD-2-Clause */
/* Locking a mutex where nothing can fail. */
#ifndef FILCH_TEST_LOCKS_H
#define FILCH_TEST_LOCKS_H

#include "pools.h"

static inline void
lock(filch_mutex *mutex)
{
	MUST(filch_mutex_lock(mutex, FILCH_FOREVER) == FILCH_OK);
}

static inline void
unlock(filch_mutex *mutex)
{
	MUST(filch_mutex_unlock(mutex) == FILCH_OK);
}

/* What the mutex has counted. */
static inline filch_mutex_metrics
stats(const filch_mutex *mutex)
{
	filch_mutex_metrics row;

	MUST(filch_mutex_stats(mutex, &row, sizeof(row)) == FILCH_OK);
	return row;
}

/* Waits until that many threads are parked at it. */
static inline void
until_waiting(const filch_mutex *mutex, size_t n)
{
	while (stats(mutex).waiters < n)
		pause_ms(1);
}

#endif /* FILCH_TEST_LOCKS_H */
