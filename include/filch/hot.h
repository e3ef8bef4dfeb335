/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the inlined fast path of a fork needs to see of a worker.  Not for direct use: the
 * layout may change with every FILCH_HOT_ABI_.
 *
 * Needs neither <atomic_ops.h> nor C11 atomics (C++ reads it too): what it uses are the
 * five FLC_HOT_ macros, which the model checker's back end replaces (FLC_MODEL).
 */
#ifndef FILCH_HOT_H
#define FILCH_HOT_H

#include <filch/base.h>

#define FILCH_HOT_ABI_ 2

#ifndef FLC_MODEL
/* A word that more than one thread touches. */
typedef struct filch_word_ {
	size_t word;
} filch_word_;

/*
 * The accesses of the fast path, each with its order in the name.  gcc counts a builtin
 * as a call of a function when it looks whether a task is small enough to be inlined into
 * itself, and keeps the address of each in a register.  On x86-64, where each load
 * acquires and each store releases, a volatile access between fences of the compiler is
 * the same instruction and has neither fault.  ThreadSanitizer must see the builtins.
 */
#if defined(__x86_64__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#define FLC_HOT_LIGHT_FENCE() __asm__ volatile("" : : : "memory")
#define FLC_HOT_LOAD(w) (*FLC_AS_(const volatile size_t *, &(w)->word))
#define FLC_HOT_STORE(w, v) ((void)(*FLC_AS_(volatile size_t *, &(w)->word) = (v)))
#define FLC_HOT_LOAD_ACQUIRE(w) flc_hot_load_acquire_(w)
#define FLC_HOT_STORE_RELEASE(w, v) flc_hot_store_release_((w), (v))

static inline size_t
flc_hot_load_acquire_(const filch_word_ *w)
{
	size_t value = FLC_HOT_LOAD(w);

	FLC_HOT_LIGHT_FENCE();
	return value;
}

static inline void
flc_hot_store_release_(filch_word_ *w, size_t value)
{
	FLC_HOT_LIGHT_FENCE();
	FLC_HOT_STORE(w, value);
}
#else
#define FLC_HOT_LOAD_ACQUIRE(w) __atomic_load_n(&(w)->word, __ATOMIC_ACQUIRE)
#define FLC_HOT_LOAD(w) __atomic_load_n(&(w)->word, __ATOMIC_RELAXED)
#define FLC_HOT_STORE(w, v) __atomic_store_n(&(w)->word, (v), __ATOMIC_RELAXED)
#define FLC_HOT_STORE_RELEASE(w, v) __atomic_store_n(&(w)->word, (v), __ATOMIC_RELEASE)
#define FLC_HOT_LIGHT_FENCE() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#endif

/* Slots of a deque; their memory is reserved and committed on touch. */
#define FILCH_LANE_CAPACITY_ (FLC_AS_(size_t, 1) << 17)
#endif

#define FLC_HOT_SLOT(deque, index) (&(deque)->slot[(index) & (FILCH_LANE_CAPACITY_ - 1)])

/*
 * A forked task waiting for its join.  state is the function that runs the record until a
 * thief takes it; see src/deque/fork_deque.h.
 */
typedef struct filch_record_ {
	filch_word_ state;
	size_t at;          /* the index it was pushed at; 0: it is in no deque */
} filch_record_;

/*
 * The forks deque of one worker.  Indexes run freely from 2 up; index i is in slot i
 * modulo the capacity.  The high bits of top say how the owner pops.  The slots stand
 * first, which saves an addition in every fork.
 */
typedef struct filch_fork_deque_ {
	filch_word_ slot[FILCH_LANE_CAPACITY_];
	filch_word_ top;        /* the next index to steal, and one; only grows */
	filch_word_ claim;      /* a thief asks, or pays for the heavy fence */
	filch_word_ grant;      /* what the owner answered: a record, or 0 */
	filch_word_ ask_record; /* only what descends from this, forked ... */
	filch_word_ ask_base;   /* ... at this index or above; 0: anything */
	filch_word_ paid;       /* steals that took the heavy fence */
	char pad0_[128 - 6 * sizeof(size_t)];
	filch_word_ bottom;     /* one past the newest; the owner's */
	char pad1_[128 - sizeof(size_t)];
} filch_fork_deque_;

/* Runs a record: as a thief, or for FILCH_RUN.  b: the index of its next fork. */
typedef void filch_record_fn_(filch_fork_deque_ *deque, size_t b, filch_record_ *record);

/* record->state once a thief has run it. */
#define FILCH_RECORD_DONE_ FLC_AS_(size_t, 1)

/* The slow paths, in the library. */
FILCH_API size_t filch_hot_spawn_(filch_fork_deque_ *deque, filch_record_ *record,
    filch_record_fn_ *run);
FILCH_API size_t filch_hot_join_(filch_fork_deque_ *deque, filch_record_ *record, size_t at);
FILCH_API void filch_hot_run_(filch_record_ *record, filch_record_fn_ *run, int abi);
FILCH_API filch_fork_deque_ *filch_hot_here_(int abi);

