/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long the chunks of a loop are.
 *
 * A chunk that adapts should last FLC_CHUNK_NS: the grain follows the measured time of
 * the chunks before it.  All workers of a loop tell each other their latest estimate.
 */
#ifndef FLC_CHUNK_H
#define FLC_CHUNK_H

#include "loop/range.h"

/* What a chunk should last: long beside a steal (0.3 us) and the clock (10 ns), short
 * beside what a user notices of cancellation and imbalance. */
#define FLC_CHUNK_NS 10000u

/* While somebody looks for work, parts down to this fraction of a chunk are worth
 * taking. */
#define FLC_CHUNK_PARTS_PER_CHUNK 8

/* A chunk that lasts so many times what it should makes the loop careful: its grain grows
 * slowly from then on, by what the cost is thought to fall per chunk. */
#define FLC_CHUNK_FAR_TOO_LONG 4
#define FLC_CHUNK_CARE 4

/* Of a loop that nothing is known of, a chunk is at most this part of what is left for
 * each worker, and this part of what was done; but FLC_CHUNK_NS / FLC_CHUNK_BRIEF it may
 * last. */
#define FLC_CHUNK_LEFT_PART 4
#define FLC_CHUNK_DONE_PART 8
#define FLC_CHUNK_BRIEF 10

/* The first chunk is one index, then they grow by this until they last. */
#define FLC_CHUNK_GROWTH 8

/* loop->cost is in ticks per 2^16 indexes. */
#define FLC_CHUNK_COST_SHIFT 16

/* What one worker knows of the chunks of its part. */
struct flc_chunks {
	size_t grain;
	uint64_t before;         /* ticks, at the end of the last chunk */
	bool is_long;            /* chunks last long beside a locked instruction */
	bool careful;            /* the next may be dear, and nothing is known of the loop */
};

static inline size_t
flc_larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static inline size_t
flc_smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The length of the next chunk of what is left. */
static inline size_t
flc_chunk_of(const struct flc_loop *loop, size_t grain, size_t left)
{
	size_t chunk = grain < loop->least ? loop->least : grain;

	/* No rest that would be smaller than the least. */
	return chunk >= left || left - chunk < loop->least ? left : chunk;
}

/* The grain that the measured time of a chunk asks for; also told to others. */
static inline size_t
flc_chunk_adapt(struct flc_loop *loop, size_t grain, size_t chunk, uint64_t ticks)
{
	uint64_t cost = (ticks << FLC_CHUNK_COST_SHIFT) / chunk;
	uint64_t fits, before = flc_load_relaxed(&loop->cost);

	if (FLC_UNLIKELY((double)ticks > FLC_CHUNK_FAR_TOO_LONG * loop->chunk_ticks))
		flc_store_relaxed(&loop->careful, 1);
	if (FLC_UNLIKELY(flc_load_relaxed(&loop->careful) != 0)) {
		if (cost < before)
			cost = before - before / FLC_CHUNK_CARE;
		fits = (uint64_t)(loop->chunk_ticks * ((uint64_t)1 << FLC_CHUNK_COST_SHIFT)
		    / (double)(cost + 1));
		fits = fits > 0 ? fits : 1;
	} else if ((double)(ticks * FLC_CHUNK_GROWTH) <= loop->chunk_ticks) {
		fits = chunk >= grain ? chunk * FLC_CHUNK_GROWTH : grain;
	} else {
		fits = (uint64_t)((double)chunk * loop->chunk_ticks / (double)(ticks + 1));
		fits = fits > 0 ? fits : 1;
	}
	flc_store_relaxed(&loop->cost, cost);
	flc_store_relaxed(&loop->grain, fits);
	return fits;
}

/* A part begins: with what the other workers know. */
static inline struct flc_chunks
flc_chunks_begin(const struct flc_loop *loop)
{
	return (struct flc_chunks){
		.grain = flc_load_relaxed(&loop->grain),
		.before = loop->adapts ? flc_ticks() : 0,
	};
}

/* The grain of the next chunk of a careful part, of which `done` indexes were run and
 * `left` are left: nothing is known of the loop, and it may be dear where it was cheap so
 * far. */
static inline size_t
flc_chunks_careful_grain(const struct flc_chunks *chunks, size_t threads, size_t done,
    size_t left)
{
	return flc_smaller(chunks->grain, 1 + flc_larger(chunks->grain / FLC_CHUNK_BRIEF,
	    flc_smaller(done / FLC_CHUNK_DONE_PART, left / (FLC_CHUNK_LEFT_PART * threads))));
}

/* A chunk of so many indexes has ended. */
static inline void
flc_chunks_measure(struct flc_loop *loop, struct flc_chunks *chunks, size_t chunk)
{
	uint64_t now = flc_ticks(), ticks = now - chunks->before;

	chunks->grain = flc_chunk_adapt(loop, chunks->grain, chunk, ticks);
	chunks->is_long = (double)ticks * FLC_CHUNK_BRIEF > loop->chunk_ticks;
	chunks->careful = loop->is_new
	    && (double)ticks * (FLC_CHUNK_BRIEF * FLC_CHUNK_GROWTH) > loop->chunk_ticks;
	chunks->before = now;
}

/* So few indexes are not worth taking. */
static inline size_t
flc_chunk_least_part(const struct flc_loop *loop, size_t grain)
{
	if (!loop->adapts)
		return loop->unit > 1 ? 1 : loop->least;
	return flc_larger(loop->least, grain / FLC_CHUNK_PARTS_PER_CHUNK + 1);
}

/* The grain that a loop begins with. */
static inline uint64_t
flc_chunk_first_grain(const struct flc_loop *loop)
{
	const filch_for_options *options = loop->options;
	double cost;

	if (!loop->adapts)
		return loop->whole ? SIZE_MAX : flc_larger(loop->unit, loop->least);
	cost = loop->site != NULL ? flc_site_cost(loop->site) : 0;
	/* Half of what the cost asks for: it may have risen since. */
	if (cost > 0)
		return (uint64_t)(loop->chunk_ticks / 2 / cost) + 1;
	if (options->cost_ns > 0 && options->cost_ns < FLC_CHUNK_NS)
		return (uint64_t)(FLC_CHUNK_NS / options->cost_ns / 2) + 1;
	return 1;
}

#endif /* FLC_CHUNK_H */
