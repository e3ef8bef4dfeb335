/* SPDX-License-Identifier: BSD-2-Clause */
/* What two threads on two CPUs cost each other. */
#include "measure.h"

#include <sched.h>
#include <stdlib.h>

#include <base/fence.h>
#include <memory/allocator.h>
#include <base/park.h>
#include <deque/fork_deque.h>

#define ROUNDS 1001

/* The ball, on a line of its own, and what is thrown. */
static FLC_ON_OWN_LINE flc_atomic ball;
static FLC_ON_OWN_LINE flc_atomic stop;
static double sample[ROUNDS];

static void
await(flc_atomic *word, size_t value)
{
	while (flc_load_acquire(word) != value)
		;
}

/* Two looks a round: there and back. */
static void *
throw_back(void *context)
{
	(void)context;
	stand_on(1);
	for (size_t i = 0; i < ROUNDS; i++) {
		await(&ball, 2 * i + 1);
		flc_store_release(&ball, 2 * i + 2);
	}
	return NULL;
}

static void
throw(void *context)
{
	(void)context;
	for (size_t i = 0; i < ROUNDS; i++) {
		double begin = now_ns();

		flc_store_release(&ball, 2 * i + 1);
		await(&ball, 2 * i + 2);
		sample[i] = (now_ns() - begin) / 2;
	}
}

struct lane_pair {
	filch_fork_deque_ *lane;
	filch_record_ *record;
};

/* The owner: a record at a time, which the other side steals. */
static void *
own(void *context)
{
	struct lane_pair *pair = context;

	stand_on(1);
	for (size_t i = 0; i < ROUNDS; i++) {
		flc_store_relaxed(&pair->record->state, 2 * i);
		(void)flc_fork_deque_push(pair->lane, pair->record);
		flc_store_release(&ball, 2 * i + 1);
		await(&ball, 2 * i + 2);
	}
	return NULL;
}

static void
steal(void *context)
{
	struct lane_pair *pair = context;

	for (size_t i = 0; i < ROUNDS; i++) {
		filch_record_ *record = pair->record;
		size_t at;

		await(&ball, 2 * i + 1);
		double begin = now_ns();

		if (flc_fork_deque_steal(pair->lane, NULL, &record, &at) == FLC_STEAL_TASK)
			flc_store_release(&record->state, flc_load_acquire(&record->state) + 1);
		sample[i] = now_ns() - begin;
		flc_store_release(&ball, 2 * i + 2);
	}
}

bool
measure_lines(struct line_costs *costs)
{
	size_t bytes = sizeof(filch_fork_deque_) + FILCH_LANE_CAPACITY_ * sizeof(size_t);
	struct lane_pair pair = { flc_memory_reserve(bytes), NULL };
	double timer[ROUNDS];

	pair.record = aligned_alloc(64, 64 * ((sizeof(*pair.record) + 63) / 64));
	if (pair.lane == NULL || pair.record == NULL)
		return false;
	for (int i = 0; i < ROUNDS; i++) {
		double begin = now_ns();

		timer[i] = now_ns() - begin;
	}
	double clock = median_of(timer, ROUNDS);

	flc_store_release(&ball, 0);
	bool ok = beside(throw_back, throw, NULL);

	costs->look = median_of(sample, ROUNDS) - clock / 2;
	flc_fork_deque_init(pair.lane, true);
	flc_store_release(&ball, 0);
	ok = ok && beside(own, steal, &pair);
	/* The first line of a steal is the look. */
	costs->steal = median_of(sample, ROUNDS) - clock - costs->look;
	flc_memory_unreserve(pair.lane, bytes);
	free(pair.record);
	return ok;
}

/* The running side looks at the clock all the time and counts its looks: the longest step
 * since the question is what a membarrier took from it. */
static flc_atomic longest;
static flc_atomic looks;

static void *
look_at_the_clock(void *context)
{
	double before;

	(void)context;
	stand_on(1);
	before = now_ns();
	flc_store_release(&ball, 1);
	while (!flc_load_acquire(&stop)) {
		double now = now_ns();

		if (now - before > (double)flc_load_relaxed(&longest))
			flc_store_relaxed(&longest, (size_t)(now - before));
		flc_store_relaxed(&looks, flc_load_relaxed(&looks) + 1);
		before = now;
	}
	return NULL;
}

static void
wait_ns(double ns)
{
	for (double begin = now_ns(); now_ns() - begin < ns;)
		;
}

static double stolen[ROUNDS];

