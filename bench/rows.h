/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What to measure: a text file, one row a line, '#' begins a comment.
 *
 *     GROUP KERNEL WORKERS SIZE...
 *     fork  fib    1,2,16  *=38:126491971 tbb,gomp,omp=27:832039 chili=-
 *
 * A SIZE is PEERS=N or PEERS=N:TASKS, or PEERS=- to leave these peers out.  Peers are
 * named as on the driver's command line; "*" is any peer that no other SIZE of the row
 * names.  TASKS lets different N be compared per task.
 */
#ifndef BENCH_ROWS_H
#define BENCH_ROWS_H

#include <stddef.h>

#define ROW_WORKERS 8
#define ROW_SIZES 12

struct row_size {
	char peers[128];
	unsigned long long n;
	double tasks;  /* 0: not known */
	int skip;
};

struct row {
	char group[16];
	char kernel[32];
	int workers[ROW_WORKERS];
	size_t worker_count;
	struct row_size sizes[ROW_SIZES];
	size_t size_count;
};

struct rows {
	struct row *row;
	size_t count;
};

/* Reads path; on failure prints the place to standard error, non-zero. */
int rows_read(struct rows *rows, const char *path);
void rows_free(struct rows *rows);

/* The size for that peer, or NULL if the row leaves it out. */
const struct row_size *row_size_for(const struct row *row, const char *peer);

/* Whether name is one of a comma-separated list. */
int list_has(const char *list, const char *name);

#endif /* BENCH_ROWS_H */
