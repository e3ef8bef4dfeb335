/* SPDX-License-Identifier: BSD-2-Clause */
#include "predict.h"

#include "sim.h"

#include <stdio.h>
#include <stdlib.h>

#define SEEDS_MAX 101

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static bool
run_seeds(const struct dag *dag, const struct sim_config *config, int seeds,
    struct prediction *prediction)
{
	double seconds[SEEDS_MAX], steals[SEEDS_MAX];
	struct sim_config seeded = *config;
	struct sim_result result;

	for (int i = 0; i < seeds; i++) {
		seeded.seed = config->seed + (uint64_t)i;
		if (!simulate(dag, &seeded, &result))
			return false;
		seconds[i] = (double)result.time / 1e9;
		steals[i] = (double)result.steals;
	}
	qsort(seconds, (size_t)seeds, sizeof(double), by_value);
	qsort(steals, (size_t)seeds, sizeof(double), by_value);
	prediction->seconds = seconds[seeds / 2];
	prediction->steals = steals[seeds / 2];
	prediction->steals_low = steals[seeds / 4];
	prediction->steals_high = steals[seeds - 1 - seeds / 4];
	return true;
}

bool
predict(const struct sim_config *config, const char *name, int workers, double work_ns,
    int seeds, struct prediction *prediction)
{
	struct sim_config sized = *config;
	struct dag dag;

	if (seeds > SEEDS_MAX || !dag_generate(&dag, name)) {
		fprintf(stderr, "simulate: no such DAG, or too large: %s\n", name);
		return false;
	}
	if (work_ns > 0)
		dag_scale(&dag, work_ns);
	struct dag_size size = dag_measure(&dag);

	prediction->work_ns = (double)size.work;
	prediction->forks = (double)size.forks;
	sized.machine = machine_typical(workers);
	sized.cold = true;
	bool ok = run_seeds(&dag, &sized, seeds, prediction);

	dag_fini(&dag);
	if (!ok)
		fprintf(stderr, "simulate: a run of %s failed\n", name);
	return ok;
}
