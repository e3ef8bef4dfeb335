/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The five kinds of channels.  A channel points to the table of its kind from its
 * creation on; whatever differs between the kinds is reached through it, except the
 * inlined paths for one item of a ring (`quick` in channel.h).
 */
#ifndef FLC_CHANNEL_KIND_H
#define FLC_CHANNEL_KIND_H

#include "channel/channel.h"

struct flc_waiting_call;

struct flc_channel_kind {
	/* What this kind has besides the words of every channel.  NULL: nothing. */
	int (*init)(struct filch_channel *ch);
	void (*fini)(struct filch_channel *ch);

	/* Up to n items, without waiting: FILCH_OK and *done of them, FILCH_AGAIN,
	 * FILCH_CLOSED, ...  If a thread may wait for what was done, wakes one. */
	int (*send)(struct filch_channel *ch, const void *items, size_t n, size_t *done);
	int (*recv)(struct filch_channel *ch, void *items, size_t n, size_t *done);

	/* Whether a try would not give FILCH_AGAIN; a look, nothing is taken. */
	bool (*is_ready)(struct filch_channel *ch, enum flc_side side);

	/* Marks it as closed; the caller then wakes all that wait. */
	void (*close)(struct filch_channel *ch);

	/* Under the channel's lock, before the arm gets into its queue.  FILCH_AGAIN: it
	 * may wait.  FILCH_OK: it is done, and *peer is to be woken after the unlock.
	 * FILCH_CLOSED: it is to be tried again.  NULL: it may always wait. */
	int (*before_wait)(struct flc_arm *arm, struct flc_waiting_call **peer);

	/* A kind that becomes ready by itself: when a receive can be done; 0: at once;
	 * FILCH_FOREVER: never.  NULL for the others, which become ready by a call. */
	uint64_t (*next_time)(const struct filch_channel *ch);
	int (*fd_create)(void);                    /* its file descriptor, or -1 */
	void (*fd_set)(struct filch_channel *ch);  /* for that time; under the lock */

	/* How many items can be received.  NULL: the sends without the receives. */
	size_t (*depth)(const struct filch_channel *ch);

	bool receive_only;    /* a send is invalid */
	bool polls;           /* before it waits a call looks for a while whether it is ready */
	bool pairs;           /* the peer of a waiting arm copies the item and wakes it */
	bool counts_once;     /* tail counts both sends and receives; head is something else */
	uint8_t count_shift;  /* lowest bits of tail and head that do not count */
};

/* One try of up to n items. */
static inline int
flc_channel_try(struct filch_channel *ch, enum flc_side side, void *items, size_t n, size_t *done)
{
	return side == FLC_SEND ? ch->kind->send(ch, items, n, done)
	    : ch->kind->recv(ch, items, n, done);
}

static inline bool
flc_channel_is_ready(struct filch_channel *ch, enum flc_side side)
{
	return ch->kind->is_ready(ch, side);
}

#endif /* FLC_CHANNEL_KIND_H */
