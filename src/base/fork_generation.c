/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/fork_generation.h"

#include "base/futex.h"
#include "base/signals.h"

#include <limits.h>
#include <sys/mman.h>
#include <unistd.h>

/* What the word says besides a generation. */
enum { WIPED = 0, BEING_RENEWED = 1 };
#define FIRST_GENERATION FLC_GENERATION_STEP

static flc_atomic fallback_word;
static flc_atomic *word = &fallback_word;
flc_atomic flc_generation_place = FLC_ATOMIC_INIT((size_t)&fallback_word);

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Copied into the child by fork, so its next number differs from ours. */
static size_t last;

#define RENEWALS 16
static flc_atomic renewals[RENEWALS];  /* from the front */

/* What the word said when a fork began.  0 too: nobody had asked. */
static flc_atomic at_fork;

static void
before_fork(void)
{
	flc_store_relaxed(&at_fork, flc_load_relaxed(word));
}

/* In the child.  A handler before ours may have asked already, in a page that was wiped:
 * its number stays. */
static void
wipe(void)
{
	AO_t parent = flc_load_relaxed(&at_fork);

	if (parent < FIRST_GENERATION || flc_load_relaxed(word) == parent)
		flc_store_relaxed(word, WIPED);
}

/* The kernel's wiping reaches raw clone(); but under qemu-user, and in some sandboxes,
 * madvise() says that it will be done and nothing happens.  So there are handlers,
 * too. */
static void
set_up(void)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

#ifdef MADV_WIPEONFORK
	if (page != MAP_FAILED && madvise(page, size, MADV_WIPEONFORK) == 0) {
		word = page;
		/* release [generation.place]: the page, before its address. */
		flc_store_release(&flc_generation_place, (size_t)word);
		page = MAP_FAILED;
	}
#endif
	if (page != MAP_FAILED)
		munmap(page, size);
	pthread_atfork(before_fork, NULL, wipe);
}

/* A handler that asks, in this thread, finds it done or not begun. */
static FLC_COLD size_t
ask(void)
{
	sigset_t before;
	AO_t generation;

	flc_signals_block(&before);
	pthread_once(&once, set_up);
	while ((generation = flc_load_acquire(word)) < FIRST_GENERATION) {
		if (!flc_cas_full(word, WIPED, BEING_RENEWED)) {
			(void)flc_futex_wait(word, BEING_RENEWED, FILCH_FOREVER);
			continue;
		}
		for (size_t i = 0; i < RENEWALS; i++) {
			/* acquire [generation.renewal]: what it renews is set up. */
			struct flc_renewal *renewal =
			    (struct flc_renewal *)flc_load_acquire(&renewals[i]);

			if (renewal != NULL)
				renewal->renew(renewal);
		}
		last += FLC_GENERATION_STEP;
		/* release [generation.renew]: what was renewed, before the number. */
		flc_store_release(word, last);
		flc_futex_wake(word, INT_MAX);
	}
	flc_signals_restore(&before);
	/* acquire [generation.renew]: by the load above. */
	return generation;
}

size_t
flc_generation(void)
{
	AO_t generation = flc_generation_now();

	return FLC_LIKELY(generation >= FIRST_GENERATION) ? generation : ask();
}

int
flc_generation_acquire(flc_atomic *holder)
{
	size_t generation = flc_generation();
	size_t has;

	/* Full, hence acquire [generation.have]: what the last thread that had it did. */
	while (!flc_cas_full(holder, 0, generation)) {
		has = flc_load_relaxed(holder);
		/* At 0 it was given back in between: neither busy nor of a parent. */
		if (has != 0)
			return has == generation ? FILCH_BUSY : FILCH_FORKED;
	}
	return FILCH_OK;
}

void
flc_generation_release(flc_atomic *holder)
{
	/* release [generation.have]: what was done with it. */
	flc_store_release(holder, 0);
}

FLC_COLD int
flc_generation_bind_slowly(flc_atomic *bound)
{
	size_t now = flc_generation();
	size_t before = flc_load_acquire(bound);

	/* Full, hence release [generation.bound]: its row of counters, if it has one. */
	if (before == 0 && flc_cas_full(bound, 0, now))
		return FILCH_OK;
	return flc_load_acquire(bound) == now ? FILCH_OK : FILCH_FORKED;
}

/* Two threads may do it at once: both find the same place. */
FLC_COLD void
flc_renewal_register(struct flc_renewal *renewal)
{
	size_t at = 0;

	/* Full, hence release [generation.renewal]: what it renews, before its
	 * address. */
	while (at < RENEWALS && !flc_cas_full(&renewals[at], 0, (size_t)renewal)
	    && flc_load_relaxed(&renewals[at]) != (size_t)renewal)
		at++;
	FLC_INVARIANT(at < RENEWALS);
	flc_store_relaxed(&renewal->registered, 1);
}
