/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program of bench-balance is made of: the loads and the clock (balance.c), and
 * one library's loops. */
#ifndef BALANCE_H
#define BALANCE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Runs one index, or one tile: waits as long as the load says. */
void balance_index(size_t i);

/* The library's name, and its schedules; the last is NULL. */
extern const char balance_library[];
extern const char *const balance_schedules[];

void balance_begin(int workers);
void balance_end(void);

/* Runs the indexes 0 to n - 1; rows > 0: n is rows times rows tiles.  False: the library
 * has no loop over tiles. */
int balance_run(int schedule, size_t n, size_t rows);

#ifdef __cplusplus
}
#endif

#endif /* BALANCE_H */
