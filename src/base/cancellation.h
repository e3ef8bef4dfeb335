/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls of the system that are cancellation points, where the library holds a lock or has
 * half done something: pthread_cancel() waits until the verb has returned.
 */
#ifndef FLC_CANCELLATION_H
#define FLC_CANCELLATION_H

#include <pthread.h>

/* No system call.  Pairs may nest. */
static inline int
flc_cancellation_hold(void)
{
	int before;

	(void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	return before;
}

static inline void
flc_cancellation_restore(int before)
{
	(void)pthread_setcancelstate(before, NULL);
}

#endif /* FLC_CANCELLATION_H */
