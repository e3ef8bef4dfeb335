/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pipelines: items from a source go through stages, several items at a time.
 *
 *                                who may call, and beside whom
 *     filch_pipeline_create      any thread
 *     filch_pipeline_run         any thread, one at a time per pipeline, also
 *                                inside a stage of another one
 *     filch_pipeline_stats       any thread, at any time in the pipeline's life
 *     filch_pipeline_destroy     one thread, when no other call is under way
 *     filch_map_ordered          any thread, nested at will
 *
 * An item that has to wait for its turn at a stage is parked there and its worker goes on
 * with other work; the thread that leaves the stage continues with the item.  No worker
 * ever waits for a stage, and nothing is allocated for an item.  The idea is that of
 * TBB's pipeline; turns and tokens here are lock-free.  A. Navarro, R. Asenjo, S. Tabik
 * and C. Cascaval, "Analytical Modeling of Pipeline Parallelism" (PACT 2009), say by
 * queueing theory what one can expect of it.
 */
#ifndef FILCH_PIPELINE_H
#define FILCH_PIPELINE_H

#include <filch/base.h>
#include <filch/pool.h>
#include <filch/task.h>

enum filch_stage_kind {
	FILCH_STAGE_SERIAL,   /* one item at a time, in the order of arrival */
	FILCH_STAGE_ORDERED,  /* one item at a time, in the order of the source */
	FILCH_STAGE_PARALLEL  /* as many items at a time as there are workers */
};

/*
 * Works on an item.  item is the slot of a token: item_size bytes, aligned to 64, zero in
 * a new pipeline; it keeps its bytes from item to item.  For items that are pointers the
 * slot holds the pointer.  Non-zero fails the run.
 *
 * The first stage is the source: it fills the slot, and returns FILCH_CLOSED when there
 * are no more items (as receiving from a closed channel does).  It is called by one
 * worker at a time, and may be called for items that come after one that will fail.
 */
typedef int filch_stage_fn(void *context, void *item);

typedef struct filch_stage {
	filch_stage_fn *run;
	void *context;
	int kind;                  /* enum filch_stage_kind */
	const char *name;          /* for reports; must live as long as the pipeline */
} filch_stage;

typedef struct filch_pipeline_options {
	size_t size;               /* of this struct; set by the _INIT macro */
	struct filch_pool *pool;   /* NULL: current or default, at each run */
	size_t tokens;             /* items under way at most; 0: 4 for each worker */
	size_t item_size;          /* of a slot; 0: that of a pointer */
	/* Called once, by any worker, for each item that the source made and that did not
	 * leave the last stage with success.  NULL: nothing to free. */
	void (*discard)(void *discard_context, void *item);
	void *discard_context;
	filch_cancel *cancel;      /* looked at before each stage of each item */
	const filch_allocator *allocator; /* copied; NULL: malloc */
} filch_pipeline_options;

#define FILCH_PIPELINE_OPTIONS_INIT \
	{ sizeof(filch_pipeline_options), NULL, 0, 0, NULL, NULL, NULL, NULL }

/* Options in place, in C; what is not named is the default. */
#ifndef __cplusplus
#define FILCH_PIPELINE_WITH(...) \
	(&(const filch_pipeline_options){ .size = sizeof(filch_pipeline_options), __VA_ARGS__ })
#endif

typedef struct filch_pipeline filch_pipeline;

/*
 * Makes a pipeline of n stages (n at least 1, the first not parallel); stages is copied.
 * One allocation.  FILCH_INVAL, FILCH_NOMEM; without a pool to count tokens by, what
 * making the default one gave.
 */
FILCH_API int filch_pipeline_create(filch_pipeline **pipeline, const filch_stage *stages,
    size_t n, const filch_pipeline_options *options);

/*
 * Runs the stages until the source has ended and every item has left; the caller works.
 * May be called again, then with the source as it is then.
 *
 * Returns 0, or the failure of the lowest failing item (items after it are not begun at
 * any further stage, those before it still run to their end, so a stage in order has run
 * on those before it only, as in the serial loop), or FILCH_CANCELED, or FILCH_TIMEOUT if
 * the deadline kept an item from a stage, in this precedence; FILCH_BUSY if a run is
 * under way; FILCH_FORKED.  What was cut off is discarded before the call returns.
 * Beside the stage's own time an item costs 20 ns at each stage without workers, and 35
 * to 90 ns with two on two cores (stages that do nothing, every other one in order).
 */
FILCH_API int filch_pipeline_run(filch_pipeline *pipeline, uint64_t deadline);

/* What a stage did, in all runs so far. */
typedef struct filch_stage_metrics {
	const char *name;
	int kind;
	uint64_t items;        /* run with success */
	uint64_t discarded;    /* failed or cut off here */
	uint64_t busy_ns;      /* inside run(); of all workers together */
	uint64_t waits;        /* items that waited for their turn */
	uint64_t wait_ns;      /* how long they did */
	size_t waiting;        /* now */
	size_t waiting_max;
	uint64_t elapsed_ns;   /* of the runs, on the clock */
} filch_stage_metrics;

/*
 * Copies at most size bytes of the row of a stage, a little behind while a run is under
 * way.  At the source, waits are waits for a token: items enough were under way
 * (backpressure of the stages after it).  The bottleneck is the stage whose busy_ns comes
 * closest to elapsed_ns (times the workers, where it is parallel); items wait before it.
 * FILCH_INVAL: no such stage.
 */
FILCH_API int filch_pipeline_stats(const filch_pipeline *pipeline, size_t stage,
    filch_stage_metrics *metrics, size_t size);

/* The number of tokens. */
FILCH_API size_t filch_pipeline_tokens(const filch_pipeline *pipeline);

/* Frees the pipeline; FILCH_BUSY if a run is under way. */
FILCH_API int filch_pipeline_destroy(filch_pipeline *pipeline);

/*
 * Maps a source of unknown length in parallel and passes the results to sink in the order
 * of the source: source fills the slot, map works in it, sink gets it.  At most `tokens`
 * items (the window) are between source and sink.  context goes to all three.  Returns as
 * filch_pipeline_create() and _run().
 */
FILCH_API int filch_map_ordered(filch_stage_fn *source, filch_stage_fn *map,
    filch_stage_fn *sink, void *context, const filch_pipeline_options *options,
    uint64_t deadline);

#endif /* FILCH_PIPELINE_H */
