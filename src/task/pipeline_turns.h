/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The turns at a pipeline's serial stages, and its free tokens.
 */
#ifndef FLC_PIPELINE_TURNS_H
#define FLC_PIPELINE_TURNS_H

#include "task/pipeline.h"

/* All tokens free, the first turn at every stage. */
void flc_pipeline_rewind(struct filch_pipeline *pipeline);

/* True: the turn has come.  False: the token is parked, and another's by now. */
bool flc_turn_take(struct filch_pipeline *pipeline, struct flc_stage *stage,
    struct flc_token *token);

/* To the turn after that one; its token, if it waits: it has the turn now. */
struct flc_token *flc_turn_give(struct filch_pipeline *pipeline, struct flc_stage *stage,
    size_t turn);

/* True: a free token is in stock.  False: the source is left to the next that frees
 * one. */
bool flc_token_reserve(struct filch_pipeline *pipeline);

/* The one that was reserved. */
struct flc_token *flc_token_get(struct filch_pipeline *pipeline);

/* True: the source was left to us, with a token reserved. */
bool flc_token_free(struct filch_pipeline *pipeline, struct flc_token *token);

/* Adds the ticks since then to what the source has waited, if it waits no more. */
void flc_stage_waited(struct flc_stage *stage, uint64_t since);

#endif /* FLC_PIPELINE_TURNS_H */
