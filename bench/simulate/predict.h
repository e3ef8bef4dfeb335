/* SPDX-License-Identifier: BSD-2-Clause */
/* A run of a DAG of known work, predicted. */
#ifndef SIMULATE_PREDICT_H
#define SIMULATE_PREDICT_H

#include <stdbool.h>

struct sim_config;

/* Medians over the seeds; where steals lie between the quartiles. */
struct prediction {
	double seconds;
	double steals, steals_low, steals_high;
	double work_ns; /* of the DAG, as scaled */
	double forks;
};

/* work_ns 0: as the DAG says.  Sets the machine's size and begins cold.  False (and a
 * line on standard error) if there is no such DAG or a run failed. */
bool predict(const struct sim_config *config, const char *dag, int workers, double work_ns,
    int seeds, struct prediction *prediction);

/* Runs kernels and DAGs of low parallelism for real, by the executables below `bench`,
 * and prints them beside predictions.  How many are more than `percent` apart that should
 * not be; -1 if something could not run. */
int against(const char *bench, const struct sim_config *config, int seeds, int percent,
    int launches);

#endif /* SIMULATE_PREDICT_H */
