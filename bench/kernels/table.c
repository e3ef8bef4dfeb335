/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The executables serial, filch_typed and filch_plain: the same table, over kernels
 * compiled in that form.
 */
#include "form.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const struct bench_kernel kernels[] = {
#define ROW(name) { #name, bench_##name },
	FORM_KERNEL_MAP(ROW)
#undef ROW
	{ NULL, NULL }
};

#ifdef BENCH_SERIAL

static const struct bench_peer peer = { .kernels = kernels };

#else

/* The default pool is the one that every verb finds, from inside and outside. */
static int
set_workers(uint64_t workers)
{
	char text[24];

	filch_pool_destroy_default();
	snprintf(text, sizeof(text), "%" PRIu64, workers);
	if (setenv("FILCH_WORKERS", text, 1) != 0)
		return -1;
	return filch_pool_default() == NULL;
}

static filch_metrics before;

static void
before_run(void)
{
	filch_metrics_snapshot(NULL, &before, sizeof(before));
}

static uint64_t
sum_over_distances(const uint64_t counter[FILCH_DISTANCES])
{
	uint64_t sum = 0;

	for (size_t i = 0; i < FILCH_DISTANCES; i++)
		sum += counter[i];
	return sum;
}

static void
print_stats(void)
{
	filch_metrics after;

	if (filch_metrics_snapshot(NULL, &after, sizeof(after)) != 0)
		return;

	const filch_worker_metrics *a = &after.sum, *b = &before.sum;

	printf(" steals=%" PRIu64 " steal_attempts=%" PRIu64,
	    sum_over_distances(a->steals) - sum_over_distances(b->steals),
	    sum_over_distances(a->steal_attempts) - sum_over_distances(b->steal_attempts));
#define COUNTER(field, name, help) printf(" " #field "=%" PRIu64, a->field - b->field);
	FILCH_WORKER_COUNTER_MAP(COUNTER)
#undef COUNTER
}

static const struct bench_peer peer = {
	.kernels = kernels, .set_workers = set_workers, .before_run = before_run,
	.print_stats = print_stats, .build = bench_build,
};

#endif

int
main(void)
{
	return bench_serve(&peer);
}
