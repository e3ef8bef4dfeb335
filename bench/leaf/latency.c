/* SPDX-License-Identifier: BSD-2-Clause */
#include "latency.h"

#include <stdlib.h>
#include <time.h>

#define LAUNCHES_MAX 20000
#define LAUNCHES_MIN 10
#define LAUNCHES_NS 120000000u      /* no further one after this, gaps included */
#define MEET_NS 1000000000u         /* a pair that never meets ends after this */

enum kind { LAUNCH, HANDOFF, TWO_LONG, IDLE };

struct latency {
	enum kind kind;
	uint64_t n;
	int meets;                 /* this run's tasks wait for each other */
	uint64_t arrived;          /* tasks of this run, all pairs */
	uint64_t goal;             /* arrived when the current pair has met */
	double sample[LAUNCHES_MAX];
};

static uint64_t
nanoseconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void
sleep_for(uint64_t ns)
{
	struct timespec t = { (time_t)(ns / 1000000000u), (long)(ns % 1000000000u) };

	while (nanosleep(&t, &t) != 0)
		;
}

void
latency_task(void *context)
{
	struct latency *l = context;
	uint64_t arrived = __atomic_add_fetch(&l->arrived, 1, __ATOMIC_ACQ_REL);

	if (l->kind == TWO_LONG)
		sleep_for(l->n * 1000000);
	if (!l->meets || arrived == l->goal)
		return;

	uint64_t start = nanoseconds(CLOCK_MONOTONIC);

	for (unsigned i = 1; __atomic_load_n(&l->arrived, __ATOMIC_ACQUIRE) < l->goal; i++)
		if (i % 1024 == 0 && nanoseconds(CLOCK_MONOTONIC) - start > MEET_NS)
			return;
}

static int
less(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
one_pair(struct latency *l, void (*pair)(void *context))
{
	l->goal += 2;
	pair(l);
}

static void
launches(struct latency *l, const struct bench_case *run, void (*pair)(void *context))
{
	uint64_t begin = nanoseconds(CLOCK_MONOTONIC), end = begin;
	size_t n = 0;

	while (n < LAUNCHES_MIN || (n < LAUNCHES_MAX && end - begin < LAUNCHES_NS)) {
		if (l->n > 0)
			sleep_for(l->n);

		uint64_t start = nanoseconds(CLOCK_MONOTONIC);

		one_pair(l, pair);
		end = nanoseconds(CLOCK_MONOTONIC);
		l->sample[n++] = 1e-9 * (double)(end - start);
	}
	qsort(l->sample, n, sizeof(l->sample[0]), less);
	run->report->seconds = l->sample[n / 2];
	run->report->p99 = l->sample[n * 99 / 100];
}

/* The result, in units, is the number of tasks run; the checksum only says that none is
 * missing, for how many there were is a matter of time. */
uint64_t
latency_run(const struct bench_case *run, void (*pair)(void *context))
{
	struct latency *l = run->data;
	uint64_t start;

	l->meets = l->kind == HANDOFF && run->workers > 1;
	l->arrived = l->goal = 0;
	switch (l->kind) {
	case LAUNCH:
	case HANDOFF:
		launches(l, run, pair);
		break;
	case TWO_LONG:
		one_pair(l, pair);
		break;
	case IDLE:
		one_pair(l, pair);
		start = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
		sleep_for(l->n * 1000000);
		run->report->seconds =
		    1e-9 * (double)(nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - start);
		break;
	}
	return l->arrived;
}

static uint64_t
check(const void *data)
{
	const struct latency *l = data;

	return l->arrived == l->goal;
}

static void *
create(uint64_t n, enum kind kind)
{
	struct latency *l = calloc(1, sizeof(*l));

	if (l != NULL) {
		l->kind = kind;
		l->n = n;
	}
	return l;
}

static void *
launch_create(uint64_t n)
{
	return create(n, LAUNCH);
}

static void *
handoff_create(uint64_t n)
{
	return create(n, HANDOFF);
}

static void *
two_long_create(uint64_t n)
{
	return create(n, TWO_LONG);
}

static void *
idle_create(uint64_t n)
{
	return create(n, IDLE);
}

const struct workload workload_launch = {
	.name = "launch", .full = 0, .small = 1000000, .create = launch_create, .check = check,
	.destroy = free,
};
const struct workload workload_handoff = {
	.name = "handoff", .full = 0, .small = 1000000, .create = handoff_create, .check = check,
	.destroy = free,
};
const struct workload workload_two_long = {
	.name = "two_long", .full = 1000, .small = 10, .create = two_long_create, .check = check,
	.destroy = free,
};
const struct workload workload_idle = {
	.name = "idle", .full = 1000, .small = 10, .create = idle_create, .check = check,
	.destroy = free,
};
