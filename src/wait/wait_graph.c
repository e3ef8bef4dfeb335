/* SPDX-License-Identifier: BSD-2-Clause */
#include "wait/wait_graph.h"

#include "base/clock.h"
#include "base/futex.h"
#include "base/static_lock.h"
#include "sched/worker.h"
#include "wait/held_locks.h"

#include <limits.h>
#include <string.h>

/* The owners that a search for a cycle follows. */
#define MOST_STEPS 64

/* thread says what the entry is: free, being written, or whose. */
enum { FREE = 0, TAKEN = 1 };

/* How it waits. */
enum { FOR_EVER = 1, FOR_TASKS = 2 };

struct flc_blocked {
	flc_atomic thread;
	flc_atomic sequence;  /* grows with each wait that the entry was used for */
	flc_atomic what;
	flc_atomic name;
	flc_atomic has;       /* the owner's word; of tasks: what is awaited */
	flc_atomic since;
	flc_atomic how;
	flc_atomic worker;    /* that the thread is, or NULL */
};

static struct flc_blocked table[FLC_BLOCKED_MOST];
static flc_atomic used;     /* entries above it were never used */
static flc_atomic left_out; /* threads that found it full, now */
static flc_atomic readers;  /* that follow what entries point to, now */
static flc_atomic made;     /* the process that last put an entry in */
static struct flc_static_lock cycle_lock = FLC_STATIC_LOCK_INIT;

/* The threads of the parent are not in the child. */
static void
renew(struct flc_renewal *unused)
{
	(void)unused;
	for (size_t i = 0; i < FLC_BLOCKED_MOST; i++)
		flc_store_relaxed(&table[i].thread, FREE);
	flc_store_relaxed(&left_out, 0);
	flc_store_relaxed(&readers, 0);
}

static struct flc_renewal renewal = FLC_RENEWAL_INIT(renew);

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

	flc_clock_start();
	flc_renewal_begin(&renewal);
	/* release [blocked.made]: that the generation was set up. */
	flc_store_release(&made, flc_generation());
	entry = take_any();
	flc_thread.last = entry;
	if (entry == NULL) {
		flc_add_full(&left_out, 1);
		return NULL;
	}
	flc_store_relaxed(&entry->sequence, flc_load_relaxed(&entry->sequence) + 1);
	/* release [blocked.sequence]: the new number, before each field, so that a reader
	 * of one of them does not find the old number behind it. */
	flc_store_release(&entry->what, (size_t)on->what);
	flc_store_release(&entry->name, (size_t)on->name);
	flc_store_release(&entry->has, on->awaited != NULL ? (size_t)on->awaited
	    : (size_t)on->owner);
	flc_store_release(&entry->since, flc_ticks());
	flc_store_release(&entry->how, (for_ever ? FOR_EVER : 0)
	    | (on->awaited != NULL ? FOR_TASKS : 0));
	flc_store_release(&entry->worker, (size_t)flc_self());
	/* release [blocked.entry]: what it waits for, whatever it owns, and what stands
	 * on its stack. */
	flc_store_release(&entry->thread, thread);
	return entry;
}

/* Looks at the readers before the thread sleeps. */
#define READER_LOOKS 100

