/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CPU that the calling thread runs on just now; UINT32_MAX: not known.  Only a hint:
 * the thread may be elsewhere in the next moment.
 *
 * The kernel keeps the number in a word of the thread's own, where the C library has
 * asked for that (restartable sequences); else a call tells it.
 */
#ifndef FLC_THIS_CPU_H
#define FLC_THIS_CPU_H

#ifndef FLC_MODEL
#include "base/compiler.h"

#include <stdint.h>

#if defined(__GLIBC__) && (defined(__x86_64__) || defined(__aarch64__))
#if __GLIBC_PREREQ(2, 35) && (__GNUC__ >= 11 || defined(__clang__))
#include <sys/rseq.h>
#define FLC_HAVE_RSEQ 1
#endif
#endif

/* By a call. */
uint32_t flc_ask_cpu(void);

static inline uint32_t
flc_this_cpu(void)
{
#ifdef FLC_HAVE_RSEQ
	const void *own = (const char *)__builtin_thread_pointer() + __rseq_offset;
	uint32_t cpu = ((const volatile struct rseq *)own)->cpu_id;

	/* Above that it says why there is none. */
	if (FLC_LIKELY(cpu <= INT32_MAX))
		return cpu;
#endif
	return flc_ask_cpu();
}

#endif /* FLC_MODEL */

#endif /* FLC_THIS_CPU_H */
