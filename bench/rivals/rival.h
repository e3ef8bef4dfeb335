/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the owners that docs/deque.md compares have in common.  Each is one header, chosen
 * by RIVAL_LANE, and defines
 *
 *     struct lane
 *     lane_init     begins empty
 *     lane_next     the index of the next fork when the lane is empty
 *     lane_spawn    puts a record at index b, or where it says; the fast path
 *     lane_take     whether the newest, at `at`, is ours without a further look
 *     lane_settle   the further look; *b: the index of the next fork
 *     lane_left     what a join of a record that was stolen and run leaves to do
 *     lane_steal    the oldest, or NULL
 *
 * with the duties of the shipped one: records of any size on the stack of the owner, an
 * index that says when the lane is full, an empty lane that is noticed by the spawn
 * (somebody may have to be woken).  Joins are newest first only.
 */
#ifndef BENCH_RIVAL_H
#define BENCH_RIVAL_H

#include <linux/membarrier.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RIVAL_CAPACITY ((size_t)1 << 17)
#define RIVAL_FIRST 2
#define RIVAL_DONE ((size_t)1)

#define RIVAL_INLINE static inline __attribute__((always_inline))
#define RIVAL_COLD static __attribute__((noinline, unused))
#define RIVAL_LINE __attribute__((aligned(128)))

#define load_relaxed(w) __atomic_load_n((w), __ATOMIC_RELAXED)
#define load_acquire(w) __atomic_load_n((w), __ATOMIC_ACQUIRE)
#define store_relaxed(w, v) __atomic_store_n((w), (v), __ATOMIC_RELAXED)
#define store_release(w, v) __atomic_store_n((w), (v), __ATOMIC_RELEASE)
#define light_fence() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#define likely(fact) __builtin_expect(!!(fact), 1)

struct lane;

/* A forked task, at the beginning of what has its arguments.  state: the function that
 * runs it, then RIVAL_DONE. */
struct record {
	size_t state;
};

typedef void run_fn(struct lane *lane, size_t b, struct record *record);

/* Whom a spawn into an empty lane would have to wake: nobody here. */
extern size_t rival_sleepers;
extern unsigned long rival_heavy_fences;

RIVAL_COLD void
wake(void)
{
	rival_sleepers = 0;
}

RIVAL_INLINE void
wake_check(void)
{
	if (!likely(load_relaxed(&rival_sleepers) == 0))
		wake();
}

RIVAL_INLINE bool
cas_full(size_t *word, size_t expected, size_t desired)
{
	return __atomic_compare_exchange_n(word, &expected, desired, false,
	    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

RIVAL_INLINE void
full_fence(void)
{
#ifdef __x86_64__
	__asm__ __volatile__("lock; orq $0, (%%rsp)" ::: "memory", "cc");
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

RIVAL_INLINE void
spin_hint(void)
{
#ifdef __x86_64__
	__builtin_ia32_pause();
#else
	light_fence();
#endif
}

RIVAL_COLD void
heavy_fence(void)
{
	rival_heavy_fences++;
	syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
}

#include RIVAL_LANE

#endif /* BENCH_RIVAL_H */
