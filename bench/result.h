/* SPDX-License-Identifier: BSD-2-Clause */
/* One measured figure: a kernel of one size by one peer on so many workers. */
#ifndef BENCH_RESULT_H
#define BENCH_RESULT_H

#include "machine.h"

#include <stddef.h>

struct result {
	char group[16];
	char peer[32];
	char kernel[32];
	unsigned long long n;
	double tasks;         /* 0: not known */
	int workers;
	char status[16];      /* ok, crash, timeout, unsupported, mismatch, missing */
	double seconds;       /* median over the launches */
	double low, high;     /* its 95 % interval */
	int launches;         /* that count */
	int dropped;          /* that foreign load spoiled */
	int disturbed;        /* too few were clean: the least spoiled ones count too */
	double cpu_seconds;   /* of the process per run, its start included */
	double rss_kb;        /* peak */
	char checksum[80];
	char stats[1024];      /* key=value pairs, medians over the launches */
};

struct results {
	struct machine machine;
	struct result *result;
	size_t count;
};

int result_is_ok(const struct result *result);

/* Appends a zeroed result; NULL without memory. */
struct result *results_add(struct results *results);
void results_free(struct results *results);

/* Both print to standard error what went wrong, and return non-zero. */
int results_write(const struct results *results, const char *path);
int results_read(struct results *results, const char *path);

/* NULL if there is none. */
const struct result *results_find(const struct results *results, const char *kernel,
    const char *peer, unsigned long long n, int workers);

#endif /* BENCH_RESULT_H */
