/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long a blocking call looks before it sleeps, and how far apart its looks are: each
 * takes the line away from the core that works with it.
 */
#ifndef FLC_SPIN_H
#define FLC_SPIN_H

#include "base/clock.h"
#include "base/yield.h"

/* Lets about so many nanoseconds pass. */
static inline void
flc_spin_for(unsigned ns)
{
	uint64_t since = flc_ticks();
	uint64_t ticks = (uint64_t)(ns * flc_clock_rate);

	do
		flc_spin_hint();
	while (flc_ticks() - since < ticks);
}

/*
 * Of a channel: the pauses double; then the core goes to whoever else is ready to run on
 * it, where that is cheap; and only then the thread sleeps.
 *
 * A thread that waits for the answer of a peer looks early.  But behind a peer that sends
 * all the time an early look finds one item, and the next call waits again: each item
 * then costs the travels of some lines.  A late look finds a dozen items, and both work
 * on lines of their own for a while.
 *
 * A thread that shares the CPU with its peer pauses in vain: while it does, the peer
 * waits.
 */
enum flc_spin_how { FLC_SPIN_EARLY, FLC_SPIN_LATE, FLC_SPIN_SHARED };

#define FLC_SPIN_EARLY_LOOKS 8u   /* one hint apart; then two, four, ... */
#define FLC_SPIN_LOOKS 12u
#define FLC_SPIN_LATE_NS 800u     /* before the first look; then twice as much, ... */
#define FLC_SPIN_LATE_LOOKS 2u
#define FLC_SPIN_YIELDS 8u

/* Waits without yields after one whose yields were in vain: whoever yields is behind the
 * others on its CPU afterwards, also when its peer wakes it.  Such a wait pauses instead,
 * unless the peer shares the CPU: else two threads that have slept once would sleep each
 * time, since a wake takes longer than the looks before a sleep. */
#define FLC_SPIN_RESTS 256u
#define FLC_SPIN_PAUSES 16u
#define FLC_SPIN_PAUSE_NS 250u

struct flc_spin {
	unsigned looks;
	unsigned most;     /* of them, without the yields */
	bool late, shared;
	flc_atomic *rests; /* waits until it yields again; NULL: never */
};

static inline void
flc_spin_begin(struct flc_spin *spin, enum flc_spin_how how, flc_atomic *rests)
{
	spin->looks = 0;
	spin->most = how == FLC_SPIN_EARLY ? FLC_SPIN_LOOKS
	    : how == FLC_SPIN_LATE ? FLC_SPIN_LATE_LOOKS : 0;
	spin->late = how == FLC_SPIN_LATE;
	spin->shared = how == FLC_SPIN_SHARED;
	spin->rests = rests;
}

/* The first looks are over: a yield, as long as yields are worth it, or a pause.  The
 * word is a hint, which several threads may write. */
static inline bool
flc_spin_on(struct flc_spin *spin, unsigned look)
{
	size_t rests = spin->rests == NULL ? 1 : flc_load_relaxed(spin->rests);

	if (rests == 0 && look < FLC_SPIN_YIELDS && flc_yield_cpu())
		return true;
	if (rests > 0 && !spin->shared && look < FLC_SPIN_PAUSES) {
		flc_spin_for(FLC_SPIN_PAUSE_NS);
		return true;
	}
	if (spin->rests != NULL)
		flc_store_relaxed(spin->rests, rests == 0 ? FLC_SPIN_RESTS : rests - 1);
	return false;
}

/* Before the next look; false: it is time to sleep. */
static inline bool
flc_spin(struct flc_spin *spin)
{
	unsigned look = spin->looks++;

	if (look >= spin->most)
		return flc_spin_on(spin, look - spin->most);
	if (spin->late)
		flc_spin_for(FLC_SPIN_LATE_NS << look);
	else
		for (unsigned i = 0; i < (look < FLC_SPIN_EARLY_LOOKS ? 1u
		    : 2u << (look - FLC_SPIN_EARLY_LOOKS)); i++)
			flc_spin_hint();
	return true;
}

#endif /* FLC_SPIN_H */
