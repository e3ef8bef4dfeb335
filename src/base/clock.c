/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/clock.h"
#include "base/atomic.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

int flc_clock_is_cpu;
double flc_clock_rate;

/* The first anchor: the same moment on both clocks. */
static uint64_t first_ticks;
static uint64_t first_ns;

/* Nanoseconds per tick in 32.32 fixed point, renewed as the anchors part. */
static flc_atomic scale;
static flc_atomic scaled_at;

uint64_t
filch_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#if defined(__x86_64__)
/* The counter must run at one rate in all power states, and the kernel must
 * trust it enough to tell the time by it. */
static bool
counter_is_invariant(void)
{
	unsigned a, b, c, d;
	char source[32] = "";
	FILE *file;

	if (!__get_cpuid(0x80000007, &a, &b, &c, &d) || (d & (1u << 8)) == 0)
		return false;
	file = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "re");
	if (file == NULL)
		return false;
	if (fgets(source, sizeof(source), file) == NULL)
		source[0] = '\0';
	fclose(file);
	return strncmp(source, "tsc", 3) == 0 || strncmp(source, "kvm-clock", 9) == 0;
}
#endif

/* Between two reads of one clock, so that a preemption shows as a long gap. */
static void
anchor(uint64_t *ticks, uint64_t *ns)
{
	uint64_t shortest = UINT64_MAX;

	for (int i = 0; i < 5; i++) {
		uint64_t before = flc_ticks();
		uint64_t now = filch_now();
		uint64_t after = flc_ticks();

		if (after - before < shortest) {
			shortest = after - before;
			*ticks = before + (after - before) / 2;
			*ns = now;
		}
	}
}

#define FIXED_ONE ((double)(UINT64_C(1) << 32))

static double
ns_per_tick(void)
{
	uint64_t ticks, ns, age;

	if (!flc_clock_is_cpu)
		return 1.0;
	age = filch_now() - flc_load_relaxed(&scaled_at);
	if (flc_load_relaxed(&scale) == 0 || age > 1000000000u) {
		anchor(&ticks, &ns);
		while (ns - first_ns < 200000)  /* too near to measure a rate */
			anchor(&ticks, &ns);
		flc_store_relaxed(&scale, (AO_t)((double)(ns - first_ns) * FIXED_ONE
		    / (double)(ticks - first_ticks)));
		flc_store_relaxed(&scaled_at, ns - first_ns < 100000000u ? 0 : ns);
	}
	return (double)flc_load_relaxed(&scale) / FIXED_ONE;
}

static void
start(void)
{
#if defined(__x86_64__)
	flc_clock_is_cpu = counter_is_invariant();
#endif
	anchor(&first_ticks, &first_ns);
	flc_clock_rate = 1.0 / ns_per_tick();
}

void
flc_clock_start(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, start);
}

uint64_t
flc_ticks_to_ns(uint64_t ticks)
{
	return (uint64_t)((double)ticks * ns_per_tick());
}

uint64_t
flc_ns_to_ticks(uint64_t ns)
{
	return (uint64_t)((double)ns / ns_per_tick());
}
