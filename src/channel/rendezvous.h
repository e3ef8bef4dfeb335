/* SPDX-License-Identifier: BSD-2-Clause */
/* The kind without capacity: a send ends when its item was received. */
#ifndef FLC_RENDEZVOUS_H
#define FLC_RENDEZVOUS_H

#include "channel/kind.h"

extern const struct flc_channel_kind flc_channel_rendezvous;

#endif /* FLC_RENDEZVOUS_H */
