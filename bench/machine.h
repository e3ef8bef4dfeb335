/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's fingerprint: figures mean nothing without it. */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

#include <stdio.h>

struct machine {
	char cpu[128];
	char kernel[128];
	char compiler[256];  /* of the suite, with its flags */
	char date[32];       /* UTC, ISO 8601 */
	int cores;           /* those this process may use */
	long memory_mb;
	double load;         /* one-minute average at the start */
};

struct machine machine_read(void);

#endif /* BENCH_MACHINE_H */