/*
 * The ways to the slow paths.  In clang they leave each register of whole numbers as it
 * was; otherwise a task would save some at its very beginning for them, even where it
 * returns at once.  They must not return a value: before version 17 clang restores the
 * register that it stands in as well.
 */
#if defined(__clang__) && (defined(__x86_64__) || defined(__aarch64__))
#define FLC_HOT_APART_ __attribute__((noinline, cold, unused, preserve_most)) static
#define FLC_HOT_DETOUR_ FLC_HOT_APART_
#else
#define FLC_HOT_APART_ __attribute__((noinline, cold, unused)) static
#define FLC_HOT_DETOUR_ static inline
#endif

FLC_HOT_DETOUR_ void
flc_hot_spawn_slowly_(filch_fork_deque_ *deque, filch_record_ *record, filch_record_fn_ *run)
{
	record->at = filch_hot_spawn_(deque, record, run);
}

/* A join that the fast path could not do: afterwards the result stands in the record, and
 * the deque's bottom is one past the newest. */
FLC_HOT_APART_ void
flc_hot_finish_(filch_fork_deque_ *deque, filch_record_ *record, size_t at, filch_record_fn_ *run)
{
	size_t b = filch_hot_join_(deque, record, at);

	if (FLC_HOT_LOAD(&record->state) != FILCH_RECORD_DONE_)
		run(deque, b, record);
}

/*
 * Push and take, as every owner does them: the inlined fast path below, and the library
 * by src/deque/fork_deque.h.  A bit of `modes`, a constant, is not looked at where it
 * stands in top.
 *
 * Whether the slot at index b, which is one past the newest, may be used.  One comparison
 * finds the full deque, the other modes in the high bits of top, a b that fell behind top
 * by a stolen join, and the empty deque (somebody may have to be woken), if that must not
 * be.
 */
static inline int
flc_hot_has_room_(const filch_fork_deque_ *deque, size_t b, size_t modes, int may_be_empty)
{
	size_t past = may_be_empty ? 1 : 0;
	/* acquire [forks.reuse]: a thief is done reading the slot we reuse. */
	size_t top = FLC_HOT_LOAD_ACQUIRE(&deque->top) & ~modes;

	return b + past - top < FILCH_LANE_CAPACITY_ - 1 + past;
}

/* Puts the record there. */
static inline void
flc_hot_push_(filch_fork_deque_ *deque, size_t b, filch_record_ *record)
{
	FLC_HOT_STORE(FLC_HOT_SLOT(deque, b), FLC_SEEN_AS_(size_t, record));

	/* release [forks.publish]: the slot and the record, before the index. */
	FLC_HOT_STORE_RELEASE(&deque->bottom, b + 1);
}

/*
 * Lowers bottom to the newest record, which stands at index `at`.  Then comes the fence
 * of the mode, store-load [forks.last], and then a look at top.
 */
static inline void
flc_hot_lower_(filch_fork_deque_ *deque, size_t at)
{
	/* Release although we take a record away: a thief may read this value of bottom,
	 * and must then see every record pushed below it [forks.publish]. */
	FLC_HOT_STORE_RELEASE(&deque->bottom, at);
}

/* Whether an older record lies below, so that no thief may have the one at `at`. */
static inline int
flc_hot_is_above_(const filch_fork_deque_ *deque, size_t at, size_t modes)
{
	return (FLC_HOT_LOAD(&deque->top) & ~modes) <= at;
}

/*
 * Puts the record at index b, which is one past the newest; returns where it is: b, or
 * what the slow path says (below top: nowhere).
 */
static inline size_t
flc_hot_spawn_(filch_fork_deque_ *deque, size_t b, filch_record_ *record, filch_record_fn_ *run)
{
	if (__builtin_expect(!flc_hot_has_room_(deque, b, 0, 0), 0)) {
		flc_hot_spawn_slowly_(deque, record, run);
		return record->at;
	}
	FLC_HOT_STORE(&record->state, FLC_SEEN_AS_(size_t, run));
	flc_hot_push_(deque, b, record);
	return b;
}

/*
 * Takes the newest record back, which stands at index `at`, if an older one lies below
 * it; everything else (stolen, the last one, modes) is the slow path's.
 */
static inline int
flc_hot_take_newest_(filch_fork_deque_ *deque, size_t at)
{
	flc_hot_lower_(deque, at);

	/* store-load [forks.last]: the thief's side is heavy. */
	FLC_HOT_LIGHT_FENCE();
	return __builtin_expect(flc_hot_is_above_(deque, at, 0), 1) != 0;
}

/*
 * The same of a record that need not be the newest, whose index a variable beside it
 * holds.  In straight code the compiler knows that this is b - 1; where it does not, an
 * index may have been used again after a join out of order, so the slot must name the
 * record.
 */
static inline int
flc_hot_take_(filch_fork_deque_ *deque, size_t b, filch_record_ *record, size_t at)
{
	if (__builtin_constant_p(at == b - 1) ? at != b - 1
	    : at != b - 1 || FLC_HOT_LOAD(FLC_HOT_SLOT(deque, at)) != FLC_SEEN_AS_(size_t, record))
		return 0;
	return flc_hot_take_newest_(deque, at);
}

#endif /* FILCH_HOT_H */
