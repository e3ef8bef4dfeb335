/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sizes that a user's numbers enter: the only place where they are multiplied and added.
 * What is too large is found here, not by an allocator that is asked for what was left of
 * it.
 */
#ifndef FLC_SIZE_H
#define FLC_SIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* *result = n * size + more; false if that is more than SIZE_MAX. */
static inline bool
flc_multiply_add(size_t n, size_t size, size_t more, size_t *result)
{
	return !__builtin_mul_overflow(n, size, result)
	    && !__builtin_add_overflow(*result, more, result);
}

/* The same in bytes of one block of memory, which PTRDIFF_MAX limits. */
static inline bool
flc_size_of(size_t n, size_t size, size_t more, size_t *bytes)
{
	return flc_multiply_add(n, size, more, bytes) && *bytes <= PTRDIFF_MAX;
}

/* size + more, rounded up to a multiple of `to`, a power of two. */
static inline bool
flc_size_rounded(size_t size, size_t more, size_t to, size_t *bytes)
{
	if (!flc_multiply_add(1, size, more, bytes) || *bytes > PTRDIFF_MAX - (to - 1))
		return false;
	*bytes = (*bytes + to - 1) & ~(to - 1);
	return true;
}

#endif /* FLC_SIZE_H */
