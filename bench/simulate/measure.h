/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of `measure`: each fills a struct of medians in ns. */
#ifndef SIMULATE_MEASURE_H
#define SIMULATE_MEASURE_H

#include <pthread.h>
#include <stdbool.h>

#include <base/atomic.h>

double now_ns(void);
/* Sorts the values. */
double median_of(double *values, int count);
/* Pins the calling thread to the first or the second CPU. */
void stand_on(int side);
/* Runs `here` on the first CPU while a new thread runs `other`, which pins itself.
 * False: no thread. */
bool beside(void *(*other)(void *context), void (*here)(void *context), void *context);

struct fork_costs {
	double spawn, fence, last;
};
bool measure_forks(struct fork_costs *costs);

struct line_costs {
	double look, steal;
};
bool measure_lines(struct line_costs *costs);

struct barrier_costs {
	double thief, idle, victim;
};
bool measure_barriers(struct barrier_costs *costs);

struct wake_costs {
	double waker, latency, change, pause;
};
bool measure_wakes(struct wake_costs *costs);

struct speed_costs {
	double pace, noise; /* shares */
};
bool measure_speed(struct speed_costs *costs);

#endif /* SIMULATE_MEASURE_H */
