/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scans: every partial result of a fold, in order.
 *
 * One pass over the array: a block whose predecessor is done is scanned at once; any
 * other is folded first and scanned from the cache when the sum before it is known, after
 * D. Merrill and M. Garland, "Single-pass Parallel Prefix Scan with Decoupled Look-back"
 * (2016).  No block waits for another for longer than it worked itself.
 *
 * The blocks depend on the number and the size of the items only (and on grain_exact and
 * grain_min), and the sum before a block is the fold of the sums of the blocks before it,
 * in order: so a scan has the same bits for any number of workers, also in floating
 * point, where they may differ from those of a serial loop.  With an operator that is
 * associative to the bit they are those of the serial loop.  It need not be commutative.
 */
#ifndef FILCH_SCAN_H
#define FILCH_SCAN_H

#include <filch/base.h>
#include <filch/loop.h>

/* The part of a typed face that is stamped per type; folds into *total, or scans from
 * *carry on and folds into *total unless that is NULL.  Returns whether there was a
 * head. */
typedef int filch_scan_fold_(const void *items, const unsigned char *heads, size_t n,
    void *total);
typedef int filch_scan_step_(const void *items, const unsigned char *heads, void *out,
    size_t n, void *carry, void *total, int exclusive);

/* An operator over items of one size. */
typedef struct filch_operator {
	size_t size;               /* of an item */
	const void *identity;      /* such an item; it stands left of the first */
	int (*combine)(void *context, void *into, const void *right); /* into = into . right;
	                              non-zero fails the call; runs on any worker, several at
	                              once on different values of `into` */
	void *context;
	filch_scan_fold_ *fold_;   /* of typed faces; NULL: combine is called */
	filch_scan_step_ *step_;
} filch_operator;

/*
 * out[i] = identity . items[0] . ... . items[i], for n items of op->size bytes.
 *
 * out may be items; else both must not overlap (FILCH_INVAL).  Of the options pool,
 * grain_exact and grain_min (items in a block), max_workers, cancel, stop_at, progress
 * (items) and name count.  Returns what filch_for() does, with blocks as its chunks, and
 * FILCH_NOMEM without memory for the sums of the blocks (some 128 bytes for 256 KiB of
 * items) and FILCH_INVAL for a size of 0 or an array beyond the address space.  After a
 * failure out holds the results of some blocks, and else what it held before: an array
 * scanned in place is lost then.  combine is called twice for each item, but in the first
 * block; on values aligned to 16 bytes, and on items where they are.
 */
FILCH_API int filch_scan(const void *items, void *out, size_t n, const filch_operator *op,
    const filch_for_options *options);

/* out[i] = identity . items[0] . ... . items[i - 1]; and *total, unless total is NULL, is
 * the fold of all items, written on success only. */
FILCH_API int filch_scan_exclusive(const void *items, void *out, size_t n, void *total,
    const filch_operator *op, const filch_for_options *options);

/*
 * The same in segments: where heads[i] is not 0 a new one begins at item i, with the
 * identity.  heads has n entries, is not written, and overlaps no out.
 */
FILCH_API int filch_scan_segments(const void *items, const unsigned char *heads, void *out,
    size_t n, const filch_operator *op, const filch_for_options *options);
FILCH_API int filch_scan_segments_exclusive(const void *items, const unsigned char *heads,
    void *out, size_t n, const filch_operator *op, const filch_for_options *options);

/* One item of a scan, stamped for each form: what is written, where it begins anew. */
#define FILCH_SCAN_ITEM_(type, a, b, expr, variable_, item_) \
	{ \
		const type a = variable_; \
		const type b = item_; \
		variable_ = (expr); \
	}

/*
 * FILCH_DEFINE_SCAN(name, type, a, b, expr, identity);
 *
 * Defines, with expr the fold of a (so far) and b (next), both of the type:
 *
 *     static int name(const type *items, type *out, size_t n, const filch_for_options *);
 *     static int name_exclusive(const type *items, type *out, size_t n, type *total,
 *         const filch_for_options *);
 *     static int name_segments(const type *items, const unsigned char *heads, type *out,
 *         size_t n, const filch_for_options *);
 *     static int name_segments_exclusive(the same);
 *
 * which do what the functions above do, without a call per item.
 *
 *     FILCH_DEFINE_SCAN(scan_long, long, a, b, a + b, 0);
 *     status = scan_long(values, sums, n, NULL);
 */
