/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The word of a block has three marks.  BEFORE: the sum before it is known.  SUMMED: its
 * own sum is known.  LEFT: its taker has summed it up and gone on without running it.
 * Each is added once, and who adds the second of two sees the first: the second of BEFORE
 * and SUMMED computes the sum before the next block; the second of BEFORE and LEFT runs
 * the block.  So nobody need ever wait, and all is done when every block was taken and
 * what its taker was left with is done.
 */
#include "algorithm/lookback.h"

#include "base/size.h"

#include <string.h>

enum mark {
	BEFORE = 1,
	SUMMED = 2,
	LEFT = 4,
	ANEW = 8     /* with SUMMED: the block begins anew, its sum is all there is */
};

/* How long a taker waits for the sum before its block, as a multiple of the time that it
 * took to sum it up: the block before is being run, and then this one is still in the
 * cache. */
#define WAIT_SUMS 3

/* Between two looks at the clock while it waits. */
#define SPINS_PER_LOOK 16

struct place {
	flc_atomic marks;
	size_t left_to_us;   /* by the one who added BEFORE after LEFT, for itself */
	_Alignas(16) char value[];
};

static struct place *
place_of(const struct flc_lookback *look, size_t block)
{
	return (struct place *)(void *)(look->sums + block * look->stride);
}

/* The sum of what stands before the block, that of the block, and what its run works
 * in. */
static char *
before_of(const struct flc_lookback *look, size_t block)
{
	return place_of(look, block)->value;
}

static char *
sum_of(const struct flc_lookback *look, size_t block)
{
	return place_of(look, block)->value + look->value_size;
}

static char *
work_of(const struct flc_lookback *look, size_t block)
{
	return place_of(look, block)->value + 2 * look->value_size;
}

/* Runs a block the sum before which is known.  *known is its own; else *sum is wanted. */
static int
run_block(struct flc_lookback *look, size_t block, const void *known, void *sum, bool *anew)
{
	char *work = work_of(look, block);

	memcpy(work, before_of(look, block), look->size);
	if (sum != NULL)
		memcpy(sum, look->zero, look->size);
	*anew = false;
	return look->verbs->run(look->context, flc_block_begin(&look->blocks, block),
	    flc_block_end(&look->blocks, block), work, known, sum, anew);
}

/* Runs one that was summed up. */
static int
run_summed(struct flc_lookback *look, size_t block)
{
	bool anew;

	return run_block(look, block, sum_of(look, block), NULL, &anew);
}

/* The sum before block + 1, from that before the block and the block's own. */
static int
sum_before_next(struct flc_lookback *look, size_t block, bool anew)
{
	char *next = before_of(look, block + 1);

	if (anew) {
		memcpy(next, sum_of(look, block), look->size);
		return FILCH_OK;
	}
	memcpy(next, before_of(look, block), look->size);
	return look->verbs->add(look->context, next, sum_of(look, block));
}

/* Both sums of the block are known to this thread: it computes those before the blocks
 * that follow, as far as these were summed up; then it runs which of them were left.
 * What fails there is the failure of the block where it does. */
static void
pass_on(struct flc_lookback *look, size_t block, bool anew)
{
	struct flc_blocks *blocks = &look->blocks;
	size_t first = block + 1, next = first;
	bool goes_on = true;
	int status;

	for (; goes_on && next <= blocks->count && !flc_blocks_is_over(blocks, next - 1);
	    next++) {
		size_t marks;

		status = sum_before_next(look, next - 1, anew);
		if (status != FILCH_OK) {
			flc_blocks_fail(blocks, next - 1, status);
			break;
		}
		/* Full: release [lookback.before] for the sum that was computed here, and
		 * acquire [lookback.sum] for that of the block. */
		marks = flc_add_full(&place_of(look, next)->marks, BEFORE);
		place_of(look, next)->left_to_us = (marks & LEFT) != 0;
		goes_on = (marks & SUMMED) != 0;
		anew = (marks & ANEW) != 0;
	}
	for (size_t i = first; i < next && i < blocks->count; i++) {
		if (place_of(look, i)->left_to_us == 0 || flc_blocks_is_over(blocks, i))
			continue;
		status = run_summed(look, i);
		if (status != FILCH_OK)
			flc_blocks_fail(blocks, i, status);
	}
}

