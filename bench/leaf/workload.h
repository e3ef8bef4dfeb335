/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernels work on: made, reset and checked outside of the timed region, by the
 * same code for every peer.
 */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <stddef.h>
#include <stdint.h>

/* What a kernel that takes its own time answers with. */
struct bench_report {
	double seconds;            /* instead of the call's; negative: not set */
	double p99;
};

/* One run, as a peer's kernel gets it. */
struct bench_case {
	uint64_t n;
	uint64_t workers;
	uint64_t repeat;           /* how often to do the whole kernel; loops only */
	struct bench_report *report;
	void *data;                /* struct leaf_<kernel>, or NULL */
};

struct workload {
	const char *name;
	uint64_t full, small;      /* sizes: of the report, of the checks */
	void *(*create)(uint64_t n);                /* NULL: no data, n is all; returns
	                                               NULL on a bad n or no memory */
	void (*reset)(void *data);                  /* before each run; may be NULL */
	uint64_t (*check)(const void *data);        /* NULL: the run's result is checked */
	void (*destroy)(void *data);
	uint64_t (*repeat)(uint64_t n);             /* NULL: once */
};

/* The workload of a kernel; "axpy_outside" has that of "axpy".  NULL: none. */
const struct workload *workload_find(const char *kernel);

/* Walks the table: NULL after the last. */
const struct workload *workload_at(size_t i);

/* Rows that the files of this directory contribute. */
extern const struct workload workload_uts_t1, workload_uts_t3, workload_binomial,
    workload_matmul, workload_strassen, workload_cilksort, workload_heat, workload_lu,
    workload_fft, workload_knapsack, workload_quicksort, workload_axpy, workload_sum,
    workload_mandelbrot, workload_triangular, workload_nested, workload_launch, workload_handoff,
    workload_two_long, workload_idle;

/* Helpers: memory on lines of its own, a repeatable random number, a hash of words that
 * tells their order. */
void *workload_alloc(size_t bytes);
uint64_t workload_random(uint64_t *state);
uint64_t workload_hash(const void *words, size_t n);

#endif /* BENCH_WORKLOAD_H */
