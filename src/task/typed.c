/* SPDX-License-Identifier: BSD-2-Clause */
/* The slow paths of typed tasks. */
#include "wait/call.h"
#include "task/fork.h"
#include "wait/held_locks.h"

#include <filch/spawn.h>

/*
 * Where tasks go that have no pool: a deque that is always fenced, so that each push
 * comes to the slow path, and full.  Its top never changes, and joins store one and the
 * same value to its bottom, so that threads may share one; there are some, that they
 * seldom do.
 */
#define CLOSED_DEQUES 16

static struct {
	FLC_SET_APART char last_slots[FLC_APART];
	char header[sizeof(filch_fork_deque_) - offsetof(filch_fork_deque_, top)];
} closed[CLOSED_DEQUES];

/* Of its slots only the last ones are there; its records are said to stand in the very
 * last, which names none, so that each join comes to the slow path. */
#define CLOSED_AT (FILCH_LANE_CAPACITY_ - 1)

static inline bool
is_closed(const filch_fork_deque_ *deque)
{
	return (size_t)&deque->top - (size_t)closed < sizeof(closed);
}

/* Threads have their storage in pages, often at the same place of them. */
static filch_fork_deque_ *
closed_deque(void)
{
	size_t hash = ((size_t)&flc_thread >> 6) * UINT64_C(0x9e3779b97f4a7c15) >> 32;
	filch_fork_deque_ *deque = (filch_fork_deque_ *)((size_t)closed[hash % CLOSED_DEQUES].header
	    - offsetof(filch_fork_deque_, top));

	flc_fork_deque_init(deque, true);
	return deque;
}

/*
 * The state of a record for which the deque had no room.  Where it is said to stand must
 * lie below top, so that no fast path takes it and the next push comes here, and must
 * tell the join, whose fast path has perhaps stored it to bottom, what bottom was: it was
 * full, hence one capacity and one above.
 */
#define NOWHERE 0

static size_t
put_nowhere(filch_fork_deque_ *deque, filch_record_ *record)
{
	flc_store_relaxed(&record->state, NOWHERE);
	return flc_load_relaxed(&deque->bottom) - FILCH_LANE_CAPACITY_ - 1;
}

/* If all below was stolen meanwhile, the deque goes on at top. */
static size_t
join_nowhere(filch_fork_deque_ *deque, size_t at)
{
	size_t top = flc_fork_deque_index(flc_load_relaxed(&deque->top));
	size_t bottom = at + 1 + FILCH_LANE_CAPACITY_;

	if (flc_load_relaxed(&deque->bottom) == at)
		flc_store_release(&deque->bottom, bottom < top ? top : bottom);
	return flc_load_relaxed(&deque->bottom);
}

size_t
filch_hot_spawn_(filch_fork_deque_ *deque, filch_record_ *record, filch_record_fn_ *run)
{
	if (is_closed(deque)) {
		flc_record_set_run(record, run);
		return CLOSED_AT;
	}
	flc_fork(flc_worker_of(deque), record, run);
	return record->at != 0 ? record->at : put_nowhere(deque, record);
}

/* In the state of the record stands whether it has run; the caller runs it if not. */
size_t
filch_hot_join_(filch_fork_deque_ *deque, filch_record_ *record, size_t at)
{
	if (is_closed(deque))
		return 1;
	if (flc_load_relaxed(&record->state) == NOWHERE)
		return join_nowhere(deque, at);
	record->at = at;
	if (!flc_fork_join(flc_worker_of(deque), record))
		flc_store_relaxed(&record->state, FLC_RECORD_DONE);
	return flc_load_relaxed(&deque->bottom);
}

struct start {
	filch_record_ *record;
	filch_record_fn_ *run;
};

static int
start_verb(struct flc_worker *worker, void *argument)
{
	const struct start *start = argument;
	size_t base = flc_load_relaxed(&worker->forks.bottom);

	start->run(&worker->forks, base, start->record);
	flc_worker_drop_unjoined(worker, base, start->run);
	return FILCH_OK;
}

/* Work shorter than this is over before a thread that is woken for it comes. */
#define BRIEF_NS 8000u

/* What a task is thought to take at first: some runs must show that it is short. */
#define UNKNOWN 16u

/* The same from outside, where a wake is the most that a short run may cost. */
static int
start_outside(struct flc_worker *worker, void *argument)
{
	const struct start *start = argument;
	struct flc_run_cost *cost = &worker->run_cost[((size_t)start->run >> 4) % FLC_RUN_COSTS];
	uint64_t brief = flc_ns_to_ticks(BRIEF_NS);
	uint64_t before = flc_ticks();
	uint64_t woken = worker->waking;
	uint64_t ticks;

	if (cost->run != start->run)
		*cost = (struct flc_run_cost){ start->run, UNKNOWN * brief };
	worker->brief_until = cost->ticks < brief ? before + brief : 0;
	(void)start_verb(worker, argument);
	worker->brief_until = 0;
	ticks = flc_ticks() - before - (worker->waking - woken);
	/* Quick to believe in more, slow to believe in less. */
	cost->ticks = ticks > cost->ticks ? ticks : cost->ticks - cost->ticks / 4 + ticks / 4;
	return FILCH_OK;
}

int
filch_run_in_(struct filch_pool *pool, filch_record_ *record, filch_record_fn_ *run, int abi)
{
	struct start start = { record, run };

	if (abi != FILCH_HOT_ABI_)
		return FILCH_UNSUPPORTED;
	flc_store_relaxed(&record->state, FLC_RECORD_DONE);
	return flc_pool_call(pool, flc_self() != NULL ? start_verb : start_outside, &start);
}

void
filch_run_inline_(filch_record_ *record, filch_record_fn_ *run)
{
	flc_store_relaxed(&record->state, FLC_RECORD_DONE);
	run(closed_deque(), FLC_FORK_DEQUE_FIRST, record);
}

void
filch_hot_run_(filch_record_ *record, filch_record_fn_ *run, int abi)
{
	struct start start = { record, run };
	struct flc_worker *worker = flc_self();

	flc_store_relaxed(&record->state, FLC_RECORD_DONE);
	if (abi == FILCH_HOT_ABI_ && worker != NULL) {
		(void)start_verb(worker, &start);
		return;
	}
	if (abi == FILCH_HOT_ABI_ && flc_pool_call(NULL, start_outside, &start) == FILCH_OK)
		return;
	filch_run_inline_(record, run);
}

filch_fork_deque_ *
filch_hot_here_(int abi)
{
	struct flc_worker *worker = flc_self_entered();

	return worker != NULL && abi == FILCH_HOT_ABI_ ? &worker->forks : closed_deque();
}
