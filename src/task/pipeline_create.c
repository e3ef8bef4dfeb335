/* SPDX-License-Identifier: BSD-2-Clause */
/* Pipelines are made, read and freed. */
#include "base/size.h"
#include "pool/default_pool.h"
#include "task/pipeline.h"

#include <string.h>

#define TOKENS_PER_WORKER 4

/* Copies at most what the caller's struct has. */
static int
complete_options(const filch_pipeline_options *given, filch_pipeline_options *options)
{
	memset(options, 0, sizeof(*options));
	if (given != NULL) {
		if (given->size < offsetof(filch_pipeline_options, tokens))
			return FILCH_INVAL;
		memcpy(options, given, given->size < sizeof(*options) ? given->size
		    : sizeof(*options));
	}
	if (options->item_size == 0)
		options->item_size = sizeof(void *);
	if (options->tokens == 0) {
		int status = FILCH_OK;
		filch_pool *pool = flc_pool_choose(options->pool, &status);

		if (pool == NULL)
			return status;
		options->tokens = TOKENS_PER_WORKER * (pool->threads > 0 ? pool->threads : 1);
	}
	return FILCH_OK;
}

static bool
stages_are_valid(const filch_stage *stages, size_t n)
{
	if (stages == NULL || n == 0 || stages[0].kind == FILCH_STAGE_PARALLEL)
		return false;
	for (size_t s = 0; s < n; s++)
		if (stages[s].run == NULL || stages[s].kind < FILCH_STAGE_SERIAL
		    || stages[s].kind > FILCH_STAGE_PARALLEL)
			return false;
	return true;
}

/* The pieces of the one block, in this order: pipeline, stages, tokens, places. */
struct sizes {
	size_t ring, token, stages, tokens, places, all;
};

/* False: more than there can be. */
static bool
measure(const filch_pipeline_options *options, size_t n, struct sizes *sizes)
{
	if (options->tokens > PTRDIFF_MAX / sizeof(flc_atomic))
		return false;
	sizes->ring = 1;
	while (sizes->ring < options->tokens)
		sizes->ring *= 2;
	return flc_size_rounded(options->item_size, FLC_SLOT_OFFSET, FLC_APART, &sizes->token)
	    && flc_size_of(n, sizeof(struct flc_stage), 0, &sizes->stages)
	    && flc_size_of(options->tokens, sizes->token, 0, &sizes->tokens)
	    && flc_size_of(n, sizes->ring, 0, &sizes->places)
	    && flc_size_of(sizes->places, sizeof(flc_atomic), 0, &sizes->places)
	    && flc_size_of(1, sizes->stages, sizeof(filch_pipeline), &sizes->all)
	    && flc_size_of(1, sizes->tokens, sizes->all, &sizes->all)
	    && flc_size_of(1, sizes->places, sizes->all, &sizes->all);
}

int
filch_pipeline_create(filch_pipeline **pipeline, const filch_stage *stages, size_t n,
    const filch_pipeline_options *given)
{
	filch_pipeline_options options;
	struct flc_memory memory;
	struct sizes sizes;
	filch_pipeline *p;
	flc_atomic *places;
	int status;

	if (pipeline == NULL)
		return FILCH_INVAL;
	*pipeline = NULL;
	if (!stages_are_valid(stages, n))
		return FILCH_INVAL;
	status = complete_options(given, &options);
	if (status != FILCH_OK)
		return status;
	if (!flc_memory_of(&memory, options.allocator))
		return FILCH_INVAL;
	if (!measure(&options, n, &sizes))
		return FILCH_NOMEM;
	p = flc_memory_alloc_for(FILCH_MEMORY_GRAPH, &memory, sizes.all, FLC_APART);
	if (p == NULL)
		return FILCH_NOMEM;
	p->options = options;
	p->memory = memory;
	p->bytes = sizes.all;
	p->stages = n;
	p->stage = (struct flc_stage *)(p + 1);
	p->tokens = options.tokens;
	p->ring = sizes.ring;
	p->token = (char *)p->stage + sizes.stages;
	p->token_size = sizes.token;
	places = (flc_atomic *)(void *)(p->token + sizes.tokens);
	for (size_t s = 0; s < n; s++) {
		p->stage[s].given = stages[s];
		if (stages[s].kind != FILCH_STAGE_PARALLEL)
			p->stage[s].place = places + s * sizes.ring;
	}
	*pipeline = p;
	return FILCH_OK;
}

size_t
filch_pipeline_tokens(const filch_pipeline *p)
{
	return p == NULL ? 0 : p->tokens;
}

int
filch_pipeline_stats(const filch_pipeline *p, size_t s, filch_stage_metrics *stats, size_t size)
{
	filch_stage_metrics row;
	const struct flc_stage *stage;
	uint64_t started, elapsed, now;

	if (p == NULL || s >= p->stages || stats == NULL)
		return FILCH_INVAL;
	stage = &p->stage[s];
	memset(&row, 0, sizeof(row));
	row.name = stage->given.name;
	row.kind = stage->given.kind;
	row.items = flc_load_relaxed(&stage->items);
	row.discarded = flc_load_relaxed(&stage->discarded);
	row.busy_ns = flc_ticks_to_ns(flc_load_relaxed(&stage->busy));
	row.waits = flc_load_relaxed(&stage->waits);
	row.wait_ns = flc_ticks_to_ns(flc_load_relaxed(&stage->wait));
	row.waiting = flc_load_relaxed(&stage->waiting);
	row.waiting_max = flc_load_relaxed(&stage->waiting_max);
	started = flc_load_relaxed(&p->started);
	elapsed = flc_load_relaxed(&p->elapsed);
	if (started != 0 && (now = flc_ticks()) > started)
		elapsed += now - started;
	row.elapsed_ns = flc_ticks_to_ns(elapsed);
	memcpy(stats, &row, size < sizeof(row) ? size : sizeof(row));
	return FILCH_OK;
}

int
filch_pipeline_destroy(filch_pipeline *p)
{
	struct flc_memory memory;

	if (p == NULL)
		return FILCH_OK;
	if (flc_generation_has(&p->running))
		return FILCH_BUSY;
	memory = p->memory;
	flc_memory_free(&memory, p, p->bytes);
	return FILCH_OK;
}

int
filch_map_ordered(filch_stage_fn *source, filch_stage_fn *map, filch_stage_fn *sink,
    void *context, const filch_pipeline_options *options, uint64_t deadline)
{
	const filch_stage stages[] = {
		{ source, context, FILCH_STAGE_ORDERED, "source" },
		{ map, context, FILCH_STAGE_PARALLEL, "map" },
		{ sink, context, FILCH_STAGE_ORDERED, "sink" },
	};
	filch_pipeline *pipeline;
	int status = filch_pipeline_create(&pipeline, stages, 3, options);

	if (status != FILCH_OK)
		return status;
	status = filch_pipeline_run(pipeline, deadline);
	(void)filch_pipeline_destroy(pipeline);
	return status;
}
