/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state of one simulation, shared by sim.c (life and time), thread.c (what a thread
 * does while it has work), lane.c (owners), steal.c (thieves, sleep) and wait.c (waiters,
 * spares).
 *
 * INVARIANTS
 *
 *   A core has at most one current thread; a thread has an event to come
 *   exactly if it has a core, wakes up, returns, or is the keeper.
 *   A lane holds records oldest first; thieves take at top, the owner at
 *   bottom.  A waiter's lane is empty: what is older than a stolen record was
 *   stolen before it, what is newer was joined.
 */
#ifndef SIMULATE_STATE_H
#define SIMULATE_STATE_H

#include "event.h"
#include "sim.h"

#define NOBODY (-1)

enum state {
	OFF,       /* a spare that nobody needs */
	RUN,       /* has work */
	SEARCH,    /* has none and looks for some */
	ASK,       /* waits for the owner's answer */
	GRANTED,   /* has it */
	TAKE,      /* between the look and the compare-and-swap */
	WAIT,      /* at the join of a stolen record, polling */
	DOZE,      /* the same, asleep on its core */
	PARKED,    /* the same, its core given away */
	RETURNING, /* woken because the record is done, not yet on a core */
	READY,     /* could run but has no core */
	ASLEEP,    /* no work, no core */
	WAKING,    /* has a core, not yet there */
};

struct record {
	int32_t node;
	int32_t begin, end; /* of a loop's piece */
	int32_t link;       /* the frame's next older record; or the next free one */
	int32_t thief;      /* NOBODY: not stolen */
	int32_t waiter;
	bool done;
};

struct lane {
	int32_t *slot;
	int32_t top, bottom, room;
	int64_t changed;
	int64_t pops;       /* since the last steal, in the fenced mode */
	int64_t last_stolen; /* when a join found a record stolen */
	int64_t burst;      /* paid steals, each soon after the one before */
	int64_t paid, paid_seen; /* steals that took a barrier; of these, by the owner */
	int32_t asker;      /* a thief that waits for an answer */
	int64_t line_free;  /* when the line of top has gone to its last asker */
	bool fenced;
	bool claimed;       /* a thief pays for its barrier */
};

enum phase { ENTER, BODY, JOIN, LEAVE, END };

struct frame {
	int32_t node;
	int32_t next;       /* the next child */
	int32_t records;    /* spawned here and not joined, newest first */
	int32_t record;     /* what is done when this frame ends */
	int32_t begin, end; /* of a loop's piece */
	enum phase phase;
	bool gap_over;      /* the next child comes now */
};

struct thread {
	struct frame *frame;
	int32_t depth, room;
	struct lane lane;
	enum state state;
	enum state saved;   /* while READY */
	int64_t remaining;
	int32_t core;       /* NOBODY: none */
	int32_t home;       /* where it last ran */
	int32_t waiting;    /* the record that its wait is for */
	int32_t victim;
	int32_t seen;       /* the record that was at the victim's top */
	bool claims;        /* pays for a barrier at its victim */
	bool pays;          /* has paid */
	bool forks_within;  /* runs a leaf that stands for forks: answers at once */
	int64_t debt;       /* ns to be spent before anything else */
	int64_t debt_ps;    /* and what is less than that */
	int64_t drift;      /* of work that varies: millionths of a ns */
	int64_t since;      /* start of this search or wait */
	int64_t pause;
	int64_t last_wake;
	int64_t swept;      /* start of this pass over the lanes */
	int64_t known;      /* start of the pass before */
	struct sweep sweep;
	uint64_t random;
};

struct sim {
	const struct dag *dag;
	const struct sim_config *config;
	struct sim_result *result;
	struct calendar calendar;
	struct thread *thread; /* workers, then spares */
	int32_t threads;
	int32_t spares;
	struct record *record;
	int32_t records, records_free;
	int32_t *current;      /* by core */
	int64_t *pace;         /* by core: per million that it is slower by */
	int32_t cores_free;
	int32_t *sleeper, sleepers;
	int32_t *ready, readies;
	int32_t *spare, spares_off;
	int32_t searching;     /* threads without work that look for some */
	int32_t queued;        /* lanes that are not empty */
	int32_t keeper;
	int64_t barrier_free;
	int64_t now;
	bool done, failed;
};

