/* SPDX-License-Identifier: BSD-2-Clause */
/* A stall is no stall to the model but a deadlock. */
#ifndef FLC_STALL_H
#define FLC_STALL_H

#define FLC_STALL_NS 100000000u
#define flc_stall_look(worker) ((void)0)
#define flc_stall_over(pool) ((void)0)

#endif
