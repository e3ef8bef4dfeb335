/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/yield.h"

#include "base/atomic.h"
#include "base/clock.h"

#include <sched.h>

/* Longer than a peer's turn, and much shorter than a time slice. */
#define LONG_NS 50000u

/* So many times as long as a long yield took there is none.  What yields cost in all is
 * below this part of the time. */
#define REST 256u

/* Ticks; a hint. */
static flc_atomic rests_until = FLC_ATOMIC_INIT(0);

bool
flc_yield_cpu(void)
{
	uint64_t since = flc_ticks(), now;

	if (since < flc_load_relaxed(&rests_until))
		return false;
	(void)sched_yield();
	now = flc_ticks();
	if (now - since > (uint64_t)(LONG_NS * flc_clock_rate))
		flc_store_relaxed(&rests_until, now + REST * (now - since));
	return true;
}
