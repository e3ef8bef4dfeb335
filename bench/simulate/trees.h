/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SIMULATE_TREES_H
#define SIMULATE_TREES_H

#include "dag.h"

/* The kernel's DAG; false if there is none of that name and size. */
bool dag_generate_tree(struct dag *dag, const char *name, int n, int cut);

#endif /* SIMULATE_TREES_H */
