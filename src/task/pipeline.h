/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a pipeline is made of: tokens that carry items, stages with places for those that
 * wait for their turn.
 *
 * Turns.  A serial stage is a ring of places, one for each turn, at least as many as
 * tokens.  A place is EMPTY, GO (the turn has come, its token has not) or a token (it has
 * come, the turn has not).  Turns are the numbers of the items in an ordered stage, of
 * arrivals in another.  Every turn between the present one and the last arrival is that
 * of a token under way, so two turns never share a place.
 *
 * Tokens.  `available` counts free tokens, and is -1 where whoever may call the source
 * lacks one: then the next that frees a token calls the source.
 */
#ifndef FLC_PIPELINE_H
#define FLC_PIPELINE_H

#include "base/clock.h"
#include "base/fork_generation.h"
#include "memory/allocator.h"
#include "sched/early_exit.h"
#include "sched/worker.h"

#include <filch/pipeline.h>

#define FLC_PLACE_EMPTY ((size_t)0)
#define FLC_PLACE_GO ((size_t)1)

struct flc_token {
	flc_atomic next;      /* in the list of free ones */
	struct flc_token *put_off;
	size_t index;         /* of its item, in the order of the source */
	size_t stage;         /* where it goes next */
	size_t turn;          /* there */
	uint64_t since;       /* it waits there; ticks */
	bool dead;            /* its item was discarded; only its turns are to be taken */
};

struct flc_stage {
	filch_stage given;
	flc_atomic *place;    /* NULL: parallel */

	FLC_SET_APART flc_atomic arrivals;
	flc_atomic waiting;
	/* Whoever has the turn counts; in a parallel stage everybody. */
	FLC_SET_APART flc_atomic items;
	flc_atomic busy;      /* ticks */
	flc_atomic discarded;
	flc_atomic waits;
	flc_atomic wait;      /* ticks */
	flc_atomic waiting_max;
};

struct filch_pipeline {
	/* Constant after create. */
	filch_pipeline_options options;
	struct flc_memory memory;
	size_t bytes;             /* of it all */
	size_t stages;
	struct flc_stage *stage;
	size_t tokens;
	size_t ring;              /* places of a stage; a power of two */
	char *token;              /* token_size bytes each, the slot at its end */
	size_t token_size;

	/* Constant in a run. */
	size_t mode;              /* of the caller's floating point */
	filch_for_options limits; /* what ends it early: cancel and stop_at */

	FLC_SET_APART flc_atomic pending; /* jobs queued or running */
	struct flc_early_exit ending; /* by items */
	flc_atomic running;       /* taken for a run; flc_generation_acquire() */
	flc_atomic started;       /* ticks */
	flc_atomic elapsed;       /* ticks, of ended runs */

	FLC_SET_APART flc_atomic freed;   /* the last token given back */
	flc_atomic available;

	/* Of whoever may call the source. */
	FLC_SET_APART struct flc_token *stock;
	size_t next_index;
	uint64_t lacking_since;   /* ticks */
};

#define FLC_SLOT_OFFSET FLC_CACHE_LINE

_Static_assert(sizeof(struct flc_token) <= FLC_SLOT_OFFSET, "the slot begins behind it");

static inline void *
flc_token_slot(struct flc_token *token)
{
	return (char *)token + FLC_SLOT_OFFSET;
}

static inline struct flc_token *
flc_pipeline_token(const struct filch_pipeline *p, size_t i)
{
	return (struct flc_token *)(void *)(p->token + i * p->token_size);
}

#endif /* FLC_PIPELINE_H */