#define FILCH_DEFINE_SCAN(name, type, a, b, expr, identity_) \
	static int \
	name##_fold_(const void *items_, const unsigned char *heads_, size_t n_, void *total_) \
	{ \
		const type *item_ = FLC_AS_(const type *, items_); \
		const type start_ = (identity_); \
		type sum_ = *FLC_AS_(const type *, total_); \
		int headed_ = 0; \
		if (heads_ == NULL) \
			for (size_t i_ = 0; i_ < n_; i_++) \
				FILCH_SCAN_ITEM_(type, a, b, expr, sum_, item_[i_]) \
		else \
			for (size_t i_ = 0; i_ < n_; i_++) { \
				if (heads_[i_] != 0) { \
					sum_ = start_; \
					headed_ = 1; \
				} \
				FILCH_SCAN_ITEM_(type, a, b, expr, sum_, item_[i_]) \
			} \
		*FLC_AS_(type *, total_) = sum_; \
		return headed_; \
	} \
	static int \
	name##_step_segments_(const type *item_, const unsigned char *heads_, type *to_, \
	    size_t n_, type *carry_, type *total_, int exclusive_) \
	{ \
		const type start_ = (identity_); \
		type run_ = *carry_, sum_ = total_ != NULL ? *total_ : start_; \
		int headed_ = 0; \
		for (size_t i_ = 0; i_ < n_; i_++) { \
			const type next_ = item_[i_]; \
			if (heads_[i_] != 0) { \
				run_ = start_; \
				sum_ = start_; \
				headed_ = 1; \
			} \
			if (exclusive_) \
				to_[i_] = run_; \
			FILCH_SCAN_ITEM_(type, a, b, expr, run_, next_) \
			FILCH_SCAN_ITEM_(type, a, b, expr, sum_, next_) \
			if (!exclusive_) \
				to_[i_] = run_; \
		} \
		*carry_ = run_; \
		if (total_ != NULL) \
			*total_ = sum_; \
		return headed_; \
	} \
	static int \
	name##_step_(const void *items_, const unsigned char *heads_, void *out_, size_t n_, \
	    void *carry_, void *total_, int exclusive_) \
	{ \
		const type *item_ = FLC_AS_(const type *, items_); \
		type *to_ = FLC_AS_(type *, out_); \
		type run_ = *FLC_AS_(const type *, carry_); \
		type sum_ = total_ != NULL ? *FLC_AS_(const type *, total_) : run_; \
		if (heads_ != NULL) \
			return name##_step_segments_(item_, heads_, to_, n_, \
			    FLC_AS_(type *, carry_), FLC_AS_(type *, total_), exclusive_); \
		if (exclusive_) \
			for (size_t i_ = 0; i_ < n_; i_++) { \
				const type next_ = item_[i_]; \
				to_[i_] = run_; \
				FILCH_SCAN_ITEM_(type, a, b, expr, run_, next_) \
				FILCH_SCAN_ITEM_(type, a, b, expr, sum_, next_) \
			} \
		else if (total_ != NULL) \
			for (size_t i_ = 0; i_ < n_; i_++) { \
				const type next_ = item_[i_]; \
				FILCH_SCAN_ITEM_(type, a, b, expr, run_, next_) \
				FILCH_SCAN_ITEM_(type, a, b, expr, sum_, next_) \
				to_[i_] = run_; \
			} \
		else \
			for (size_t i_ = 0; i_ < n_; i_++) { \
				FILCH_SCAN_ITEM_(type, a, b, expr, run_, item_[i_]) \
				to_[i_] = run_; \
			} \
		*FLC_AS_(type *, carry_) = run_; \
		if (total_ != NULL) \
			*FLC_AS_(type *, total_) = sum_; \
		return 0; \
	} \
	FLC_MAY_BE_UNUSED_ static int \
	name(const type *items_, type *out_, size_t n_, const filch_for_options *options_) \
	{ \
		const type start_ = (identity_); \
		const filch_operator op_ = { sizeof(type), &start_, NULL, NULL, \
			name##_fold_, name##_step_ }; \
		return filch_scan(items_, out_, n_, &op_, options_); \
	} \
	FLC_MAY_BE_UNUSED_ static int \
	name##_exclusive(const type *items_, type *out_, size_t n_, type *total_, \
	    const filch_for_options *options_) \
	{ \
		const type start_ = (identity_); \
		const filch_operator op_ = { sizeof(type), &start_, NULL, NULL, \
			name##_fold_, name##_step_ }; \
		return filch_scan_exclusive(items_, out_, n_, total_, &op_, options_); \
	} \
	FLC_MAY_BE_UNUSED_ static int \
	name##_segments(const type *items_, const unsigned char *heads_, type *out_, size_t n_, \
	    const filch_for_options *options_) \
	{ \
		const type start_ = (identity_); \
		const filch_operator op_ = { sizeof(type), &start_, NULL, NULL, \
			name##_fold_, name##_step_ }; \
		return filch_scan_segments(items_, heads_, out_, n_, &op_, options_); \
	} \
	FLC_MAY_BE_UNUSED_ static int \
	name##_segments_exclusive(const type *items_, const unsigned char *heads_, type *out_, \
	    size_t n_, const filch_for_options *options_) \
	{ \
		const type start_ = (identity_); \
		const filch_operator op_ = { sizeof(type), &start_, NULL, NULL, \
			name##_fold_, name##_step_ }; \
		return filch_scan_segments_exclusive(items_, heads_, out_, n_, &op_, options_); \
	} \
	struct name##_semicolon_

#endif /* FILCH_SCAN_H */
