/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/sleep.h"

#include "sched/sleep_counts.h"

void
flc_sleep_init(struct flc_sleep *sleep, struct flc_sleeper **sleeper, size_t sleepers, size_t limit)
{
	flc_store_relaxed(&sleep->counts, 0);
	flc_store_relaxed(&sleep->limit, limit);
	flc_store_relaxed(&sleep->closing, 0);
	flc_word_lock_init(&sleep->lock);
	sleep->sleeper = sleeper;
	sleep->sleepers = sleepers;
	sleep->guests = NULL;
	for (int rank = 0; rank < FLC_RANK_GUEST; rank++)
		flc_store_relaxed(&sleep->asleep[rank], 0);
	flc_store_relaxed(&sleep->unstarted, 0);
	flc_store_relaxed(&sleep->refused, 0);
	flc_store_relaxed(&sleep->ask_at, 0);
	flc_store_relaxed(&sleep->visits, 0);
	flc_store_relaxed(&sleep->blocking, 0);
	sleep->visits_known = 0;
}

void
flc_sleep_fini(struct flc_sleep *sleep)
{
	(void)sleep;
}

void
flc_sleeper_init(struct flc_sleeper *sleeper, enum flc_rank rank, uint32_t cpu)
{
	flc_parker_init(&sleeper->parker);
	flc_store_relaxed(&sleeper->asleep, 0);
	sleeper->rank = rank;
	sleeper->cpu = cpu;
	sleeper->next = sleeper->before = NULL;
	sleeper->watching = false;
	sleeper->idle_spins = 0;
	sleeper->visits = 0;
	sleeper->crowded = false;
	sleeper->outside = false;
	flc_store_relaxed(&sleeper->guest_at, 0);
	flc_store_relaxed(&sleeper->sent_for, 0);
}

void
flc_sleeper_fini(struct flc_sleeper *sleeper)
{
	flc_parker_fini(&sleeper->parker);
}

void
flc_sleep_admit(struct flc_sleep *sleep, size_t slot, struct flc_sleeper *sleeper)
{
	flc_word_lock_acquire(&sleep->lock);
	sleep->sleeper[slot] = sleeper;
	if (sleeper->rank == FLC_RANK_GUEST) {
		sleeper->next = sleep->guests;
		sleep->guests = sleeper;
	}
	flc_word_lock_release(&sleep->lock);
}

void
flc_sleep_begin(struct flc_sleep *sleep)
{
	flc_add_full(&sleep->counts, ONE_ACTIVE + ONE_SEARCHING);
}

void
flc_sleep_end(struct flc_sleep *sleep)
{
	flc_add_full(&sleep->counts, 0 - ONE_ACTIVE - ONE_SEARCHING);
}

void
flc_sleep_enter(struct flc_sleep *sleep, struct flc_sleeper *guest, uint32_t cpu)
{
	/* Only a hint for the choice of whom to wake. */
	flc_store_relaxed(&guest->guest_at, cpu == FLC_NO_CPU ? 0 : (size_t)cpu + 1);
	flc_store_relaxed(&sleep->visits, flc_load_relaxed(&sleep->visits) + 1);
	flc_add_full(&sleep->counts, ONE_ACTIVE);
}

enum flc_leave
flc_sleep_leave(struct flc_sleep *sleep, struct flc_sleeper *guest)
{
	size_t counts;

	flc_store_relaxed(&guest->guest_at, 0);
	counts = flc_add_full(&sleep->counts, 0 - ONE_ACTIVE) - ONE_ACTIVE;

	/* store-load [sleep.inject]: the free place, before the look for what was
	 * injected while there was none. */
	flc_fence_full();
	if (!wake_wanted(sleep, counts))
		return FLC_LEAVE_NOTHING;
	if (active(counts) == 0)
		return FLC_LEAVE_LOOK;
	return counts & WATCHED ? FLC_LEAVE_NOTHING : FLC_LEAVE_FENCE;
}

void
flc_sleep_start_search(struct flc_sleep *sleep)
{
	flc_add_full(&sleep->counts, ONE_SEARCHING);
}