void
flc_blocked_leave(struct flc_blocked *entry)
{
	if (entry == NULL) {
		flc_add_full(&left_out, (size_t)-1);
		return;
	}
	if (flc_load_relaxed(&entry->thread) == flc_thread.number)
		flc_store_release(&entry->thread, FREE);
	/* store-load [blocked.reader]: no entry, before the look for readers, which may
	 * have found it and follow it. */
	flc_fence_full();
	/* acquire [blocked.read]: they have done with what it points to. */
	for (size_t looks = 0, seen; (seen = flc_load_acquire(&readers)) != 0; looks++)
		if (looks < READER_LOOKS)
			flc_spin_hint();
		else
			/* It may wait for this CPU. */
			(void)flc_futex_wait(&readers, (unsigned)seen, FILCH_FOREVER);
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
	if (flc_add_full(&readers, (size_t)-1) == 1)
		flc_futex_wake(&readers, INT_MAX);
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

/* acquire [blocked.sequence]: each field was read so, hence the number that it was
 * written behind, or a later one, is read here. */
static bool
is_still(const struct flc_blocked *entry, size_t thread, size_t sequence)
{
	return flc_load_acquire(&entry->thread) == thread
	    && flc_load_acquire(&entry->sequence) == sequence;
}

/* One look along the waits: the entries on the way, with their sequence. */
struct way {
	size_t steps;
	const struct flc_blocked *entry[MOST_STEPS];
	size_t sequence[MOST_STEPS];
};

/* A look for a way back to the thread that looks. */
struct search {
	size_t me;
	const struct flc_worker *worker;  /* that it is, or NULL */
	bool tasks_only;                  /* along waits for tasks */
	struct way *way;
	bool seen[FLC_BLOCKED_MOST];      /* entries that do not lead back, or are on the way */
};

/*
 * Whether a blocked thread runs, anywhere on its stack, what is awaited: a record that it
 * stole, or a task in a scope with this word.  Its stack does not change while we read,
 * and what runs on it ends only after the thread has gone on.
 */
static bool
runs(const struct flc_worker *worker, const void *awaited)
{
	if (worker == NULL || awaited == NULL)
		return false;
	for (const struct flc_worker *w = worker; w != NULL; w = flc_worker_around(w))
		for (const struct flc_frame *f = w->frame; f != NULL; f = f->outer)
			if ((const void *)f->record == awaited)
				return true;
	return flc_worker_is_inside(worker, awaited);
}

static bool leads_back(struct search *search, const struct flc_blocked *from);

/* Goes on through a thread that waits for ever, unless that was tried. */
static bool
step(struct search *search, const struct flc_blocked *entry, size_t thread, size_t sequence)
{
	struct way *way = search->way;

	if (search->seen[entry - table] || way->steps == MOST_STEPS
	    || !(flc_load_acquire(&entry->how) & FOR_EVER)
	    || !is_still(entry, thread, sequence))
		return false;
	search->seen[entry - table] = true;
	way->entry[way->steps] = entry;
	way->sequence[way->steps++] = sequence;
	if (leads_back(search, entry))
		return true;
	way->steps--;
	return false;
}

/* Any of the threads that run a task which is waited for will do: the wait lasts until
 * all of them have gone on. */
static bool
leads_back_by_tasks(struct search *search, const void *awaited)
{
	size_t n = flc_load_relaxed(&used);

	if (runs(search->worker, awaited))
		return true;
	for (size_t i = 0; i < n; i++) {
		size_t sequence = flc_load_acquire(&table[i].sequence);
		/* acquire [blocked.entry]: its stack. */
		size_t thread = flc_load_acquire(&table[i].thread);
		const struct flc_worker *worker;

		if (thread == FREE || thread == TAKEN)
			continue;
		worker = (const struct flc_worker *)flc_load_acquire(&table[i].worker);
		if (is_still(&table[i], thread, sequence) && runs(worker, awaited)
		    && step(search, &table[i], thread, sequence))
			return true;
	}
	return false;
}

/* What the entry of a thread that waits says comes from it, while we read: so what it
 * points to lives. */
static bool
leads_back(struct search *search, const struct flc_blocked *from)
{
	size_t last = search->way->steps;
	const flc_atomic *has = (const flc_atomic *)flc_load_acquire(&from->has);
	size_t how = flc_load_acquire(&from->how);
	const struct flc_blocked *entry;
	size_t thread;

	/* Not another's by now: then what it points to may be gone. */
	if (has == NULL || (last > 0
	    && flc_load_acquire(&from->sequence) != search->way->sequence[last - 1]))
		return false;
	if (how & FOR_TASKS)
		return leads_back_by_tasks(search, has);
	if (search->tasks_only)
		return false;
	thread = flc_thread_of_claim(flc_load_acquire(has));
	if (thread == 0)
		return false;
	/* A thread that has it itself is told so elsewhere. */
	if (thread == search->me)
		return last > 0;
	entry = entry_of(thread);
	return entry != NULL
	    && step(search, entry, thread, flc_load_acquire(&entry->sequence));
}

/* True if the waits lead from what `mine` waits for back to its thread. */
static bool
follow(const struct flc_blocked *mine, struct way *way)
{
	struct search search = {
		flc_thread.number, flc_self(),
		(flc_load_relaxed(&mine->how) & FOR_TASKS) != 0, way, { false },
	};

	way->steps = 0;
	search.seen[mine - table] = true;
	return leads_back(&search, mine);
}

/*
 * Two looks that found the same waits: each of them lasted from its first read to its
 * second, and a thread that waits gives nothing away and ends no task.  So all of them
 * waited at once for what the next one had or ran, and the last for us.
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
	struct way first, second, third;
	bool found;

	/* What waits for nobody in particular waits in no cycle. */
	if (entry == NULL || !(flc_load_relaxed(&entry->how) & FOR_EVER)
	    || flc_load_relaxed(&entry->has) == 0)
		return false;
	/* store-load [blocked.cycle]: our entry, before the looks at others'.  Of all the
	 * threads in a cycle the last to pass here sees it whole. */
	begin_reading();
	found = follow(entry, &first);
	end_reading();
	if (FLC_LIKELY(!found))
		return false;
	flc_static_lock_acquire(&cycle_lock);
	begin_reading();
	/* A third look: the first may be from before another one backed out.  store-load
	 * [blocked.cycle]: the others' side is the same place. */
	found = follow(entry, &second) && follow(entry, &third)
	    && is_the_same(&second, &third);
	if (found)
		flc_store_release(&entry->thread, FREE);
	end_reading();
	flc_static_lock_release(&cycle_lock);
	return found;
}

