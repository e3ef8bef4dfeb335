/* SPDX-License-Identifier: BSD-2-Clause */
#include "deque/range_rest.h"

/* How long a taker waits for a fenced claim: about 2 us, less than a heavy fence. */
#ifndef REST_ASK_ROUNDS
#define REST_ASK_ROUNDS 64
#endif

/*
 * INVARIANTS, of an open rest
 *
 *   Each index in [front, back) is nobody's but the loop's.
 *   Only the owner moves the front, and only upwards, except a claim that it takes
 *   back under the lock; the back is moved under the lock, and only downwards, except
 *   by a taker that puts it back before it leaves the lock.
 */

void
flc_rests_init(struct flc_rests *rests)
{
	flc_store_relaxed(&rests->used, 0);
	for (size_t i = 0; i < FLC_RESTS; i++) {
		struct flc_rest *rest = &rests->rest[i];

		rests->part[i] = NULL;
		flc_word_lock_init(&rest->lock);
		flc_store_relaxed(&rest->tag, 0);
		flc_store_relaxed(&rest->front, 0);
		flc_store_relaxed(&rest->back, 0);
		flc_store_relaxed(&rest->fenced, 0);
		flc_store_relaxed(&rest->asked, 0);
		flc_store_relaxed(&rest->hidden, 0);
		flc_rest_set_least(rest, 1, 1);
	}
}

/* One that is closed, or that a part further out does not need any more, as others took
 * all of it. */
static struct flc_rest *
reclaim(struct flc_rests *rests, size_t *place)
{
	for (size_t i = 0; i < FLC_RESTS; i++) {
		struct flc_rest *rest = &rests->rest[i];

		if (rests->part[i] != NULL) {
			if (flc_load_relaxed(&rest->front) < flc_rest_back(rest))
				continue;
			flc_rest_close(rests, rests->part[i]);
		}
		*place = i;
		return rest;
	}
	return NULL;
}

bool
flc_rest_open(struct flc_rests *rests, struct flc_part *part, size_t front,
    const struct flc_rest_loop *loop, size_t tag, size_t least, size_t step)
{
	size_t place = flc_load_relaxed(&rests->used);
	struct flc_rest *rest = place < FLC_RESTS ? &rests->rest[place] : reclaim(rests, &place);

	if (FLC_UNLIKELY(rest == NULL))
		return false;
	part->rest = rest;
	rests->part[place] = part;
	flc_set(rest->loop, loop);
	flc_rest_set_least(rest, least, step);
	flc_store_relaxed(&rest->fenced, !flc_fence_is_cheap());
	flc_store_relaxed(&rest->asked, 0);
	flc_store_relaxed(&rest->hidden, 0);
	flc_store_relaxed(&rest->front, front);
	flc_store_relaxed(&rest->back, part->end);
	/* release [rest.open]: all of it, before the tag. */
	flc_store_release(&rest->tag, tag);
	if (place >= flc_load_relaxed(&rests->used))
		flc_store_relaxed(&rests->used, place + 1);
	return true;
}

void
flc_rest_close(struct flc_rests *rests, struct flc_part *part)
{
	struct flc_rest *rest = part->rest;
	size_t used = flc_load_relaxed(&rests->used);

	rests->part[rest - rests->rest] = NULL;
	while (used > 0 && rests->part[used - 1] == NULL)
		used--;
	flc_store_relaxed(&rests->used, used);
	/* The lock: no taker is inside when the loop's memory goes. */
	flc_word_lock_acquire(&rest->lock);
	part->end = flc_load_relaxed(&rest->back);
	flc_store_relaxed(&rest->tag, 0);
	flc_word_lock_release(&rest->lock);
	part->rest = NULL;
}

size_t
flc_rest_hold(struct flc_rest *rest, size_t front)
{
	flc_word_lock_acquire(&rest->lock);
	flc_store_relaxed(&rest->front, front);
	return flc_load_relaxed(&rest->back);
}

void
flc_rest_let_go(struct flc_rest *rest, size_t front)
{
	flc_store_relaxed(&rest->front, front);
	flc_word_lock_release(&rest->lock);
}

/* Where to cut what is left: the taker has the upper half, of an odd number of steps the
 * larger one, and all of a single step. */
static size_t
cut_of(const struct flc_rest *rest, size_t front, size_t back)
{
	size_t left = flc_rest_between(front, back);
	size_t least = flc_load_relaxed(&rest->least), step = flc_load_relaxed(&rest->step);
	/* Where fewer may stand alone, the last step may be short. */
	size_t steps = left / step + (least < step && left % step != 0);

	return left < least ? back : front + steps / 2 * step;
}

