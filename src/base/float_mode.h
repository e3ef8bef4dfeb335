/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How this thread computes with floating point: rounding, precision, and what becomes of
 * denormal numbers.  Whoever runs work for another thread computes as that one did.
 * Exception flags and traps stay with their thread.
 */
#ifndef FLC_FLOAT_MODE_H
#define FLC_FLOAT_MODE_H

#include "base/compiler.h"

#include <stddef.h>
#include <stdint.h>

/* A mode takes so many bits. */
#define FLC_FLOAT_BITS 16

#if defined(__x86_64__)

/* Of MXCSR: rounding and flush-to-zero from bit 13 on, denormals-are-zero in bit 6.  Of
 * the x87 word: precision and rounding from bit 8 on. */
#define FLC_SSE_ROUNDING 0xe000u
#define FLC_SSE_DENORMALS 0x0040u
#define FLC_X87_MODE 0x0f00u

static inline size_t
flc_float_mode(void)
{
	uint32_t sse;
	uint16_t x87;

	__asm__ __volatile__("stmxcsr %0" : "=m"(sse));
	__asm__ __volatile__("fnstcw %0" : "=m"(x87));
	return (sse & (FLC_SSE_ROUNDING | FLC_SSE_DENORMALS)) | (x87 & FLC_X87_MODE);
}

/* Two instructions that the CPU does one by one: only if the mode is another. */
static inline void
flc_float_set_mode(size_t mode)
{
	const uint32_t bits = FLC_SSE_ROUNDING | FLC_SSE_DENORMALS;
	uint32_t sse;
	uint16_t x87;

	if (__builtin_expect(flc_float_mode() == mode, 1))
		return;
	__asm__ __volatile__("stmxcsr %0" : "=m"(sse));
	__asm__ __volatile__("fnstcw %0" : "=m"(x87));
	sse = (sse & ~bits) | ((uint32_t)mode & bits);
	x87 = (uint16_t)((x87 & ~FLC_X87_MODE) | (mode & FLC_X87_MODE));
	__asm__ __volatile__("ldmxcsr %0" : : "m"(sse));
	__asm__ __volatile__("fldcw %0" : : "m"(x87));
}

#elif defined(__aarch64__)

/* Of FPCR: flush-to-zero of half precision, rounding, flush-to-zero, default NaN, and the
 * format of half precision. */
#define FLC_FPCR_SHIFT 19
#define FLC_FPCR_MODE ((uint64_t)0xf9 << FLC_FPCR_SHIFT)

static inline size_t
flc_float_mode(void)
{
	uint64_t fpcr;

	__asm__ __volatile__("mrs %0, fpcr" : "=r"(fpcr));
	return (size_t)((fpcr & FLC_FPCR_MODE) >> FLC_FPCR_SHIFT);
}

static inline void
flc_float_set_mode(size_t mode)
{
	uint64_t fpcr;

	if (__builtin_expect(flc_float_mode() == mode, 1))
		return;
	__asm__ __volatile__("mrs %0, fpcr" : "=r"(fpcr));
	fpcr = (fpcr & ~FLC_FPCR_MODE) | (uint64_t)mode << FLC_FPCR_SHIFT;
	__asm__ __volatile__("msr fpcr, %0" : : "r"(fpcr));
}

#else

/* Not known: each thread keeps its own. */
static inline size_t
flc_float_mode(void)
{
	return 0;
}

static inline void
flc_float_set_mode(size_t mode)
{
	(void)mode;
}

#endif

#endif /* FLC_FLOAT_MODE_H */
