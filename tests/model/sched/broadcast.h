/* SPDX-License-Identifier: BSD-2-Clause */
/* sched/broadcast.h for the model: there are none. */
#ifndef FLC_BROADCAST_H
#define FLC_BROADCAST_H

#define flc_broadcast_run(worker) ((void)(worker), false)

#endif /* FLC_BROADCAST_H */
