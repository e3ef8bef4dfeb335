/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words of a row, from one list for each kind of row: FLC_COUNTERS_MAP in counters.h,
 * FLC_MUTEX_ROW_MAP and others in rows.h, which take the counters from the lists of
 * <filch/metrics.h>.
 *
 * The struct, the order of reading, what is added up when rows are merged, what begins at
 * zero, the sums and differences of what was read: all come from the list.  It names a
 * word by what it is:
 *
 *     APART(line)           opens a line of its own
 *     COUNT(field, ..)      a counter, by the same name in the metrics
 *     COUNTS(field, to, n)  n of them; `to` is their name in the metrics
 *     TICKS(field, to)      a sum of time, in ticks; in the metrics in ns
 *     STATES(field, to, n)  the times of the states; read by counters.c alone
 *     DURATIONS(field, ..)  a histogram
 *     MAXIMUM(field, to)    the largest value so far; MAXIMUM_TICKS: a time
 *     GAUGE(field, to)      says what is now
 *     OWN(field)            the same, and is not in the metrics
 *
 * What is counted later, and never exceeds another, stands behind it: readers begin at
 * the end of the list [count.order].
 */
#ifndef FLC_WORDS_H
#define FLC_WORDS_H

#include "base/atomic.h"
#include "base/compiler.h"
#include "count/histogram.h"

/* The fields of the struct. */
#define FLC_FIELD_APART(line) FLC_SET_APART
#define FLC_FIELD_COUNT(field, name, help) flc_atomic field;
#define FLC_FIELD_COUNTS(field, to, n) flc_atomic field[n];
#define FLC_FIELD_TICKS(field, to) flc_atomic field;
#define FLC_FIELD_STATES(field, to, n) flc_atomic field[n];
#define FLC_FIELD_DURATIONS(field, name, help) struct flc_histogram field;
#define FLC_FIELD_MAXIMUM(field, to) flc_atomic field;
#define FLC_FIELD_MAXIMUM_TICKS(field, to) flc_atomic field;
#define FLC_FIELD_GAUGE(field, to) flc_atomic field;
#define FLC_FIELD_OWN(field) flc_atomic field;

enum flc_word_rule {
	FLC_WORD_COUNT,
	FLC_WORD_TICKS,
	FLC_WORD_STATES,
	FLC_WORD_DURATIONS,
	FLC_WORD_MAXIMUM,
	FLC_WORD_MAXIMUM_TICKS,
	FLC_WORD_GAUGE,
	FLC_WORD_OWN
};

/* One line of a list. */
struct flc_words {
	uint16_t rule;       /* enum flc_word_rule */
	uint16_t words;
	uint16_t at;         /* bytes from the start of what the list is of */
	uint16_t to;         /* and of its metrics; nothing if FLC_WORD_OWN */
};

struct flc_word_list {
	const struct flc_words *line;
	size_t lines;
};

extern const struct flc_word_list flc_counters_words;    /* filch_worker_metrics */
extern const struct flc_word_list flc_mutex_row_words;   /* filch_mutex_metrics */
extern const struct flc_word_list flc_channel_row_words; /* filch_channel_metrics */
extern const struct flc_word_list flc_pool_row_words;

static inline bool
flc_word_is_summed(const struct flc_words *line)
{
	return line->rule <= FLC_WORD_DURATIONS;
}

static inline bool
flc_word_is_maximum(const struct flc_words *line)
{
	return line->rule == FLC_WORD_MAXIMUM || line->rule == FLC_WORD_MAXIMUM_TICKS;
}

/* Reads the words of the list into its metrics, except the times of states. */
void flc_words_read(const struct flc_word_list *list, const void *from, void *metrics);

/* Metrics: adds what is summed, `by` times, modulo 2^64; keeps the larger maxima. */
void flc_words_add(const struct flc_word_list *list, void *sum, const void *from, uint64_t by);
void flc_words_keep_maxima(const struct flc_word_list *list, void *sum, const void *from);

#endif /* FLC_WORDS_H */
