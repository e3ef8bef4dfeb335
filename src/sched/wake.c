/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/wake.h"

#include "sched/sleep_counts.h"

#define RISE (ONE_ACTIVE + ONE_SEARCHING - ONE_ASLEEP)

/* Takes it from the list; under the lock.  The first one's `before` is not kept, so that
 * the next one is not touched when the first is woken. */
static inline void
take_out(struct flc_sleep *sleep, struct flc_sleeper *sleeper)
{
	if (first_asleep(sleep, sleeper->rank) == sleeper) {
		flc_store_relaxed(&sleep->asleep[sleeper->rank], (size_t)sleeper->next);
		return;
	}
	sleeper->before->next = sleeper->next;
	if (sleeper->next != NULL)
		sleeper->next->before = sleeper->before;
}

/* asleep -> searching, under the lock. */
static inline void
rise(struct flc_sleep *sleep, struct flc_sleeper *sleeper)
{
	size_t before, after;

	take_out(sleep, sleeper);
	/* release [sleep.rise]: how it was chosen, before it is awake. */
	flc_store_release(&sleeper->asleep, 0);
	do {
		before = flc_load_relaxed(&sleep->counts);
		after = before + RISE;
		if (sleeper->watching)
			after &= ~WATCHED;
	} while (!flc_cas_full(&sleep->counts, before, after));
	sleeper->watching = false;
}

void
flc_sleep_cancel(struct flc_sleep *sleep, struct flc_sleeper *me)
{
	(void)flc_sleep_choose_this(sleep, me);
}

bool
flc_sleep_choose_this(struct flc_sleep *sleep, struct flc_sleeper *sleeper)
{
	bool chosen;

	flc_word_lock_acquire(&sleep->lock);
	chosen = flc_load_relaxed(&sleeper->asleep) != 0;
	if (chosen)
		rise(sleep, sleeper);
	flc_word_lock_release(&sleep->lock);
	return chosen;
}

/* The CPUs of the guests. */
struct guest_cpus {
	uint32_t cpu[FLC_SLEEP_GUESTS];
	size_t n;
};

/* Under the lock. */
static void
find_guest_cpus(const struct flc_sleep *sleep, struct guest_cpus *guests)
{
	size_t n = 0;

	for (const struct flc_sleeper *guest = sleep->guests; guest != NULL
	    && n < FLC_SLEEP_GUESTS; guest = guest->next) {
		size_t at = flc_load_relaxed(&guest->guest_at);

		if (at != 0)
			guests->cpu[n++] = (uint32_t)(at - 1);
	}
	guests->n = n;
}

/* A guest works on the sleeper's CPU. */
static inline bool
is_crowded(const struct flc_sleeper *sleeper, const struct guest_cpus *guests)
{
	size_t i = 0;

	if (guests == NULL || sleeper->cpu == FLC_NO_CPU)
		return false;
	while (i < guests->n && guests->cpu[i] != sleeper->cpu)
		i++;
	return i < guests->n;
}

/* Lower is better: not on the CPU of a guest or of the thread that wakes, which goes on
 * working there, and the watcher last of these. */
static inline uint32_t
cost_of_waking(const struct flc_sleeper *sleeper, uint32_t own, const struct guest_cpus *guests)
{
	bool taken = sleeper->cpu != FLC_NO_CPU
	    && (sleeper->cpu == own || is_crowded(sleeper, guests));

	return 2 * taken + sleeper->watching;
}

/* Workers before spares.  Only those asleep are looked at, and none after the first that
 * costs nothing.  guests: NULL if there are none. */
static FLC_ALWAYS_INLINE struct flc_sleeper *
cheapest(const struct flc_sleep *sleep, uint32_t own, const struct guest_cpus *guests)
{
	struct flc_sleeper *best = NULL;
	uint32_t least = UINT32_MAX;

	for (int rank = 0; rank < FLC_RANK_GUEST && best == NULL; rank++)
		for (struct flc_sleeper *s = first_asleep(sleep, rank);
		    s != NULL && least > 0; s = s->next) {
			uint32_t cost = cost_of_waking(s, own, guests);

			if (cost < least) {
				least = cost;
				best = s;
			}
		}
	if (best != NULL)
		best->crowded = is_crowded(best, guests);
	return best;
}

static FLC_NOINLINE struct flc_sleeper *
cheapest_beside_guests(const struct flc_sleep *sleep, uint32_t own)
{
	struct guest_cpus guests;

	find_guest_cpus(sleep, &guests);
	return cheapest(sleep, own, &guests);
}

/* A spare that has no thread yet, if there is one. */
static FLC_COLD bool
choose_unstarted(struct flc_sleep *sleep)
{
	if (flc_load_relaxed(&sleep->unstarted) == 0)
		return false;
	flc_add_full(&sleep->unstarted, (size_t)-1);
	flc_add_full(&sleep->counts, RISE);
	return true;
}

FLC_HOT struct flc_sleeper *
flc_sleep_choose(struct flc_sleep *sleep, uint32_t cpu, bool outside, bool *start)
{
	struct flc_sleeper *chosen = NULL;
	size_t counts;

	*start = false;
	flc_word_lock_acquire(&sleep->lock);
	counts = flc_load_relaxed(&sleep->counts);
	if (FLC_LIKELY(wake_wanted(sleep, counts))) {
		/* A guest counts as active, or as waiting. */
		chosen = nobody_is_inside(counts) ? cheapest(sleep, cpu, NULL)
		    : cheapest_beside_guests(sleep, cpu);
		if (FLC_LIKELY(chosen != NULL)) {
			chosen->outside = outside;
			rise(sleep, chosen);
		} else {
			*start = choose_unstarted(sleep);
		}
	}
	flc_word_lock_release(&sleep->lock);
	return chosen;
}

void
flc_sleep_add_unstarted(struct flc_sleep *sleep, size_t spares)
{
	flc_word_lock_acquire(&sleep->lock);
	flc_add_full(&sleep->unstarted, spares);
	flc_add_full(&sleep->counts, spares * ONE_ASLEEP);
	flc_word_lock_release(&sleep->lock);
}

void
flc_sleep_not_started(struct flc_sleep *sleep)
{
	flc_add_full(&sleep->refused, 1);
	flc_sleep_end(sleep);
}

void
flc_sleep_readmit(struct flc_sleep *sleep)
{
	size_t spares;

	flc_word_lock_acquire(&sleep->lock);
	spares = flc_load_relaxed(&sleep->refused);
	flc_add_full(&sleep->refused, 0 - spares);
	flc_add_full(&sleep->unstarted, spares);
	flc_add_full(&sleep->counts, spares * ONE_ASLEEP);
	flc_word_lock_release(&sleep->lock);
}

bool
flc_sleep_wanted(const struct flc_sleep *sleep)
{
	return wake_wanted(sleep, flc_load_relaxed(&sleep->counts));
}
