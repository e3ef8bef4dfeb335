/* SPDX-License-Identifier: BSD-2-Clause */
/* Results as lines (kernels) and columns (peers) of one group. */
#ifndef BENCH_VIEW_H
#define BENCH_VIEW_H

#include "result.h"

#define VIEW_LINES 64
#define VIEW_PEERS 32

struct view_line {
	const char *kernel;
	unsigned long long n;  /* meaningless unless the view is by size */
};

struct view {
	const struct results *results;
	const char *group;
	int by_size;           /* a line per kernel and n, not per kernel */
	struct view_line line[VIEW_LINES];
	size_t lines;
	const char *peer[VIEW_PEERS];
	size_t peers;
};

/* In the order of first appearance. */
struct view view_make(const struct results *results, const char *group, int by_size);

/* The measured place, or NULL.  "serial" has one worker, whatever is asked. */
const struct result *view_at(const struct view *view, size_t line, const char *peer, int workers);

/*
 * a's time over b's: per task where both know their tasks (sizes may then differ), else
 * only for the same n.  NAN where that cannot be said.
 */
double view_ratio(const struct result *a, const struct result *b);

/* The fastest peer of the line that is neither ours nor serial, or NULL. */
const struct result *view_best(const struct view *view, size_t line, int workers);

int peer_is_ours(const char *peer);
int peer_is_serial(const char *peer);

#endif /* BENCH_VIEW_H */
