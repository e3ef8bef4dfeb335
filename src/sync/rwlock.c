/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The word:  bits 0-31 readers inside, bits 32-62 writers that wait, bit 63 a writer
 * inside.  Readers come in while the upper half is zero.
 */
#include "base/fork_generation.h"
#include "sync/mutex.h"
#include "sync/parking_lot.h"

#define ONE_READER ((size_t)1)
#define ONE_WAITING ((size_t)1 << 32)
#define WRITER ((size_t)1 << 63)
#define READERS (ONE_WAITING - 1)
#define WAITING (WRITER - ONE_WAITING)

/* Readers wait at the word, writers at the one behind it. */
#define READERS_KEY(lock) ((const void *)&(lock)->word_)
#define WRITERS_KEY(lock) ((const void *)&(lock)->writer_)

static flc_atomic *
word_of(filch_rwlock *lock)
{
	return (flc_atomic *)&lock->word_;
}

/* Many may read at once, so the row's words are added to by locked instructions. */
static void
count_acquired(filch_rwlock *lock, bool contended, size_t parks, uint64_t ticks)
{
	struct flc_mutex_row *row = flc_held_row(&lock->held_);
	AO_t most;

	flc_add_full(&row->acquisitions, 1);
	if (!contended)
		return;
	flc_add_full(&row->contended, 1);
	flc_add_full(parks == 0 ? &row->spin_acquired : &row->parks, parks == 0 ? 1 : parks);
	flc_histogram_add(&row->wait, ticks, true);
	while (ticks > (most = flc_load_relaxed(&row->wait_max)))
		if (flc_cas_full(&row->wait_max, most, ticks))
			break;
}

static bool
read_ready(void *context)
{
	flc_atomic *word = word_of(context);
	size_t seen;

	/* Full, hence acquire [rwlock.word]: what the last writer did. */
	while (((seen = flc_load_relaxed(word)) & ~READERS) == 0 && seen < READERS)
		if (flc_cas_full(word, seen, seen + ONE_READER))
			return true;
	return false;
}

/* One of those that wait comes in. */
static bool
write_ready(void *context)
{
	flc_atomic *word = word_of(context);
	size_t seen;

	/* Full, hence acquire [rwlock.word]: what all before did. */
	while (((seen = flc_load_relaxed(word)) & (WRITER | READERS)) == 0)
		if (flc_cas_full(word, seen, seen - ONE_WAITING + WRITER))
			return true;
	return false;
}

#define SPIN_ROUNDS 10

static bool
spin(bool (*ready)(void *context), filch_rwlock *lock)
{
	for (unsigned round = 0; round < SPIN_ROUNDS; round++) {
		for (unsigned i = 0; i < 1u << (round < 6 ? round : 6); i++)
			flc_spin_hint();
		if (ready(lock))
			return true;
	}
	return false;
}

static int
begin(filch_rwlock *lock)
{
	if (lock == NULL)
		return FILCH_INVAL;
	(void)flc_thread_number();
	if (FLC_UNLIKELY(flc_held_row(&lock->held_) == NULL))
		flc_held_take_row(&lock->held_);
	return flc_generation_bind(&lock->made_);
}

/* Spins, then parks; counts the time. */
static int
await(filch_rwlock *lock, bool (*ready)(void *context), const void *key, const char *what,
    uint64_t deadline)
{
	struct flc_mutex_row *row = flc_held_row(&lock->held_);
	struct flc_lot_how how = {
		.key = key,
		.on = {
			.state = FILCH_STATE_LOCK_WAIT,
			.what = what,
			.name = flc_held_name(row),
			.owner = (const flc_atomic *)&lock->writer_,
		},
		.deadline = deadline,
		.ready = ready,
		.context = lock,
	};
	uint64_t since = flc_ticks();
	int status = FILCH_OK;

	if (!spin(ready, lock)) {
		flc_add_full(&row->waiters, 1);
		status = flc_lot_wait(&how, NULL);
		flc_add_full(&row->waiters, (AO_t)-1);
	}
	if (status == FILCH_OK)
		count_acquired(lock, true, how.parks, flc_ticks() - since);
	else
		flc_add_full(status == FILCH_DEADLOCK ? &row->deadlocks : &row->try_failed, 1);
	return status;
}

static int
refuse(filch_rwlock *lock)
{
	flc_add_full(&flc_held_row(&lock->held_)->try_failed, 1);
	return FILCH_AGAIN;
}

