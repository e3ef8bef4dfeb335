/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The default pool of a process, and which pool a verb runs on.
 */
#ifndef FLC_DEFAULT_POOL_H
#define FLC_DEFAULT_POOL_H

#include "pool/pool.h"

/* The default pool of this process, or NULL: it is not made. */
filch_pool *flc_pool_living_default(void);

/* The pool that a verb with this option runs on: the option's, the current, the default
 * one.  *status says why it is NULL. */
filch_pool *flc_pool_choose(filch_pool *option, int *status);

#endif /* FLC_DEFAULT_POOL_H */
