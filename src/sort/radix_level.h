/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A large number sort: by levels.  A level counts its keys in up to 2^13 bins, scatters
 * them in groups of bins to another array, and sorts the groups, each on one thread:
 * split into its bins by the counts there are already, and these by radix_kernel.h.  A
 * group that is too large for one thread is a level of its own.
 *
 * A level that ends early leaves all keys in the caller's array, mapped back.
 */
#ifndef FLC_RADIX_LEVEL_H
#define FLC_RADIX_LEVEL_H

#include "sort/radix.h"
#include "sort/sort_call.h"

/* What one thread works in, of one sort. */
struct flc_radix_local {
	void *bins;        /* see struct flc_radix_room */
	uint32_t *counts;
	void *lines;       /* of scatter */
	void *keys;        /* room for FLC_RADIX_LOCAL_KEYS */
};

#define FLC_RADIX_LOCAL_KEYS ((size_t)1 << 16)

struct flc_radix_job {
	struct flc_sort_call call;
	const struct flc_radix_kernels *kernels;
	struct flc_radix_order order;
	char *keys;
	size_t n;
	size_t slots;
	struct flc_radix_local **local;  /* of each worker, or NULL; written by it alone */
};

/* False: no memory, and nothing to end. */
bool flc_radix_job_begin(struct flc_radix_job *job, const struct flc_worker *worker);
void flc_radix_job_end(struct flc_radix_job *job);

/* Of the calling worker; NULL without memory. */
struct flc_radix_local *flc_radix_job_local(struct flc_radix_job *job);

/* Sorts the keys.  FILCH_NOMEM: nothing is done. */
int flc_radix_job_run(struct flc_radix_job *job);

#endif /* FLC_RADIX_LEVEL_H */
