/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/clock.h"
#include "base/atomic.h"
#include "base/cancellation.h"
#include "base/compiler.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <fcntl.h>
#include <unistd.h>
#endif

int flc_clock_is_cpu;
double flc_clock_rate;

/* The first anchor: the same moment on both clocks. */
static uint64_t first_ticks;
static uint64_t first_ns;

/* Set once these are: the anchor. */
static flc_atomic started;

/*
 * Nanoseconds per tick in 32.32 fixed point, 0 until somebody wants to know.  Never
 * changed, as what a counter says must not shrink because a rate was measured anew: it is
 * measured from the start to the first look, which is 200 us at least, so to some 0.02 %,
 * and the better the later.
 */
static flc_atomic scale;

uint64_t
filch_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t
after(uint64_t n, uint64_t ns_each)
{
	uint64_t now = filch_now();

	return n > (FILCH_FOREVER - 1 - now) / ns_each ? FILCH_FOREVER : now + n * ns_each;
}

uint64_t
filch_after_ns(uint64_t ns)
{
	return after(ns, 1);
}

uint64_t
filch_after_us(uint64_t us)
{
	return after(us, 1000);
}

uint64_t
filch_after_ms(uint64_t ms)
{
	return after(ms, 1000000);
}

#if defined(__x86_64__)
/* The counter must run at one rate in all power states, and the kernel must trust it
 * enough to tell the time by it. */
static bool
counter_is_invariant(void)
{
	unsigned a, b, c, d;
	char source[32] = "";
	int cancellation, file;

	if (!__get_cpuid(0x80000007, &a, &b, &c, &d) || (d & (1u << 8)) == 0)
		return false;
	cancellation = flc_cancellation_hold();
	file = open("/sys/devices/system/clocksource/clocksource0/current_clocksource",
	    O_RDONLY | O_CLOEXEC);
	if (file >= 0) {
		if (read(file, source, sizeof(source) - 1) < 0)
			source[0] = '\0';
		close(file);
	}
	flc_cancellation_restore(cancellation);
	return strncmp(source, "tsc", 3) == 0 || strncmp(source, "kvm-clock", 9) == 0;
}
#endif

/* Between two reads of one clock, so that a preemption shows as a long gap. */
static void
anchor(uint64_t *ticks, uint64_t *ns)
{
	uint64_t shortest = 0;

	for (int i = 0; i < 5; i++) {
		uint64_t before = flc_ticks();
		uint64_t now = filch_now();
		uint64_t after = flc_ticks();

		if (i == 0 || after - before < shortest) {
			shortest = after - before;
			*ticks = before + (after - before) / 2;
			*ns = now;
		}
	}
}

#define FIXED_ONE ((double)(UINT64_C(1) << 32))
#define SHORTEST_NS 200000  /* too near to measure a rate */

static AO_t
measure(void)
{
	uint64_t ticks, ns;

	if (!flc_clock_is_cpu)
		return (AO_t)FIXED_ONE;
	do
		anchor(&ticks, &ns);
	while (ns - first_ns < SHORTEST_NS);
	return (AO_t)((double)(ns - first_ns) * FIXED_ONE / (double)(ticks - first_ticks));
}

static AO_t
scale_for_ever(void)
{
	AO_t known = flc_load_relaxed(&scale);

	if (FLC_LIKELY(known != 0))
		return known;
	/* Nothing was counted yet.  acquire [clock.started]: the first anchor. */
	if (flc_load_acquire(&started) == 0)
		return (AO_t)FIXED_ONE;
	/* Of several threads, and a handler in one of them, the first one's. */
	known = measure();
	return flc_cas_full(&scale, 0, known) ? known : flc_load_relaxed(&scale);
}

static void
start(void)
{
#if defined(__x86_64__)
	flc_clock_is_cpu = counter_is_invariant();
#endif
	anchor(&first_ticks, &first_ns);
	flc_clock_rate = FIXED_ONE / (double)measure();
	/* release [clock.started]: the first anchor. */
	flc_store_release(&started, 1);
}

void
flc_clock_start(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, start);
}

/* Rounded down, exactly: of two sums of ticks the larger is never less in ns, and the
 * parts of a sum are together never more than the sum. */
uint64_t
flc_ticks_to_ns(uint64_t ticks)
{
	return (uint64_t)((unsigned __int128)ticks * scale_for_ever() >> 32);
}

uint64_t
flc_ns_to_ticks(uint64_t ns)
{
	return (uint64_t)((double)ns * flc_clock_rate);
}
