/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A range cut into pieces, each for one worker: of a loop by affinity, that which ran it
 * last time; of a static one, that with its number.
 *
 * A piece is claimed by a bit, so that it runs once, whoever takes it.  A worker takes
 * its own pieces first, then those of others from their ends: a worker that is late finds
 * those it begins with.  The idea is A. Robison's, of TBB's affinity_partitioner (2008);
 * pieces are claimed here, not mailed.
 */
#ifndef FLC_PIECES_H
#define FLC_PIECES_H

#include "base/atomic.h"

#include <filch/loop.h>

#include <stdint.h>

/* Of a loop by affinity at most; and of a static loop, one for each worker. */
#define FLC_PIECES FILCH_AFFINITY_PIECES_
#define FLC_PIECES_STATIC 2048
#define FLC_PIECE_BITS 32

/* A loop under way. */
struct flc_pieces {
	size_t begin, end;
	size_t length;          /* of all pieces but the last, or of the first ones */
	size_t longer;          /* so many, the first ones, are longer by one */
	size_t count;
	bool by_slot;           /* piece i is that of slot i */
	size_t shares;          /* how many workers are expected */
	filch_affinity *memory; /* NULL: nothing is remembered */
	const uint16_t *was;    /* the slot that ran each, plus one; NULL: not known */
	uint16_t *now;          /* the same for this loop; each by the thread that claims it */
	FLC_SET_APART flc_atomic joined;
	flc_atomic claimed[FLC_PIECES_STATIC / FLC_PIECE_BITS];
};

/* A worker's way through the pieces. */
struct flc_piece_walk {
	size_t slot;
	size_t own;             /* the next piece to look at for one of its own */
	size_t start;           /* where it begins to look for others' */
	size_t others;          /* pieces looked at since */
};

/* Cuts [begin, end), which is not empty, for `shares` workers: pieces of at least `least`
 * indexes, and of a multiple of `unit`. */
void flc_pieces_begin(struct flc_pieces *pieces, filch_affinity *memory, size_t begin, size_t end,
    size_t least, size_t unit, size_t shares);

/* Cuts it into `count` pieces whose lengths differ by at most one, for the workers below
 * that slot. */
void flc_pieces_begin_static(struct flc_pieces *pieces, size_t begin, size_t end, size_t count);

/* Remembers which worker ran each piece, when all have ended. */
void flc_pieces_end(struct flc_pieces *pieces);

void flc_pieces_join(struct flc_pieces *pieces, struct flc_piece_walk *walk, size_t slot);

/* Claims the next piece for the worker; false: none is left. */
bool flc_pieces_next(struct flc_pieces *pieces, struct flc_piece_walk *walk, size_t *begin,
    size_t *end);

/* Whether some piece is not claimed yet. */
bool flc_pieces_left(const struct flc_pieces *pieces);

#endif /* FLC_PIECES_H */
