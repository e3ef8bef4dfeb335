/* SPDX-License-Identifier: BSD-2-Clause */
/* Timing for the examples: seconds, and the median of a few of them. */
#ifndef TIMING_H
#define TIMING_H

#include <filch.h>
#include <stdlib.h>

static inline double
seconds_since(uint64_t start)
{
	return (double)(filch_now() - start) * 1e-9;
}

static inline int
compare_seconds(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts the n > 0 seconds. */
static inline double
median(double *seconds, size_t n)
{
	qsort(seconds, n, sizeof(*seconds), compare_seconds);
	return (seconds[(n - 1) / 2] + seconds[n / 2]) / 2;
}

#endif /* TIMING_H */
