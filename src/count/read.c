/* SPDX-License-Identifier: BSD-2-Clause */
#include "count/read.h"

#include "count/page.h"

#include <filch/pool.h>

#include <string.h>

void
flc_row_name(const struct flc_row *row, char name[FILCH_METRICS_NAME])
{
	for (size_t i = 0; i < FLC_NAME_WORDS; i++) {
		AO_t word = flc_load_acquire(&row->name[i]);

		memcpy(name + i * sizeof(word), &word, sizeof(word));
	}
}

/* A row that changed hands while it was read. */
#define TRIES 100

static AO_t
begin(const struct flc_row *row)
{
	/* acquire [page.change]: what was changed before. */
	return flc_load_acquire(&row->gen);
}

/* Every word was loaded with acquire, so this load stands behind them. */
static bool
was_whole(const struct flc_row *row, AO_t gen)
{
	return gen % 2 == 0 && flc_load_relaxed(&row->gen) == gen;
}

/* The index of the worker or spare that the thread is. */
static size_t
worker_of(size_t thread)
{
	size_t rows = thread == 0 ? 0 : flc_page_rows(FLC_SECTION_WORKER);

	for (size_t i = 0; i < rows; i++) {
		const struct flc_worker_row *row = (void *)flc_page_row(FLC_SECTION_WORKER, i);

		if (flc_load_acquire(&row->thread) == thread
		    && flc_load_acquire(&row->row.use) == FLC_ROW_LIVE)
			return flc_load_acquire(&row->index);
	}
	return FILCH_NOT_A_WORKER;
}

static void
read_mutex(const struct flc_row *row, void *to)
{
	filch_mutex_metrics *copy = to;

	flc_row_name(row, copy->name);
	copy->live = flc_load_acquire(&row->use) == FLC_ROW_LIVE;
	flc_words_read(&flc_mutex_row_words, row, copy);
	copy->owner = worker_of(copy->owner_thread);
}

static void
read_channel(const struct flc_row *row, void *to)
{
	filch_channel_metrics *copy = to;

	flc_row_name(row, copy->name);
	copy->live = flc_load_acquire(&row->use) == FLC_ROW_LIVE;
	flc_words_read(&flc_channel_row_words, row, copy);
}

/* The row "other" is there before anything is counted in it. */
static bool
says_something(const struct flc_row *row, uint64_t counted)
{
	AO_t use = flc_load_relaxed(&row->use);

	return (use == FLC_ROW_LIVE || use == FLC_ROW_ENDED)
	    && (counted > 0 || flc_load_relaxed(&row->shared) == 0);
}

/* Until it is one row's from the beginning to the end. */
static void
read_whole(const struct flc_row *row, void *copy, size_t size,
    void (*read)(const struct flc_row *row, void *copy))
{
	AO_t gen;
	int tries = 0;

	memset(copy, 0, size);
	do {
		gen = begin(row);
		read(row, copy);
	} while (!was_whole(row, gen) && ++tries < TRIES);
}

bool
flc_mutex_row_read(const struct flc_mutex_row *row, filch_mutex_metrics *copy)
{
	read_whole(&row->row, copy, sizeof(*copy), read_mutex);
	return says_something(&row->row, copy->acquisitions + copy->try_failed);
}

bool
flc_channel_row_read(const struct flc_channel_row *row, filch_channel_metrics *copy)
{
	read_whole(&row->row, copy, sizeof(*copy), read_channel);
	return says_something(&row->row, copy->sends + copy->try_send_full
	    + copy->try_receive_empty + copy->rejected_closed + copy->rejected_canceled);
}

/* -- Sums and differences -- */

uint64_t
flc_histogram_total(const filch_histogram *histogram)
{
	uint64_t total = 0;

	for (int k = 0; k < FILCH_HISTOGRAM_BUCKETS; k++)
		total += histogram->count[k];
	return total;
}

/* A difference is this many times the subtrahend, modulo 2^64. */
#define MINUS UINT64_MAX

void
flc_worker_metrics_add(filch_worker_metrics *sum, const filch_worker_metrics *from)
{
	flc_words_add(&flc_counters_words, sum, from, 1);
	flc_words_keep_maxima(&flc_counters_words, sum, from);
	sum->deque_depth += from->deque_depth;
}

void
flc_mutex_metrics_add(filch_mutex_metrics *sum, const filch_mutex_metrics *from)
{
	flc_words_add(&flc_mutex_row_words, sum, from, 1);
	flc_words_keep_maxima(&flc_mutex_row_words, sum, from);
	sum->live |= from->live;
	sum->waiters += from->waiters;
}

void
flc_channel_metrics_add(filch_channel_metrics *sum, const filch_channel_metrics *from)
{
	flc_words_add(&flc_channel_row_words, sum, from, 1);
	flc_words_keep_maxima(&flc_channel_row_words, sum, from);
	sum->live |= from->live;
	if (from->live) {
		sum->capacity = from->capacity > UINT64_MAX - sum->capacity
		    ? UINT64_MAX : sum->capacity + from->capacity;
		sum->depth += from->depth;
	}
	sum->blocked_senders += from->blocked_senders;
	sum->blocked_receivers += from->blocked_receivers;
}

void
flc_worker_metrics_subtract(filch_worker_metrics *sum, const filch_worker_metrics *before)
{
	flc_words_add(&flc_counters_words, sum, before, MINUS);
}

void
flc_mutex_metrics_subtract(filch_mutex_metrics *sum, const filch_mutex_metrics *before)
{
	flc_words_add(&flc_mutex_row_words, sum, before, MINUS);
}

void
flc_channel_metrics_subtract(filch_channel_metrics *sum, const filch_channel_metrics *before)
{
	flc_words_add(&flc_channel_row_words, sum, before, MINUS);
}
