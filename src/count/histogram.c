/* SPDX-License-Identifier: BSD-2-Clause */
#include "count/histogram.h"

/* The rate as it was measured at the start: a bucket is no matter of 1 %. */
static unsigned
bucket_of(uint64_t ticks)
{
	return flc_bucket(flc_clock_rate > 0 ? (uint64_t)((double)ticks / flc_clock_rate) : ticks);
}

void
flc_histogram_add(struct flc_histogram *histogram, uint64_t ticks, bool shared)
{
	flc_atomic *bucket;

	if (!FLC_COUNTING)
		return;
	bucket = &histogram->bucket[bucket_of(ticks)];
	if (shared) {
		(void)flc_add_full(&histogram->sum, ticks);
		(void)flc_add_full(bucket, 1);
		return;
	}
	flc_store_release(&histogram->sum, flc_load_relaxed(&histogram->sum) + ticks);
	/* release [count.order]: the count that this duration is of. */
	flc_store_release(bucket, flc_load_relaxed(bucket) + 1);
}

void
flc_histogram_read(const struct flc_histogram *histogram, filch_histogram *copy)
{
	/* acquire [count.order]: the counts that these are of. */
	for (unsigned k = 0; k < FILCH_HISTOGRAM_BUCKETS; k++)
		copy->count[k] = flc_load_acquire(&histogram->bucket[k]);
	copy->sum_ns = flc_ticks_to_ns(flc_load_acquire(&histogram->sum));
}
