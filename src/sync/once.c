/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/fork_generation.h"
#include "sync/parking_lot.h"
#include "wait/held_locks.h"

/* Beside the numbers of threads: nothing yet, and done. */
enum { NOT_YET = 0 };
#define DONE SIZE_MAX

static bool
is_not_run(void *context)
{
	size_t word = flc_load_relaxed(context);

	return word == DONE || word == NOT_YET;
}

static int
run(filch_once *once, int (*task)(void *context), void *context)
{
	flc_atomic *word = (flc_atomic *)&once->word_;
	int status = task(context);

	/* release [once.done]: what the task did, before it is done. */
	flc_store_release(word, status == FILCH_OK ? DONE : NOT_YET);
	/* store-load [lot.park]: the word, before the look for waiters. */
	flc_fence_full();
	flc_lot_wake(word, FLC_LOT_ALL);
	return status;
}

int
filch_once_run(filch_once *once, int (*task)(void *context), void *context)
{
	flc_atomic *word = (flc_atomic *)&once->word_;
	size_t me;
	int status;

	if (once == NULL || task == NULL)
		return FILCH_INVAL;
	/* acquire [once.done]: what the task did. */
	while (FLC_UNLIKELY(flc_load_acquire(word) != DONE)) {
		struct flc_lot_how how = {
			.key = word,
			.on = { .state = FILCH_STATE_LOCK_WAIT, .what = "once" },
			.deadline = FILCH_FOREVER,
			.ready = is_not_run,
			.context = word,
		};

		me = flc_thread_number();
		status = flc_generation_bind(&once->made_);
		if (status != FILCH_OK)
			return status;
		if (flc_load_relaxed(word) == me)
			return FILCH_DEADLOCK;
		if (flc_cas_full(word, NOT_YET, me))
			return run(once, task, context);
		(void)flc_lot_wait(&how, NULL);
	}
	return FILCH_OK;
}

int
filch_once_init(filch_once *once)
{
	if (once == NULL)
		return FILCH_INVAL;
	*once = (filch_once)FILCH_ONCE_INIT;
	return FILCH_OK;
}

/* A thread runs the task, and others may wait for it. */
static bool
is_running(filch_once *once)
{
	return !is_not_run(&once->word_);
}

int
filch_once_fini(filch_once *once)
{
	if (once == NULL)
		return FILCH_OK;
	if (!flc_generation_is_old(once->made_) && is_running(once))
		return FILCH_BUSY;
	*once = (filch_once)FILCH_ONCE_INIT;
	return FILCH_OK;
}
