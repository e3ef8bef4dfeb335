/* SPDX-License-Identifier: BSD-2-Clause */
/* What the examples with a pipeline share: the table of its stages, --workers. */
#ifndef STAGES_H
#define STAGES_H

#include <filch.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* How many threads of the pool work at once. */
static inline size_t
workers_of(filch_pool *pool)
{
	filch_metrics metrics;

	return filch_metrics_snapshot(pool, &metrics, sizeof(metrics)) == FILCH_OK
	    && metrics.workers > 0 ? metrics.workers : 1;
}

/* A row for each stage; `items` is what its items are called, "blocks". */
static inline void
print_stages(FILE *out, const filch_pipeline *pipeline, const char *items, size_t workers)
{
	filch_stage_metrics stats;

	fprintf(out, "%-10s %8s %10s %7s %8s %12s %9s\n", "stage", items, "busy ms", "busy",
	    "waited", "wait ms", "most wait");
	for (size_t s = 0; filch_pipeline_stats(pipeline, s, &stats, sizeof(stats)) == FILCH_OK;
	    s++) {
		double elapsed = (double)stats.elapsed_ns;

		if (stats.kind == FILCH_STAGE_PARALLEL)
			elapsed *= (double)workers;
		fprintf(out, "%-10s %8" PRIu64 " %10.1f %6.1f%% %8" PRIu64 " %12.1f %9zu\n",
		    stats.name, stats.items, (double)stats.busy_ns * 1e-6,
		    elapsed > 0 ? 100 * (double)stats.busy_ns / elapsed : 0, stats.waits,
		    (double)stats.wait_ns * 1e-6, stats.waiting_max);
	}
	fprintf(out, "read waits for one of %zu tokens (backpressure of what follows), the others "
	    "for their turn\n\n", filch_pipeline_tokens(pipeline));
}

#define WORKERS_MAX 1024

/* The text of --workers; -1: told what is wrong. */
static inline int
parse_workers(const char *program, const char *text, size_t *workers)
{
	char *end;
	unsigned long number;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0
	    && number >= 1 && number <= WORKERS_MAX) {
		*workers = number;
		return 0;
	}
	fprintf(stderr, "%s: --workers got '%s'; allowed is a whole number from 1 to %d; "
	    "leave the option out for as many as there are cores\n", program, text, WORKERS_MAX);
	return -1;
}

#endif /* STAGES_H */
