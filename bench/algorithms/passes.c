/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * passes [N [ROUNDS]]: scan, pack and histogram of N items beside the best serial loop,
 * and, built with PASSES_TBB, beside oneTBB.  Medians of interleaved rounds; each result
 * is compared with the serial one's.
 */
#include "passes.h"

#include <filch.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

FILCH_DEFINE_SCAN(scan_i64, int64_t, a, b, a + b, 0);
FILCH_DEFINE_PACK(pack_odd, int64_t, x, x & 1);

#define MOST_ROUNDS 101
#define TABLES 8

static int64_t *in, *out, *wanted;
static size_t n, rounds, chosen, counted;
static uint64_t counts[256], wanted_counts[256];
static filch_for_options how = FILCH_FOR_OPTIONS_INIT;

static void
must(int fact, const char *what)
{
	if (fact)
		return;
	fprintf(stderr, "passes: %s\n", what);
	exit(1);
}

/* -- What is timed -- */

static void
serial_scan(void)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		sum += in[i];
		wanted[i] = sum;
	}
}

static void
filch_scan_all(void)
{
	must(scan_i64(in, out, n, &how) == FILCH_OK, "scan failed");
}

#ifdef PASSES_TBB
static void
tbb_scan(void)
{
	passes_tbb_scan(in, out, n);
}
#endif

static int
is_scanned(void)
{
	return memcmp(out, wanted, n * sizeof(*out)) == 0;
}

/* Without branches. */
static void
serial_pack(void)
{
	counted = 0;
	for (size_t i = 0; i < n; i++) {
		int64_t x = in[i];

		wanted[counted] = x;
		counted += (size_t)(x & 1);
	}
}

static void
filch_pack_all(void)
{
	must(pack_odd(in, out, n, &chosen, &how) == FILCH_OK, "pack failed");
}

static int
is_packed(void)
{
	return chosen == counted && memcmp(out, wanted, chosen * sizeof(*out)) == 0;
}

/* Eight tables: the best of one, four and eight. */
static void
serial_histogram(void)
{
	static uint32_t table[TABLES][256];
	const uint8_t *byte = (const uint8_t *)in;
	size_t i = 0;

	memset(table, 0, sizeof(table));
	/* By hand: gcc -O2 leaves it a loop, which takes twice the time. */
	for (; i + TABLES <= n; i += TABLES) {
		uint64_t eight;

		memcpy(&eight, byte + i, sizeof(eight));
		table[0][eight & 255]++;
		table[1][eight >> 8 & 255]++;
		table[2][eight >> 16 & 255]++;
		table[3][eight >> 24 & 255]++;
		table[4][eight >> 32 & 255]++;
		table[5][eight >> 40 & 255]++;
		table[6][eight >> 48 & 255]++;
		table[7][eight >> 56]++;
	}
	for (; i < n; i++)
		table[0][byte[i]]++;
	for (size_t v = 0; v < 256; v++) {
		wanted_counts[v] = 0;
		for (size_t t = 0; t < TABLES; t++)
			wanted_counts[v] += table[t][v];
	}
}

static void
filch_histogram_all(void)
{
	must(filch_count_bytes((const uint8_t *)in, n, counts, &how) == FILCH_OK,
	    "histogram failed");
}

static int
is_counted(void)
{
	return memcmp(counts, wanted_counts, sizeof(counts)) == 0;
}

/* -- Rows -- */

struct row {
	const char *name;
	void (*run)(void);
	int (*is_right)(void);      /* NULL: the serial one, which the next are compared with */
	size_t max_workers;
};

static const struct row rows[] = {
	{ "scan serial", serial_scan, NULL, 0 },
	{ "scan filch, one worker", filch_scan_all, is_scanned, 1 },
	{ "scan filch", filch_scan_all, is_scanned, 0 },
#ifdef PASSES_TBB
	{ "scan oneTBB", tbb_scan, is_scanned, 0 },
#endif
	{ "pack serial", serial_pack, NULL, 0 },
	{ "pack filch, one worker", filch_pack_all, is_packed, 1 },
	{ "pack filch", filch_pack_all, is_packed, 0 },
	{ "histogram serial", serial_histogram, NULL, 0 },
	{ "histogram filch, one worker", filch_histogram_all, is_counted, 1 },
	{ "histogram filch", filch_histogram_all, is_counted, 0 },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
run_round(double ms[ROWS][MOST_ROUNDS], size_t round)
{
	for (size_t r = 0; r < ROWS; r++) {
		uint64_t since;

		how.max_workers = rows[r].max_workers;
		since = filch_now();
		rows[r].run();
		ms[r][round] = (double)(filch_now() - since) / 1e6;
		must(rows[r].is_right == NULL || rows[r].is_right(), rows[r].name);
	}
}

int
main(int arguments, char **argument)
{
	static double ms[ROWS][MOST_ROUNDS];
	uint64_t state = 42;
	double serial = 1;

	n = arguments > 1 ? strtoul(argument[1], NULL, 0) : 100000000;
	rounds = arguments > 2 ? strtoul(argument[2], NULL, 0) : 9;
	must(n > 0 && rounds > 0 && rounds <= MOST_ROUNDS, "usage: passes [N [ROUNDS]]");
	in = malloc(n * sizeof(*in));
	out = malloc(n * sizeof(*out));
	wanted = malloc((n + 1) * sizeof(*wanted));
	must(in != NULL && out != NULL && wanted != NULL, "out of memory");
	for (size_t i = 0; i < n; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		in[i] = (int64_t)(state >> 20);
	}
	/* The first touches pages, and makes the pool. */
	run_round(ms, 0);
	for (size_t round = 0; round < rounds; round++)
		run_round(ms, round);
	printf("%-28s %10s %10s\n", "", "ms", "of serial");
	for (size_t r = 0; r < ROWS; r++) {
		double median;

		qsort(ms[r], rounds, sizeof(double), by_value);
		median = ms[r][rounds / 2];
		serial = rows[r].is_right == NULL ? median : serial;
		printf("%-28s %10.3f %10.2f\n", rows[r].name, median, median / serial);
	}
	free(in);
	free(out);
	free(wanted);
	return 0;
}
