/* SPDX-License-Identifier: BSD-2-Clause */
/* The slow paths of typed tasks. */
#include "sched/fork.h"
#include "sched/guest.h"

#include <filch/spawn.h>

/*
 * Where tasks go that have no pool: a lane that is always fenced, so that each
 * push comes to the slow path, and full.  One per thread, because joins store to
 * its bottom.
 */
static __thread struct {
	_Alignas(FLC_APART) char last_slots[FLC_APART];
	char header[sizeof(filch_lane_) - offsetof(filch_lane_, top)];
} closed __attribute__((tls_model("initial-exec")));

/* Of its slots only the last ones are there; its records are said to stand in the
 * very last, which names none, so that each join comes to the slow path. */
#define CLOSED_AT (FILCH_LANE_CAPACITY_ - 1)

static inline filch_lane_ *
closed_place(void)
{
	return (filch_lane_ *)((size_t)closed.header - offsetof(filch_lane_, top));
}

static filch_lane_ *
closed_lane(void)
{
	flc_forks_init(closed_place(), true);
	return closed_place();
}

/*
 * The state of a record for which the lane had no room.  Where it is said to
 * stand must lie below top, so that no fast path takes it and the next push
 * comes here, and must tell the join, whose fast path has perhaps stored it to
 * bottom, what bottom was: it was full, hence one capacity and one above.
 */
#define NOWHERE 0

static size_t
put_nowhere(filch_lane_ *lane, filch_record_ *record)
{
	flc_store_relaxed(&record->state, NOWHERE);
	return flc_load_relaxed(&lane->bottom) - FILCH_LANE_CAPACITY_ - 1;
}

/* If all below was stolen meanwhile, the lane goes on at top. */
static size_t
join_nowhere(filch_lane_ *lane, size_t at)
{
	size_t top = flc_forks_index(flc_load_relaxed(&lane->top));
	size_t bottom = at + 1 + FILCH_LANE_CAPACITY_;

	if (flc_load_relaxed(&lane->bottom) == at)
		flc_store_release(&lane->bottom, bottom < top ? top : bottom);
	return flc_load_relaxed(&lane->bottom);
}

size_t
filch_hot_spawn_(filch_lane_ *lane, filch_record_ *record, filch_record_fn_ *run)
{
	if (lane == closed_place()) {
		flc_store_relaxed(&record->state, (size_t)run);
		return CLOSED_AT;
	}
	flc_fork(flc_worker_of(lane), record, run);
	return record->at != 0 ? record->at : put_nowhere(lane, record);
}

/* In the state of the record stands whether it has run; the caller runs it if
 * not. */
size_t
filch_hot_join_(filch_lane_ *lane, filch_record_ *record, size_t at)
{
	if (lane == closed_place())
		return 1;
	if (flc_load_relaxed(&record->state) == NOWHERE)
		return join_nowhere(lane, at);
	record->at = at;
	if (!flc_fork_join(flc_worker_of(lane), record))
		flc_store_relaxed(&record->state, FLC_RECORD_DONE);
	return flc_load_relaxed(&lane->bottom);
}

struct start {
	filch_record_ *record;
	filch_record_fn_ *run;
};

static int
start_verb(struct flc_worker *worker, void *argument)
{
	const struct start *start = argument;

	start->run(&worker->forks, flc_load_relaxed(&worker->forks.bottom), start->record);
	return FILCH_OK;
}

/* What runs of a task from outside have taken, per thread: another task's entry is
 * evicted. */
struct cost {
	filch_record_fn_ *run;
	uint64_t ticks;
};

#define COSTS 16
static __thread struct cost costs[COSTS] __attribute__((tls_model("initial-exec")));

/* Work shorter than this is over before a thread that is woken for it comes. */
#define BRIEF_NS 8000u

/* What a task is thought to take at first: some runs must show that it is short. */
#define UNKNOWN 16u

/* The same from outside, where a wake is the most that a short run may cost. */
static int
start_outside(struct flc_worker *worker, void *argument)
{
	const struct start *start = argument;
	struct cost *cost = &costs[((size_t)start->run >> 4) % COSTS];
	uint64_t brief = flc_ns_to_ticks(BRIEF_NS);
	uint64_t before = flc_ticks();
	uint64_t woken = worker->waking;
	uint64_t ticks;

	if (cost->run != start->run)
		*cost = (struct cost){ start->run, UNKNOWN * brief };
	worker->brief_until = cost->ticks < brief ? before + brief : 0;
	(void)start_verb(worker, argument);
	worker->brief_until = 0;
	ticks = flc_ticks() - before - (worker->waking - woken);
	/* Quick to believe in more, slow to believe in less. */
	cost->ticks = ticks > cost->ticks ? ticks : cost->ticks - cost->ticks / 4 + ticks / 4;
	return FILCH_OK;
}

void
filch_hot_run_(filch_record_ *record, filch_record_fn_ *run, int abi)
{
	struct start start = { record, run };
	struct flc_worker *worker = flc_self();
	filch_lane_ *lane;

	flc_store_relaxed(&record->state, FLC_RECORD_DONE);
	if (abi == FILCH_HOT_ABI_ && worker != NULL) {
		(void)start_verb(worker, &start);
		return;
	}
	if (abi == FILCH_HOT_ABI_ && flc_guest_call(NULL, start_outside, &start) == FILCH_OK)
		return;
	lane = closed_lane();
	run(lane, FLC_FORKS_FIRST, record);
}

filch_lane_ *
filch_hot_here_(int abi)
{
	struct flc_worker *worker = flc_self();

	return worker != NULL && abi == FILCH_HOT_ABI_ ? &worker->forks : closed_lane();
}
