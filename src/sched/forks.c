/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/forks.h"

void
flc_forks_init(filch_lane_ *lane, bool fenced)
{
	flc_store_relaxed(&lane->top, FLC_FORKS_FIRST | (fenced ? FLC_FORKS_FENCED : 0));
	flc_store_relaxed(&lane->bottom, FLC_FORKS_FIRST);
	flc_store_relaxed(&lane->claim, 0);
}

size_t
flc_forks_push(filch_lane_ *lane, filch_record_ *record)
{
	size_t bottom = flc_load_relaxed(&lane->bottom);

	/* acquire [forks.reuse]: a thief is done reading the slot we reuse. */
	size_t top = flc_forks_index(flc_load_acquire(&lane->top));

	if (bottom - top >= FILCH_LANE_CAPACITY_)
		return 0;
	flc_store_relaxed(FLC_HOT_SLOT(lane, bottom), (size_t)record);

	/* release [forks.publish]: the slot and the record, before the index. */
	flc_store_release(&lane->bottom, bottom + 1);
	return bottom;
}

bool
flc_forks_take(filch_lane_ *lane, size_t at)
{
	size_t top = flc_load_relaxed(&lane->top);

	/* Release although we take a record away: a thief may read this value
	 * of bottom, and must then see every record pushed below it
	 * [forks.publish]. */
	flc_store_release(&lane->bottom, at);

	/* store-load [forks.last]: we or the thief of this record sees the
	 * other.  Only we change the mode, so the old look at it is good. */
	if (top & FLC_FORKS_FENCED)
		flc_fence_full();
	else
		flc_fence_light();
	for (;;) {
		top = flc_load_relaxed(&lane->top);
		if (flc_forks_index(top) != at)
			break;
		/* The last one: whoever moves top has it.  A thief that only
		 * sets ASKED makes us try again. */
		if (flc_cas_full(&lane->top, top, top + 1)) {
			flc_store_release(&lane->bottom, at + 1);
			return true;
		}
	}
	if (flc_forks_index(top) < at)
		return true;
	/* Stolen, and so is all that was above it: the lane goes on at top, which
	 * may have passed at + 1 when stolen joins moved the indexes. */
	flc_store_release(&lane->bottom, flc_forks_index(top));
	return false;
}

/* The second half of a steal, behind the fence that the mode asks for. */
static enum flc_steal
steal_behind_fence(filch_lane_ *lane, size_t top, const struct flc_leap *leap,
    filch_record_ **record, size_t *at)
{
	size_t index = flc_forks_index(top);
	filch_record_ *found;

	/* acquire [forks.publish]: the slot and the record come with the index. */
	if (flc_load_acquire(&lane->bottom) <= index)
		return FLC_STEAL_EMPTY;

	/* Read before the CAS: once top moves, the owner may reuse the slot. */
	found = (filch_record_ *)flc_load_relaxed(FLC_HOT_SLOT(lane, index));

	/* Read after the slot: if the awaited record still runs there, then
	 * what we saw above its base descends from it. */
	if (leap != NULL && flc_load_acquire(&leap->awaited->state) != leap->state)
		return FLC_STEAL_EMPTY;

	/* Full, hence release [forks.reuse]: our read of the slot, before top moves. */
	if (!flc_cas_full(&lane->top, top, top + 1))
		return FLC_STEAL_LOST;
	*record = found;
	*at = index;
	return FLC_STEAL_TASK;
}

enum flc_steal
flc_forks_steal(filch_lane_ *lane, const struct flc_leap *leap, filch_record_ **record, size_t *at)
{
	size_t top = flc_load_acquire(&lane->top);
	size_t index = flc_forks_index(top);
	enum flc_steal outcome = FLC_STEAL_EMPTY;

	/* No barrier yet: an empty lane is left in peace. */
	if (flc_load_relaxed(&lane->bottom) <= index)
		return FLC_STEAL_EMPTY;
	if (leap != NULL && index < leap->base)
		return FLC_STEAL_EMPTY;

	/* store-load [forks.last]: between our looks at top and at bottom. */
	if (top & FLC_FORKS_FENCED) {
		flc_fence_full();
		return steal_behind_fence(lane, top, leap, record, at);
	}
	if (top & FLC_FORKS_ASKED)
		return FLC_STEAL_EMPTY;

	/* One thief at a time pays: the kernel holds one lock around it, and
	 * what a second one would buy is most likely gone by then. */
	if (!flc_cas_full(&lane->claim, 0, 1))
		return FLC_STEAL_LOST;
	if (flc_fence_heavy())
		outcome = steal_behind_fence(lane, top, leap, record, at);
	else
		(void)flc_cas_full(&lane->top, top, top | FLC_FORKS_ASKED);
	flc_store_release(&lane->claim, 0);
	return outcome;
}

void
flc_forks_set_mode(filch_lane_ *lane, bool fenced)
{
	for (;;) {
		size_t top = flc_load_relaxed(&lane->top);
		size_t index = flc_forks_index(top);

		/* store-load [forks.last]: full, so that every earlier bottom is
		 * seen by a thief that reads the new mode. */
		if (flc_cas_full(&lane->top, top, index | (fenced ? FLC_FORKS_FENCED : 0)))
			return;
	}
}