/* Whether the sum before the block comes soon enough.  Once it did not, nobody waits any
 * more until some block finds its sum again: the taker that all wait for has lost its CPU
 * for a time slice, which is long beside a block. */
static bool
wait_for_before(struct flc_lookback *look, size_t block, uint64_t ticks)
{
	uint64_t until = flc_ticks() + ticks;

	if (flc_load_relaxed(&look->is_late) != 0)
		return false;
	do {
		if (flc_blocks_is_over(&look->blocks, block))
			return false;
		for (int i = 0; i < SPINS_PER_LOOK; i++) {
			/* acquire [lookback.before]: the sum comes with the mark. */
			if (flc_load_acquire(&place_of(look, block)->marks) & BEFORE)
				return true;
			flc_spin_hint();
		}
	} while (flc_ticks() < until);
	flc_store_relaxed(&look->is_late, 1);
	return false;
}

/* A block the sum before which is not known yet. */
static int
sum_then_run(struct flc_lookback *look, size_t block, size_t begin, size_t end)
{
	flc_atomic *marks = &place_of(look, block)->marks;
	uint64_t since = flc_ticks();
	bool anew = false;
	int status;

	memcpy(sum_of(look, block), look->zero, look->size);
	status = look->verbs->sum(look->context, begin, end, sum_of(look, block), &anew);
	if (status != FILCH_OK)
		return status;
	/* Full: release [lookback.sum] for the block's own, and acquire
	 * [lookback.before]. */
	if (flc_add_full(marks, SUMMED | (anew ? ANEW : 0)) & BEFORE) {
		/* The sums first: others wait for them. */
		pass_on(look, block, anew);
		return run_summed(look, block);
	}
	if (!wait_for_before(look, block, WAIT_SUMS * (flc_ticks() - since))
	    /* Full: acquire [lookback.before]. */
	    && !(flc_add_full(marks, LEFT) & BEFORE))
		return FILCH_OK;
	return run_summed(look, block);
}

static int
take_block(struct flc_blocks *blocks, size_t block, size_t begin, size_t end)
{
	struct flc_lookback *look = blocks->context;
	bool sums = block + 1 < blocks->count || look->wants_total, anew;
	int status;

	/* acquire [lookback.before]: the sum comes with the mark. */
	if (!(flc_load_acquire(&place_of(look, block)->marks) & BEFORE))
		return sum_then_run(look, block, begin, end);
	if (flc_load_relaxed(&look->is_late) != 0)
		flc_store_relaxed(&look->is_late, 0);
	status = run_block(look, block, NULL, sums ? sum_of(look, block) : NULL, &anew);
	/* Nobody but this thread reads the block's own sum. */
	if (status == FILCH_OK && sums)
		pass_on(look, block, anew);
	return status;
}

int
flc_lookback_run(struct flc_lookback *look, void *total)
{
	struct flc_scratch *scratch = &look->blocks.caller->pool->scratch;
	size_t bytes;
	int status;

	if (!flc_size_rounded(look->size, 0, 16, &look->value_size)
	    || !flc_size_of(4, look->value_size, sizeof(struct place), &bytes)
	    || !flc_size_rounded(bytes, 0, FLC_CACHE_LINE, &look->stride)
	    || !flc_size_of(look->blocks.count, look->stride, look->stride, &bytes))
		return FILCH_NOMEM;
	look->sums = flc_scratch_acquire(scratch, look->use, bytes);
	if (look->sums == NULL)
		return FILCH_NOMEM;
	flc_store_relaxed(&look->is_late, 0);
	for (size_t i = 0; i <= look->blocks.count; i++)
		flc_store_relaxed(&place_of(look, i)->marks, 0);
	memcpy(before_of(look, 0), look->zero, look->size);
	flc_store_relaxed(&place_of(look, 0)->marks, BEFORE);
	status = flc_blocks_run(&look->blocks, take_block, look);
	if (status == FILCH_OK && total != NULL)
		memcpy(total, before_of(look, look->blocks.count), look->size);
	flc_scratch_release(scratch, look->sums);
	return status;
}
