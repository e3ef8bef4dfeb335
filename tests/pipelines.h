/* SPDX-License-Identifier: BSD-2-Clause */
/* Pipelines and what their stages see, for their tests. */
#ifndef FILCH_TEST_PIPELINES_H
#define FILCH_TEST_PIPELINES_H

#include "pools.h"

#define MOST_ITEMS 100000
#define MOST_STAGES 6

/* An item as the stages of these tests see it. */
struct item {
	size_t number;
	uint64_t value;
	size_t *alive;        /* in the heap, so that a lost item is a leak */
};

/* What a run left behind; each serial stage writes without a lock, so that two at a time
 * in it are a race that ThreadSanitizer sees. */
static struct run {
	size_t items, made;
	size_t fail_source_at;  /* SIZE_MAX: nowhere */
	size_t fail_at[4];      /* items that fail in the parallel stage */
	flc_atomic cancel_at;
	filch_cancel cancel;
	size_t work;            /* rounds of a parallel stage */
	size_t order[MOST_ITEMS], collected;
	size_t sum;             /* the unordered serial stage */
	uint64_t fold;          /* over the ordered items: order counts */
	flc_atomic living, discarded, inside, in_flight, in_flight_max;
} run;

static filch_pool *pool;
static filch_pipeline *pipeline;
static filch_pipeline_options options;

static inline void
setup(void)
{
	clear_variables();
	memset(&run, 0, sizeof(run));
	run.items = 1000;
	run.fail_source_at = SIZE_MAX;
	for (size_t i = 0; i < 4; i++)
		run.fail_at[i] = SIZE_MAX;
	flc_store_relaxed(&run.cancel_at, SIZE_MAX);
	options = (filch_pipeline_options)FILCH_PIPELINE_OPTIONS_INIT;
	options.item_size = sizeof(struct item);
	pool = NULL;
}

static inline int
source(void *unused, void *slot)
{
	struct item *item = slot;

	(void)unused;
	if (run.made == run.fail_source_at)
		return 7;
	if (run.made >= run.items)
		return FILCH_CLOSED;
	item->number = run.made++;
	item->value = item->number;
	item->alive = malloc(sizeof(*item->alive));
	MUST(item->alive != NULL);
	*item->alive = item->number;
	count_up(&run.living);
	keep_highest(&run.in_flight_max, count_up(&run.in_flight) + 1);
	return FILCH_OK;
}

static inline void
end_item(struct item *item)
{
	MUST(item->alive != NULL && *item->alive == item->number);
	free(item->alive);
	item->alive = NULL;
	flc_add_full(&run.living, (size_t)-1);
	flc_add_full(&run.in_flight, (size_t)-1);
}

static inline void
discard(void *context, void *slot)
{
	MUST(context == &run);
	end_item(slot);
	count_up(&run.discarded);
}

static inline int
mix(void *unused, void *slot)
{
	struct item *item = slot;

	(void)unused;
	for (size_t i = 0; i <= run.work * (item->number % 5); i++)
		item->value = item->value * UINT64_C(6364136223846793005) + 1;
	for (size_t i = 0; i < 4; i++)
		if (item->number == run.fail_at[i])
			return 100 + (int)i;
	if (item->number >= count_of(&run.cancel_at))
		filch_cancel_request(&run.cancel);
	return FILCH_OK;
}

static inline int
add_up(void *unused, void *slot)
{
	struct item *item = slot;

	(void)unused;
	run.sum += item->number;
	return FILCH_OK;
}

static inline int
fold(void *unused, void *slot)
{
	struct item *item = slot;

	(void)unused;
	run.fold = run.fold * 31 + item->value;
	return FILCH_OK;
}

static inline int
collect(void *unused, void *slot)
{
	struct item *item = slot;

	(void)unused;
	run.order[run.collected++] = item->number;
	end_item(item);
	return FILCH_OK;
}

/* source, parallel, serial, parallel, ordered, ordered. */
static const filch_stage everything[MOST_STAGES] = {
	{ source, NULL, FILCH_STAGE_SERIAL, "source" },
	{ mix, NULL, FILCH_STAGE_PARALLEL, "mix" },
	{ add_up, NULL, FILCH_STAGE_SERIAL, "add up" },
	{ mix, NULL, FILCH_STAGE_PARALLEL, "mix again" },
	{ fold, NULL, FILCH_STAGE_ORDERED, "fold" },
	{ collect, NULL, FILCH_STAGE_ORDERED, "collect" },
};

static inline void
make(size_t workers)
{
	pool = pool_with(workers);
	options.pool = pool;
	options.discard = discard;
	options.discard_context = &run;
	options.cancel = &run.cancel;
	ck_assert_int_eq(filch_pipeline_create(&pipeline, everything, MOST_STAGES, &options),
	    FILCH_OK);
}

/* A run of these stages in a new pool. */
static inline void
run_stages(const filch_stage *stage, size_t n, size_t workers)
{
	pool = pool_with(workers);
	options.pool = pool;
	ck_assert_int_eq(filch_pipeline_create(&pipeline, stage, n, &options), FILCH_OK);
	ck_assert_int_eq(filch_pipeline_run(pipeline, FILCH_FOREVER), FILCH_OK);
}

static inline void
end(void)
{
	ck_assert_int_eq(filch_pipeline_destroy(pipeline), FILCH_OK);
	if (pool != NULL)
		end_pool(pool);
}

/* What left was a prefix in order, and nothing is alive. */
static inline void
assert_prefix(size_t n)
{
	ck_assert_uint_eq(run.collected, n);
	for (size_t i = 0; i < n; i++)
		MUST(run.order[i] == i);
	ck_assert_uint_eq(count_of(&run.living), 0);
	ck_assert_uint_eq(count_of(&run.discarded), run.made - n);
}

static inline filch_stage_metrics
stats_of(size_t stage)
{
	filch_stage_metrics stats;

	ck_assert_int_eq(filch_pipeline_stats(pipeline, stage, &stats, sizeof(stats)), FILCH_OK);
	return stats;
}

#endif /* FILCH_TEST_PIPELINES_H */
