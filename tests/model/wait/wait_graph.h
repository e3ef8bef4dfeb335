/* SPDX-License-Identifier: BSD-2-Clause */
/* Nobody asks who is blocked in the model. */
#ifndef FLC_WAIT_GRAPH_H
#define FLC_WAIT_GRAPH_H

struct flc_blocked_on {
	int state;
	const char *what;
	const char *name;
	const flc_atomic *owner;
	const void *awaited;
};

struct flc_blocked;

#define flc_blocked_enter(on, for_ever) ((void)(on), (struct flc_blocked *)NULL)
#define flc_blocked_is_cycle(entry) ((void)(entry), false)
#define flc_blocked_leave(entry) ((void)(entry))

#endif
