/* SPDX-License-Identifier: BSD-2-Clause */
/*
 *     balance sleep|spin WORKERS          each load by each schedule
 *     balance random WORKERS SEED COUNT   random loads, of sleeping bodies
 *     balance list WORKERS SEED COUNT     the same loads by list scheduling, computed
 *
 * Prints a line for each loop: library, schedule, load, time over the bound, how many
 * milliseconds the loop took beyond the bound, and the bound.  The bound is that of any
 * schedule: the longest index, or the work by the number of workers, whichever is larger.
 * Both are what was measured in the bodies of this very loop, so that a sleep that lasts
 * longer than it should counts as work.
 *
 * List scheduling (R. Graham, 1966) gives the next index, in order, to the worker that is
 * free first, and costs nothing.  What it misses of the bound is missed for want of
 * knowing the costs: no schedule that does not know them is sure to be nearer.
 */
#include "balance.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST 1024

static struct {
	int spins;
	size_t n, rows;
	double us[MOST];      /* what each index is to last */
	double lasted[MOST];  /* what it lasted; each written by who ran it */
} load;

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

void
balance_index(size_t i)
{
	double begin = now_us();

	if (load.spins) {
		while (now_us() - begin < load.us[i])
			;
	} else {
		struct timespec t = { 0, (long)(load.us[i] * 1e3) };

		nanosleep(&t, NULL);
	}
	load.lasted[i] = now_us() - begin;
}

/* -- Loads -- */

#define SHORT_US 500.0
#define INDEXES 64

static void
even(size_t n)
{
	load.n = n;
	load.rows = 0;
	for (size_t i = 0; i < n; i++)
		load.us[i] = SHORT_US;
}

static void
one_long(size_t at)
{
	even(INDEXES);
	load.us[at] = 16 * SHORT_US;
}

static void
slope(int falls)
{
	even(INDEXES);
	for (size_t i = 0; i < INDEXES; i++)
		load.us[i] = SHORT_US * 2 * (double)(falls ? INDEXES - i : i + 1) / INDEXES;
}

static uint64_t state;

/* splitmix64: S. Vigna (2015). */
static double
uniform(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (double)((z ^ z >> 31) >> 11) / 9007199254740992.0;
}

/* Costs of Pareto's distribution with this exponent: the smaller, the heavier its
 * tail. */
static void
heavy(size_t n, double exponent)
{
	even(n);
	for (size_t i = 0; i < n; i++) {
		double us = 100 / pow(1 - uniform(), 1 / exponent);

		load.us[i] = us < 20000 ? us : 20000;
	}
}

static void
tiles(void)
{
	slope(1);
	load.rows = 8;
}

static void from_front(void) { one_long(0); }
static void from_middle(void) { one_long(INDEXES / 2); }
static void from_end(void) { one_long(INDEXES - 1); }
static void rising(void) { slope(0); }
static void falling(void) { slope(1); }
static void plain(void) { even(INDEXES); }
static void odd(void) { even(INDEXES + 1); }

static void
heavy_tail(void)
{
	state = 7;
	heavy(INDEXES, 1.1);
}

static const struct {
	const char *name;
	void (*make)(void);
} loads[] = {
	{ "even", plain }, { "one_more", odd }, { "long_front", from_front },
	{ "long_middle", from_middle }, { "long_end", from_end }, { "rising", rising },
	{ "falling", falling }, { "heavy_tail", heavy_tail }, { "tiles", tiles },
};

/* -- One loop -- */

static void
measure(const char *name, int schedule, int workers)
{
	double begin, took, work = 0, longest = 0, bound;

	memset(load.lasted, 0, sizeof(load.lasted));
	begin = now_us();
	if (!balance_run(schedule, load.n, load.rows))
		return;
	took = now_us() - begin;
	for (size_t i = 0; i < load.n; i++) {
		work += load.lasted[i];
		longest = load.lasted[i] > longest ? load.lasted[i] : longest;
		if (load.lasted[i] <= 0) {
			fprintf(stderr, "%s, %s: index %zu was not run\n", name,
			    balance_schedules[schedule], i);
			exit(1);
		}
	}
	bound = work / workers > longest ? work / workers : longest;
	printf("%s %s %s %.4f %.3f %.3f\n", balance_library, balance_schedules[schedule], name,
	    took / bound, (took - bound) / 1e3, bound / 1e3);
}

static void
random_load(uint64_t seed)
{
	state = seed;
	heavy(8 + (size_t)(uniform() * 120), 0.7 + 3 * uniform());
}

/* What list scheduling makes of the load, on paper. */
static void
by_list(int workers)
{
	double free_at[64] = { 0 }, work = 0, longest = 0, took = 0, bound;

	for (size_t i = 0; i < load.n; i++) {
		int first = 0;

		for (int w = 1; w < workers; w++)
			first = free_at[w] < free_at[first] ? w : first;
		free_at[first] += load.us[i];
		took = free_at[first] > took ? free_at[first] : took;
		work += load.us[i];
		longest = load.us[i] > longest ? load.us[i] : longest;
	}
	bound = work / workers > longest ? work / workers : longest;
	printf("list computed random %.4f %.3f %.3f\n", took / bound, (took - bound) / 1e3,
	    bound / 1e3);
}

int
main(int argc, char **argv)
{
	const char *mode = argc > 2 ? argv[1] : "";
	int workers = argc > 2 ? atoi(argv[2]) : 0;
	unsigned long long seed, count;

	if (workers < 1 || workers > 64 || (argc == 5) != (strcmp(mode, "random") == 0
	    || strcmp(mode, "list") == 0)) {
		fprintf(stderr, "usage: balance sleep|spin WORKERS, which are 1 to 64\n"
		    "       balance random|list WORKERS SEED COUNT\n");
		return 2;
	}
	if (strcmp(mode, "list") == 0) {
		seed = strtoull(argv[3], NULL, 10);
		count = strtoull(argv[4], NULL, 10);
		for (unsigned long long i = 0; i < count; i++) {
			random_load(seed + i);
			by_list(workers);
		}
		return 0;
	}
	load.spins = strcmp(mode, "spin") == 0;
	balance_begin(workers);
	/* Once without measuring: threads are started. */
	even(INDEXES);
	for (int s = 0; balance_schedules[s] != NULL; s++)
		(void)balance_run(s, load.n, 0);
	if (strcmp(mode, "random") == 0) {
		seed = strtoull(argv[3], NULL, 10);
		count = strtoull(argv[4], NULL, 10);
		for (unsigned long long i = 0; i < count; i++)
			for (int s = 0; balance_schedules[s] != NULL; s++) {
				random_load(seed + i);
				measure("random", s, workers);
			}
	} else {
		for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++)
			for (int s = 0; balance_schedules[s] != NULL; s++) {
				loads[i].make();
				measure(loads[i].name, s, workers);
			}
	}
	balance_end();
	return 0;
}
