/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An array in blocks that are begun in order: what the algorithms over arrays share.
 *
 * The length of a block depends on the number and the size of the items only (and on
 * grain_exact and grain_min), so that what a block computes has the same bits for any
 * number of workers.  Blocks are taken one after another from a counter: whoever takes
 * block i knows that all before it have been taken.  A block never waits for another one.
 *
 * Failure, cancellation and stop_at are those of filch_for(), with blocks as chunks: the
 * lowest failing block wins, blocks after it are not begun.
 */
#ifndef FLC_BLOCKS_H
#define FLC_BLOCKS_H

#include "sched/early_exit.h"
#include "sched/worker.h"

#include <filch/loop.h>

/* Bytes of a block, about: small beside a second-level cache, so that what was read once
 * is read a second time from there; long beside a steal. */
#define FLC_BLOCK_BYTES ((size_t)256 * 1024)

struct flc_blocks;

/* Items begin up to, not including, end: block `index`. */
typedef int flc_block_fn(struct flc_blocks *blocks, size_t index, size_t begin, size_t end);

struct flc_blocks {
	flc_block_fn *run;
	void *context;
	const filch_for_options *options;  /* complete */
	struct flc_worker *caller;
	size_t n;                /* items */
	size_t length;           /* of each block but the last */
	size_t count;            /* of blocks */
	bool uncounted;          /* options->progress is not moved on */
	FLC_SET_APART flc_atomic next;     /* the block that is taken next */
	flc_atomic last;         /* blocks beyond it need not begin: a search lowers it */
	FLC_SET_APART struct flc_early_exit ending;
};

/* How many items of this size stand in a block. */
size_t flc_blocks_length(size_t n, size_t item_size, const filch_for_options *options);

/* n items in blocks of this length, on the caller's worker. */
void flc_blocks_init(struct flc_blocks *blocks, struct flc_worker *caller, size_t n,
    size_t length, const filch_for_options *options);

/* Runs every block and waits; may be called again with another function.  What
 * filch_for() returns. */
int flc_blocks_run(struct flc_blocks *blocks, flc_block_fn *run, void *context);

/* Whether block `index` is not to be run any more. */
static inline bool
flc_blocks_is_over(struct flc_blocks *blocks, size_t index)
{
	return index > flc_load_relaxed(&blocks->last)
	    || flc_early_exit_is_over(&blocks->ending, index, blocks->options);
}

/* No block beyond this one need begin: it has what a search looks for. */
void flc_blocks_end_at(struct flc_blocks *blocks, size_t index);

/* Block `index` has failed, though the block that runs here is another one. */
void flc_blocks_fail(struct flc_blocks *blocks, size_t index, int status);

static inline size_t
flc_block_begin(const struct flc_blocks *blocks, size_t index)
{
	return index * blocks->length;
}

static inline size_t
flc_block_end(const struct flc_blocks *blocks, size_t index)
{
	size_t begin = index * blocks->length;

	return blocks->n - begin > blocks->length ? begin + blocks->length : blocks->n;
}

/* Whether the arrays of so many bytes each have no byte in common. */
static inline bool
flc_arrays_apart(const void *a, size_t a_bytes, const void *b, size_t b_bytes)
{
	return a_bytes == 0 || b_bytes == 0 || (size_t)a + a_bytes <= (size_t)b
	    || (size_t)b + b_bytes <= (size_t)a;
}

#endif /* FLC_BLOCKS_H */