enum flc_leave
flc_sleep_stop_search(struct flc_sleep *sleep, bool stole_fork)
{
	size_t counts = flc_add_full(&sleep->counts, 0 - ONE_SEARCHING) - ONE_SEARCHING;

	if (!wake_wanted(sleep, counts))
		return FLC_LEAVE_NOTHING;
	if (is_alone(sleep, counts, 1)) {
		/* store-load [sleep.inject]: no searcher, before the look for what was
		 * injected while there was one. */
		flc_fence_full();
		return FLC_LEAVE_LOOK;
	}
	/* A fork looks at top before it is published, so a wake may be missed for it
	 * above the one we stole; that is made good within a millisecond if somebody
	 * watches.  A spare is not started for that alone. */
	if (stole_fork && !(counts & WATCHED)
	    && asleep(counts) > flc_load_relaxed(&sleep->unstarted))
		return FLC_LEAVE_WAKE;
	return FLC_LEAVE_FENCE;
}

/* The last to fall asleep comes first: its caches are the warmest.  Under the lock. */
static void
put_to_sleep(struct flc_sleep *sleep, struct flc_sleeper *me)
{
	flc_store_relaxed(&me->asleep, 1);
	me->next = first_asleep(sleep, me->rank);
	if (me->next != NULL)
		me->next->before = me;
	flc_store_relaxed(&sleep->asleep[me->rank], (size_t)me);
}

bool
flc_sleep_fall_asleep(struct flc_sleep *sleep, struct flc_sleeper *me)
{
	size_t visits = flc_load_relaxed(&sleep->visits);
	size_t before, after;

	flc_word_lock_acquire(&sleep->lock);
	put_to_sleep(sleep, me);
	me->idle_spins = 0;
	do {
		before = flc_load_relaxed(&sleep->counts);
		after = before - ONE_SEARCHING - ONE_ACTIVE + ONE_ASLEEP;
		/* The first to sleep watches the threads that are at work, and guests
		 * that may come again. */
		me->watching = active(after) < flc_load_relaxed(&sleep->limit)
		    && !(after & WATCHED)
		    && (active(after) > 0 || visits != sleep->visits_known);
		if (me->watching)
			after |= WATCHED;
	} while (!flc_cas_full(&sleep->counts, before, after));
	if (me->watching)
		sleep->visits_known = visits;
	flc_word_lock_release(&sleep->lock);
	return is_alone(sleep, after, 0);
}

/* Nobody has been at work for a while, or there is no room: nothing to watch.  In one
 * step with the look, so that a guest that comes in meanwhile is either seen or sees no
 * watcher.  True: one last look is due, for the threads that relied on the watch. */
static bool
stop_watching(struct flc_sleep *sleep, struct flc_sleeper *me)
{
	bool stopped = false;

	flc_word_lock_acquire(&sleep->lock);
	while (me->watching) {
		size_t counts = flc_load_relaxed(&sleep->counts);

		if (watch_wanted(sleep, counts))
			break;
		if (flc_cas_full(&sleep->counts, counts, counts & ~WATCHED))
			me->watching = false;
	}
	stopped = !me->watching;
	flc_word_lock_release(&sleep->lock);
	/* store-load [sleep.inject]: no watcher, before the last look. */
	flc_fence_full();
	return stopped;
}

/* A look is due, by its time.  True: it goes on watching. */
static bool
watches_on(struct flc_sleep *sleep, struct flc_sleeper *me)
{
	size_t counts = flc_load_relaxed(&sleep->counts);
	size_t visits = flc_load_relaxed(&sleep->visits);

	if (watch_wanted(sleep, counts) || visits != me->visits) {
		me->idle_spins = 0;
		me->visits = visits;
		return active(counts) < flc_load_relaxed(&sleep->limit);
	}
	return active(counts) == 0 && ++me->idle_spins <= FLC_WATCH_ON;
}

