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

/* What is counted later is read before what it is of [count.order]. */
#define GET(field) copy->field = flc_load_acquire(&row->field)

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
read_mutex(const struct flc_mutex_row *row, filch_mutex_metrics *copy)
{
	flc_row_name(&row->row, copy->name);
	copy->live = flc_load_acquire(&row->row.use) == FLC_ROW_LIVE;
	flc_histogram_read(&row->hold, &copy->hold);
	flc_histogram_read(&row->wait, &copy->wait);
	GET(hold_samples);
	GET(spin_acquired);
	GET(parks);
	GET(contended);
	GET(acquisitions);
	GET(try_failed);
	GET(cond_waits);
	GET(held_across);
	GET(deadlocks);
	GET(waiters);
	copy->cond_wait_ns = flc_ticks_to_ns(flc_load_acquire(&row->cond_wait));
	copy->wait_max_ns = flc_ticks_to_ns(flc_load_acquire(&row->wait_max));
	copy->owner_thread = flc_load_acquire(&row->owner);
	copy->owner = worker_of(copy->owner_thread);
}

static void
read_channel(const struct flc_channel_row *row, filch_channel_metrics *copy)
{
	flc_row_name(&row->row, copy->name);
	copy->live = flc_load_acquire(&row->row.use) == FLC_ROW_LIVE;
	flc_histogram_read(&row->dwell, &copy->dwell);
	flc_histogram_read(&row->receive_wait, &copy->receive_wait);
	flc_histogram_read(&row->send_wait, &copy->send_wait);
	GET(dwell_samples);
	GET(receive_blocked);
	GET(send_blocked);
	GET(receives);
	GET(sends);
	GET(try_send_full);
	GET(try_receive_empty);
	GET(rejected_closed);
	GET(rejected_canceled);
	GET(capacity);
	GET(depth);
	GET(depth_high_water);
	GET(blocked_senders);
	GET(blocked_receivers);
}

#undef GET

/* The row "other" is there before anything is counted in it. */
static bool
says_something(const struct flc_row *row, uint64_t counted)
{
	AO_t use = flc_load_relaxed(&row->use);

	return (use == FLC_ROW_LIVE || use == FLC_ROW_ENDED)
	    && (counted > 0 || flc_load_relaxed(&row->shared) == 0);
}

bool
flc_mutex_row_read(const struct flc_mutex_row *row, filch_mutex_metrics *copy)
{
	AO_t gen;
	int tries = 0;

	memset(copy, 0, sizeof(*copy));
	do {
		gen = begin(&row->row);
		read_mutex(row, copy);
	} while (!was_whole(&row->row, gen) && ++tries < TRIES);
	return says_something(&row->row, copy->acquisitions + copy->try_failed);
}

bool
flc_channel_row_read(const struct flc_channel_row *row, filch_channel_metrics *copy)
{
	AO_t gen;
	int tries = 0;

	memset(copy, 0, sizeof(*copy));
	do {
		gen = begin(&row->row);
		read_channel(row, copy);
	} while (!was_whole(&row->row, gen) && ++tries < TRIES);
	return says_something(&row->row, copy->sends + copy->try_send_full
	    + copy->try_receive_empty + copy->rejected_closed + copy->rejected_canceled);
}

/* -- Sums and differences -- */

uint64_t
flc_histogram_total(const filch_histogram *histogram)
{
	uint64_t total = 0;

	for (int k = 0; k < FILCH_BUCKETS; k++)
		total += histogram->count[k];
	return total;
}

/* by: 1 or -1, modulo 2^64. */
static void
add_times(filch_histogram *sum, const filch_histogram *from, uint64_t by)
{
	sum->sum_ns += by * from->sum_ns;
	for (int k = 0; k < FILCH_BUCKETS; k++)
		sum->count[k] += by * from->count[k];
}

static uint64_t
larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

#define ADD(field, name, help) sum->field += by * from->field;
#define ADD_TIMES(field, name, help) add_times(&sum->field, &from->field, by);

static void
add_worker(filch_worker_metrics *sum, const filch_worker_metrics *from, uint64_t by)
{
	FILCH_WORKER_COUNTER_MAP(ADD)
	FILCH_WORKER_HISTOGRAM_MAP(ADD_TIMES)
	for (int d = 0; d < FILCH_DISTANCES; d++) {
		sum->steal_attempts[d] += by * from->steal_attempts[d];
		sum->steals[d] += by * from->steals[d];
	}
	for (int s = 0; s < FILCH_STATES; s++)
		sum->time_ns[s] += by * from->time_ns[s];
}

static void
add_mutex(filch_mutex_metrics *sum, const filch_mutex_metrics *from, uint64_t by)
{
	FILCH_MUTEX_COUNTER_MAP(ADD)
	FILCH_MUTEX_HISTOGRAM_MAP(ADD_TIMES)
	sum->cond_wait_ns += by * from->cond_wait_ns;
}

static void
add_channel(filch_channel_metrics *sum, const filch_channel_metrics *from, uint64_t by)
{
	FILCH_CHANNEL_COUNTER_MAP(ADD)
	FILCH_CHANNEL_HISTOGRAM_MAP(ADD_TIMES)
}

void
flc_worker_metrics_add(filch_worker_metrics *sum, const filch_worker_metrics *from)
{
	add_worker(sum, from, 1);
	sum->deque_depth += from->deque_depth;
	sum->deque_high_water = larger(sum->deque_high_water, from->deque_high_water);
}

void
flc_mutex_metrics_add(filch_mutex_metrics *sum, const filch_mutex_metrics *from)
{
	add_mutex(sum, from, 1);
	sum->live |= from->live;
	sum->waiters += from->waiters;
	sum->wait_max_ns = larger(sum->wait_max_ns, from->wait_max_ns);
}

void
flc_channel_metrics_add(filch_channel_metrics *sum, const filch_channel_metrics *from)
{
	add_channel(sum, from, 1);
	sum->live |= from->live;
	if (from->live) {
		sum->capacity = from->capacity > UINT64_MAX - sum->capacity
		    ? UINT64_MAX : sum->capacity + from->capacity;
		sum->depth += from->depth;
	}
	sum->depth_high_water = larger(sum->depth_high_water, from->depth_high_water);
	sum->blocked_senders += from->blocked_senders;
	sum->blocked_receivers += from->blocked_receivers;
}

void
flc_worker_metrics_subtract(filch_worker_metrics *sum, const filch_worker_metrics *before)
{
	add_worker(sum, before, UINT64_MAX);
}

void
flc_mutex_metrics_subtract(filch_mutex_metrics *sum, const filch_mutex_metrics *before)
{
	add_mutex(sum, before, UINT64_MAX);
}

void
flc_channel_metrics_subtract(filch_channel_metrics *sum, const filch_channel_metrics *before)
{
	add_channel(sum, before, UINT64_MAX);
}
