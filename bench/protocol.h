/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The line protocol that every executable of the suite answers (README), and what a peer
 * written in C, C++ or Rust hands over to answer it.
 */
#ifndef BENCH_PROTOCOL_H
#define BENCH_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#include "leaf/latency.h"
#include "leaf/leaf.h"
#include "leaf/workload.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Runs the kernel; this call is what is timed.  The result is the checksum, unless the
 * workload checks its data; then it is a number of units of work. */
typedef uint64_t bench_run_fn(const struct bench_case *run);

struct bench_kernel {
	const char *name;
	bench_run_fn *run;
};

struct bench_peer {
	const struct bench_kernel *kernels;   /* up to a row with a NULL name */
	/* Makes the scheduler ready for that many threads, the caller included; not
	 * timed.  Zero on success.  NULL: nothing to do. */
	int (*set_workers)(uint64_t workers);
	/* Before each run, not timed.  May be NULL. */
	void (*before_run)(void);
	/* Prints " key=value" pairs about the last run.  May be NULL. */
	void (*print_stats)(void);
	/* "ok", or why figures of this build would mislead.  May be NULL: ok. */
	const char *(*build)(void);
};

/* Answers standard input until it ends; returns main's exit status. */
int bench_serve(const struct bench_peer *peer);

#ifdef __cplusplus
}
#endif

#endif /* BENCH_PROTOCOL_H */
