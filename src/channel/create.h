/* SPDX-License-Identifier: BSD-2-Clause */
/* How a channel of a kind is made. */
#ifndef FLC_CHANNEL_CREATE_H
#define FLC_CHANNEL_CREATE_H

#include "channel/kind.h"

int flc_channel_make(struct filch_channel **out, const struct flc_channel_kind *kind,
    size_t item_size, size_t capacity, const filch_channel_options *options);

#endif /* FLC_CHANNEL_CREATE_H */
