/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/blocked.h"

#include "base/clock.h"
#include "sched/held.h"

/* The owners that a search for a cycle follows. */
#define MOST_STEPS 64

/* thread says what the entry is: free, being written, or whose. */
enum { FREE = 0, TAKEN = 1 };

struct flc_blocked {
	flc_atomic thread;
	flc_atomic sequence;  /* grows with each wait that the entry was used for */
	flc_atomic what;
	flc_atomic name;
	flc_atomic owner;
	flc_atomic since;
	flc_atomic for_ever;
	flc_atomic spare;
};

static struct flc_blocked table[FLC_BLOCKED_MOST];
static flc_atomic used;     /* entries above it were never used */
static flc_atomic left_out; /* threads that found it full, now */
static flc_atomic readers;  /* that follow what entries point to, now */
static flc_atomic made;     /* the process that last put an entry in */
static flc_lock cycle_lock = FLC_LOCK_INIT;

/* The threads of the parent are not in the child. */
static void
renew(void)
{
	static const flc_lock fresh = FLC_LOCK_INIT;

	cycle_lock = fresh;
	for (size_t i = 0; i < FLC_BLOCKED_MOST; i++)
		flc_store_relaxed(&table[i].thread, FREE);
	flc_store_relaxed(&left_out, 0);
	flc_store_relaxed(&readers, 0);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
register_renewal(void)
{
	flc_clock_start();
	flc_generation_renews(renew);
}

static bool
take(struct flc_blocked *entry)
{
	return flc_load_relaxed(&entry->thread) == FREE
	    && flc_cas_full(&entry->thread, FREE, TAKEN);
}

/* The entry of last time if it is free, else the lowest. */
static struct flc_blocked *
take_any(void)
{
	if (flc_thread.last != NULL && take(flc_thread.last))
		return flc_thread.last;
	for (size_t i = 0; i < FLC_BLOCKED_MOST; i++) {
		size_t seen;

		if (!take(&table[i]))
			continue;
		while ((seen = flc_load_relaxed(&used)) < i + 1)
			(void)flc_cas_full(&used, seen, i + 1);
		return &table[i];
	}
	return NULL;
}

struct flc_blocked *
flc_blocked_enter(const struct flc_blocked_on *on, int for_ever)
{
	size_t thread = flc_thread_number();
	struct flc_blocked *entry;

	pthread_once(&once, register_renewal);
	/* release [blocked.made]: that the generation was set up. */
	flc_store_release(&made, flc_generation());
	entry = take_any();
	flc_thread.last = entry;
	if (entry == NULL) {
		flc_add_full(&left_out, 1);
		return NULL;
	}
	flc_store_release(&entry->sequence, flc_load_relaxed(&entry->sequence) + 1);
	flc_store_relaxed(&entry->what, (size_t)on->what);
	flc_store_relaxed(&entry->name, (size_t)on->name);
	flc_store_relaxed(&entry->owner, (size_t)on->owner);
	flc_store_relaxed(&entry->since, flc_ticks());
	flc_store_relaxed(&entry->for_ever, for_ever != 0);
	/* release [blocked.entry]: what it waits for, and whatever it owns. */
	flc_store_release(&entry->thread, thread);
	return entry;
}

void
flc_blocked_leave(struct flc_blocked *entry)
{
	if (entry == NULL) {
		flc_add_full(&left_out, (size_t)-1);
		return;
	}
	if (flc_load_relaxed(&entry->thread) == flc_thread.number)
		flc_store_release(&entry->thread, FREE);
	/* store-load [blocked.reader]: no entry, before the look for readers,
	 * who may have found it and follow it. */
	flc_fence_full();
	/* acquire [blocked.read]: they have done with what it points to. */
	while (flc_load_acquire(&readers) != 0)
		sched_yield();
}

/* From here until end_reading() every lock that an entry names lives. */
static void
begin_reading(void)
{
	flc_add_full(&readers, 1);
	/* store-load [blocked.reader]: we read, before the look at entries. */
	flc_fence_full();
}

static void
end_reading(void)
{
	/* Full, hence release [blocked.read]: what we read. */
	flc_add_full(&readers, (size_t)-1);
}

static const struct flc_blocked *
entry_of(size_t thread)
{
	size_t n = flc_load_relaxed(&used);

	for (size_t i = 0; i < n; i++)
		/* acquire [blocked.entry]: what it waits for. */
		if (flc_load_acquire(&table[i].thread) == thread)
			return &table[i];
	return NULL;
}

static bool
is_still(const struct flc_blocked *entry, size_t thread, size_t sequence)
{
	return flc_load_acquire(&entry->thread) == thread
	    && flc_load_acquire(&entry->sequence) == sequence;
}

/* One look along the owners: the entries on the way, with their sequence. */
struct way {
	size_t steps;
	const struct flc_blocked *entry[MOST_STEPS];
	size_t sequence[MOST_STEPS];
};

/* True if the owners lead from what `mine` waits for back to its thread. */
static bool
follow(const struct flc_blocked *mine, size_t me, struct way *way)
{
	const flc_atomic *owner = (const flc_atomic *)flc_load_relaxed(&mine->owner);

	way->steps = 0;
	while (owner != NULL && way->steps < MOST_STEPS) {
		size_t thread = flc_thread_of_claim(flc_load_acquire(owner));
		const struct flc_blocked *entry;

		if (thread == 0)
			return false;
		if (thread == me)
			return way->steps > 0;
		entry = entry_of(thread);
		if (entry == NULL || !flc_load_relaxed(&entry->for_ever))
			return false;
		way->entry[way->steps] = entry;
		way->sequence[way->steps] = flc_load_acquire(&entry->sequence);
		owner = (const flc_atomic *)flc_load_acquire(&entry->owner);
		/* Not another's by now: then what it points to may be gone. */
		if (!is_still(entry, thread, way->sequence[way->steps++]))
			return false;
	}
	return false;
}

/*
 * Two looks that found the same waits: each of them lasted from its first read
 * to its second, and a thread that waits gives nothing away.  So all of them
 * waited at once for what the next one had, and the last for what we have.
 */
static bool
is_the_same(const struct way *a, const struct way *b)
{
	if (a->steps != b->steps)
		return false;
	for (size_t i = 0; i < a->steps; i++)
		if (a->entry[i] != b->entry[i] || a->sequence[i] != b->sequence[i])
			return false;
	return true;
}

int
flc_blocked_is_cycle(struct flc_blocked *entry)
{
	size_t me = flc_thread.number;
	struct way first, second, third;
	bool found;

	if (entry == NULL || !flc_load_relaxed(&entry->for_ever))
		return false;
	/* store-load [blocked.cycle]: our entry, before the looks at others'.
	 * Of all the threads in a cycle the last to pass here sees it whole. */
	begin_reading();
	found = follow(entry, me, &first);
	end_reading();
	if (FLC_LIKELY(!found))
		return false;
	flc_lock_take(&cycle_lock);
	begin_reading();
	/* A third look: the first may be from before another one backed out.
	 * store-load [blocked.cycle]: the others' side is the same place. */
	found = follow(entry, me, &second) && follow(entry, me, &third)
	    && is_the_same(&second, &third);
	if (found)
		flc_store_release(&entry->thread, FREE);
	end_reading();
	flc_lock_give(&cycle_lock);
	return found;
}

size_t
flc_blocked_foreach(void (*visit)(void *context, const struct flc_blocked_row *row), void *context)
{
	/* acquire [blocked.made]: that the generation was set up. */
	size_t generation = flc_load_acquire(&made);
	size_t n;

	/* None yet; or a parent's, perhaps in a signal handler, where the table
	 * cannot be renewed. */
	if (generation == 0 || flc_generation_is_old(generation))
		return 0;
	begin_reading();
	n = flc_load_relaxed(&used);
	for (size_t i = 0; i < n; i++) {
		struct flc_blocked *entry = &table[i];
		size_t sequence = flc_load_acquire(&entry->sequence);
		/* acquire [blocked.entry]: what it waits for. */
		struct flc_blocked_row row = { .thread = flc_load_acquire(&entry->thread) };
		const flc_atomic *owner = (const flc_atomic *)flc_load_acquire(&entry->owner);

		row.what = (const char *)flc_load_acquire(&entry->what);
		row.name = (const char *)flc_load_acquire(&entry->name);
		row.since = flc_load_acquire(&entry->since);
		row.for_ever = flc_load_acquire(&entry->for_ever) != 0;
		if (row.thread == FREE || row.thread == TAKEN
		    || !is_still(entry, row.thread, sequence))
			continue;
		row.owner = owner == NULL ? 0 : flc_thread_of_claim(flc_load_acquire(owner));
		visit(context, &row);
	}
	end_reading();
	return flc_load_relaxed(&left_out);
}