/* A blocked thread that runs a task which is waited for, or 0. */
static size_t
runner_of(const void *awaited)
{
	size_t n = flc_load_relaxed(&used);

	for (size_t i = 0; i < n; i++) {
		size_t sequence = flc_load_acquire(&table[i].sequence);
		/* acquire [blocked.entry]: its stack. */
		size_t thread = flc_load_acquire(&table[i].thread);
		const struct flc_worker *worker =
		    (const struct flc_worker *)flc_load_acquire(&table[i].worker);

		if (thread != FREE && thread != TAKEN && is_still(&table[i], thread, sequence)
		    && runs(worker, awaited))
			return thread;
	}
	return 0;
}

/* Copies an entry; false: nobody waits there. */
static bool
read_entry(const struct flc_blocked *entry, struct flc_blocked_row *row)
{
	size_t sequence = flc_load_acquire(&entry->sequence);
	/* acquire [blocked.entry]: what it waits for. */
	size_t thread = flc_load_acquire(&entry->thread);
	const flc_atomic *has = (const flc_atomic *)flc_load_acquire(&entry->has);
	const char *name = (const char *)flc_load_acquire(&entry->name);
	size_t how = flc_load_acquire(&entry->how);

	row->thread = thread;
	row->owner = 0;
	row->what = (const char *)flc_load_acquire(&entry->what);
	row->since = flc_load_acquire(&entry->since);
	row->for_ever = (how & FOR_EVER) != 0;
	row->tasks = (how & FOR_TASKS) != 0;
	row->named = name != NULL;
	if (thread == FREE || thread == TAKEN || !is_still(entry, thread, sequence))
		return false;
	if (name != NULL)
		strncpy(row->name, name, sizeof(row->name) - 1);
	if (has != NULL)
		row->owner = row->tasks ? runner_of(has)
		    : flc_thread_of_claim(flc_load_acquire(has));
	return true;
}

size_t
flc_blocked_foreach(void (*visit)(void *context, const struct flc_blocked_row *row), void *context)
{
	/* acquire [blocked.made]: that the generation was set up. */
	size_t generation = flc_load_acquire(&made);

	/* None yet; or a parent's, perhaps in a signal handler, where the table cannot be
	 * renewed. */
	if (generation == 0 || flc_generation_is_old(generation))
		return 0;
	for (size_t i = 0; i < flc_load_relaxed(&used); i++) {
		struct flc_blocked_row row = { .name = "" };
		bool waits;

		begin_reading();
		waits = read_entry(&table[i], &row);
		end_reading();
		/* Whoever waits goes on meanwhile: visit may wait for it. */
		if (waits)
			visit(context, &row);
	}
	return flc_load_relaxed(&left_out);
}
