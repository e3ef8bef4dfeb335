/* SPDX-License-Identifier: BSD-2-Clause */
/* Turns at serial stages, and free tokens. */
#include "task/pipeline_turns.h"

#include "task/pipeline.h"

static flc_atomic *
place_of(const struct filch_pipeline *pipeline, const struct flc_stage *stage, size_t turn)
{
	return &stage->place[turn & (pipeline->ring - 1)];
}

void
flc_pipeline_rewind(struct filch_pipeline *p)
{
	for (size_t s = 1; s < p->stages; s++) {
		struct flc_stage *stage = &p->stage[s];

		if (stage->place == NULL)
			continue;
		for (size_t i = 0; i < p->ring; i++)
			flc_store_relaxed(&stage->place[i], FLC_PLACE_EMPTY);
		flc_store_relaxed(place_of(p, stage, 0), FLC_PLACE_GO);
		flc_store_relaxed(&stage->arrivals, 0);
	}
	p->stock = NULL;
	for (size_t i = p->tokens; i-- > 0;) {
		struct flc_token *token = flc_pipeline_token(p, i);

		flc_store_relaxed(&token->next, (size_t)p->stock);
		p->stock = token;
	}
	flc_store_relaxed(&p->freed, 0);
	/* One is the first caller's of the source. */
	flc_store_relaxed(&p->available, p->tokens - 1);
	p->next_index = 0;
}

void
flc_stage_waited(struct flc_stage *stage, uint64_t since)
{
	uint64_t now = flc_ticks();
	size_t waiting = flc_load_relaxed(&stage->waiting);

	if (waiting > flc_load_relaxed(&stage->waiting_max))
		flc_store_relaxed(&stage->waiting_max, waiting);
	(void)flc_add_full(&stage->waiting, (size_t)-1);
	flc_count(&stage->wait, now > since ? now - since : 0);
	flc_count(&stage->waits, 1);
}

bool
flc_turn_take(struct filch_pipeline *p, struct flc_stage *stage, struct flc_token *token)
{
	flc_atomic *place;

	token->turn = stage->given.kind == FILCH_STAGE_ORDERED ? token->index
	    : flc_add_full(&stage->arrivals, 1);
	place = place_of(p, stage, token->turn);
	/* acquire [pipeline.turn]: what the stage did for those before. */
	if (flc_load_acquire(place) != FLC_PLACE_GO) {
		token->since = flc_ticks();
		(void)flc_add_full(&stage->waiting, 1);
		/* Full, hence release [pipeline.parked]: the token and its item. */
		if (flc_cas_full(place, FLC_PLACE_EMPTY, (size_t)token))
			return false;
		/* The turn came meanwhile.  Full, hence acquire [pipeline.turn]. */
		(void)flc_add_full(&stage->waiting, (size_t)-1);
		(void)flc_load_acquire(place);
	}
	/* Whose turn it is a whole ring later comes after us [pipeline.turn]. */
	flc_store_relaxed(place, FLC_PLACE_EMPTY);
	return true;
}

struct flc_token *
flc_turn_give(struct filch_pipeline *p, struct flc_stage *stage, size_t turn)
{
	flc_atomic *place = place_of(p, stage, turn + 1);
	struct flc_token *token;

	/* Full, hence release [pipeline.turn]: what we did in the stage. */
	if (flc_cas_full(place, FLC_PLACE_EMPTY, FLC_PLACE_GO))
		return NULL;
	/* acquire [pipeline.parked]: the token and its item. */
	token = (struct flc_token *)flc_load_acquire(place);
	flc_store_relaxed(place, FLC_PLACE_EMPTY);
	flc_stage_waited(stage, token->since);
	return token;
}

bool
flc_token_reserve(struct filch_pipeline *p)
{
	flc_atomic *waiting = &p->stage[0].waiting;

	/* Only we take away; but 0 may become more at any time. */
	if (flc_load_relaxed(&p->available) != 0) {
		(void)flc_add_full(&p->available, (size_t)-1);
		return true;
	}
	p->lacking_since = flc_ticks();
	flc_store_relaxed(waiting, 1);
	/* Full, hence release [pipeline.source]: stock, index and what the source keeps,
	 * for whoever finds -1 here. */
	if (flc_add_full(&p->available, (size_t)-1) == 0)
		return false;
	flc_store_relaxed(waiting, 0);
	return true;
}

struct flc_token *
flc_token_get(struct filch_pipeline *p)
{
	struct flc_token *token = p->stock;

	if (token == NULL) {
		/* All that were freed; one at least, as `available` said.  Full, hence
		 * acquire [pipeline.freed]: its last item's use of the slot. */
		do
			token = (struct flc_token *)flc_load_acquire(&p->freed);
		while (!flc_cas_full(&p->freed, (size_t)token, 0));
	}
	FLC_INVARIANT(token != NULL);
	p->stock = (struct flc_token *)flc_load_relaxed(&token->next);
	return token;
}

bool
flc_token_free(struct filch_pipeline *p, struct flc_token *token)
{
	size_t last;

	do {
		last = flc_load_relaxed(&p->freed);
		flc_store_relaxed(&token->next, last);
		/* Full, hence release [pipeline.freed]: the slot, before it is free. */
	} while (!flc_cas_full(&p->freed, last, (size_t)token));
	/* Full, hence acquire [pipeline.source]: what its last caller left. */
	if (flc_add_full(&p->available, 1) != (size_t)-1)
		return false;
	flc_stage_waited(&p->stage[0], p->lacking_since);
	return true;
}
