/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rows of the page: words with one writer, or one at a time under a lock.
 *
 * A word that must never exceed another is counted after it, and read before
 * it: contended after acquisitions, a time in a histogram after its count,
 * receives after sends.  Every count here releases, so that this holds.
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

/* A pool. */
struct flc_pool_row {
	FLC_SET_APART struct flc_row row;
	FLC_SET_APART flc_atomic number;  /* of pools, in the order they were made */
	flc_atomic workers;
	flc_atomic slots;
	flc_atomic active;
	flc_atomic injected_depth;
	flc_atomic cpus;             /* that it may use */
	flc_atomic nodes;            /* of NUMA, of the machine */
};

/* A worker; named as its pool. */
struct flc_worker_row {
	FLC_SET_APART struct flc_row row;
	FLC_SET_APART flc_atomic pool;    /* its number */
	flc_atomic index;
	flc_atomic kind;             /* enum filch_worker_kind */
	flc_atomic thread;           /* its number; 0: none yet, or a guest's */
	struct flc_counters counters;
};

/* A mutex; under its lock, but where it says otherwise. */
struct flc_mutex_row {
	FLC_SET_APART struct flc_row row;
	FLC_SET_APART flc_atomic acquisitions;
	flc_atomic contended;        /* of these, not by the first compare-and-swap */
	flc_atomic spin_acquired;    /* of these, without parking */
	flc_atomic parks;
	flc_atomic hold_samples;
	flc_atomic cond_waits;
	flc_atomic cond_wait;        /* ticks */
	flc_atomic held_across;      /* joins, waits and sends while it was held */
	flc_atomic wait_max;         /* ticks */
	flc_atomic owner;            /* number of the thread; 0: nobody, or not known.
	                                Waiters write it */
	flc_atomic sample_mask;      /* see sample.h; 0, so that each is looked at, if
	                                the row is shared */
	flc_atomic sampled_at;       /* ticks */
	/* Not under the lock: by locked instructions. */
	FLC_SET_APART flc_atomic waiters;
	flc_atomic try_failed;       /* by a deadline, too */
	flc_atomic deadlocks;        /* refused: it would have waited for ever */
	/* The waits of contended acquisitions; under the lock. */
	FLC_SET_APART struct flc_histogram wait;
	struct flc_histogram hold;   /* sampled */
};

/* A channel.  Each side has its line; the side's lock or only thread writes. */
struct flc_channel_row {
	FLC_SET_APART struct flc_row row;
	/* Senders. */
	FLC_SET_APART flc_atomic sends; /* before the item can be received */
	flc_atomic send_blocked;     /* of these, those that waited: backpressure */
	flc_atomic try_send_full;
	flc_atomic rejected_closed;
	flc_atomic rejected_canceled;
	flc_atomic depth_high_water;
	/* Receivers. */
	FLC_SET_APART flc_atomic receives;
	flc_atomic receive_blocked;  /* of these, those that waited: starvation */
	flc_atomic try_receive_empty;
	flc_atomic dwell_samples;
	/* Gauges; the two waiting ones by locked instructions. */
	FLC_SET_APART flc_atomic capacity;
	flc_atomic depth;
	flc_atomic blocked_senders;
	flc_atomic blocked_receivers;
	FLC_SET_APART struct flc_histogram send_wait;    /* senders */
	FLC_SET_APART struct flc_histogram receive_wait; /* receivers */
	struct flc_histogram dwell;  /* receivers; sampled */
};

/* Counts in a row; who may write it, and when, is said at the word. */
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
