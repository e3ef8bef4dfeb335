/* SPDX-License-Identifier: BSD-2-Clause */
/* A lock of static storage.  A forked child makes it anew before its first use there: a
 * thread that is not in the child may have held it. */
#ifndef FLC_STATIC_LOCK_H
#define FLC_STATIC_LOCK_H

#include "base/fork_generation.h"

struct flc_static_lock {
	struct flc_renewal renewal;
	flc_lock lock;
};

void flc_static_lock_renew(struct flc_renewal *renewal);

#define FLC_STATIC_LOCK_INIT { FLC_RENEWAL_INIT(flc_static_lock_renew), FLC_LOCK_INIT }

static inline void
flc_static_lock_acquire(struct flc_static_lock *lock)
{
	flc_renewal_begin(&lock->renewal);
	flc_lock_acquire(&lock->lock);
}

static inline void
flc_static_lock_release(struct flc_static_lock *lock)
{
	flc_lock_release(&lock->lock);
}

#endif /* FLC_STATIC_LOCK_H */
