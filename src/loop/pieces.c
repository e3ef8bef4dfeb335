/* SPDX-License-Identifier: BSD-2-Clause */
#include "loop/pieces.h"

#include "base/fork_generation.h"

/* So many pieces for each worker, so that others can take some of a late one's. */
#define PIECES_PER_SHARE 16

#define WORD_BITS FLC_PIECE_BITS

static size_t
round_up(size_t length, size_t unit)
{
	size_t rest = length % unit;

	return rest == 0 ? length : length > SIZE_MAX - unit ? SIZE_MAX : length + unit - rest;
}

/* How long pieces are. */
static size_t
length_of(size_t n, size_t least, size_t unit, size_t shares)
{
	size_t wanted = shares < FLC_PIECES / PIECES_PER_SHARE
	    ? shares * PIECES_PER_SHARE : FLC_PIECES;
	size_t length = n / wanted + (n % wanted != 0);

	return round_up(length < least ? least : length, unit);
}

/* Takes the memory for this loop, unless another loop has it.  In a forked child what had
 * it does not exist any more. */
static bool
take_memory(filch_affinity *memory)
{
	size_t me = flc_generation();
	size_t busy = flc_load_relaxed((flc_atomic *)&memory->busy_);

	/* Full, hence acquire [affinity.memory]: what the loop before left. */
	return busy != me && flc_cas_full((flc_atomic *)&memory->busy_, busy, me);
}

static size_t
words_of(const struct flc_pieces *pieces)
{
	return (pieces->count + WORD_BITS - 1) / WORD_BITS;
}

/* What both kinds begin with, once the pieces are known. */
static void
begin_pieces(struct flc_pieces *pieces)
{
	pieces->memory = NULL;
	pieces->was = NULL;
	pieces->now = NULL;
	flc_store_relaxed(&pieces->joined, 0);
	for (size_t i = 0; i < words_of(pieces); i++) {
		size_t here = pieces->count - i * WORD_BITS;

		/* Those that do not exist are claimed. */
		flc_store_relaxed(&pieces->claimed[i], here >= WORD_BITS ? 0
		    : UINT32_MAX >> here << here);
	}
}

void
flc_pieces_begin(struct flc_pieces *pieces, filch_affinity *memory, size_t begin, size_t end,
    size_t least, size_t unit, size_t shares)
{
	size_t n = end - begin;

	pieces->begin = begin;
	pieces->end = end;
	pieces->length = length_of(n, least, unit, shares);
	pieces->longer = 0;
	pieces->count = n / pieces->length + (n % pieces->length != 0);
	/* No piece that would be smaller than the least: the last is longer. */
	if (pieces->count > 1 && n % pieces->length != 0 && n % pieces->length < least)
		pieces->count--;
	pieces->by_slot = false;
	pieces->shares = shares;
	begin_pieces(pieces);
	if (memory == NULL || !take_memory(memory))
		return;
	pieces->memory = memory;
	if (memory->begin_ == begin && memory->end_ == end && memory->length_ == pieces->length)
		pieces->was = memory->owner_[memory->turn_ & 1];
	pieces->now = memory->owner_[~memory->turn_ & 1];
}

void
flc_pieces_begin_static(struct flc_pieces *pieces, size_t begin, size_t end, size_t count)
{
	pieces->begin = begin;
	pieces->end = end;
	pieces->count = count;
	pieces->length = (end - begin) / count;
	pieces->longer = (end - begin) % count;
	pieces->by_slot = true;
	pieces->shares = count;
	begin_pieces(pieces);
}

void
flc_pieces_end(struct flc_pieces *pieces)
{
	filch_affinity *memory = pieces->memory;

	if (memory == NULL)
		return;
	memory->begin_ = pieces->begin;
	memory->end_ = pieces->end;
	memory->length_ = pieces->length;
	memory->turn_++;
	/* release [affinity.memory]: the owners of the pieces, before the next loop has
	 * it. */
	flc_store_release((flc_atomic *)&memory->busy_, 0);
}

void
flc_pieces_join(struct flc_pieces *pieces, struct flc_piece_walk *walk, size_t slot)
{
	size_t number = flc_add_full(&pieces->joined, 1);

	walk->slot = slot;
	walk->others = 0;
	walk->own = pieces->was != NULL ? 0 : pieces->count;
	walk->start = number % pieces->shares * pieces->count / pieces->shares;
	/* A guest has the place of a worker: most often of the last. */
	if (pieces->by_slot)
		walk->start = slot < pieces->count ? slot : pieces->count - 1;
}

static bool
claim(struct flc_pieces *pieces, struct flc_piece_walk *walk, size_t piece)
{
	flc_atomic *word = &pieces->claimed[piece / WORD_BITS];
	size_t bit = (size_t)1 << piece % WORD_BITS;

	for (;;) {
		size_t claimed = flc_load_relaxed(word);

		if (claimed & bit)
			return false;
		if (flc_cas_full(word, claimed, claimed | bit))
			break;
	}
	if (pieces->now != NULL)
		pieces->now[piece] = (uint16_t)(walk->slot + 1);
	return true;
}

/* The next of its own, upwards. */
static bool
next_own(struct flc_pieces *pieces, struct flc_piece_walk *walk, size_t *piece)
{
	while (walk->own < pieces->count) {
		*piece = walk->own++;
		if (pieces->was[*piece] != walk->slot + 1)
			continue;
		/* Others' are looked for from the end of the owner below. */
		if (claim(pieces, walk, *piece)) {
			if (walk->others == 0)
				walk->start = *piece;
			walk->others = 1;
			return true;
		}
	}
	return false;
}

/* The next of anybody's: downwards if their owners are known, since these begin at the
 * other end; else upwards. */
static bool
next_other(struct flc_pieces *pieces, struct flc_piece_walk *walk, size_t *piece)
{
	for (; walk->others <= pieces->count; walk->others++) {
		*piece = pieces->was != NULL
		    ? (walk->start + pieces->count - walk->others) % pieces->count
		    : (walk->start + walk->others) % pieces->count;
		if (claim(pieces, walk, *piece))
			return true;
	}
	return false;
}

static size_t
begin_of(const struct flc_pieces *pieces, size_t piece)
{
	return pieces->begin + piece * pieces->length
	    + (piece < pieces->longer ? piece : pieces->longer);
}

bool
flc_pieces_next(struct flc_pieces *pieces, struct flc_piece_walk *walk, size_t *begin, size_t *end)
{
	size_t piece;

	if (!next_own(pieces, walk, &piece) && !next_other(pieces, walk, &piece))
		return false;
	*begin = begin_of(pieces, piece);
	*end = piece + 1 < pieces->count ? begin_of(pieces, piece + 1) : pieces->end;
	return true;
}

bool
flc_pieces_left(const struct flc_pieces *pieces)
{
	for (size_t i = 0; i < words_of(pieces); i++)
		if (flc_load_relaxed(&pieces->claimed[i]) != UINT32_MAX)
			return true;
	return false;
}
