/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The statistics of a handful of launches: medians, quartiles, bootstrap intervals.  No
 * assumption about how the values are distributed.
 */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stddef.h>
#include <stdint.h>

struct interval {
	double low, high;
};

/* Beyond 1.5 and beyond 3 interquartile ranges from the quartiles (Tukey). */
struct outliers {
	size_t mild, severe;
};

/* A small generator (splitmix64): the same seed gives the same report. */
uint64_t random_next(uint64_t *state);
size_t random_below(uint64_t *state, size_t limit);

/* The p-quantile, 0 to 1, of count values; interpolates.  NAN for none. */
double quantile(const double *values, size_t count, double p);
double median(const double *values, size_t count);

/* A percentile bootstrap of the median at the given confidence (0.95, 0.99). */
struct interval bootstrap_median(const double *values, size_t count, double confidence,
    uint64_t seed);

struct outliers tukey_outliers(const double *values, size_t count);

#endif /* BENCH_STATS_H */
