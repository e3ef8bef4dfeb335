/* SPDX-License-Identifier: BSD-2-Clause */
/* The kind whose items are times; filch_channel_create_timer() makes it. */
#ifndef FLC_TIMER_H
#define FLC_TIMER_H

#include "channel/kind.h"

extern const struct flc_channel_kind flc_channel_timer;

#endif /* FLC_TIMER_H */
