/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which of many things are measured, where to measure each would cost too much: one in
 * 64, and fewer, down to one in 1024, of what happens so often that the clock would be
 * read more than once in 10 us.  To be measured costs some 50 ns, so it stays below 1 %.
 */
#ifndef FLC_SAMPLE_H
#define FLC_SAMPLE_H

#include "base/clock.h"
#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

#define FLC_SAMPLE_EVERY 64u
#define FLC_SAMPLE_RAREST 1024u
#define FLC_SAMPLE_APART_NS 10000

/* Those whose number has none of the mask's bits; the first one always. */
static inline bool
flc_sample_is_due(size_t number, size_t mask)
{
	return FLC_COUNTING && (number & mask) == 0;
}

/* Whether some mask would measure it. */
static inline bool
flc_sample_may_be_due(size_t number)
{
	return flc_sample_is_due(number, FLC_SAMPLE_EVERY - 1);
}

/* The first number from here on that may be due. */
static inline size_t
flc_sample_from(size_t number)
{
	return (number + FLC_SAMPLE_EVERY - 1) & ~(size_t)(FLC_SAMPLE_EVERY - 1);
}

/* The mask from now on, so many ticks after the last one that was measured. */
static inline size_t
flc_sample_next_mask(size_t mask, uint64_t ticks)
{
	double apart = FLC_SAMPLE_APART_NS * flc_clock_rate;

	if ((double)ticks < apart && mask < FLC_SAMPLE_RAREST - 1)
		return 2 * mask + 1;
	if ((double)ticks > 4 * apart && mask > FLC_SAMPLE_EVERY - 1)
		return mask / 2;
	return mask;
}

#endif /* FLC_SAMPLE_H */
