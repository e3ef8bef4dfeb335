/* SPDX-License-Identifier: BSD-2-Clause */
/* What the CPUs did beside the process measured, from /proc/stat. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <sched.h>

/*
 * A launch is dropped when CPU time on its CPUs that is not its own (other processes,
 * interrupts, steal) exceeds both: the kernel counts in ticks of 4 to 10 ms, so that less
 * than two of them says nothing.
 */
#define FOREIGN_SHARE 0.05
#define FOREIGN_FLOOR_S 0.020

struct load {
	double busy_s;  /* user, system, interrupts and steal of the CPUs */
	double wall_s;
};

/* Reads the counters of cpus so far. */
struct load load_now(const cpu_set_t *cpus);

/* Seconds between two readings that were not own_s. */
double load_foreign(struct load before, struct load after, double own_s);

/* Whether that much foreign time spoils a launch. */
int load_disturbed(struct load before, struct load after, double foreign_s, int cpus);

#endif /* BENCH_LOAD_H */
