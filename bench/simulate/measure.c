/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Measures on this machine what the simulation takes as costs, with the library's own
 * code where it has a part in it, and prints them as `simulate --costs FILE` reads them.
 * Each is the median of many; the two sides stand on the first two CPUs that we may use.
 */
#include "measure.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include <base/clock.h>
#include <base/fence.h>

static int cpu_of[2];

static bool
choose_cpus(void)
{
	cpu_set_t allowed;
	int found = 0;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		return false;
	for (int cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++)
		if (CPU_ISSET(cpu, &allowed))
			cpu_of[found++] = cpu;
	return found == 2;
}

void
stand_on(int side)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu_of[side], &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

double
now_ns(void)
{
#if defined(__x86_64__)
	/* What was asked for is there, before the counter is read. */
	__builtin_ia32_lfence();
#endif
	return (double)flc_ticks() / flc_clock_rate;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
median_of(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), by_value);
	return values[count / 2];
}

bool
beside(void *(*other)(void *context), void (*here)(void *context), void *context)
{
	pthread_t thread;

	stand_on(0);
	if (pthread_create(&thread, NULL, other, context) != 0)
		return false;
	here(context);
	pthread_join(thread, NULL);
	return true;
}

static void
say(const char *name, double value, const char *meaning)
{
	printf("%s=%.0f # %s\n", name, value > 0 ? value : 0, meaning);
	fflush(stdout);
}

int
main(void)
{
	struct fork_costs fork;
	struct line_costs line;
	struct barrier_costs barrier;
	struct wake_costs wake;
	struct speed_costs speed;

	flc_clock_start();
	if (!choose_cpus()) {
		fprintf(stderr, "measure: needs two CPUs\n");
		return 1;
	}
	/* The tick rate is good after 10 ms. */
	for (uint64_t begin = filch_now(); filch_now() - begin < 20000000;)
		;
	(void)flc_ns_to_ticks(1000);
	if (!measure_forks(&fork) || !measure_lines(&line) || !measure_barriers(&barrier)
	    || !measure_wakes(&wake) || !measure_speed(&speed)) {
		fprintf(stderr, "measure: a measurement failed; it needs two idle CPUs\n");
		return 1;
	}
	say("spawn_ps", 1000 * fork.spawn, "fork and join, unfenced, an older record below");
	say("fence_ps", 1000 * fork.fence, "more in the fenced mode");
	say("last", fork.last, "more when it is the only record");
	say("look_near", line.look, "a line that the other CPU has just written");
	say("steal_near", line.steal, "steal from a fenced lane, record read, less that look");
	say("barrier", barrier.thief, "membarrier while the other CPU runs the process");
	say("barrier_idle", barrier.idle, "the same while it does not");
	say("interrupt", barrier.victim, "lost by the running side for one membarrier");
	say("wake", wake.waker, "futex wake of a sleeper, for the waker");
	say("wake_latency", wake.latency, "from there until the sleeper runs");
	say("change", wake.change, "one thread off a CPU, another one on");
	say("pause", wake.pause, "one spin hint: the first pause");
	say("pause_max", 32 * wake.pause, "the longest pause");
	say("speed_pm", 1000 * speed.pace, "per mille by which a CPU is faster or slower");
	say("noise_pm", 1000 * speed.noise, "per mille by which 20 us of work vary");
	return 0;
}
