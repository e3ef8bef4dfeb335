/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Moving items: fill, copy, reverse, rotate, gather, scatter, transpose, shuffle.
 *
 * Arrays hold items of `size` bytes.  Options are those of <filch/pack.h>; progress
 * counts items.  Every call returns FILCH_OK, or FILCH_CANCELED, or FILCH_TIMEOUT, or
 * FILCH_INVAL for a size of 0, for arrays that are larger than memory can be, and for
 * those that overlap where this is not allowed.  No call but filch_shuffle() and
 * filch_permutation() needs memory.  After a failure out holds some of the result.
 */
#ifndef FILCH_MOVE_H
#define FILCH_MOVE_H

#include <filch/base.h>
#include <filch/loop.h>

/* out[i] = *value, which is not in out. */
FILCH_API int filch_fill(void *out, size_t n, size_t size, const void *value,
    const filch_for_options *options);

/* out[i] = items[i].  The arrays do not overlap. */
FILCH_API int filch_copy(const void *items, void *out, size_t n, size_t size,
    const filch_for_options *options);

/* out[i] = items[n - 1 - i].  out may be items, else they do not overlap. */
FILCH_API int filch_reverse(const void *items, void *out, size_t n, size_t size,
    const filch_for_options *options);

/* out[i] = items[(first + i) % n]; first is less than n, or 0.  They do not overlap. */
FILCH_API int filch_rotate(const void *items, void *out, size_t n, size_t size, size_t first,
    const filch_for_options *options);

/* out[i] = items[indexes[i]], for n indexes, each less than items_n (else FILCH_INVAL).
 * out overlaps neither. */
FILCH_API int filch_gather(const void *items, size_t items_n, const size_t *indexes,
    void *out, size_t n, size_t size, const filch_for_options *options);

/* out[indexes[i]] = items[i], for n indexes, each less than out_n (else FILCH_INVAL), no
 * two of which are equal.  out overlaps neither. */
FILCH_API int filch_scatter(const void *items, const size_t *indexes, void *out,
    size_t out_n, size_t n, size_t size, const filch_for_options *options);

/* out[c * rows + r] = items[r * columns + c].  They do not overlap.  grain_exact and
 * grain_min count rows of the result. */
FILCH_API int filch_transpose(const void *items, void *out, size_t rows, size_t columns,
    size_t size, const filch_for_options *options);

/* 64 random bits that depend on seed and index only: the output function of SplitMix64
 * (G. Steele, D. Lea and C. Flood, 2014), with the index as its counter. */
static inline uint64_t
filch_random(uint64_t seed, uint64_t index)
{
	uint64_t z = seed + (index + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/*
 * The items in random order, the same for any number of workers: it depends on seed and n
 * only.  Each goes to a random one of some buckets, which are then shuffled each (P.
 * Sanders, "Random Permutations on Distributed, External and Hierarchical Memory", 1998):
 * all orders are equally likely, as far as the generator goes.  Not for secrets.  out and
 * items do not overlap.  FILCH_NOMEM without a byte for each item at most, when nothing
 * was written.
 */
FILCH_API int filch_shuffle(const void *items, void *out, size_t n, size_t size,
    uint64_t seed, const filch_for_options *options);

/* The same of the numbers 0 up to, not including, n. */
FILCH_API int filch_permutation(size_t *out, size_t n, uint64_t seed,
    const filch_for_options *options);

#endif /* FILCH_MOVE_H */
