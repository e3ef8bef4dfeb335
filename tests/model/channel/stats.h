/* SPDX-License-Identifier: BSD-2-Clause */
/* channel/stats.h for the model: nothing is counted. */
#ifndef FLC_STATS_H
#define FLC_STATS_H

#include "channel/channel.h"

#define flc_stats_deeper(ch, sent, head) ((void)(head))
#define flc_stats_is_plain(ch, position) ((void)(position), true)
/* An SPSC ring looks for room each time. */
static size_t model_room;
static bool has_room(struct filch_channel *ch, size_t tail, size_t n, size_t *room);
#define flc_stats_is_plain_spsc(ch, position) has_room((ch), (position), 1, &model_room)
#define flc_stats_passed(ch, position, n, head) ((void)(head))
#define flc_stats_received(ch, position, n) ((void)(position))
#define flc_stats_is_due(ch, position) ((void)(position), false)
#define flc_stats_is_stamped(ch, position) ((void)(position), false)
#define flc_stats_name(ch) ((const char *)NULL)
#define flc_stats_sleeps(ch, side) ((void)(ch), (void)(side))
#define flc_stats_wakes(ch, side) ((void)(ch), (void)(side))

#endif /* FLC_STATS_H */
