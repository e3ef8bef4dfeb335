/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks that each need the sum of all blocks before them: the offsets of a pack, the
 * carries of a scan.
 *
 * A block whose sum before is known when it is taken is done at once, in one pass.  Any
 * other is summed up first, and done, from the cache, when the sum before it is known.
 * Sums are added in order, one block after another, so that the result is the same for
 * any number of workers.  After D. Merrill and M. Garland, "Single-pass Parallel Prefix
 * Scan with Decoupled Look-back" (2016); but here no block waits for long.
 */
#ifndef FLC_LOOKBACK_H
#define FLC_LOOKBACK_H

#include "algorithm/blocks.h"

/* What is done with items begin up to, not including, end; non-zero is the block's
 * failure.  Sums and buffers are those of the block, aligned to 16 bytes. */
struct flc_lookback_verbs {
	/* Sums the block up: *sum is what flc_lookback.zero says before. */
	int (*sum)(void *context, size_t begin, size_t end, void *sum, bool *anew);
	/* Does it.  work has room for two sums, the first of which is the sum before.
	 * The block's own is *known if it was summed up already; else it goes to *sum as
	 * above, unless that is NULL, too. */
	int (*run)(void *context, size_t begin, size_t end, char *work, const void *known,
	    void *sum, bool *anew);
	/* into = into + sum. */
	int (*add)(void *context, void *into, const void *sum);
};

struct flc_lookback {
	struct flc_blocks blocks;
	const struct flc_lookback_verbs *verbs;
	void *context;
	const void *zero;        /* the sum of nothing */
	size_t size;             /* of a sum */
	bool wants_total;
	enum filch_memory_use use;
	flc_atomic is_late;      /* a wait was in vain: a taker does not get its CPU */
	char *sums;              /* of each block, and one place more */
	size_t stride;           /* of these */
	size_t value_size;       /* of each of the four values there */
};

/* Runs all blocks.  context, verbs, zero, size, wants_total and use are set; blocks is
 * initialised.  *total, unless it is NULL, is the sum of all, on success.  What
 * flc_blocks_run() returns, or FILCH_NOMEM before anything was run. */
int flc_lookback_run(struct flc_lookback *look, void *total);

#endif /* FLC_LOOKBACK_H */
