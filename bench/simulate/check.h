/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SIMULATE_CHECK_H
#define SIMULATE_CHECK_H

#include <stdbool.h>
#include <stdint.h>

extern int checks, failures;

void expect(const char *what, int64_t is, int64_t should_be);
void expect_true(const char *what, bool fact);

/* Descriptions of machines, and the order of victims on them. */
void check_machines(void);

#endif /* SIMULATE_CHECK_H */
