/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The states of workers: how idle ones fall asleep and how work wakes them.
 *
 * A thread of the pool is in one of four states:
 *
 *     running     has work; counts as active
 *     searching   looks for any work; counts as active and as searching
 *     asleep      can be woken for any work; counts as asleep
 *     waiting     gave its place up while it waits for one thing; counts as waiting
 *
 * A guest (a working outside caller) is running.  A spare that was not started yet counts
 * as asleep.  At most `limit` threads are active, except threads that come back from a
 * wait and guests beyond the limit.
 *
 * INVARIANT: while work lies in a deque, somebody is asleep and the limit leaves room,
 * somebody searches, or a push into an empty deque is about to wake one.  The watcher,
 * one sleeper that looks around every millisecond while others are active, lets a spawner
 * skip that wake when it woke one just before.
 *
 * The protocol, in numbered steps, and why no wake is lost: docs/sleep.md.
 */
#ifndef FLC_SLEEP_H
#define FLC_SLEEP_H

#include "base/lock.h"
#include "base/park.h"

#define FLC_WATCH_NS 1000000u

/* When all work has ended the watcher looks around so many times more, so that a caller
 * that comes again and again finds one, and need not wake anybody for work that is known
 * to be short. */
#define FLC_WATCH_ON 10u

/* No CPU in particular. */
#define FLC_NO_CPU UINT32_MAX

/* Guest slots of a pool, at most. */
#define FLC_SLEEP_GUESTS 64

/* Workers are woken before spares; guests never sleep here. */
enum flc_rank { FLC_RANK_WORKER, FLC_RANK_SPARE, FLC_RANK_GUEST };

/* One per thread that may sleep here, and per guest slot.  What a waker reads and writes
 * stands on the first line. */
struct flc_sleeper {
	FLC_ON_OWN_LINE struct flc_parker parker;
	flc_atomic asleep;      /* under the lock, but read by its thread too */
	struct flc_sleeper *next, *before; /* among those asleep; the lock; before not of
	                           the first.  Of a guest only next: among all guests */
	enum flc_rank rank;
	uint32_t cpu;           /* pinned there; FLC_NO_CPU: anywhere */
	bool crowded;           /* woken although a guest works on its CPU; the lock */
	bool outside;           /* woken for work from outside the pool; the lock */
	bool watching;          /* under the lock */
	unsigned idle_spins;       /* looks since anybody was at work; its thread's */
	flc_atomic sent_for;    /* ticks; when a waker last woke it for work */
	flc_atomic guest_at;    /* a guest inside: the CPU it came in on, plus one */
	size_t visits;          /* those it knows of; its thread's */
};

struct flc_sleep {
	/* What a wake reads and writes: one line. */
	FLC_SET_APART flc_atomic counts; /* searching, asleep, active, watched: see
	                           sleep_counts.h */
	flc_atomic limit;       /* threads that may be active */
	flc_atomic refused;     /* spares that could not be started; they do not count */
	struct flc_word_lock lock;
	flc_atomic asleep[FLC_RANK_GUEST]; /* struct flc_sleeper *, the latest first; under
	                           the lock, except for a hint */
	flc_atomic unstarted;   /* spares without a thread; they count as asleep */
	struct flc_sleeper *guests; /* all that were admitted; the lock */
	flc_atomic closing;
	struct flc_sleeper **sleeper;
	size_t sleepers;
	flc_atomic visits;      /* guests that came, roughly: two at once may count as one */
	size_t visits_known;    /* when a watch was last taken; the lock */
	flc_atomic blocking;    /* blocking parts of tasks: they are not active, and may spawn */
	flc_atomic ask_at;      /* ticks; when to ask for the refused again */
};

_Static_assert(offsetof(struct flc_sleep, closing) <= FLC_CACHE_LINE,
    "a wake touches one line");
#ifdef FLC_PARK_ON_FUTEX
_Static_assert(offsetof(struct flc_sleeper, visits) <= FLC_CACHE_LINE,
    "a wake touches one line of its sleeper");
#endif

/* Why flc_sleep_wait() returned. */
enum flc_woken {
	FLC_WOKEN_TASK,     /* active and searching again */
	FLC_WOKEN_TIMEOUT,  /* still asleep, watching: look around */
	FLC_WOKEN_SHUTDOWN
};

void flc_sleep_init(struct flc_sleep *sleep, struct flc_sleeper **sleeper, size_t sleepers,
    size_t limit);
void flc_sleep_fini(struct flc_sleep *sleep);
void flc_sleeper_init(struct flc_sleeper *sleeper, enum flc_rank rank, uint32_t cpu);
void flc_sleeper_fini(struct flc_sleeper *sleeper);

