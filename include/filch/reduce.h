/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reductions with the same bits for any number of workers.
 *
 * The range is cut into blocks that depend on its length (and options) only; the partial
 * results are combined in order, as a fixed tree.  Stealing changes nothing in the
 * result, and non-commutative operators keep their order.  Memory is O(log n)
 * accumulators per stolen piece.
 */
#ifndef FILCH_REDUCE_H
#define FILCH_REDUCE_H

#include <filch/base.h>
#include <filch/loop.h>

/* Folds indexes begin up to, not including, end into the accumulator. */
typedef int filch_fold_fn(void *context, size_t begin, size_t end, void *into);

/*
 * What is accumulated.  Any failure of a callback fails the reduction.  A value is alive
 * from a successful identity until combine consumed it as `from`, or until discard.
 * Callbacks run on any worker, several at once on different values.
 */
typedef struct filch_reducer {
	size_t value_size;                                       /* of an accumulator */
	int (*identity)(void *context, void *into);
	int (*combine)(void *context, void *into, void *from);   /* in order; consumes from */
	void (*discard)(void *context, void *value);             /* NULL: nothing to free */
} filch_reducer;

/*
 * Folds [begin, end) and writes the value to *result on success; *result is untouched on
 * failure.  An empty range gives the identity.  context goes to fold and to the reducer's
 * callbacks.  A block is n/256 indexes, at least 1 and at most 4096; grain_exact sets it
 * (and with it the bits), grain_min raises it.  Of the other options cancel, stop_at,
 * progress and max_workers = 1 count here.  Errors as filch_for.  FILCH_NOMEM where large
 * accumulators find no memory.
 */
FILCH_API int filch_reduce(size_t begin, size_t end, filch_fold_fn *fold, void *context,
    const filch_reducer *reducer, void *result, const filch_for_options *options);

/*
 * The same with one accumulator per worker that took part, combined at the end in the
 * order of worker indexes: faster for large accumulators (histograms, hash tables), but
 * which indexes meet in one accumulator is a matter of timing, so combine must not mind
 * the order.
 */
FILCH_API int filch_fold_workers(size_t begin, size_t end, filch_fold_fn *fold, void *context,
    const filch_reducer *reducer, void *result, const filch_for_options *options);

/* The body shared by the typed faces below: n items from items on, folded by fold in
 * fixed blocks, with a value of `size` bytes and no failures. */
FILCH_API void filch_reduce_items_(const void *items, size_t item_size, size_t n,
    void (*fold)(const void *items, size_t n, void *into),
    void (*combine)(void *into, const void *from), size_t size, void *result);

/*
 * FILCH_DEFINE_REDUCE(name, type, identity, expr);
 *
 * Defines `static type name(const type *items, size_t n, type initial)`, where expr
 * computes the fold of `a` (so far) and `b` (next), in order.  initial enters once, on
 * the left; identity starts every piece.  It cannot fail: without a usable pool it runs
 * inline, to the same bits.
 *
 *     FILCH_DEFINE_REDUCE(max_f64, double, -INFINITY, a > b ? a : b);
 *     double m = max_f64(values, n, -INFINITY);
 */
#define FILCH_DEFINE_REDUCE(name, type, identity_, expr) \
	static void \
	name##_fold_(const void *items_, size_t n_, void *into_) \
	{ \
		const type *item_ = FLC_AS_(const type *, items_); \
		type a = (identity_); \
		for (size_t i_ = 0; i_ < n_; i_++) { \
			const type b = item_[i_]; \
			a = (expr); \
		} \
		*FLC_AS_(type *, into_) = a; \
	} \
	static void \
	name##_combine_(void *into_, const void *from_) \
	{ \
		const type a = *FLC_AS_(const type *, into_); \
		const type b = *FLC_AS_(const type *, from_); \
		*FLC_AS_(type *, into_) = (expr); \
	} \
	static type \
	name(const type *items_, size_t n_, type initial_) \
	{ \
		type result_ = (identity_); \
		filch_reduce_items_(items_, sizeof(type), n_, name##_fold_, \
		    name##_combine_, sizeof(type), &result_); \
		name##_combine_(&initial_, &result_); \
		return initial_; \
	} \
	struct name##_semicolon_

/* Lanes of a FILCH_DEFINE_SUM: item i of a block goes to lane i % 32 on every target, so
 * that the compiler vectorises to any width with the same bits. */
#define FILCH_SUM_LANES 32

/* lane[0..w) += lane[w..2w), w a constant: so the lanes stay in registers. */
#define FILCH_SUM_HALVE_(lane_, w_) \
	for (int h_ = 0; h_ < (w_); h_++) \
		lane_[h_] += lane_[h_ + (w_)];

/*
 * FILCH_DEFINE_SUM(name, type);
 *
 * Defines `static type name(const type *items, size_t n)`: the sum in 32 fixed lanes per
 * block, the lanes added pairwise, the blocks as a tree.  Same bits for any number of
 * workers and on every target with the same arithmetic.
 */
#define FILCH_DEFINE_SUM(name, type) \
	static void \
	name##_fold_(const void *items_, size_t n_, void *into_) \
	{ \
		const type *item_ = FLC_AS_(const type *, items_); \
		type lane_[FILCH_SUM_LANES] = { 0 }; \
		size_t i_ = 0; \
		for (; i_ + FILCH_SUM_LANES <= n_; i_ += FILCH_SUM_LANES) \
			for (int l_ = 0; l_ < FILCH_SUM_LANES; l_++) \
				lane_[l_] += item_[i_ + FLC_AS_(size_t, l_)]; \
		for (int l_ = 0; i_ < n_; i_++, l_++) \
			lane_[l_] += item_[i_]; \
		FILCH_SUM_HALVE_(lane_, 16) \
		FILCH_SUM_HALVE_(lane_, 8) \
		FILCH_SUM_HALVE_(lane_, 4) \
		FILCH_SUM_HALVE_(lane_, 2) \
		FILCH_SUM_HALVE_(lane_, 1) \
		*FLC_AS_(type *, into_) = lane_[0]; \
	} \
	static void \
	name##_combine_(void *into_, const void *from_) \
	{ \
		*FLC_AS_(type *, into_) += *FLC_AS_(const type *, from_); \
	} \
	static type \
	name(const type *items_, size_t n_) \
	{ \
		type result_ = 0; \
		filch_reduce_items_(items_, sizeof(type), n_, name##_fold_, \
		    name##_combine_, sizeof(type), &result_); \
		return result_; \
	} \
	struct name##_semicolon_

#endif /* FILCH_REDUCE_H */
