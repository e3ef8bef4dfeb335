/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Heapsort of numbers by what they stand for: neither qsort(), which may allocate, nor
 * the system's qsort_r() of which there are two.
 */
#ifndef FLC_SORT_H
#define FLC_SORT_H

#include <stdbool.h>
#include <stddef.h>

typedef bool flc_before_fn(const void *context, unsigned a, unsigned b);

/* Sorts n numbers in place; equal ones in any order.  O(n log n). */
void flc_sort(unsigned *numbers, size_t n, flc_before_fn *before, const void *context);

#endif /* FLC_SORT_H */
