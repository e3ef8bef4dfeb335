/* SPDX-License-Identifier: BSD-2-Clause */
/* What the peers of bench/algorithms/passes.c offer. */
#ifndef BENCH_PASSES_H
#define BENCH_PASSES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

void passes_tbb_scan(const int64_t *items, int64_t *out, size_t n);

#ifdef __cplusplus
}
#endif

#endif /* BENCH_PASSES_H */