static bool
is_writer(const filch_rwlock *lock)
{
	return flc_load_relaxed((const flc_atomic *)&lock->writer_) == flc_thread.number;
}

int
filch_rwlock_read_lock(filch_rwlock *lock, uint64_t deadline)
{
	int status = begin(lock);

	if (status != FILCH_OK)
		return status;
	if (read_ready(lock)) {
		count_acquired(lock, false, 0, 0);
		return FILCH_OK;
	}
	if (is_writer(lock))
		return FILCH_DEADLOCK;
	if (deadline == 0)
		return refuse(lock);
	return await(lock, read_ready, READERS_KEY(lock), "rwlock to read", deadline);
}

/* After the writer has gone, or given up waiting. */
static void
wake_after(filch_rwlock *lock, size_t word)
{
	const void *writers = WRITERS_KEY(lock), *readers = READERS_KEY(lock);

	/* store-load [lot.park]: the word, before the look for waiters. */
	flc_fence_full();
	if (word & WAITING)
		flc_lot_wake(writers, 1);
	else
		flc_lot_wake(readers, FLC_LOT_ALL);
}

int
filch_rwlock_read_unlock(filch_rwlock *lock)
{
	int status = begin(lock);
	const void *writers;
	size_t before;

	if (status != FILCH_OK)
		return status;
	writers = WRITERS_KEY(lock);
	do {
		before = flc_load_relaxed(word_of(lock));
		if ((before & READERS) == 0)
			return FILCH_INVAL;
		/* Full, hence release [rwlock.word]: what we read, before we go. */
	} while (!flc_cas_full(word_of(lock), before, before - ONE_READER));
	if ((before & READERS) == ONE_READER && (before & WAITING) != 0) {
		/* store-load [lot.park]: the word, before the look for waiters. */
		flc_fence_full();
		flc_lot_wake(writers, 1);
	}
	return FILCH_OK;
}

static void
begin_write(filch_rwlock *lock)
{
	flc_store_relaxed((flc_atomic *)&lock->writer_, flc_thread.number);
	flc_held_push(&lock->held_);
}

/* A writer that gives up: readers may have waited for it. */
static void
wait_no_more(filch_rwlock *lock)
{
	size_t after = flc_add_full(word_of(lock), 0 - ONE_WAITING) - ONE_WAITING;

	if ((after & (WRITER | WAITING)) == 0)
		wake_after(lock, after);
}

int
filch_rwlock_write_lock(filch_rwlock *lock, uint64_t deadline)
{
	int status = begin(lock);

	if (status != FILCH_OK)
		return status;
	if (is_writer(lock))
		return FILCH_DEADLOCK;
	/* Full, hence acquire [rwlock.word]: what all before did. */
	if (flc_cas_full(word_of(lock), 0, WRITER)) {
		count_acquired(lock, false, 0, 0);
	} else if (deadline == 0) {
		return refuse(lock);
	} else {
		flc_add_full(word_of(lock), ONE_WAITING);
		status = await(lock, write_ready, WRITERS_KEY(lock), "rwlock to write", deadline);
		if (status != FILCH_OK) {
			wait_no_more(lock);
			return status;
		}
	}
	begin_write(lock);
	return FILCH_OK;
}

int
filch_rwlock_write_unlock(filch_rwlock *lock)
{
	int status = begin(lock);

	if (status != FILCH_OK)
		return status;
	if (!is_writer(lock))
		return FILCH_INVAL;
	flc_held_pull(&lock->held_);
	flc_store_relaxed((flc_atomic *)&lock->writer_, 0);
	/* Full, hence release [rwlock.word]: what we wrote, before we go. */
	wake_after(lock, flc_add_full(word_of(lock), 0 - WRITER) - WRITER);
	return FILCH_OK;
}

int
filch_rwlock_init(filch_rwlock *lock, const char *name)
{
	if (lock == NULL)
		return FILCH_INVAL;
	*lock = (filch_rwlock){ .held_ = { .name = name } };
	return FILCH_OK;
}

int
filch_rwlock_fini(filch_rwlock *lock)
{
	return lock == NULL ? FILCH_OK : flc_held_end(&lock->held_, &lock->word_, &lock->made_);
}

int
filch_rwlock_stats(const filch_rwlock *lock, struct filch_mutex_metrics *stats, size_t size)
{
	return lock == NULL ? FILCH_INVAL : flc_held_read_row(&lock->held_, stats, size);
}
