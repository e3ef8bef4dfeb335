/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Atomic words, fences, locks: the only file that names them.
 *
 * The order is part of each name, so a reader sees it and `grep _release` finds every
 * publication; an operation we do not use is not here.  Two back ends: libatomic_ops for
 * the product, and Relacy for tests/model/, which checks the same source (FLC_MODEL).
 *
 * A fence orders a store against a later load and nothing else.  Data always travels by
 * release and acquire on a word, which ThreadSanitizer understands as it does not
 * understand fences.
 */
#ifndef FLC_ATOMIC_H
#define FLC_ATOMIC_H

#ifdef FLC_MODEL
#include "atomic_relacy.hpp"
#else

#include "base/compiler.h"

#define AO_REQUIRE_CAS
#include <atomic_ops.h>

#include <filch/hot.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <time.h>

_Static_assert(sizeof(AO_t) == 8, "indexes, modes and states are packed in 64-bit words");

/* A word that more than one thread touches; plain access will not compile. */
typedef filch_word_ flc_atomic;

#define FLC_ATOMIC_INIT(value) { value }

static inline AO_t
flc_load_relaxed(const flc_atomic *a)
{
	return AO_load(&a->word);
}

static inline AO_t
flc_load_acquire(const flc_atomic *a)
{
	return AO_load_acquire(&a->word);
}

static inline void
flc_store_relaxed(flc_atomic *a, AO_t value)
{
	AO_store(&a->word, value);
}

static inline void
flc_store_release(flc_atomic *a, AO_t value)
{
	AO_store_release(&a->word, value);
}

/*
 * Acquire and release, and no more: on ARMv8 without LSE a later load may pass the store
 * in it.  Where a store must come before a load, flc_fence_full() stands between them,
 * whatever the store was made by.
 */
static inline bool
flc_cas_full(flc_atomic *a, AO_t expected, AO_t desired)
{
	return AO_compare_and_swap_full(&a->word, expected, desired);
}

/* The same.  Returns the value before. */
static inline AO_t
flc_add_full(flc_atomic *a, AO_t value)
{
	return AO_fetch_and_add_full(&a->word, value);
}

/*
 * Orders an earlier store before a later load.
 *
 * clang makes `mfence` (20 ns) of libatomic_ops' barrier where a locked `or` (5 ns) does
 * the same for ordinary memory; and under ThreadSanitizer libatomic_ops emits nothing, so
 * an atomic operation on a word of our own stack stands in: a barrier for the CPU, and no
 * edge that could hide a race.
 */
static inline void
flc_fence_full(void)
{
#if defined(__SANITIZE_THREAD__) || (defined(__clang__) && defined(FILCH_SANITIZED))
	AO_t own = 0;

	(void)__atomic_fetch_add(&own, 1, __ATOMIC_SEQ_CST);
#elif defined(__x86_64__) && defined(__clang__)
	__asm__ __volatile__("lock; orq $0, (%%rsp)" ::: "memory", "cc");
#else
	AO_nop_full();
#endif
}

/* The cheap side of a pair whose other side is flc_fence_heavy(): keeps the compiler from
 * moving the load before the store. */
static inline void
flc_fence_light(void)
{
	AO_compiler_barrier();
}

/* Tells the CPU that we spin. */
static inline void
flc_spin_hint(void)
{
#if defined(__x86_64__)
	__asm__ __volatile__("pause");
#elif defined(__aarch64__)
	__asm__ __volatile__("isb");
#else
	AO_compiler_barrier();
#endif
}

/* Locks of the cold paths. */
typedef pthread_mutex_t flc_lock;
typedef pthread_cond_t flc_cond;

#define FLC_LOCK_INIT PTHREAD_MUTEX_INITIALIZER

#define flc_lock_init(l) pthread_mutex_init((l), NULL)
#define flc_lock_fini(l) pthread_mutex_destroy(l)
#define flc_lock_acquire(l) ((void)pthread_mutex_lock(l))
#define flc_lock_release(l) ((void)pthread_mutex_unlock(l))

/* Its deadlines are on CLOCK_MONOTONIC. */
static inline void
flc_cond_init(flc_cond *cond)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attributes);
	pthread_condattr_destroy(&attributes);
}

/* Data that a lock or an edge protects: race-checked in the model only. */
#define FLC_PLAIN(type) type
#define flc_get(lvalue) (lvalue)
#define flc_set(lvalue, value) ((lvalue) = (value))

/* A place where the model may switch threads in a spin. */
#define flc_model_yield() ((void)0)

#endif /* FLC_MODEL */

#include "base/fence.h"

#endif /* FLC_ATOMIC_H */