static inline int32_t
thread_id(const struct sim *sim, const struct thread *thread)
{
	return (int32_t)(thread - sim->thread);
}

static inline bool
lane_empty(const struct lane *lane)
{
	return lane->top == lane->bottom;
}

static inline enum distance
thread_distance(const struct sim *sim, const struct thread *a, const struct thread *b)
{
	return machine_distance(&sim->config->machine, a->home, b->home);
}

static inline bool
policy_adapts(const struct policy *policy)
{
	return policy->barrier == BARRIER_ASKED || policy->barrier == BARRIER_ADAPTIVE
	    || policy->barrier == BARRIER_SWITCHED;
}

/* Whether the owner's pop has the fence, so that a thief needs no barrier. */
static inline bool
lane_fenced(const struct sim *sim, const struct lane *lane)
{
	return lane->fenced || sim->config->policy.barrier == BARRIER_FENCED;
}

/* Another thief's membarrier for this lane is under way. */
static inline bool
lane_claimed(const struct sim *sim, const struct lane *lane)
{
	return lane->claimed && sim->config->policy.claim == CLAIM_YES;
}

/* sim.c */
/* The thread's next event: in the given state, after what it owes and ns. */
void sim_schedule(struct sim *sim, struct thread *thread, enum state state, int64_t ns);
void sim_spend(struct sim *sim, enum sim_time what, int64_t ns);
/* Spends and lets the thread do so before its next event. */
void sim_owe(struct sim *sim, struct thread *thread, enum sim_time what, int64_t ns);
/* ns of the user's work on the thread's core, then RUN. */
void sim_work(struct sim *sim, struct thread *thread, int64_t ns);
/* The ps of forks and fences. */
void sim_owe_fork(struct sim *sim, struct thread *thread, int64_t ps);
void sim_place(struct sim *sim, struct thread *thread, int32_t core);
void sim_leave(struct sim *sim, struct thread *thread);

/* thread.c */
void thread_advance(struct sim *sim, struct thread *thread);
void thread_call(struct sim *sim, struct thread *thread, int32_t node, int32_t record);
int32_t record_new(struct sim *sim);

/* lane.c */
/* A record has left at top. */
void lane_stolen_from(struct sim *sim, struct lane *lane);
bool record_descends(const struct sim *sim, int32_t record, int32_t from);
/* The owner gives who asks its oldest record below `end`, or nothing. */
void thread_answer(struct sim *sim, struct thread *thread, int32_t end);
void thread_push(struct sim *sim, struct thread *thread, int32_t record);
/* Newest of the own lane, which is not empty. */
void thread_pop(struct sim *sim, struct thread *thread);
/* Counts pops; a lane that is seldom stolen from drops its fence, and takes it up when
 * steals often took a barrier. */
void thread_popped(struct sim *sim, struct thread *thread, int32_t pops);
void thread_was_robbed(struct sim *sim, struct thread *thread);

/* steal.c */
void thread_search(struct sim *sim, struct thread *thread);
void thread_take(struct sim *sim, struct thread *thread);
void thread_unanswered(struct sim *sim, struct thread *thread);
void thread_granted(struct sim *sim, struct thread *thread);
void thread_idle(struct sim *sim, struct thread *thread);
void thread_keep(struct sim *sim, struct thread *thread);
void thread_wake_one(struct sim *sim, struct thread *by);
void thread_set_keeper(struct sim *sim);
/* Looks at some lanes for anything that descends from `below` (NOBODY: for anything): the
 * ns it takes, and thread->victim. */
int64_t thread_look(struct sim *sim, struct thread *thread, int32_t below);
void thread_begin_take(struct sim *sim, struct thread *thread, int64_t looked);
void thread_unclaim(struct sim *sim, struct thread *thread);

/* wait.c */
void thread_begin_wait(struct sim *sim, struct thread *thread, int32_t record);
void thread_wait(struct sim *sim, struct thread *thread);
void thread_doze(struct sim *sim, struct thread *thread);
void thread_start_spare(struct sim *sim, int32_t core);
void thread_complete(struct sim *sim, struct thread *by, int32_t record);
void thread_return(struct sim *sim, struct thread *thread);
/* A ready thread takes the core of one without work; false if none is ready. */
bool thread_hand_over(struct sim *sim, struct thread *thread);

#endif /* SIMULATE_STATE_H */
