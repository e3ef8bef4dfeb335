/* SPDX-License-Identifier: BSD-2-Clause */
#include "deque/fork_deque.h"

#include "base/yield.h"

/* How long a thief waits for the answer: about 2 us, less than a heavy fence costs where
 * the other core is busy. */
#ifndef ASK_ROUNDS
#define ASK_ROUNDS 64
#endif

void
flc_fork_deque_init(filch_fork_deque_ *deque, bool fenced)
{
	flc_store_relaxed(&deque->top,
	    (FLC_FORK_DEQUE_FIRST + 1) | (fenced ? FLC_FORK_DEQUE_FENCED : 0));
	flc_store_relaxed(&deque->bottom, FLC_FORK_DEQUE_FIRST);
	flc_store_relaxed(&deque->claim, 0);
	flc_store_relaxed(&deque->grant, 0);
	flc_store_relaxed(&deque->ask_record, 0);
	flc_store_relaxed(&deque->ask_base, 0);
	flc_store_relaxed(&deque->paid, 0);
}

size_t
flc_fork_deque_push(filch_fork_deque_ *deque, filch_record_ *record)
{
	size_t bottom = flc_load_relaxed(&deque->bottom);

	if (!flc_hot_has_room_(deque, bottom, ~FLC_FORK_DEQUE_INDEX, true))
		return 0;
	flc_hot_push_(deque, bottom, record);
	return bottom;
}

bool
flc_fork_deque_take(filch_fork_deque_ *deque, size_t at)
{
	size_t top = flc_load_relaxed(&deque->top);

	flc_fork_deque_lower(deque, at, (top & FLC_FORK_DEQUE_FENCED) != 0);
	for (;;) {
		top = flc_load_relaxed(&deque->top);
		if (flc_fork_deque_index(top) != at)
			break;
		if (top & FLC_FORK_DEQUE_ASKED) {
			flc_fork_deque_answer(deque, at, NULL);
			continue;
		}
		/* The last one: whoever moves top has it.  A thief that only sets a bit
		 * makes us try again. */
		if (flc_cas_full(&deque->top, top, top + 1)) {
			flc_store_release(&deque->bottom, at + 1);
			return true;
		}
	}
	if (flc_fork_deque_index(top) < at)
		return true;
	/* Stolen, and so is all that was above it: the deque goes on at top, which may
	 * have passed at + 1 when stolen joins moved the indexes. */
	flc_store_release(&deque->bottom, flc_fork_deque_index(top));
	return false;
}

/* Whether the thief that asks may have the oldest record: it has looked itself that this
 * is not below its base. */
static bool
may_have(const filch_fork_deque_ *deque, const struct flc_frame *frame)
{
	const filch_record_ *record = (const filch_record_ *)flc_load_relaxed(&deque->ask_record);
	size_t base = flc_load_relaxed(&deque->ask_base);

	if (record == NULL)
		return true;
	while (frame != NULL && (frame->record != record || frame->base != base))
		frame = frame->outer;
	/* It still runs here, so what was forked above its base descends from it. */
	return frame != NULL;
}

void
flc_fork_deque_answer(filch_fork_deque_ *deque, size_t end, const struct flc_frame *frame)
{
	for (;;) {
		/* acquire [forks.ask]: what is asked for comes with the bit. */
		size_t top = flc_load_acquire(&deque->top);
		size_t index = flc_fork_deque_index(top);
		size_t granted = 0;

		if (!(top & FLC_FORK_DEQUE_ASKED))
			return;
		if (index < end && may_have(deque, frame))
			granted = flc_load_relaxed(FLC_HOT_SLOT(deque, index));
		flc_store_relaxed(&deque->grant, granted);

		/* Full, hence release [forks.grant]: the record and the grant.  It fails
		 * if the thief has lost backoff, whatever was granted. */
		if (flc_cas_full(&deque->top, top, index + 1 + (granted != 0)))
			return;
	}
}

/* A request and its answer. */
enum answer { ANSWERED, UNANSWERED, OVERTAKEN };

/* Asks the owner; *record: what it gave, or NULL.  The claim is ours. */
static enum answer
ask(filch_fork_deque_ *deque, size_t top, const struct flc_leap *leap, filch_record_ **record)
{
	size_t number = (flc_load_relaxed(&deque->claim) >> 1) & FLC_FORK_DEQUE_ASK_MASK;
	size_t asked = top | FLC_FORK_DEQUE_ASKED | number << FLC_FORK_DEQUE_ASK_SHIFT;

	flc_store_relaxed(&deque->ask_record, leap == NULL ? 0 : (size_t)leap->awaited);
	flc_store_relaxed(&deque->ask_base, leap == NULL ? 0 : leap->base);

	/* Full, hence release [forks.ask]: what we ask for, before the bit. */
	if (!flc_cas_full(&deque->top, top, asked))
		return OVERTAKEN;
	/* acquire [forks.grant]: the answer and the record come with the top. */
	for (int i = 0; i < ASK_ROUNDS && flc_load_acquire(&deque->top) == asked; i++)
		flc_spin_hint();
	/* The owner may wait for our CPU. */
	if (flc_load_acquire(&deque->top) == asked)
		(void)flc_yield_cpu();
	if (flc_load_acquire(&deque->top) == asked && flc_cas_full(&deque->top, asked, top))
		return UNANSWERED;
	/* A failed CAS acquires, too. */
	*record = (filch_record_ *)flc_load_relaxed(&deque->grant);
	return ANSWERED;
}

