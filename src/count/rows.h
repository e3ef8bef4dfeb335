/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rows of the page: words with one writer, or one at a time under a lock.
 *
 * A word that must never exceed another is counted after it, and read before it:
 * contended after acquisitions, a time in a histogram after its count, receives after
 * sends.  Every count here releases, so that this holds.
 */
#ifndef FLC_ROWS_H
#define FLC_ROWS_H

#include "base/atomic.h"
#include "count/counters.h"

#include <filch/metrics.h>

#define FLC_NAME_WORDS (FILCH_METRICS_NAME / sizeof(flc_atomic))

enum flc_row_use {
	FLC_ROW_FREE,    /* says nothing */
	FLC_ROW_LIVE,
	FLC_ROW_ENDED,   /* given back; what it says stands until it is taken */
	FLC_ROW_FOREIGN  /* a worker or pool of the process that forked us */
};

/* What every row begins with. */
struct flc_row {
	flc_atomic gen;      /* odd: changing hands; grows each time it does */
	flc_atomic use;      /* enum flc_row_use */
	flc_atomic shared;   /* 1: several writers at a time */
	flc_atomic section;  /* enum flc_section_kind */
	flc_atomic ended_at; /* how many rows were given back before it */
	flc_atomic name[FLC_NAME_WORDS];
};

/* A pool; each word once, see words.h.  number: of pools, in the order they were made;
 * cpus: that it may use; nodes: of NUMA, of the machine; scratch: in bytes. */
#define FLC_POOL_ROW_MAP(P) \
	P##_APART(pool) \
	P##_OWN(number) \
	P##_OWN(workers) \
	P##_OWN(slots) \
	P##_OWN(active) \
	P##_OWN(injected_depth) \
	P##_OWN(cpus) \
	P##_OWN(nodes) \
	P##_OWN(scratch_in_use) \
	P##_OWN(scratch_high_water) \
	P##_OWN(scratch_kept)

struct flc_pool_row {
	FLC_SET_APART struct flc_row row;
	FLC_POOL_ROW_MAP(FLC_FIELD)
};

/* A worker; named as its pool. */
struct flc_worker_row {
	FLC_SET_APART struct flc_row row;
	FLC_SET_APART flc_atomic pool;    /* its number */
	flc_atomic index;
	flc_atomic kind;             /* enum filch_slot_kind */
	flc_atomic thread;           /* its number; 0: none yet, or a guest's */
	struct flc_counters counters;
};

/*
 * A mutex; each word once, see words.h.  The lines: owner, under its lock, where times
 * are ticks, owner is the number of a thread or 0 (nobody, or not known) and written by
 * waiters, and sample_mask is that of sample.h, or 0, so that each is looked at, if the
 * row is shared; refused, not under the lock, by locked instructions; times, under the
 * lock: the waits of contended acquisitions, and the holds, sampled.
 */
#define FLC_MUTEX_ROW_MAP(P) \
	P##_APART(owner) \
	FILCH_MUTEX_OWNER_MAP(P##_COUNT) \
	P##_TICKS(cond_wait, cond_wait_ns) \
	P##_MAXIMUM_TICKS(wait_max, wait_max_ns) \
	P##_GAUGE(owner, owner_thread) \
	P##_OWN(sample_mask) \
	P##_OWN(sampled_at) \
	P##_APART(refused) \
	P##_GAUGE(waiters, waiters) \
	FILCH_MUTEX_REFUSED_MAP(P##_COUNT) \
	P##_APART(times) \
	FILCH_MUTEX_HISTOGRAM_MAP(P##_DURATIONS)

struct flc_mutex_row {
	FLC_SET_APART struct flc_row row;
	FLC_MUTEX_ROW_MAP(FLC_FIELD)
};

/*
 * A channel; each word once, see words.h.  The lines: send and send_times, which the
 * senders' lock or only thread writes, receive and receive_times, the same of receivers;
 * gauges, the two of waiting threads by locked instructions.  A send is counted before
 * its item can be received.
 */
#define FLC_CHANNEL_ROW_MAP(P) \
	P##_APART(send) \
	FILCH_CHANNEL_SEND_MAP(P##_COUNT) \
	P##_MAXIMUM(depth_high_water, depth_high_water) \
	P##_APART(receive) \
	FILCH_CHANNEL_RECEIVE_MAP(P##_COUNT) \
	P##_APART(gauges) \
	P##_GAUGE(capacity, capacity) \
	P##_GAUGE(depth, depth) \
	P##_GAUGE(blocked_senders, blocked_senders) \
	P##_GAUGE(blocked_receivers, blocked_receivers) \
	P##_APART(send_times) \
	FILCH_CHANNEL_SEND_HISTOGRAM_MAP(P##_DURATIONS) \
	P##_APART(receive_times) \
	FILCH_CHANNEL_RECEIVE_HISTOGRAM_MAP(P##_DURATIONS)

struct flc_channel_row {
	FLC_SET_APART struct flc_row row;
	FLC_CHANNEL_ROW_MAP(FLC_FIELD)
};

/* Counts in a row; which thread may write, and when, is said at the word. */
static inline void
flc_row_count(struct flc_row *row, flc_atomic *word, AO_t by)
{
	if (!FLC_COUNTING)
		return;
	/* release [count.order]: what was counted before, before this. */
	if (FLC_LIKELY(flc_load_relaxed(&row->shared) == 0))
		flc_store_release(word, flc_load_relaxed(word) + by);
	else
		(void)flc_add_full(word, by);
}

/* The largest value so far. */
static inline void
flc_row_max(struct flc_row *row, flc_atomic *word, AO_t value)
{
	AO_t highest = flc_load_relaxed(word);

	if (!FLC_COUNTING || FLC_LIKELY(value <= highest))
		return;
	if (flc_load_relaxed(&row->shared) == 0) {
		flc_store_release(word, value);
		return;
	}
	while (value > highest && !flc_cas_full(word, highest, value))
		highest = flc_load_relaxed(word);
}

/* A duration in ticks. */
static inline void
flc_row_time(struct flc_row *row, struct flc_histogram *histogram, uint64_t ticks)
{
	flc_histogram_add(histogram, ticks, flc_load_relaxed(&row->shared) != 0);
}

#endif /* FLC_ROWS_H */
