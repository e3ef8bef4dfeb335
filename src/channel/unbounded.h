/* SPDX-License-Identifier: BSD-2-Clause */
/* The kind without a bound: a send never waits. */
#ifndef FLC_UNBOUNDED_H
#define FLC_UNBOUNDED_H

#include "channel/kind.h"

extern const struct flc_channel_kind flc_channel_unbounded;

#endif /* FLC_UNBOUNDED_H */