/* The second half of a steal, behind the fence that the mode asks for. */
static enum flc_steal
steal_behind_fence(filch_fork_deque_ *deque, size_t top, const struct flc_leap *leap,
    filch_record_ **record)
{
	size_t index = flc_fork_deque_index(top);
	filch_record_ *found;

	/* acquire [forks.publish]: the slot and the record come with the index. */
	if (flc_load_acquire(&deque->bottom) <= index)
		return FLC_STEAL_EMPTY;

	/* Read before the CAS: once top moves, the owner may reuse the slot. */
	found = (filch_record_ *)flc_load_relaxed(FLC_HOT_SLOT(deque, index));

	/* Read after the slot: if the awaited record still runs there, then what we saw
	 * above its base descends from it. */
	if (leap != NULL && flc_load_acquire(&leap->awaited->state) != leap->state)
		return FLC_STEAL_EMPTY;

	/* Full, hence release [forks.reuse]: our read of the slot, before top moves. */
	if (!flc_cas_full(&deque->top, top, top + 1))
		return FLC_STEAL_LOST;
	*record = found;
	return FLC_STEAL_TASK;
}

/* From an unfenced deque: asks, and pays if nobody answers. */
static enum flc_steal
steal_unfenced(filch_fork_deque_ *deque, size_t top, const struct flc_leap *leap,
    filch_record_ **record)
{
	enum flc_steal outcome;

	switch (ask(deque, top, leap, record)) {
	case OVERTAKEN:
		return FLC_STEAL_LOST;
	case ANSWERED:
		return *record != NULL ? FLC_STEAL_TASK : FLC_STEAL_EMPTY;
	case UNANSWERED:
		break;
	}
	/* store-load [forks.last]: between our looks at top and at bottom. */
	if (!flc_fence_heavy()) {
		(void)flc_cas_full(&deque->top, top, top | FLC_FORK_DEQUE_REFUSED);
		return FLC_STEAL_EMPTY;
	}
	outcome = steal_behind_fence(deque, top, leap, record);
	if (outcome == FLC_STEAL_TASK)
		flc_store_relaxed(&deque->paid, flc_load_relaxed(&deque->paid) + 1);
	return outcome;
}

enum flc_steal
flc_fork_deque_steal(filch_fork_deque_ *deque, const struct flc_leap *leap,
    filch_record_ **record, size_t *at)
{
	size_t top = flc_load_acquire(&deque->top);
	size_t index = flc_fork_deque_index(top);
	enum flc_steal outcome;
	size_t claim;

	/* No barrier yet: an empty deque is left in peace. */
	if (flc_load_relaxed(&deque->bottom) <= index)
		return FLC_STEAL_EMPTY;
	if (leap != NULL && index < leap->base)
		return FLC_STEAL_EMPTY;

	*at = index;
	if (top & FLC_FORK_DEQUE_FENCED) {
		/* store-load [forks.last]: between our looks at top and at bottom. */
		flc_fence_full();
		return steal_behind_fence(deque, top, leap, record);
	}
	if (top & FLC_FORK_DEQUE_REFUSED)
		return FLC_STEAL_EMPTY;

	/* One thief at a time asks and pays: the kernel holds one lock around the
	 * barrier, and what a second one would get is most likely gone by then.  The
	 * lowest bit is the claim, the others number the claims. */
	claim = flc_load_relaxed(&deque->claim);
	if ((top & FLC_FORK_DEQUE_ASKED) || (claim & 1)
	    || !flc_cas_full(&deque->claim, claim, claim + 3))
		return FLC_STEAL_LOST;
	outcome = steal_unfenced(deque, top, leap, record);
	flc_store_release(&deque->claim, claim + 2);
	return outcome;
}

void
flc_fork_deque_set_mode(filch_fork_deque_ *deque, bool fenced)
{
	for (;;) {
		size_t top = flc_load_relaxed(&deque->top);
		size_t index = flc_fork_deque_index(top);

		if (top & FLC_FORK_DEQUE_ASKED) {
			flc_fork_deque_answer(deque, 0, NULL);
			continue;
		}
		/* Full, hence release [forks.publish]: every earlier bottom, before the
		 * new mode; a thief that reads it sees them. */
		if (flc_cas_full(&deque->top, top,
		    (index + 1) | (fenced ? FLC_FORK_DEQUE_FENCED : 0)))
			return;
	}
}
