/* SPDX-License-Identifier: BSD-2-Clause */
#include "leaf.h"
#include "workload.h"

#include <stdlib.h>
#include <string.h>

#define STEPS 50

void
leaf_heat_rows(const double *restrict from, double *restrict to, size_t n, size_t begin,
    size_t end)
{
	for (size_t i = begin; i < end; i++) {
		const double *row = from + i * n;

		for (size_t j = 1; j < n - 1; j++)
			to[i * n + j] = row[j] + 0.125 * (row[j - 1] + row[j + 1] +
			    row[j - n] + row[j + n] - 4 * row[j]);
	}
}

static void
heat_destroy(void *data)
{
	struct leaf_heat *heat = data;

	free(heat->cell[0]);
	free(heat->cell[1]);
	free(heat);
}

static void *
heat_create(uint64_t n)
{
	struct leaf_heat *heat = calloc(1, sizeof(*heat));

	if (heat == NULL || n < 3 || n > 32768) {
		free(heat);
		return NULL;
	}
	heat->n = n;
	heat->steps = STEPS;
	heat->cell[0] = workload_alloc(n * n * sizeof(double));
	heat->cell[1] = workload_alloc(n * n * sizeof(double));
	if (heat->cell[0] == NULL || heat->cell[1] == NULL) {
		heat_destroy(heat);
		return NULL;
	}
	return heat;
}

/* One hot border. */
static void
heat_reset(void *data)
{
	struct leaf_heat *heat = data;

	for (int k = 0; k < 2; k++) {
		memset(heat->cell[k], 0, heat->n * heat->n * sizeof(double));
		for (size_t j = 0; j < heat->n; j++)
			heat->cell[k][j] = 100;
	}
}

static uint64_t
heat_check(const void *data)
{
	const struct leaf_heat *heat = data;

	return workload_hash(heat->cell[0], heat->n * heat->n);
}

const struct workload workload_heat = {
	.name = "heat", .full = 1024, .small = 128, .create = heat_create,
	.reset = heat_reset, .check = heat_check, .destroy = heat_destroy,
};
