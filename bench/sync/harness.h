/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the rows of `make bench-sync` share: one launch times every way to do the same,
 * turn by turn, and prints the median of each with its ratio to the first; bench.sh takes
 * the medians of many launches.
 *
 *     row TAB way TAB ns
 */
#ifndef BENCH_SYNC_HARNESS_H
#define BENCH_SYNC_HARNESS_H

#include <stdint.h>
#include <stddef.h>

#define SYNC_TURNS 7

/* One way: does `n` operations per thread, returns the nanoseconds that each of them took
 * (wall time by n, whatever the number of threads). */
struct sync_way {
	const char *name;
	double (*run)(size_t n);
};

/* Prints a line for each way of the row. */
void sync_row(const char *row, const struct sync_way *ways, size_t count, size_t n);

/* Runs main_(argument) in n threads that start together; wall nanoseconds from the start
 * to the last end. */
double sync_threads(size_t n, void (*main_)(void *argument, size_t thread), void *argument);

uint64_t sync_now(void);

#endif /* BENCH_SYNC_HARNESS_H */
