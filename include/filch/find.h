/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Searching: the first, the last, any; how many; where two arrays differ; the extremes.
 *
 * A position is an index, or n where there is none.  Blocks are begun in the order of a
 * serial search.  Once a hit is known, nobody begins a piece of items behind it (256 of
 * them by callback, 8 KiB by a typed face), so that each other worker wastes the rest of
 * one piece at most; pieces before it are still looked at, since they may have a better
 * one.
 *
 * Options are those of <filch/pack.h>; progress counts whole blocks.  A failure of a test
 * behind the hit is not met by a serial search, and does not count here either.  Results
 * are written on success only.  No call but filch_minmax() needs memory.
 */
#ifndef FILCH_FIND_H
#define FILCH_FIND_H

#include <filch/base.h>
#include <filch/loop.h>
#include <filch/pack.h>

/* The position of the first, or the last, of n items of `size` bytes that test chooses;
 * from the last on, the "first" failure is the one with the highest index. */
FILCH_API int filch_find(const void *items, size_t n, size_t size, filch_test_fn *test,
    void *context, size_t *at, const filch_for_options *options);
FILCH_API int filch_find_last(const void *items, size_t n, size_t size, filch_test_fn *test,
    void *context, size_t *at, const filch_for_options *options);

/* The position of some item that test chooses: which one is a matter of timing, and so is
 * whether a failure of test is met before it. */
FILCH_API int filch_find_any(const void *items, size_t n, size_t size, filch_test_fn *test,
    void *context, size_t *at, const filch_for_options *options);

/* How many items test chooses. */
FILCH_API int filch_count(const void *items, size_t n, size_t size, filch_test_fn *test,
    void *context, size_t *count, const filch_for_options *options);

/* *answer is 1 if test chooses one item at least, or all of them; else 0. */
FILCH_API int filch_any_of(const void *items, size_t n, size_t size, filch_test_fn *test,
    void *context, int *answer, const filch_for_options *options);
FILCH_API int filch_all_of(const void *items, size_t n, size_t size, filch_test_fn *test,
    void *context, int *answer, const filch_for_options *options);

/* Whether two items are equal. */
typedef int filch_same_fn(void *context, const void *a, const void *b);

/* The first position where the two arrays differ; same may be NULL: their bytes do. */
FILCH_API int filch_mismatch(const void *a, const void *b, size_t n, size_t size,
    filch_same_fn *same, void *context, size_t *at, const filch_for_options *options);

/* The first position of an item that equals the one behind it. */
FILCH_API int filch_adjacent_find(const void *items, size_t n, size_t size,
    filch_same_fn *same, void *context, size_t *at, const filch_for_options *options);

/* Below 0, 0 or above: as for qsort(). */
typedef int filch_compare_fn(void *context, const void *a, const void *b);

/* *order is -1, 0 or 1: as the first items that differ compare, or else the lengths. */
FILCH_API int filch_compare(const void *a, size_t a_n, const void *b, size_t b_n,
    size_t size, filch_compare_fn *compare, void *context, int *order,
    const filch_for_options *options);

/*
 * The positions of the least and of the greatest item, of equal ones the first; n if n is
 * 0.  least or greatest may be NULL.  FILCH_NOMEM without 16 bytes per block.
 */
FILCH_API int filch_minmax(const void *items, size_t n, size_t size,
    filch_compare_fn *compare, void *context, size_t *least, size_t *greatest,
    const filch_for_options *options);

/*
 * For each of m needles the position of the first of n items that is not less, n if there
 * is none; the items are sorted by compare.  Each worker takes needles; they need not be
 * sorted, but if they are the search is in the cache.  at overlaps nothing.
 */
FILCH_API int filch_lower_bounds(const void *items, size_t n, size_t size,
    const void *needles, size_t m, filch_compare_fn *compare, void *context, size_t *at,
    const filch_for_options *options);

/* What typed faces stamp: the position of the first or last of n items, n if there is
 * none; or how many there are. */
enum filch_find_what_ { FILCH_FIND_FIRST_, FILCH_FIND_LAST_, FILCH_FIND_ANY_, FILCH_FIND_COUNT_ };
typedef size_t filch_find_kernel_(const void *items, size_t n, int what);
FILCH_API int filch_find_items_(const void *items, size_t n, size_t size,
    filch_find_kernel_ *kernel, int what, size_t *result, const filch_for_options *options);

#define FILCH_DEFINE_FIND_FACE_(name, kernel_, type, what_) \
	FLC_MAY_BE_UNUSED_ static int \
	name(const type *items_, size_t n_, size_t *result_, const filch_for_options *options_) \
	{ \
		return filch_find_items_(items_, n_, sizeof(type), kernel_, what_, result_, \
		    options_); \
	}

/*
 * FILCH_DEFINE_FIND(name, type, x, expr);
 *
 * Defines `static int name(const type *items, size_t n, size_t *at, const
 * filch_for_options *options)`, name_last, name_any and name_count, which do what the
 * functions above do for the items x for which expr is true, without a call per item.
 *
 *     FILCH_DEFINE_FIND(find_zero, long, x, x == 0);
 *     status = find_zero(values, n, &at, NULL);
 */
#define FILCH_DEFINE_FIND(name, type, x, expr) \
	static size_t \
	name##_kernel_(const void *items_, size_t n_, int what_) \
	{ \
		const type *item_ = FLC_AS_(const type *, items_); \
		size_t count_ = 0; \
		if (what_ == FILCH_FIND_COUNT_) { \
			for (size_t i_ = 0; i_ < n_; i_++) { \
				const type x = item_[i_]; \
				count_ += (expr) ? 1 : 0; \
			} \
			return count_; \
		} \
		if (what_ == FILCH_FIND_LAST_) { \
			for (size_t i_ = n_; i_ > 0; i_--) { \
				const type x = item_[i_ - 1]; \
				if (expr) \
					return i_ - 1; \
			} \
			return n_; \
		} \
		for (size_t i_ = 0; i_ < n_; i_++) { \
			const type x = item_[i_]; \
			if (expr) \
				return i_; \
		} \
		return n_; \
	} \
	FILCH_DEFINE_FIND_FACE_(name, name##_kernel_, type, FILCH_FIND_FIRST_) \
	FILCH_DEFINE_FIND_FACE_(name##_last, name##_kernel_, type, FILCH_FIND_LAST_) \
	FILCH_DEFINE_FIND_FACE_(name##_any, name##_kernel_, type, FILCH_FIND_ANY_) \
	FILCH_DEFINE_FIND_FACE_(name##_count, name##_kernel_, type, FILCH_FIND_COUNT_) \
	struct name##_semicolon_

#endif /* FILCH_FIND_H */
