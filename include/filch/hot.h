/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the inlined fast path of a fork needs to see of a worker.  Not for
 * direct use: the layout may change with every FILCH_HOT_ABI_.
 *
 * Needs neither <atomic_ops.h> nor C11 atomics (C++ reads it too): the
 * builtins it uses are the five FLC_HOT_ macros, which the model checker's
 * back end replaces (FLC_MODEL).
 */
#ifndef FILCH_HOT_H
#define FILCH_HOT_H

#include <filch/base.h>

#define FILCH_HOT_ABI_ 1

#ifndef FLC_MODEL
/* A word that more than one thread touches. */
typedef struct filch_word_ {
	size_t word;
} filch_word_;

#define FLC_HOT_LOAD(w) __atomic_load_n(&(w)->word, __ATOMIC_RELAXED)
#define FLC_HOT_STORE(w, v) __atomic_store_n(&(w)->word, (v), __ATOMIC_RELAXED)
#define FLC_HOT_STORE_RELEASE(w, v) __atomic_store_n(&(w)->word, (v), __ATOMIC_RELEASE)
#define FLC_HOT_LIGHT_FENCE() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#define FLC_HOT_SLOT(lane, index) \
	((filch_word_ *)(void *)((char *)(lane) + FILCH_LANE_SLOTS_) \
	    + ((index) & (FILCH_LANE_CAPACITY_ - 1)))

/* Slots of a lane; their memory is reserved and committed on touch. */
#define FILCH_LANE_CAPACITY_ ((size_t)1 << 17)
#endif

/* Where the slots of a lane stand behind its beginning, in bytes. */
#define FILCH_LANE_SLOTS_ 8192

/*
 * A forked task waiting for its join.  state is the function that runs the
 * record until a thief takes it; see src/sched/forks.h.
 */
typedef struct filch_record_ {
	filch_word_ state;
	size_t at;          /* the index it was pushed at; 0: it is in no lane */
} filch_record_;

/*
 * The forks deque of one worker.  Indexes run freely from 1 up; index i is
 * in slot i modulo the capacity.  The high bits of top say how the owner pops.
 */
typedef struct filch_lane_ {
	filch_word_ top;        /* next index to steal; only grows */
	char pad0_[128 - sizeof(filch_word_)];
	filch_word_ bottom;     /* one past the newest; the owner's */
	char pad1_[128 - sizeof(filch_word_)];
} filch_lane_;

#endif /* FILCH_HOT_H */
