/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long a blocking call looks at a channel before it sleeps.
 *
 * The pauses double: by the time of the next look the peer has done several
 * items, and both work on lines of their own for a while.  Then the core goes
 * to whoever else is ready to run on it, and only then the thread sleeps.
 */
#ifndef FLC_SPIN_H
#define FLC_SPIN_H

#include "base/atomic.h"

#include <sched.h>

#define FLC_SPIN_LOOKS 7u
#define FLC_SPIN_YIELDS 4u

struct flc_spin {
	unsigned round;
};

#define FLC_SPIN_INIT { 0 }

/* False: it is time to sleep. */
static inline bool
flc_spin(struct flc_spin *spin)
{
	if (spin->round >= FLC_SPIN_LOOKS + FLC_SPIN_YIELDS)
		return false;
	if (spin->round >= FLC_SPIN_LOOKS)
		(void)sched_yield();
	else
		for (unsigned i = 0; i < 1u << spin->round; i++)
			flc_spin_hint();
	spin->round++;
	return true;
}

#endif /* FLC_SPIN_H */
