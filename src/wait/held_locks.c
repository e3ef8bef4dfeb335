/* SPDX-License-Identifier: BSD-2-Clause */
#include "wait/held_locks.h"

#include "base/static_lock.h"
#include "count/rows.h"
#include "sched/guest.h"
#include "sched/worker.h"
#include "wait/backtrace.h"

#include <string.h>

size_t
flc_held_count(void)
{
	size_t n = 0;

	for (const filch_held_ *lock = flc_thread.held; lock != NULL; lock = lock->below)
		n++;
	return n;
}

/* The pairs that met.  Texts are copied: the lock may be gone when they are read. */
#define PAIRS 64
#define TEXT_SIZE 64

struct pair {
	char lock[TEXT_SIZE];
	char place[TEXT_SIZE];
	char waited[TEXT_SIZE];
	const void *site[FILCH_HELD_WAIT_SITES];
	size_t sites;            /* by which they are told apart */
	uint64_t count;
	int wait;
};

static struct pair pair[PAIRS + FILCH_HELD_WAITS];
static size_t pairs;
static struct flc_static_lock pairs_lock = FLC_STATIC_LOCK_INIT;

/* The end of a text tells more: a path's file, a name's number. */
static void
copy_end(char *to, const char *text)
{
	size_t length = text == NULL ? 0 : strlen(text);
	size_t kept = length < TEXT_SIZE ? length : TEXT_SIZE - 1;

	if (kept > 0)
		memcpy(to, text + length - kept, kept);
	to[kept] = '\0';
}

static bool
is_same(const struct pair *a, const struct pair *b)
{
	return a->wait == b->wait && strcmp(a->lock, b->lock) == 0
	    && strcmp(a->place, b->place) == 0 && strcmp(a->waited, b->waited) == 0
	    && memcmp(a->site, b->site, b->sites * sizeof(b->site[0])) == 0;
}

static void
count_pair(const struct pair *met)
{
	struct pair *at = pair;

	for (size_t i = 0; i < pairs; i++, at++) {
		if (is_same(at, met)) {
			at->count++;
			return;
		}
	}
	if (pairs < PAIRS) {
		pairs++;
	} else {
		at = &pair[PAIRS + (size_t)met->wait];
		at->count++;
		return;
	}
	*at = *met;
	at->count = 1;
}

FLC_COLD void
flc_held_report(enum filch_held_wait kind, const char *name)
{
	const filch_held_ *lock = flc_thread.held;
	struct flc_mutex_row *row = (struct flc_mutex_row *)
	    flc_load_acquire((const flc_atomic *)&lock->row);
	struct flc_worker *worker = flc_self_entered();
	struct pair met = { .wait = (int)kind };

	/* Held by the parent's thread of this name, not by us. */
	if (flc_generation_is_old(flc_thread.generation)) {
		flc_thread_begin();
		return;
	}
	if (worker != NULL)
		flc_count(&worker->counters->waits_holding, 1);
	if (row != NULL)
		flc_row_count(&row->row, &row->held_across, 1);
	copy_end(met.lock, lock->name);
	copy_end(met.place, lock->place);
	copy_end(met.waited, name);
	met.sites = flc_call_sites(met.site, FILCH_HELD_WAIT_SITES) ? 1 : FILCH_HELD_WAIT_SITES;
	flc_static_lock_acquire(&pairs_lock);
	count_pair(&met);
	flc_static_lock_release(&pairs_lock);
}

int
filch_metrics_foreach_held_wait(
    int (*visit)(void *context, const filch_held_wait_metrics *row), void *context)
{
	int status = FILCH_OK;

	if (visit == NULL)
		return FILCH_INVAL;
	for (size_t i = 0; i < PAIRS + FILCH_HELD_WAITS && status == FILCH_OK; i++) {
		struct pair copy;

		flc_static_lock_acquire(&pairs_lock);
		copy = pair[i];
		flc_static_lock_release(&pairs_lock);
		if (copy.count == 0)
			continue;
		filch_held_wait_metrics row = {
			i < PAIRS ? copy.lock : "other", copy.place,
			i < PAIRS ? copy.wait : (int)(i - PAIRS), copy.count,
			copy.waited, copy.site,
		};

		status = visit(context, &row);
	}
	return status;
}
