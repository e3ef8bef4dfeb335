/* SPDX-License-Identifier: BSD-2-Clause */
/* A place in the report being filled: launch after launch, then summed up. */
#ifndef BENCH_CELL_H
#define BENCH_CELL_H

#include "result.h"
#include "sample.h"

#include <stdint.h>

/* A disturbed launch is repeated; but not without end on a busy machine. */
#define CELL_PATIENCE 2

struct cell {
	struct result result;   /* what is known before the first launch, and after */
	const char *path;
	struct sample *sample;
	size_t count;
	size_t clean;           /* of them undisturbed */
};

/* Whether it wants another launch to have `launches` clean ones. */
int cell_wants(const struct cell *cell, size_t launches);

/* Adds a launch on CPUs counted from number first. */
void cell_launch(struct cell *cell, int first_cpu, double timeout_s);

/* Fills the result from the launches. */
void cell_sum_up(struct cell *cell, uint64_t seed);

#endif /* BENCH_CELL_H */
