/* SPDX-License-Identifier: BSD-2-Clause */
#include "calibrate.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define RUNS_LIMIT 64
#define CALIBRATE_TRIES 4
#define CALIBRATE_LONG_S 0.1 /* not tried again */

static int
run_once(struct launch *launch, const char *kernel, unsigned long long n, int workers,
    double *seconds, char *checksum)
{
	char line[512];

	snprintf(line, sizeof(line), "run %s %llu %d", kernel, n, workers);
	if (launch_ask(launch, line, line, sizeof(line), CALIBRATE_TIMEOUT_S) != ANSWERED)
		return -1;
	/* A size that the kernel does not have is no failure of the peer. */
	return sscanf(line, "%lf %79[^\n]", seconds, checksum) == 2 ? 0 : 1;
}

int
slot_run(struct launch *launch, const char *kernel, int workers, const struct slot *slot,
    double *seconds, char *checksum)
{
	double sum = 0, one;

	for (int i = 0; i < slot->runs; i++) {
		if (run_once(launch, kernel, slot->n, workers, &one, checksum) != 0)
			return -1;
		sum += one;
	}
	*seconds = sum / slot->runs;
	return 0;
}

/* The wall time of a run: a peer may repeat a short loop within one. */
static int
timed_run(struct launch *launch, const char *kernel, unsigned long long n, int workers,
    double *seconds)
{
	char checksum[80];
	double said, start_s = clock_seconds();
	int failure = run_once(launch, kernel, n, workers, &said, checksum);

	*seconds = clock_seconds() - start_s;
	return failure;
}

/* Up to some tries, until one takes no longer than enough_s: the first of a size makes
 * its data, and others may be interrupted. */
static int
fastest_run(struct launch *launch, const char *kernel, unsigned long long n, int workers,
    double enough_s, double *fastest)
{
	*fastest = HUGE_VAL;
	for (int i = 0; i < CALIBRATE_TRIES && *fastest > enough_s; i++) {
		double seconds;
		int failure = timed_run(launch, kernel, n, workers, &seconds);

		if (failure != 0)
			return failure;
		*fastest = fmin(*fastest, seconds);
		if (seconds > CALIBRATE_LONG_S)
			break;
	}
	return 0;
}

/* By an eighth, at least 1; in steps of 2^k from 64 on, as some kernels want. */
static unsigned long long
next_size(unsigned long long n)
{
	unsigned long long step = 1;

	while (step * 16 <= n)
		step *= 2;
	return n + step;
}

static void
grow(struct launch *launch, const char *kernel, int workers, double slot_s, struct slot *slot)
{
	int refused = 0;

	for (unsigned long long n = 1; n < ULLONG_MAX / 4 && refused < 256; n = next_size(n)) {
		double seconds;
		int failure = fastest_run(launch, kernel, n, workers, slot_s, &seconds);

		if (failure < 0 || (failure == 0 && seconds > slot_s && slot->n != 0))
			return;
		refused += failure;
		if (failure)
			continue;
		slot->n = n;
		slot->seconds = seconds;
		if (seconds > slot_s)
			return;
	}
}

int
calibrate(struct launch *launch, const char *kernel, int workers, unsigned long long n,
    double slot_s, struct slot *slot)
{
	memset(slot, 0, sizeof(*slot));
	slot->n = n;
	slot->runs = 1;
	if (n == 0)
		grow(launch, kernel, workers, slot_s, slot);
	/* Some kernels have no small sizes: then their own default, 0. */
	if (fastest_run(launch, kernel, slot->n, workers, 0, &slot->seconds) != 0)
		return -1;
	while (slot->runs < RUNS_LIMIT && (slot->runs + 1) * slot->seconds < slot_s)
		slot->runs++;
	return 0;
}
