/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stall: every thread of a pool is blocked inside the library, none is left to be
 * woken, and so it lasts.  Only a thread from outside can end it, if any.
 */
#ifndef FLC_STALL_H
#define FLC_STALL_H

#include "sched/worker.h"

/* A pool is looked at when one of its threads has been blocked this long. */
#define FLC_STALL_NS 100000000u

/* Counts and reports a stall, once each time there is one. */
void flc_stall_look(struct flc_worker *worker);

#endif /* FLC_STALL_H */