/* The other side does run: it has looked at the clock just now. */
static bool
runs_now(void)
{
	size_t before = flc_load_relaxed(&looks);

	wait_ns(1000);
	return flc_load_relaxed(&looks) != before;
}

/* Rounds in which something else had the other CPU do not count. */
static void
call_barriers(void *context)
{
	int *rounds = context;

	await(&ball, 1);
	for (int i = 0; i < ROUNDS; i++) {
		wait_ns(20000);
		bool ran = runs_now();

		flc_store_relaxed(&longest, 0);
		double begin = now_ns();

		(void)flc_fence_heavy();
		sample[*rounds] = now_ns() - begin;
		stolen[*rounds] = (double)flc_load_relaxed(&longest);
		wait_ns(10000);
		if (flc_load_relaxed(&longest) > (size_t)stolen[*rounds])
			stolen[*rounds] = (double)flc_load_relaxed(&longest);
		*rounds += ran && runs_now();
	}
	flc_store_release(&stop, 1);
}

static struct flc_parker parker;
static double woken_at;

static void *
sleep_on(void *context)
{
	(void)context;
	stand_on(1);
	for (size_t i = 0; i < ROUNDS; i++) {
		while (!flc_parker_wait(&parker, FILCH_FOREVER))
			;
		woken_at = now_ns();
		flc_store_release(&ball, i + 1);
	}
	return NULL;
}

static double latency[ROUNDS];

/* It has slept for a tenth of a millisecond, as workers between two regions. */
static void
wake_it(void *context)
{
	(void)context;
	for (size_t i = 0; i < ROUNDS; i++) {
		wait_ns(100000);
		double begin = now_ns();

		(void)flc_parker_wake(&parker);
		sample[i] = now_ns() - begin;
		await(&ball, i + 1);
		latency[i] = woken_at - begin - sample[i];
	}
}

static void
call_idle_barriers(void *context)
{
	(void)context;
	for (size_t i = 0; i < ROUNDS; i++) {
		wait_ns(20000);
		double begin = now_ns();

		(void)flc_fence_heavy();
		sample[i] = now_ns() - begin;
		(void)flc_parker_wake(&parker);
		await(&ball, i + 1);
	}
}

bool
measure_barriers(struct barrier_costs *costs)
{
	if (!flc_fence_probe())
		return false;
	flc_store_release(&ball, 0);
	flc_store_release(&stop, 0);
	int rounds = 0;
	bool ok = beside(look_at_the_clock, call_barriers, &rounds) && rounds > ROUNDS / 10;

	if (!ok)
		return false;
	costs->thief = median_of(sample, rounds);
	costs->victim = median_of(stolen, rounds);
	flc_store_release(&ball, 0);
	flc_parker_init(&parker);
	ok = beside(sleep_on, call_idle_barriers, NULL);
	costs->idle = median_of(sample, ROUNDS);
	flc_parker_fini(&parker);
	return ok;
}

/* Two threads of one CPU take turns: each yield is a change. */
static void *
take_turns(void *context)
{
	(void)context;
	stand_on(0);
	for (size_t i = 0; i < ROUNDS; i++) {
		while (flc_load_acquire(&ball) != 2 * i + 1)
			sched_yield();
		flc_store_release(&ball, 2 * i + 2);
	}
	return NULL;
}

static void
give_turns(void *context)
{
	(void)context;
	for (size_t i = 0; i < ROUNDS; i++) {
		double begin = now_ns();

		flc_store_release(&ball, 2 * i + 1);
		while (flc_load_acquire(&ball) != 2 * i + 2)
			sched_yield();
		sample[i] = (now_ns() - begin) / 2;
	}
}

bool
measure_wakes(struct wake_costs *costs)
{
	enum { HINTS = 1000 };

	flc_store_release(&ball, 0);
	flc_parker_init(&parker);
	bool ok = beside(sleep_on, wake_it, NULL);

	costs->waker = median_of(sample, ROUNDS);
	costs->latency = median_of(latency, ROUNDS);
	flc_parker_fini(&parker);
	flc_store_release(&ball, 0);
	ok = ok && beside(take_turns, give_turns, NULL);
	costs->change = median_of(sample, ROUNDS);
	for (int i = 0; i < ROUNDS; i++) {
		double begin = now_ns();

		for (int hint = 0; hint < HINTS; hint++)
			flc_spin_hint();
		sample[i] = (now_ns() - begin) / HINTS;
	}
	costs->pause = median_of(sample, ROUNDS);
	return ok;
}
