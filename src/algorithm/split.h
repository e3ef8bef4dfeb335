/* SPDX-License-Identifier: BSD-2-Clause */
/* Items put in the order of their classes: what splits, partitions and counting sorts
 * share. */
#ifndef FLC_SPLIT_H
#define FLC_SPLIT_H

#include "algorithm/blocks.h"

#include <filch/pack.h>

struct flc_split {
	/* The classes of n items, at most FILCH_PACK_ITEMS, from item begin on. */
	int (*classify)(const struct flc_split *split, size_t begin, size_t n,
	    uint32_t *class_of);
	/* Item `from` goes to place `to`. */
	void (*put)(const struct flc_split *split, size_t from, size_t to);
	size_t n, size;          /* items, and bytes that each takes of a cache */
};

/* offsets has classes + 1 entries and is written on success.  What filch_split() says. */
int flc_split_run(const struct flc_split *how, size_t classes, size_t *offsets,
    const filch_for_options *options);

#endif /* FLC_SPLIT_H */
