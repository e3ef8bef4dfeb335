/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Selecting: which items of an array stay, and where the others go.  All of it is stable:
 * items that go to the same place keep their order.
 *
 * Options are those of loops (<filch/loop.h>): pool, grain_exact and grain_min (items in
 * a block), max_workers, cancel, stop_at, progress (items) and name count.  Every call
 * returns what filch_for() does, with blocks as its chunks; FILCH_NOMEM without memory
 * (some 200 bytes for 256 KiB of items, unless more is said; typed faces use 256 KiB for
 * each worker if there are), when nothing was written; and FILCH_INVAL for a size of 0,
 * for arrays that are larger than memory can be, and for those that overlap where this is
 * not allowed.  The counts that a call hands out are written on success only.  After
 * another failure the items in an array of the caller's that is written are of no use: a
 * call in place has lost some.
 */
#ifndef FILCH_PACK_H
#define FILCH_PACK_H

#include <filch/base.h>
#include <filch/loop.h>

/* Items in one call of a test or a classifier, at most. */
#define FILCH_PACK_ITEMS 256

/*
 * Says for each of n items, of which there are at most FILCH_PACK_ITEMS, whether it is
 * chosen: yes[i] is 0 or not.  Non-zero fails the call.  It runs on any worker, several
 * at once, and may be asked twice for an item, when it must say the same again: if it
 * does not, the call fails with FILCH_INVAL.
 */
typedef int filch_test_fn(void *context, const void *items, size_t n, unsigned char *yes);

/*
 * Copies the chosen ones of n items of `size` bytes to out, in order, and their number to
 * *chosen.  out has room for n items, and what stands behind the chosen ones there is of
 * no use afterwards.  It may be items, which is then packed in place (the moves at the
 * end are one thread's); else both do not overlap.
 */
FILCH_API int filch_pack(const void *items, void *out, size_t n, size_t size,
    filch_test_fn *test, void *context, size_t *chosen, const filch_for_options *options);

/* The same for the items whose flags[i] is not 0; flags overlaps no out. */
FILCH_API int filch_pack_flags(const void *items, const unsigned char *flags, void *out,
    size_t n, size_t size, size_t *chosen, const filch_for_options *options);

/* Removes the chosen items of an array in place; *left is how many are left. */
FILCH_API int filch_remove(void *items, size_t n, size_t size, filch_test_fn *test,
    void *context, size_t *left, const filch_for_options *options);

/*
 * Copies to out what differs from the item before it: of each row of equal ones the
 * first.  same() says whether b, which follows a, is equal; by a key, if it compares
 * keys.  out may be items, or does not overlap.  Packed in place it needs memory for an
 * item more per block.
 */
FILCH_API int filch_unique(const void *items, void *out, size_t n, size_t size,
    int (*same)(void *context, const void *a, const void *b), void *context, size_t *chosen,
    const filch_for_options *options);

/* Copies the chosen items to the front of out, the others behind them, and the number of
 * the former to *chosen.  out and items do not overlap. */
FILCH_API int filch_partition(const void *items, void *out, size_t n, size_t size,
    filch_test_fn *test, void *context, size_t *chosen, const filch_for_options *options);

/*
 * Says to which class each of n items belongs, of which there are at most
 * FILCH_PACK_ITEMS: class_of[i] is less than the number of classes, else the call fails
 * with FILCH_INVAL.  For the rest as filch_test_fn.
 */
typedef int filch_classify_fn(void *context, const void *items, size_t n,
    uint32_t *class_of);

/*
 * Copies the items to out, class by class: class c stands from offsets[c] up to, not
 * including, offsets[c + 1]; offsets has classes + 1 entries.  out and items do not
 * overlap.  It asks for each item twice, and needs 16 bytes per class and block, of which
 * each has 16 items per class at least.  There are at most 65536 classes (FILCH_INVAL).
 */
FILCH_API int filch_split(const void *items, void *out, size_t n, size_t size,
    size_t classes, filch_classify_fn *classify, void *context, size_t *offsets,
    const filch_for_options *options);

/* What typed faces stamp.  Copies the chosen of n items to `to`, which has room for all
 * and may be to the left of them in the same array, or only counts them if that is NULL;
 * `before` is the item before the first, or NULL. */
typedef size_t filch_pack_kernel_(const void *items, const void *before, size_t n, void *to);
FILCH_API int filch_pack_items_(const void *items, void *out, size_t n, size_t size,
    filch_pack_kernel_ *kernel, int looks_back, size_t *chosen,
    const filch_for_options *options);

/*
 * FILCH_DEFINE_PACK(name, type, x, expr);
 *
 * Defines `static int name(const type *items, type *out, size_t n, size_t *chosen, const
 * filch_for_options *options)`, which packs the items x for which expr is true, as
 * filch_pack() does, without a call per item.
 *
 *     FILCH_DEFINE_PACK(pack_even, long, x, x % 2 == 0);
 *     status = pack_even(values, even, n, &count, NULL);
 */
