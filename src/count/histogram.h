/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Durations: a sum of ticks and 32 buckets that double, merged by addition.
 */
#ifndef FLC_HISTOGRAM_H
#define FLC_HISTOGRAM_H

#include "base/atomic.h"
#include "base/clock.h"

#include <filch/metrics.h>

struct flc_histogram {
	flc_atomic sum;      /* ticks */
	flc_atomic bucket[FILCH_HISTOGRAM_BUCKETS];
};

/* The bucket of a duration: the first k with ns <= 64 * 2^k, or the last. */
static inline unsigned
flc_bucket(uint64_t ns)
{
	unsigned k = ns <= FILCH_HISTOGRAM_BUCKET_NS ? 0
	    : 64 - (unsigned)__builtin_clzll((ns - 1) / FILCH_HISTOGRAM_BUCKET_NS);

	return k < FILCH_HISTOGRAM_BUCKETS ? k : FILCH_HISTOGRAM_BUCKETS - 1;
}

/* Adds a duration.  One writer at a time, or `shared`. */
void flc_histogram_add(struct flc_histogram *histogram, uint64_t ticks, bool shared);

/* Any thread. */
void flc_histogram_read(const struct flc_histogram *histogram, filch_histogram *copy);

#endif /* FLC_HISTOGRAM_H */
