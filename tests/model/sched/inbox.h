/* SPDX-License-Identifier: BSD-2-Clause */
/* sched/inbox.h for the model: there are no calls. */
#ifndef FLC_INBOX_H
#define FLC_INBOX_H

#define flc_inbox_run(worker) ((void)(worker), false)

#endif /* FLC_INBOX_H */
