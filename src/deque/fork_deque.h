/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The forks deque: join records, strict LIFO for its owner.
 *
 *              owner   thief
 *     push       x       -      false when full
 *     take       x       -      the newest, by its index
 *     steal      x       x      the oldest
 *     set_mode   x       -
 *     answer     x       -
 *
 * After D. Chase and Y. Lev, "Dynamic Circular Work-Stealing Deque" (2005), with the
 * orders of N. M. Le et al. (2013), and with two more things.
 *
 * A thief asks first, and the owner hands it the oldest record at its next fork or join,
 * as in U. A. Acar, A. Chargueraud and M. Rainey, "Scheduling Parallel Programs by Work
 * Stealing with Private Deques" (2013).  The request is a bit of `top`, so that it costs
 * the owner's fast path nothing to see it.  An owner that is inside of a long leaf does
 * not answer: then the thief helps itself, so that nothing that lies here is ever out of
 * reach.
 *
 * For that the owner pops in one of two modes, which stands in `top` too, so that a
 * thief's compare-and-swap fails when the mode has changed:
 *
 *     unfenced   the owner's pop has no fence; a thief makes every thread pass
 *                one (flc_fence_heavy) between its looks at top and bottom
 *     fenced     both pay an ordinary fence; nobody asks
 *     refused    a thief found no heavy fence: nothing can be stolen until the
 *                owner, whose fast path fails by this bit, has gone fenced
 *
 * The inlined fast path (<filch/hot.h>) does push and take in the unfenced mode with an
 * older task below and nobody asking; everything else comes here.  The steps of push and
 * take stand there once, for both.  docs/deque.md has the argument.
 */
#ifndef FLC_FORK_DEQUE_H
#define FLC_FORK_DEQUE_H

#include "base/atomic.h"

#include <filch/hot.h>

#define FLC_FORK_DEQUE_FENCED ((size_t)1 << 63)
#define FLC_FORK_DEQUE_REFUSED ((size_t)1 << 62)
#define FLC_FORK_DEQUE_ASKED ((size_t)1 << 61)
/* With ASKED: the number of the request, so that no two look alike. */
#define FLC_FORK_DEQUE_ASK_SHIFT 48
#define FLC_FORK_DEQUE_ASK_MASK ((size_t)0x1fff)
#define FLC_FORK_DEQUE_INDEX (((size_t)1 << FLC_FORK_DEQUE_ASK_SHIFT) - 1)

/* Indexes begin here, so that 0 can stand for "in no deque". */
#define FLC_FORK_DEQUE_FIRST 2

/*
 * INVARIANTS
 *
 *   top holds its index and one, which saves a subtraction in every fork.
 *   index(top) <= bottom + 1, and bottom - index(top) <= capacity.
 *   Slot i holds a record for every i in [index(top), bottom).
 *   Only the owner sets and clears FENCED; only thieves set REFUSED and ASKED.
 *   While ASKED is set, claim is taken, FENCED is not set, and only the owner
 *   moves the index.
 */

enum flc_steal {
	FLC_STEAL_TASK,  /* it is ours */
	FLC_STEAL_EMPTY, /* nothing there */
	FLC_STEAL_LOST   /* another thread took it first; worth another try */
};

/*
 * A condition for a leapfrogging thief: only what was pushed at index base or above, and
 * only while awaited->state is still `state`.
 */
struct flc_leap {
	const filch_record_ *awaited;
	size_t state;
	size_t base;
};

struct flc_scope;

/* What the owner runs: the records it has stolen, the latest first, and the index that
 * the forks of each begin at. */
struct flc_frame {
	const struct flc_frame *outer;
	const filch_record_ *record;
	size_t base;
	const struct flc_scope *scope; /* what it ran in before */
};

/* What runs the record; it stands in the state until a thief has begun it. */
static inline filch_record_fn_ *
flc_record_run(filch_record_ *record)
{
	return (filch_record_fn_ *)flc_load_relaxed(&record->state);
}

static inline void
flc_record_set_run(filch_record_ *record, filch_record_fn_ *run)
{
	flc_store_relaxed(&record->state, (size_t)run);
}

static inline size_t
flc_fork_deque_index(size_t top)
{
	return (top & FLC_FORK_DEQUE_INDEX) - 1;
}

void flc_fork_deque_init(filch_fork_deque_ *deque, bool fenced);

/* The index the record now has, or 0 when the deque is full. */
size_t flc_fork_deque_push(filch_fork_deque_ *deque, filch_record_ *record);

/*
 * Takes back the newest record, which was pushed at index `at`.  False if it was stolen.
 * Either way it is no longer in the deque.
 */
bool flc_fork_deque_take(filch_fork_deque_ *deque, size_t at);

/* Steals the oldest; leap may be NULL.  *at is its index. */
enum flc_steal flc_fork_deque_steal(filch_fork_deque_ *deque, const struct flc_leap *leap,
    filch_record_ **record, size_t *at);

/* Answers a thief that asks, if one does: with the oldest record below the index `end`,
 * if it may have that.  frame: what the owner runs. */
void flc_fork_deque_answer(filch_fork_deque_ *deque, size_t end, const struct flc_frame *frame);

/* The owner goes fenced or unfenced. */
void flc_fork_deque_set_mode(filch_fork_deque_ *deque, bool fenced);

/* A look without any barrier: how many seem to be there. */
static inline size_t
flc_fork_deque_seen(const filch_fork_deque_ *deque)
{
	size_t top = flc_fork_deque_index(flc_load_relaxed(&deque->top));
	size_t bottom = flc_load_relaxed(&deque->bottom);

	return bottom > top ? bottom - top : 0;
}

/*
 * Push and take of the common case: an older record lies below and nobody asks.  modes:
 * FLC_FORK_DEQUE_FENCED where that may be, else 0.  bottom: what the owner knows it to
 * be.  False: nothing was pushed; whether the record was stolen, flc_fork_deque_take()
 * says.
 */
static inline bool
flc_fork_deque_push_above(filch_fork_deque_ *deque, size_t bottom, filch_record_ *record,
    size_t modes)
{
	if (!flc_hot_has_room_(deque, bottom, modes, false))
		return false;
	record->at = bottom;
	flc_hot_push_(deque, bottom, record);
	return true;
}

/* Lowers bottom and passes the fence of the deque's mode; then comes a look at top. */
static inline void
flc_fork_deque_lower(filch_fork_deque_ *deque, size_t at, bool fenced)
{
	flc_hot_lower_(deque, at);

	/* store-load [forks.last]: we or the thief of this record sees the other. */
	if (fenced)
		flc_fence_full();
	else
		flc_fence_light();
}

/* fenced: the deque's mode, which only we change, so that an old look at it is good. */
static inline bool
flc_fork_deque_take_above(filch_fork_deque_ *deque, const filch_record_ *record, bool fenced,
    size_t modes)
{
	size_t at = record->at;

	if (flc_load_relaxed(&deque->bottom) != at + 1)
		return false;
	flc_fork_deque_lower(deque, at, fenced);
	return flc_hot_is_above_(deque, at, modes);
}

#endif /* FLC_FORK_DEQUE_H */