/* Whether the owner's claims are fenced, now or soon. */
static void
ask_for_fences(struct flc_rest *rest)
{
	if (flc_load_relaxed(&rest->fenced) != 0)
		return;
	flc_store_relaxed(&rest->asked, 1);
	for (int i = 0; i < REST_ASK_ROUNDS && flc_load_relaxed(&rest->fenced) == 0; i++)
		flc_spin_hint();
}

/* Moves the back down, unless the owner is there already. */
static bool
move_back(struct flc_rest *rest, size_t cut, size_t back)
{
	size_t front;

	flc_store_relaxed(&rest->back, cut);
	/* store-load [rest.cross]: the back, before the front; and store-load
	 * [rest.light]: the back, before `fenced`. */
	flc_fence_full();
	/* acquire [rest.fenced]: the fronts of the light claims before. */
	if (flc_load_acquire(&rest->fenced) != 0 || flc_fence_heavy()) {
		front = flc_load_relaxed(&rest->front);
		if (front == cut || (front < cut
		    && cut - front >= flc_load_relaxed(&rest->least)))
			return true;
	}
	flc_store_relaxed(&rest->back, back);
	return false;
}

/* Whether the thread may take part.  If not, later threads need not ask. */
static bool
is_admitted(struct flc_rest *rest, const struct flc_rest_loop *loop, size_t tag, bool is_member)
{
	enum flc_admission admission = loop->admit(tag, is_member);

	if (admission != FLC_ADMIT_NO_MORE)
		return admission == FLC_ADMITTED;
	flc_store_relaxed(&rest->hidden, 1);
	/* store-load [rest.hidden]: the word, before the count in admit(); a thread that
	 * leaves the loop changes the count, and then shows what is hidden. */
	flc_fence_full();
	if (loop->admit(tag, is_member) != FLC_ADMITTED)
		return false;
	flc_store_relaxed(&rest->hidden, 0);
	return true;
}

/* Under the lock. */
static enum flc_steal
take_part(struct flc_rest *rest, size_t tag, bool is_member, struct flc_job *job)
{
	const struct flc_rest_loop *loop;
	size_t back, cut;

	if (!flc_rest_is_worth(rest, tag, is_member))
		return FLC_STEAL_EMPTY;
	job->tag = flc_load_relaxed(&rest->tag);
	loop = flc_get(rest->loop);
	back = flc_load_relaxed(&rest->back);
	cut = cut_of(rest, flc_load_relaxed(&rest->front), back);
	if (cut >= back || !is_admitted(rest, loop, job->tag, is_member))
		return FLC_STEAL_EMPTY;
	if (!move_back(rest, cut, back)) {
		loop->dismiss(job->tag);
		return FLC_STEAL_LOST;
	}
	job->run = loop->run;
	job->range = (struct flc_job_range){ cut, back, 0 };
	return FLC_STEAL_TASK;
}

static enum flc_steal
take(struct flc_rest *rest, size_t tag, bool is_member, struct flc_job *job)
{
	enum flc_steal outcome;

	if (!flc_rest_is_worth(rest, tag, is_member))
		return FLC_STEAL_EMPTY;
	ask_for_fences(rest);
	if (!flc_word_lock_try_acquire(&rest->lock))
		return FLC_STEAL_LOST;
	outcome = take_part(rest, tag, is_member, job);
	flc_word_lock_release(&rest->lock);
	return outcome;
}

enum flc_steal
flc_rests_take(struct flc_rests *rests, size_t tag, bool is_member, struct flc_job *job)
{
	size_t used = flc_load_relaxed(&rests->used);
	enum flc_steal outcome = FLC_STEAL_EMPTY;

	for (size_t i = 0; i < used && outcome != FLC_STEAL_TASK; i++) {
		enum flc_steal taken = take(&rests->rest[i], tag, is_member, job);

		outcome = taken != FLC_STEAL_EMPTY ? taken : outcome;
	}
	return outcome;
}

enum flc_steal
flc_rests_take_inner(struct flc_rests *rests, struct flc_job *job)
{
	enum flc_steal outcome = FLC_STEAL_EMPTY;

	for (size_t i = flc_load_relaxed(&rests->used); i-- > 0 && outcome != FLC_STEAL_TASK;) {
		enum flc_steal taken = take(&rests->rest[i], 0, false, job);

		outcome = taken != FLC_STEAL_EMPTY ? taken : outcome;
	}
	return outcome;
}

void
flc_rests_show(struct flc_rests *rests, size_t tag)
{
	size_t used = flc_load_relaxed(&rests->used);

	/* store-load [rest.hidden]: the count that the caller has changed, before the
	 * word. */
	if (used > 0)
		flc_fence_full();
	for (size_t i = 0; i < used; i++)
		if (flc_load_relaxed(&rests->rest[i].tag) == tag)
			flc_store_relaxed(&rests->rest[i].hidden, 0);
}
