/* SPDX-License-Identifier: BSD-2-Clause */
/* The file descriptor of a channel; the protocol is in eventfd.c. */
#ifndef FLC_EVENTFD_H
#define FLC_EVENTFD_H

#include "channel/channel.h"

/* Under the channel's lock: makes the fd readable, if it is armed. */
void flc_eventfd_signal(struct filch_channel *ch);

/* After FILCH_AGAIN: makes the fd unreadable until the channel is ready again. */
void flc_eventfd_arm(struct filch_channel *ch);

#endif /* FLC_EVENTFD_H */
