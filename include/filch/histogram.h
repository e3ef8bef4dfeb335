/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Histograms: how many items fall into each bin.
 *
 * Each worker counts in tables of its own, several for few bins, so that neighbours that
 * are equal do not wait for each other.  The counts are added up at the end.  Options and
 * failures are those of <filch/pack.h>; the counts are written on success only.  A
 * counting sort is filch_split() with the key as the class.
 */
#ifndef FILCH_HISTOGRAM_H
#define FILCH_HISTOGRAM_H

#include <filch/base.h>
#include <filch/loop.h>
#include <filch/pack.h>

/* counts[v] is how many of n bytes are v.  It takes 2 KiB of memory per worker. */
FILCH_API int filch_count_bytes(const uint8_t *items, size_t n, uint64_t counts[256],
    const filch_for_options *options);

/*
 * counts[b] is how many of n items of `size` bytes belong to bin b, of which there are
 * `bins`, at least one: classify says it as in filch_split(), but it is asked once for
 * each item.  FILCH_INVAL for a bin that does not exist.  It takes 8 bytes per bin and
 * worker, 32 up to 1024 bins; FILCH_NOMEM without them.
 */
FILCH_API int filch_count_bins(const void *items, size_t n, size_t size, size_t bins,
    filch_classify_fn *classify, void *context, uint64_t *counts,
    const filch_for_options *options);

/*
 * FILCH_DEFINE_COUNT_BINS(name, type, x, expr);
 *
 * Defines `static int name(const type *items, size_t n, size_t bins, uint64_t *counts,
 * const filch_for_options *options)`, with expr the number of the bin of x.
 *
 *     FILCH_DEFINE_COUNT_BINS(count_days, event, x, x.day % 7);
 *     status = count_days(events, n, 7, counts, NULL);
 */
#define FILCH_DEFINE_COUNT_BINS(name, type, x, expr) \
	static int \
	name##_classify_(void *context_, const void *items_, size_t n_, uint32_t *bin_of_) \
	{ \
		const type *item_ = FLC_AS_(const type *, items_); \
		(void)context_; \
		for (size_t i_ = 0; i_ < n_; i_++) { \
			const type x = item_[i_]; \
			bin_of_[i_] = FLC_AS_(uint32_t, expr); \
		} \
		return FILCH_OK; \
	} \
	FLC_MAY_BE_UNUSED_ static int \
	name(const type *items_, size_t n_, size_t bins_, uint64_t *counts_, \
	    const filch_for_options *options_) \
	{ \
		return filch_count_bins(items_, n_, sizeof(type), bins_, name##_classify_, NULL, \
		    counts_, options_); \
	} \
	struct name##_semicolon_

#endif /* FILCH_HISTOGRAM_H */
