/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two clocks: nanoseconds for deadlines, ticks for what is counted (10 ns to read where
 * the CPU has an invariant counter, 23 ns elsewhere).
 */
#ifndef FLC_CLOCK_H
#define FLC_CLOCK_H

#include <stdint.h>

#include <filch/base.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

/* Set by flc_clock_start(): 1 if ticks are the CPU's counter. */
extern int flc_clock_is_cpu;

/* Chooses the tick source and takes the first anchor; once per process, from any thread,
 * before the first tick is read. */
void flc_clock_start(void);

static inline uint64_t
flc_ticks(void)
{
#if defined(__x86_64__)
	if (flc_clock_is_cpu)
		return __rdtsc();
#endif
	return filch_now();
}

/* A span of ticks in nanoseconds, by a rate that is measured at the first call and then
 * kept; better than 0.1 %.  Also in a signal handler. */
uint64_t flc_ticks_to_ns(uint64_t ticks);

/* The same the other way, by the rate that was measured at the start; for thresholds. */
uint64_t flc_ns_to_ticks(uint64_t ns);

/* Ticks per nanosecond, measured at the start; 0 before flc_clock_start(). */
extern double flc_clock_rate;

#endif /* FLC_CLOCK_H */
