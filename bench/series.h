/* SPDX-License-Identifier: BSD-2-Clause */
/* Data files for gnuplot of a result file. */
#ifndef BENCH_SERIES_H
#define BENCH_SERIES_H

/* Writes overhead.dat, speedup.dat and small_loops.dat into directory. */
int series_write(const char *path, const char *directory);

#endif /* BENCH_SERIES_H */
