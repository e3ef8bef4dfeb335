/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A peer with a known fault, to try the comparison on: its one kernel does PERCENT more
 * work (argument, or FILCH_BENCH_PLANTED) than it should.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WORDS 512
#define TRIPS_PER_UNIT 1000

/* Loads, stores and a dependent chain on the stack: it feels where that lies. */
static uint64_t
work(uint64_t trips)
{
	uint64_t words[WORDS];
	uint64_t sum = 1;

	for (size_t i = 0; i < WORDS; i++)
		words[i] = i * UINT64_C(0x9e3779b97f4a7c15);
	for (uint64_t i = 0; i < trips; i++) {
		uint64_t at = (sum ^ i) % WORDS;

		sum = sum * 5 + words[at];
		words[(at + 7) % WORDS] ^= sum;
	}
	return sum;
}

static double
now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void
run(uint64_t n, double percent)
{
	volatile uint64_t sink;
	double trips = (double)(n * TRIPS_PER_UNIT) * (1 + percent / 100);
	double start_s = now_s();

	sink = work((uint64_t)trips);
	double end_s = now_s();

	(void)sink;
	/* Its result must not tell the extra work. */
	printf("%.9f %" PRIu64 "\n", end_s - start_s, n);
}

int
main(int argc, char **argv)
{
	const char *extra = argc > 1 ? argv[1] : getenv("FILCH_BENCH_PLANTED");
	double percent = extra != NULL ? strtod(extra, NULL) : 0;
	char line[256], rest;
	uint64_t n;
	int workers;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (sscanf(line, "run planted %" SCNu64 " %d %c", &n, &workers, &rest) == 2)
			run(n, percent);
		else if (strcmp(line, "list\n") == 0)
			printf("planted\n\n");
		else
			printf("error not understood\n");
		fflush(stdout);
	}
	return 0;
}
