/* SPDX-License-Identifier: BSD-2-Clause */
/* What we ask of the compiler, in one place. */
#ifndef FLC_COMPILER_H
#define FLC_COMPILER_H

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <assert.h>
#include <stddef.h>

#define FLC_CACHE_LINE 64
#define FLC_ON_OWN_LINE _Alignas(FLC_CACHE_LINE)

/* Adjacent-line prefetchers pull pairs of lines: what different threads write stands this
 * far apart. */
#define FLC_APART 128
#define FLC_SET_APART _Alignas(FLC_APART)

/*
 * A word of a thread's own: `static __thread TYPE name FLC_OF_THREAD;`.  It stands at a
 * fixed distance from the thread pointer, which costs nothing and needs no memory later.
 * A library that is loaded by dlopen() gets such room only from a small reserve of the C
 * library, 512 bytes for all of them, so that few words may be here, with no more than a
 * word's alignment (gcc aligns arrays to 32 otherwise); tests/dlopen.sh looks.
 * docs/design.md has what the other models cost.
 */
#ifndef FLC_OF_THREAD
#define FLC_OF_THREAD __attribute__((tls_model("initial-exec"), aligned(8)))
#endif

#define FLC_LIKELY(fact) __builtin_expect(!!(fact), 1)
#define FLC_UNLIKELY(fact) __builtin_expect(!!(fact), 0)
#define FLC_NOINLINE __attribute__((noinline))
#define FLC_COLD __attribute__((noinline, cold))

/* What a thread runs that slept before, with cold caches: stands together in few
 * pages. */
#define FLC_HOT __attribute__((hot))
#define FLC_ALWAYS_INLINE inline __attribute__((always_inline))

/* Gets the line of this address, which is to be written, while other work goes on. */
#define FLC_PREFETCH(address) __builtin_prefetch((address), 1)

/* Keeps the compiler from knowing what the variable holds. */
#define FLC_OPAQUE(variable) __asm__("" : "+r"(variable))

/* Functions between these are compiled for these instruction sets, perhaps beyond those
 * of the machine that compiles: FLC_TARGET_BEGIN("avx2,bmi2") .. FLC_TARGET_END. */
#define FLC_PRAGMA(text) _Pragma(#text)
#ifdef __clang__
#define FLC_TARGET_BEGIN(sets) \
	FLC_PRAGMA(clang attribute push(__attribute__((target(sets))), apply_to = function))
#define FLC_TARGET_END FLC_PRAGMA(clang attribute pop)
#define FLC_UNROLL(times) FLC_PRAGMA(clang loop unroll_count(times))
#else
#define FLC_TARGET_BEGIN(sets) FLC_PRAGMA(GCC push_options) FLC_PRAGMA(GCC target(sets))
#define FLC_TARGET_END FLC_PRAGMA(GCC pop_options)
/* The loop that follows is unrolled so many times, also by -O2. */
#define FLC_UNROLL(times) FLC_PRAGMA(GCC unroll times)
#endif

/* The object of the given type that has member at this address. */
#define FLC_CONTAINER_OF(address, type, member) \
	((type *)(void *)((char *)(address) - offsetof(type, member)))

/* --disable-counters; bench/sync builds a second library so, to measure what counting
 * costs. */
#ifdef FILCH_UNCOUNTED
#define FLC_COUNTING 0
#else
#define FLC_COUNTING 1
#endif

/* A fact the code relies on.  Costs nothing unless --enable-invariants. */
#ifdef FILCH_INVARIANTS
#define FLC_INVARIANT(fact) assert(fact)
#else
#define FLC_INVARIANT(fact) ((void)sizeof(fact))
#endif

#endif /* FLC_COMPILER_H */
