/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/fork_generation.h"
#include "sched/worker.h"
#include "sync/parking_lot.h"
#include "wait/held_locks.h"

/* The word: bits 0-31 how many are here, the rest how many rounds are over. */
#define ROUND ((size_t)1 << 32)
#define HERE (ROUND - 1)

/* The round that one came in, and the word that tells. */
struct visit {
	flc_atomic *word;
	size_t round;
};

static bool
is_over(void *context)
{
	const struct visit *visit = context;

	/* acquire [barrier.word]: what all did before they came. */
	return (flc_load_acquire(visit->word) & ~HERE) != visit->round;
}

/* One comes; true: it was the last one. */
static bool
come(flc_atomic *word, size_t all, struct visit *visit)
{
	size_t seen, next;

	do {
		seen = flc_load_relaxed(word);
		next = (seen & HERE) + 1 == all ? (seen & ~HERE) + ROUND : seen + 1;
		/* Full, hence acquire and release [barrier.word]: what those that came
		 * before us did, and what we did. */
	} while (!flc_cas_full(word, seen, next));
	visit->word = word;
	visit->round = seen & ~HERE;
	return (next & ~HERE) != visit->round;
}

/* Goes again, unless the round is over. */
static int
go(const struct visit *visit)
{
	for (;;) {
		size_t seen = flc_load_acquire(visit->word);

		if ((seen & ~HERE) != visit->round)
			return FILCH_OK;
		if (flc_cas_full(visit->word, seen, seen - 1))
			return FILCH_TIMEOUT;
	}
}

int
filch_barrier_wait(filch_barrier *barrier, uint64_t deadline)
{
	struct flc_worker *worker = flc_self();
	struct visit visit;
	struct flc_lot_how how = {
		.key = barrier,
		.on = { .state = FILCH_STATE_LOCK_WAIT, .what = "barrier" },
		.deadline = deadline,
		.ready = is_over,
		.context = &visit,
	};
	int status;

	if (barrier == NULL || worker == NULL || flc_thread.sharing == 0)
		return FILCH_INVAL;
	status = flc_generation_bind(&barrier->made_);
	if (status != FILCH_OK)
		return status;
	if (come((flc_atomic *)&barrier->word_, worker->pool->threads > 0
	    ? worker->pool->threads : 1, &visit)) {
		/* store-load [lot.park]: the round, before the look for waiters. */
		flc_fence_full();
		flc_lot_wake(barrier, FLC_LOT_ALL);
		return FILCH_OK;
	}
	if (deadline == 0)
		return go(&visit) == FILCH_OK ? FILCH_OK : FILCH_AGAIN;
	status = flc_lot_wait(&how, NULL);
	return status == FILCH_OK ? FILCH_OK : go(&visit);
}

int
filch_barrier_init(filch_barrier *barrier)
{
	if (barrier == NULL)
		return FILCH_INVAL;
	*barrier = (filch_barrier)FILCH_BARRIER_INIT;
	return FILCH_OK;
}

int
filch_barrier_fini(filch_barrier *barrier)
{
	if (barrier == NULL)
		return FILCH_OK;
	/* Workers have come, and the others not yet. */
	if (!flc_generation_is_old(barrier->made_)
	    && (flc_load_acquire((flc_atomic *)&barrier->word_) & HERE) != 0)
		return FILCH_BUSY;
	*barrier = (filch_barrier)FILCH_BARRIER_INIT;
	return FILCH_OK;
}