enum flc_woken
flc_sleep_wait(struct flc_sleep *sleep, struct flc_sleeper *me)
{
	for (;;) {
		bool watching;

		flc_word_lock_acquire(&sleep->lock);
		watching = me->watching;
		flc_word_lock_release(&sleep->lock);
		if (flc_load_acquire(&sleep->closing))
			return FLC_WOKEN_SHUTDOWN;
		/* acquire [sleep.rise]: how we were chosen. */
		if (!flc_load_acquire(&me->asleep))
			return FLC_WOKEN_TASK;
		if (flc_parker_wait(&me->parker,
		    watching ? filch_now() + FLC_WATCH_NS : FILCH_FOREVER))
			continue;
		if (watches_on(sleep, me) || stop_watching(sleep, me))
			return FLC_WOKEN_TIMEOUT;
	}
}

enum flc_leave
flc_sleep_give_up(struct flc_sleep *sleep)
{
	size_t change = ONE_WAITING - ONE_ACTIVE;
	size_t counts = flc_add_full(&sleep->counts, change) + change;

	if (!wake_wanted(sleep, counts))
		return FLC_LEAVE_NOTHING;
	if (!is_alone(sleep, counts, 0))
		return FLC_LEAVE_FENCE;
	/* store-load [sleep.inject]: the free place, before the look for what was
	 * injected while there was none. */
	flc_fence_full();
	return FLC_LEAVE_LOOK;
}

void
flc_sleep_take_back(struct flc_sleep *sleep)
{
	flc_add_full(&sleep->counts, ONE_ACTIVE - ONE_WAITING);
}

void
flc_sleep_count_blocking(struct flc_sleep *sleep, size_t change)
{
	flc_add_full(&sleep->blocking, change);
	/* A change of the counts, though none of them changes: whoever makes one after it
	 * sees the above, and we see the ones before. */
	flc_add_full(&sleep->counts, 0);
}

bool
flc_sleep_unwatched(const struct flc_sleep *sleep)
{
	return !(flc_load_relaxed(&sleep->counts) & WATCHED);
}

bool
flc_sleep_surplus(const struct flc_sleep *sleep)
{
	return flc_sleep_active(sleep) > flc_load_relaxed(&sleep->limit);
}

size_t
flc_sleep_active(const struct flc_sleep *sleep)
{
	return active(flc_load_relaxed(&sleep->counts));
}

bool
flc_sleep_is_short(const struct flc_sleep *sleep)
{
	size_t counts = flc_load_relaxed(&sleep->counts);

	return asleep(counts) == 0 && searching(counts) == 0
	    && active(counts) < flc_load_relaxed(&sleep->limit);
}

bool
flc_sleep_is_lonely(const struct flc_sleep *sleep)
{
	size_t counts = flc_load_relaxed(&sleep->counts);

	return active(counts) <= 1 && asleep(counts) == 0;
}

bool
flc_sleep_is_stalled(const struct flc_sleep *sleep)
{
	size_t counts = flc_load_relaxed(&sleep->counts);

	return active(counts) == 0 && asleep(counts) == 0 && counts >= ONE_WAITING;
}

bool
flc_sleep_has_searcher(const struct flc_sleep *sleep)
{
	return searching(flc_load_relaxed(&sleep->counts)) > 0;
}

bool
flc_sleep_has_runner(const struct flc_sleep *sleep)
{
	size_t counts = flc_load_relaxed(&sleep->counts);

	return active(counts) > searching(counts);
}

bool
flc_sleep_is_quiet(const struct flc_sleep *sleep)
{
	size_t counts = flc_load_relaxed(&sleep->counts);

	return active(counts) == 0 && counts < ONE_WAITING;
}

void
flc_sleep_set_limit(struct flc_sleep *sleep, size_t limit)
{
	flc_store_relaxed(&sleep->limit, limit);
}

void
flc_sleep_close(struct flc_sleep *sleep)
{
	flc_store_release(&sleep->closing, 1);
	flc_word_lock_acquire(&sleep->lock);
	for (size_t i = 0; i < sleep->sleepers; i++)
		if (sleep->sleeper[i] != NULL)
			(void)flc_parker_wake(&sleep->sleeper[i]->parker);
	flc_word_lock_release(&sleep->lock);
}
