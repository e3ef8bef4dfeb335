/* SPDX-License-Identifier: BSD-2-Clause */
#include "memory/scratch.h"

#include "base/compiler.h"
#include "base/fork_generation.h"
#include "base/size.h"

#include <sys/mman.h>

/* What stands before the memory of a block. */
struct flc_scratch_block {
	struct flc_scratch_block *next;  /* of those that are kept */
	size_t size;                     /* of the whole */
};

_Static_assert(sizeof(struct flc_scratch_block) <= FLC_SCRATCH_ALIGN,
    "a block's head stands in what aligns its memory");

/* Blocks of this size and more stand on pages of it, and ask for huge ones: a page fault
 * costs as much as sorting what a small page holds. */
#define HUGE_PAGE ((size_t)2 << 20)

/* A kept block that exceeds the request by more than this is left for larger ones. */
#define SPARE_SIZE ((size_t)1 << 20)

static void *
memory_of(struct flc_scratch_block *block)
{
	return (char *)block + FLC_SCRATCH_ALIGN;
}

static struct flc_scratch_block *
block_of(void *memory)
{
	return (struct flc_scratch_block *)(void *)((char *)memory - FLC_SCRATCH_ALIGN);
}

void
flc_scratch_init(struct flc_scratch *scratch, const struct flc_memory *memory)
{
	scratch->memory = memory;
	scratch->generation = flc_generation();
	flc_word_lock_init(&scratch->lock);
	scratch->kept = NULL;
	flc_store_relaxed(&scratch->kept_size, 0);
	flc_store_relaxed(&scratch->in_use, 0);
	flc_store_relaxed(&scratch->high_water, 0);
}

static void
free_blocks(const struct flc_scratch *scratch, struct flc_scratch_block *block)
{
	while (block != NULL) {
		struct flc_scratch_block *next = block->next;

		flc_memory_free(scratch->memory, block, block->size);
		block = next;
	}
}

void
flc_scratch_fini(struct flc_scratch *scratch)
{
	free_blocks(scratch, scratch->kept);
	scratch->kept = NULL;
	flc_store_relaxed(&scratch->kept_size, 0);
}

/* What a block of so many bytes takes in all; similar requests come to the same size. */
static bool
whole_size(size_t size, size_t *whole)
{
	size_t step = FLC_SCRATCH_ALIGN;

	if (!flc_size_rounded(size, FLC_SCRATCH_ALIGN, step, whole))
		return false;
	while (*whole / 16 >= 2 * step && step < HUGE_PAGE)
		step *= 2;
	return flc_size_rounded(*whole, 0, step, whole);
}

/* Takes the smallest block that fits out of those that are kept, or NULL. */
static struct flc_scratch_block *
take_kept(struct flc_scratch *scratch, size_t whole)
{
	struct flc_scratch_block **best = NULL, *block;

	for (struct flc_scratch_block **at = &scratch->kept; *at != NULL; at = &(*at)->next)
		if ((*at)->size >= whole && (*at)->size - whole <= whole + SPARE_SIZE
		    && (best == NULL || (*at)->size < (*best)->size))
			best = at;
	if (best == NULL)
		return NULL;
	block = *best;
	*best = block->next;
	flc_store_relaxed(&scratch->kept_size,
	    flc_load_relaxed(&scratch->kept_size) - block->size);
	return block;
}

/* Cuts the list where as much is kept as was in use at once; what is behind is to be
 * freed. */
static struct flc_scratch_block *
cut_kept(struct flc_scratch *scratch, size_t most)
{
	struct flc_scratch_block **at = &scratch->kept, *rest;
	size_t size = 0;

	while (*at != NULL && (*at)->size <= most - size) {
		size += (*at)->size;
		at = &(*at)->next;
	}
	rest = *at;
	*at = NULL;
	flc_store_relaxed(&scratch->kept_size, size);
	return rest;
}

static void
count_in_use(struct flc_scratch *scratch, size_t size)
{
	size_t now = flc_load_relaxed(&scratch->in_use) + size;

	flc_store_relaxed(&scratch->in_use, now);
	if (now > flc_load_relaxed(&scratch->high_water))
		flc_store_relaxed(&scratch->high_water, now);
}

static struct flc_scratch_block *
make_block(const struct flc_scratch *scratch, enum filch_memory_use use, size_t whole)
{
	size_t align = whole >= 2 * HUGE_PAGE ? HUGE_PAGE : FLC_SCRATCH_ALIGN;
	struct flc_scratch_block *block = flc_memory_alloc_raw(use, scratch->memory, whole, align);

	if (block == NULL)
		return NULL;
	/* Of a user's allocator we do not know what the pages are. */
	if (align == HUGE_PAGE && scratch->memory->allocate == flc_memory_default.allocate)
		(void)madvise(block, whole & ~(HUGE_PAGE - 1), MADV_HUGEPAGE);
	block->size = whole;
	return block;
}

void *
flc_scratch_acquire(struct flc_scratch *scratch, enum filch_memory_use use, size_t size)
{
	struct flc_scratch_block *block;
	size_t whole;

	if (flc_generation_is_old(scratch->generation) || !whole_size(size, &whole))
		return NULL;
	flc_word_lock_acquire(&scratch->lock);
	block = take_kept(scratch, whole);
	if (block != NULL)
		count_in_use(scratch, block->size);
	flc_word_lock_release(&scratch->lock);
	if (block != NULL)
		return memory_of(block);
	block = make_block(scratch, use, whole);
	if (block == NULL) {
		/* What is kept may be what the allocator lacks. */
		flc_scratch_trim(scratch);
		block = make_block(scratch, use, whole);
	}
	if (block == NULL)
		return NULL;
	flc_word_lock_acquire(&scratch->lock);
	count_in_use(scratch, block->size);
	flc_word_lock_release(&scratch->lock);
	return memory_of(block);
}

void
flc_scratch_release(struct flc_scratch *scratch, void *memory)
{
	struct flc_scratch_block *block, *rest;

	if (memory == NULL || flc_generation_is_old(scratch->generation))
		return;
	block = block_of(memory);
	flc_word_lock_acquire(&scratch->lock);
	flc_store_relaxed(&scratch->in_use, flc_load_relaxed(&scratch->in_use) - block->size);
	block->next = scratch->kept;
	scratch->kept = block;
	rest = cut_kept(scratch, flc_load_relaxed(&scratch->high_water));
	flc_word_lock_release(&scratch->lock);
	free_blocks(scratch, rest);
}

void
flc_scratch_trim(struct flc_scratch *scratch)
{
	struct flc_scratch_block *kept;

	if (flc_generation_is_old(scratch->generation))
		return;
	flc_word_lock_acquire(&scratch->lock);
	kept = cut_kept(scratch, 0);
	flc_word_lock_release(&scratch->lock);
	free_blocks(scratch, kept);
}
