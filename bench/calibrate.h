/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the size at which a kernel fills a slot of time. */
#ifndef BENCH_CALIBRATE_H
#define BENCH_CALIBRATE_H

#include "launch.h"

struct slot {
	unsigned long long n;
	int runs;   /* to fill the slot; 1 if a run is as long or longer */
	double seconds;
};

#define CALIBRATE_TIMEOUT_S 30.0

/*
 * Raises n in small steps until a run takes longer than slot_s, and keeps the last that
 * did not.  A fixed n (not 0) is kept.  Non-zero if the peer does not answer the kernel
 * at all.
 */
int calibrate(struct launch *launch, const char *kernel, int workers, unsigned long long n,
    double slot_s, struct slot *slot);

/* Runs a slot; its time in *seconds, per run.  checksum has 80 bytes. */
int slot_run(struct launch *launch, const char *kernel, int workers, const struct slot *slot,
    double *seconds, char *checksum);

#endif /* BENCH_CALIBRATE_H */
