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

/* Adjacent-line prefetchers pull pairs of lines: what different threads write
 * stands this far apart. */
#define FLC_APART 128
#define FLC_SET_APART _Alignas(FLC_APART)

#define FLC_LIKELY(fact) __builtin_expect(!!(fact), 1)
#define FLC_UNLIKELY(fact) __builtin_expect(!!(fact), 0)
#define FLC_NOINLINE __attribute__((noinline))
#define FLC_COLD __attribute__((noinline, cold))
#define FLC_ALWAYS_INLINE inline __attribute__((always_inline))

/* Keeps the compiler from knowing what the variable holds. */
#define FLC_OPAQUE(variable) __asm__("" : "+r"(variable))

/* The object of the given type that has member at this address. */
#define FLC_CONTAINER_OF(address, type, member) \
	((type *)((char *)(address) - offsetof(type, member)))

/* bench/sync builds a second library without counting, to measure what it costs;
 * nothing else should. */
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
