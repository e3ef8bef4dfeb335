/* SPDX-License-Identifier: BSD-2-Clause */
/* Locks and their rows of counters: how they come and go. */
#include "count/page.h"
#include "count/read.h"
#include "count/sample.h"
#include "sync/mutex.h"

#include <string.h>

void
flc_held_take_row(filch_held_ *held)
{
	flc_atomic *word = (flc_atomic *)&held->row;
	const char *name = held->name != NULL && *held->name != '\0' ? held->name
	    : held->place != NULL ? held->place : "mutex";
	struct flc_mutex_row *row;

	if (flc_load_acquire(word) != 0)
		return;
	flc_clock_start();
	/* Asked now, so that giving back need not ask. */
	(void)flc_fence_asymmetric();
	row = flc_page_mutex_row(name);
	flc_store_relaxed(&row->sample_mask,
	    flc_load_relaxed(&row->row.shared) ? 0 : FLC_SAMPLE_EVERY - 1);
	/* Full, hence release [held.row]: the row, before its address. */
	if (!flc_cas_full(word, 0, (size_t)row))
		flc_page_give_back(&row->row);
}

static void
give_row_back(filch_held_ *held)
{
	struct flc_mutex_row *row = flc_held_row(held);

	if (row != NULL)
		flc_page_give_back(&row->row);
	held->row = 0;
}

int
filch_mutex_init(filch_mutex *mutex, const char *name)
{
	if (mutex == NULL)
		return FILCH_INVAL;
	memset(mutex, 0, sizeof(*mutex));
	mutex->held_.name = name;
	return FILCH_OK;
}

int
filch_mutex_fini(filch_mutex *mutex)
{
	if (mutex == NULL)
		return FILCH_INVAL;
	if (flc_load_acquire((flc_atomic *)&mutex->word_) != 0
	    && !flc_generation_is_old(mutex->made_))
		return FILCH_BUSY;
	give_row_back(&mutex->held_);
	mutex->word_ = 0;
	mutex->made_ = 0;
	return FILCH_OK;
}

int
filch_rwlock_fini(filch_rwlock *lock)
{
	if (lock == NULL)
		return FILCH_INVAL;
	if (flc_load_acquire((flc_atomic *)&lock->word_) != 0
	    && !flc_generation_is_old(lock->made_))
		return FILCH_BUSY;
	give_row_back(&lock->held_);
	lock->word_ = 0;
	lock->made_ = 0;
	return FILCH_OK;
}

static int
read_row(const filch_held_ *held, struct filch_mutex_metrics *stats, size_t size)
{
	const struct flc_mutex_row *row = flc_held_row(held);
	filch_mutex_metrics full;

	if (row == NULL || stats == NULL || size == 0)
		return FILCH_INVAL;
	memset(&full, 0, sizeof(full));
	flc_mutex_row_read(row, &full);
	memcpy(stats, &full, size < sizeof(full) ? size : sizeof(full));
	return FILCH_OK;
}

int
filch_mutex_stats(const filch_mutex *mutex, struct filch_mutex_metrics *stats, size_t size)
{
	return mutex == NULL ? FILCH_INVAL : read_row(&mutex->held_, stats, size);
}

int
filch_rwlock_stats(const filch_rwlock *lock, struct filch_mutex_metrics *stats, size_t size)
{
	return lock == NULL ? FILCH_INVAL : read_row(&lock->held_, stats, size);
}
