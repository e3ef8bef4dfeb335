/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether what a program synchronises by belongs to this process. */
#ifndef FLC_MADE_H
#define FLC_MADE_H

#include "base/atomic.h"
#include "base/fork_generation.h"

#include <filch/base.h>

/* FILCH_OK, also at the first use, which is noted; FILCH_FORKED in a child. */
int flc_made_slowly(flc_atomic *made);

static inline int
flc_made(size_t *word)
{
	flc_atomic *made = (flc_atomic *)word;
	/* acquire [sync.made]: what stands in it since its first use. */
	size_t generation = flc_load_acquire(made);

	if (FLC_LIKELY(generation != 0 && !flc_generation_is_old(generation)))
		return FILCH_OK;
	return flc_made_slowly(made);
}

#endif /* FLC_MADE_H */
