/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SIMULATE_TABLES_H
#define SIMULATE_TABLES_H

#include "sim.h"

/* The shipped choice. */
struct policy default_policy(void);

/* Mean over the seeds; false (and a line on standard error) if one failed. */
bool mean_result(const struct dag *dag, const struct sim_config *config, int seeds,
    struct sim_result *mean);

/* Prints a table in Markdown; false if there is none of that name. */
bool table_print(const char *name, const struct sim_config *config, int seeds);
const char *table_names(void);

#endif /* SIMULATE_TABLES_H */