/* Puts a sleeper in the table. */
void flc_sleep_admit(struct flc_sleep *sleep, size_t slot, struct flc_sleeper *sleeper);

/* A thread begins as a searcher. */
void flc_sleep_begin(struct flc_sleep *sleep);
void flc_sleep_end(struct flc_sleep *sleep);

/* What a thread has still to do that leaves the search or begins a wait, or a leaving
 * guest. */
enum flc_leave {
	FLC_LEAVE_NOTHING,
	FLC_LEAVE_LOOK,   /* nobody else is at work: look, wake one if there is work */
	FLC_LEAVE_FENCE,  /* the same, after the heavy fence: others spawn */
	FLC_LEAVE_WAKE    /* wake one in any case: somebody has to watch */
};

/* A guest comes and goes. */
void flc_sleep_enter(struct flc_sleep *sleep, struct flc_sleeper *guest, uint32_t cpu);
enum flc_leave flc_sleep_leave(struct flc_sleep *sleep, struct flc_sleeper *guest);

/* running -> searching, searching -> running: spawners have relied on this searcher.
 * What it found is a fork of another worker, or not. */
void flc_sleep_start_search(struct flc_sleep *sleep);
enum flc_leave flc_sleep_stop_search(struct flc_sleep *sleep, bool stole_fork);

/* searching -> asleep in one step.  The caller then passes the heavy fence, or, if this
 * says true, that nobody else is there, a full one, looks everywhere once more, and
 * either cancels or waits. */
bool flc_sleep_fall_asleep(struct flc_sleep *sleep, struct flc_sleeper *me);

enum flc_woken flc_sleep_wait(struct flc_sleep *sleep, struct flc_sleeper *me);

/* running -> waiting and back. */
enum flc_leave flc_sleep_give_up(struct flc_sleep *sleep);
void flc_sleep_take_back(struct flc_sleep *sleep);

/* One more thread, or one less (-1), that may spawn although it is not active. */
void flc_sleep_count_blocking(struct flc_sleep *sleep, size_t change);

/* Gets what a wake will touch, while the work for it is being published. */
static inline void
flc_sleep_prefetch(const struct flc_sleep *sleep)
{
	FLC_PREFETCH((const void *)flc_load_relaxed(&sleep->asleep[FLC_RANK_WORKER]));
}

/* Whether nobody looks around in a millisecond anyway. */
bool flc_sleep_unwatched(const struct flc_sleep *sleep);

/* More threads active than the limit allows: a searcher should fall asleep. */
bool flc_sleep_surplus(const struct flc_sleep *sleep);
size_t flc_sleep_active(const struct flc_sleep *sleep);

/* After a place was given up: there is room, and no thread left that could fill it. */
bool flc_sleep_is_short(const struct flc_sleep *sleep);

/* The caller is the only thread that is awake, and nobody can be woken. */
bool flc_sleep_is_lonely(const struct flc_sleep *sleep);

/* Everybody waits: nobody is active, nobody can be woken. */
bool flc_sleep_is_stalled(const struct flc_sleep *sleep);

/* Which thread would take what is published: inline, as a loop asks before each chunk.
 * The layout of the counts is told in sleep_counts.h. */
enum flc_idle {
	FLC_IDLE_NOBODY,
	FLC_IDLE_SEARCHER, /* somebody looks for work just now */
	FLC_IDLE_SLEEPER   /* somebody could be woken */
};

static inline enum flc_idle
flc_sleep_idle(const struct flc_sleep *sleep)
{
	size_t counts = flc_load_relaxed(&sleep->counts);

	if ((counts & 0xffff) != 0)
		return FLC_IDLE_SEARCHER;
	return (counts >> 16 & 0xffff) != 0
	    && (counts >> 32 & 0xffff) < flc_load_relaxed(&sleep->limit)
	    ? FLC_IDLE_SLEEPER : FLC_IDLE_NOBODY;
}

/* Somebody looks for work just now: what is published is taken at once, and wakes
 * nobody. */
bool flc_sleep_has_searcher(const struct flc_sleep *sleep);

/* Somebody is active and does not search: it may spawn. */
bool flc_sleep_has_runner(const struct flc_sleep *sleep);

/* Nobody is active and nobody waits. */
bool flc_sleep_is_quiet(const struct flc_sleep *sleep);

void flc_sleep_set_limit(struct flc_sleep *sleep, size_t limit);

/* Every wait returns FLC_WOKEN_SHUTDOWN from now on. */
void flc_sleep_close(struct flc_sleep *sleep);

#endif /* FLC_SLEEP_H */
