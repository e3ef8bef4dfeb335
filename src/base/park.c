/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/park.h"

/* What the word says. */
enum {
	PARK_EMPTY,    /* nobody waits, no wake is kept */
	PARK_WAITING,  /* its thread sleeps or is about to */
	PARK_NOTIFIED  /* a wake is kept for the next wait */
};

bool
flc_parker_is_woken(const struct flc_parker *parker)
{
	return flc_load_relaxed(&parker->word) == PARK_NOTIFIED;
}

#ifdef FLC_PARK_ON_FUTEX

void
flc_parker_init(struct flc_parker *parker)
{
	flc_store_relaxed(&parker->word, PARK_EMPTY);
}

void
flc_parker_fini(struct flc_parker *parker)
{
	(void)parker;
}

bool
flc_parker_wait(struct flc_parker *parker, uint64_t deadline)
{
	bool timed_out = false;

	if (flc_cas_full(&parker->word, PARK_EMPTY, PARK_WAITING)) {
		while (flc_load_relaxed(&parker->word) == PARK_WAITING && !timed_out)
			timed_out = !flc_futex_wait(&parker->word, PARK_WAITING, deadline);

		/* A wake may come between the timeout and here: it counts. */
		if (timed_out && flc_cas_full(&parker->word, PARK_WAITING, PARK_EMPTY))
			return false;
	}
	/* Full, hence acquire [park.wake]: what each waker so far did before. */
	(void)flc_cas_full(&parker->word, PARK_NOTIFIED, PARK_EMPTY);
	return true;
}

FLC_HOT bool
flc_parker_wake(struct flc_parker *parker)
{
	AO_t word = PARK_WAITING;

	/* Full, hence release [park.wake]: what we did before.  Also where a wake is kept
	 * already: its taker must see ours too.  Mostly it sleeps; no look before, which
	 * would ask for the line twice. */
	while (FLC_UNLIKELY(!flc_cas_full(&parker->word, word, PARK_NOTIFIED)))
		word = flc_load_relaxed(&parker->word);
	if (FLC_UNLIKELY(word != PARK_WAITING))
		return false;
	flc_futex_wake(&parker->word, 1);
	return true;
}

#else /* mutex and condition */

#ifndef FLC_MODEL
#include <errno.h>
#include <time.h>

static bool
cond_wait(flc_cond *cond, flc_lock *lock, uint64_t deadline)
{
	struct timespec until = {
		.tv_sec = (time_t)(deadline / 1000000000u),
		.tv_nsec = (long)(deadline % 1000000000u),
	};

	if (deadline == FILCH_FOREVER)
		return pthread_cond_wait(cond, lock) == 0;
	return pthread_cond_timedwait(cond, lock, &until) != ETIMEDOUT;
}

#define cond_signal(c) pthread_cond_signal(c)
#define cond_fini(c) pthread_cond_destroy(c)
#endif

void
flc_parker_init(struct flc_parker *parker)
{
	flc_store_relaxed(&parker->word, PARK_EMPTY);
	flc_lock_init(&parker->lock);
	flc_cond_init(&parker->cond);
}

void
flc_parker_fini(struct flc_parker *parker)
{
	cond_fini(&parker->cond);
	flc_lock_fini(&parker->lock);
}

bool
flc_parker_wait(struct flc_parker *parker, uint64_t deadline)
{
	bool in_time = true;
	bool woken;

	flc_lock_acquire(&parker->lock);
	if (flc_load_relaxed(&parker->word) != PARK_NOTIFIED)
		flc_store_relaxed(&parker->word, PARK_WAITING);
	while (flc_load_relaxed(&parker->word) == PARK_WAITING && in_time)
		in_time = cond_wait(&parker->cond, &parker->lock, deadline);
	woken = flc_load_relaxed(&parker->word) == PARK_NOTIFIED;
	flc_store_relaxed(&parker->word, PARK_EMPTY);
	flc_lock_release(&parker->lock);
	return woken;
}

bool
flc_parker_wake(struct flc_parker *parker)
{
	bool slept;

	flc_lock_acquire(&parker->lock);
	slept = flc_load_relaxed(&parker->word) == PARK_WAITING;
	flc_store_relaxed(&parker->word, PARK_NOTIFIED);
	if (slept)
		cond_signal(&parker->cond);
	flc_lock_release(&parker->lock);
	return slept;
}

#endif
