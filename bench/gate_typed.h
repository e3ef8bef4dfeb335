/* SPDX-License-Identifier: BSD-2-Clause */
/* The gate's operations on typed tasks. */
#ifndef BENCH_GATE_TYPED_H
#define BENCH_GATE_TYPED_H

/* Forks above an older task, so that none is the only one in its deque. */
long gate_fork(long length);

/* The recursion, with n = length. */
long gate_fib(long length);

#endif /* BENCH_GATE_TYPED_H */