#define FILCH_DEFINE_PACK(name, type, x, expr) \
	static size_t \
	name##_kernel_(const void *items_, const void *before_, size_t n_, void *to_) \
	{ \
		const type *item_ = FLC_AS_(const type *, items_); \
		type *packed_ = FLC_AS_(type *, to_); \
		size_t chosen_ = 0; \
		(void)before_; \
		if (packed_ == NULL) \
			for (size_t i_ = 0; i_ < n_; i_++) { \
				const type x = item_[i_]; \
				chosen_ += (expr) ? 1 : 0; \
			} \
		else \
			for (size_t i_ = 0; i_ < n_; i_++) { \
				const type x = item_[i_]; \
				packed_[chosen_] = x; \
				chosen_ += (expr) ? 1 : 0; \
			} \
		return chosen_; \
	} \
	FLC_MAY_BE_UNUSED_ static int \
	name(const type *items_, type *out_, size_t n_, size_t *chosen_, \
	    const filch_for_options *options_) \
	{ \
		return filch_pack_items_(items_, out_, n_, sizeof(type), name##_kernel_, 0, \
		    chosen_, options_); \
	} \
	struct name##_semicolon_

/*
 * FILCH_DEFINE_UNIQUE(name, type, a, b, expr);
 *
 * Defines the same for filch_unique(), with expr true where b, which follows a, is equal.
 *
 *     FILCH_DEFINE_UNIQUE(unique_words, word, a, b, a.id == b.id);
 */
#define FILCH_DEFINE_UNIQUE(name, type, a, b, expr) \
	static size_t \
	name##_kernel_(const void *items_, const void *before_, size_t n_, void *to_) \
	{ \
		const type *item_ = FLC_AS_(const type *, items_); \
		type *packed_ = FLC_AS_(type *, to_); \
		type last_ = before_ != NULL ? *FLC_AS_(const type *, before_) : item_[0]; \
		size_t chosen_ = 0; \
		for (size_t i_ = 0; i_ < n_; i_++) { \
			const type a = last_; \
			const type b = item_[i_]; \
			if (packed_ != NULL) \
				packed_[chosen_] = b; \
			chosen_ += (i_ == 0 && before_ == NULL) || !(expr) ? 1 : 0; \
			last_ = b; \
		} \
		return chosen_; \
	} \
	FLC_MAY_BE_UNUSED_ static int \
	name(const type *items_, type *out_, size_t n_, size_t *chosen_, \
	    const filch_for_options *options_) \
	{ \
		return filch_pack_items_(items_, out_, n_, sizeof(type), name##_kernel_, 1, \
		    chosen_, options_); \
	} \
	struct name##_semicolon_

/*
 * FILCH_DEFINE_PARTITION(name, type, x, expr); FILCH_DEFINE_SPLIT(name, type, x, expr);
 *
 * Define `static int name(const type *items, type *out, size_t n, size_t *chosen, const
 * filch_for_options *options)`, which partitions by whether expr is true for the item x,
 * and `static int name(const type *items, type *out, size_t n, size_t classes, size_t
 * *offsets, const filch_for_options *options)`, which splits by the number expr of the
 * class of x.
 *
 *     FILCH_DEFINE_SPLIT(split_days, event, x, x.day % 7);
 *     status = split_days(events, by_day, n, 7, offsets, NULL);
 */
#define FILCH_DEFINE_PARTITION(name, type, x, expr) \
	static int \
	name##_test_(void *context_, const void *items_, size_t n_, unsigned char *yes_) \
	{ \
		const type *item_ = FLC_AS_(const type *, items_); \
		(void)context_; \
		for (size_t i_ = 0; i_ < n_; i_++) { \
			const type x = item_[i_]; \
			yes_[i_] = (expr) ? 1 : 0; \
		} \
		return FILCH_OK; \
	} \
	FLC_MAY_BE_UNUSED_ static int \
	name(const type *items_, type *out_, size_t n_, size_t *chosen_, \
	    const filch_for_options *options_) \
	{ \
		return filch_partition(items_, out_, n_, sizeof(type), name##_test_, NULL, \
		    chosen_, options_); \
	} \
	struct name##_semicolon_

#define FILCH_DEFINE_SPLIT(name, type, x, expr) \
	static int \
	name##_classify_(void *context_, const void *items_, size_t n_, uint32_t *class_of_) \
	{ \
		const type *item_ = FLC_AS_(const type *, items_); \
		(void)context_; \
		for (size_t i_ = 0; i_ < n_; i_++) { \
			const type x = item_[i_]; \
			class_of_[i_] = FLC_AS_(uint32_t, expr); \
		} \
		return FILCH_OK; \
	} \
	FLC_MAY_BE_UNUSED_ static int \
	name(const type *items_, type *out_, size_t n_, size_t classes_, size_t *offsets_, \
	    const filch_for_options *options_) \
	{ \
		return filch_split(items_, out_, n_, sizeof(type), classes_, name##_classify_, \
		    NULL, offsets_, options_); \
	} \
	struct name##_semicolon_

#endif /* FILCH_PACK_H */
