/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long it takes to get two tasks run, from a thread outside of the pool.  A peer
 * gives one function, `pair`, which calls latency_task(context) twice, in parallel if it
 * can, and returns when both have; one executable's row for each of the kernels below is
 * latency_run() over it.
 *
 *     launch    two empty tasks, after a gap of N ns: the median; p99 in stats
 *     handoff   the same, but each waits for the other, so that it takes two
 *               threads; with one worker as launch
 *     two_long  two tasks that sleep N ms: N ms on two workers
 *     idle      one pair, then nothing for N ms: the CPU seconds burned
 */
#ifndef BENCH_LATENCY_H
#define BENCH_LATENCY_H

#include "workload.h"

#ifdef __cplusplus
extern "C" {
#endif

void latency_task(void *context);
uint64_t latency_run(const struct bench_case *run, void (*pair)(void *context));

#ifdef __cplusplus
}
#endif

#endif /* BENCH_LATENCY_H */
