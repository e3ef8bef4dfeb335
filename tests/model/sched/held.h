/* SPDX-License-Identifier: BSD-2-Clause */
/* No locks are held in the model. */
#ifndef FLC_HELD_H
#define FLC_HELD_H

#define flc_held_before_wait(kind) ((void)0)

#endif
