/* SPDX-License-Identifier: BSD-2-Clause */
/* What one launch of a peer showed. */
#ifndef BENCH_SAMPLE_H
#define BENCH_SAMPLE_H

#include "launch.h"

/* Runs in a launch, and the time after which no other begins.  The first warms up and
 * does not count, unless it was so long that it is the only one. */
#define SAMPLE_RUNS 7
#define SAMPLE_ENOUGH_S 0.3

struct sample {
	enum answer outcome;
	int refused;           /* the peer answered "error ..." */
	double seconds;        /* median of the runs that count */
	double cpu_seconds;    /* of the process, per run */
	double rss_kb;
	double foreign_s;
	int disturbed;
	char checksum[80];     /* or the text of the error */
	char stats[1024];
};

/* Launches path on cpus for some runs of one kernel. */
struct sample sample_take(const char *path, const char *kernel, unsigned long long n,
    int workers, const cpu_set_t *cpus, double timeout_s);

/*
 * The first `workers` CPUs (at most all) of those the caller may use, counted from number
 * `first`, around.
 */
void sample_cpus(cpu_set_t *cpus, int workers, int first);

#endif /* BENCH_SAMPLE_H */
