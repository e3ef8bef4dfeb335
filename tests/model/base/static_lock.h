/* SPDX-License-Identifier: BSD-2-Clause */
/* base/static_lock.h for the model: what is static there, the scene makes. */
#ifndef FLC_STATIC_LOCK_H
#define FLC_STATIC_LOCK_H

struct flc_static_lock {
	flc_lock lock;
};

#define flc_static_lock_acquire(l) flc_lock_acquire(&(l)->lock)
#define flc_static_lock_release(l) flc_lock_release(&(l)->lock)

#endif /* FLC_STATIC_LOCK_H */
