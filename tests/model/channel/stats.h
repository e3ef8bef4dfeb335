/* SPDX-License-Identifier: BSD-2-Clause */
/* channel/stats.h for the model: nothing is counted. */
#ifndef FLC_STATS_H
#define FLC_STATS_H

#include "channel/channel.h"

#define flc_figures_deeper(ch, sent, head) ((void)(head))
#define flc_figures_is_plain(ch, position) ((void)(position), true)
/* A line looks for room each time. */
static size_t model_room;
#define flc_figures_is_plain_line(ch, position) \
	flc_line_has_room((ch), (position), 1, &model_room)
#define flc_figures_passed(ch, position, n, head) ((void)(head))
#define flc_figures_received(ch, position, n) ((void)(position))
#define flc_figures_is_due(ch, position) ((void)(position), false)
#define flc_figures_is_stamped(ch, position) ((void)(position), false)
#define flc_figures_sleeps(ch, side) ((void)(ch), (void)(side))
#define flc_figures_wakes(ch, side) ((void)(ch), (void)(side))

#endif /* FLC_STATS_H */
