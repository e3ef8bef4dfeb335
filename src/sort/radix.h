/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a number sort does to one range of keys, for each instruction set: radix_kernel.h,
 * compiled once for each of them and each width of a key.
 *
 * Keys are sorted as unsigned numbers.  An order makes such numbers of any other kind,
 * and of descending order, when a key is read first, and turns them back when it is
 * written last.
 *
 * Keys go into bins by their highest bits that differ, again and again, until few enough
 * are left for a sorting network in registers.  Whatever the keys are, each step takes
 * bits off the range of a bin, so there is no bad input beyond that of a radix sort.
 */
#ifndef FLC_RADIX_H
#define FLC_RADIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ordered = key ^ (key is negative as a signed number ? negative : 0) ^ flip. */
struct flc_radix_order {
	uint64_t flip;
	uint64_t negative;
};

/* A key belongs into bin (key - low) >> shift; what is below or above into the first or
 * last. */
struct flc_radix_bins {
	uint64_t low;
	unsigned shift;
	size_t last;
};

/* At most 2^this bins in one step of flc_radix_kernels.sort. */
#define FLC_RADIX_MOST_LOG 11

/* Words that all steps of one sort use for their counts: each takes as many as it has
 * bins and one more, and leaves a key at least 5 bits fewer. */
#define FLC_RADIX_COUNTS ((size_t)6 * (((size_t)1 << FLC_RADIX_MOST_LOG) + 1))

/* Up to so many keys go straight into bins of room for FLC_RADIX_LEAF each, uncounted. */
#define FLC_RADIX_SMALL 2048
#define FLC_RADIX_LEAF 64
#define FLC_RADIX_SMALL_BINS 256

/* What one sort works in. */
struct flc_radix_room {
	struct flc_radix_order order;
	void *bins;           /* FLC_RADIX_SMALL_BINS * FLC_RADIX_LEAF keys, aligned to 64 */
	uint32_t *counts;     /* FLC_RADIX_COUNTS */
};

/* Bytes that a bin of flc_radix_kernels.scatter collects before they go to memory. */
#define FLC_RADIX_LINE 128

struct flc_radix_kernels {
	size_t width;         /* of a key, in bytes */

	/* The least and the largest of n keys, n > 0. */
	void (*range)(const void *keys, size_t n, uint64_t *low, uint64_t *high);

	/* Whether the keys ascend (up) or descend in their order, equal ones included. */
	bool (*is_sorted)(const void *keys, size_t n, const struct flc_radix_order *order, bool up);

	/* to[i] = keys[i] in order, or back again; the two may be the same. */
	void (*map)(const void *keys, void *to, size_t n, const struct flc_radix_order *order);
	void (*map_back)(const void *keys, void *to, size_t n, const struct flc_radix_order *order);

	/* n times the ordered key, mapped back. */
	void (*fill)(void *to, size_t n, uint64_t key, const struct flc_radix_order *order);

	/* Adds to counts, one for each bin; n below 2^32. */
	void (*count)(const void *keys, size_t n, const struct flc_radix_order *order,
	    const struct flc_radix_bins *bins, uint32_t *counts);

	/* Writes each key of bin b, in order, to to[position[b >> group]++].  lines holds
	 * FLC_RADIX_LINE bytes for each group, start has room for as many words.  far:
	 * around the caches. */
	void (*scatter)(const void *keys, size_t n, const struct flc_radix_order *order,
	    const struct flc_radix_bins *bins, unsigned group, size_t *position, size_t *start,
	    void *lines, void *to, bool far);

	/* The same without lines for what stays in a cache; position counts from bin
	 * `first`. */
	void (*split)(const void *keys, size_t n, const struct flc_radix_bins *bins, size_t first,
	    uint32_t *position, void *to);

	/* Sorts n ordered keys into `to`, mapped back; to is keys, other, or memory
	 * apart.  What was in other is lost, and in keys, too.  n below 2^31. */
	void (*sort)(void *keys, void *other, void *to, size_t n,
	    const struct flc_radix_room *room);

	/* Sorts n ordered keys without any memory, and maps them back. */
	void (*sort_in_place)(void *keys, size_t n, const struct flc_radix_order *order);
};

/* The best that this machine runs, or what FILCH_ISA names. */
const struct flc_radix_kernels *flc_radix_64(void);
const struct flc_radix_kernels *flc_radix_32(void);

/* Of each set: radix_plain.c, radix_avx2.c, radix_avx512.c. */
extern const struct flc_radix_kernels flc_radix_64_plain;
extern const struct flc_radix_kernels flc_radix_32_plain;
#if defined(__x86_64__)
extern const struct flc_radix_kernels flc_radix_64_avx2;
extern const struct flc_radix_kernels flc_radix_32_avx2;
extern const struct flc_radix_kernels flc_radix_64_avx512;
extern const struct flc_radix_kernels flc_radix_32_avx512;
#endif

#endif /* FLC_RADIX_H */
