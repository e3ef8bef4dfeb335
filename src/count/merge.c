/* SPDX-License-Identifier: BSD-2-Clause */
#include "count/merge.h"

/* A run of words of a row. */
struct run {
	size_t offset, words;
};

/* First what is added up when rows are merged; then gauges and maxima. */
struct shape {
	struct run sum[3];
	struct run rest[3];
	size_t maximum;         /* the word of it, or 0 */
};

#define RUN_OF(type, first, last) { offsetof(type, first), \
	(offsetof(type, last) + sizeof(((type *)0)->last) - offsetof(type, first)) \
	    / sizeof(flc_atomic) }

static const struct shape shapes[FLC_SECTIONS] = {
	[FLC_SECTION_POOL] = {
		.rest = { RUN_OF(struct flc_pool_row, number, nodes) },
	},
	[FLC_SECTION_WORKER] = {
		.sum = {
			RUN_OF(struct flc_worker_row, counters.tasks_run, counters.spares_refused),
			RUN_OF(struct flc_worker_row, counters.time, counters.time),
			RUN_OF(struct flc_worker_row, counters.task_run, counters.wake_latency),
		},
		.rest = {
			RUN_OF(struct flc_worker_row, counters.edges, counters.since),
			RUN_OF(struct flc_worker_row, counters.told, counters.told),
			RUN_OF(struct flc_worker_row, counters.high_water, counters.sent_for),
		},
		.maximum = offsetof(struct flc_worker_row, counters.high_water),
	},
	[FLC_SECTION_MUTEX] = {
		.sum = {
			RUN_OF(struct flc_mutex_row, acquisitions, held_across),
			RUN_OF(struct flc_mutex_row, try_failed, deadlocks),
			RUN_OF(struct flc_mutex_row, wait, hold),
		},
		.rest = {
			RUN_OF(struct flc_mutex_row, wait_max, owner),
			RUN_OF(struct flc_mutex_row, waiters, waiters),
		},
		.maximum = offsetof(struct flc_mutex_row, wait_max),
	},
	[FLC_SECTION_CHANNEL] = {
		.sum = {
			RUN_OF(struct flc_channel_row, sends, rejected_canceled),
			RUN_OF(struct flc_channel_row, receives, dwell_samples),
			RUN_OF(struct flc_channel_row, send_wait, dwell),
		},
		.rest = {
			RUN_OF(struct flc_channel_row, depth_high_water, depth_high_water),
			RUN_OF(struct flc_channel_row, capacity, blocked_receivers),
		},
		.maximum = offsetof(struct flc_channel_row, depth_high_water),
	},
};

static inline flc_atomic *
word_at(struct flc_row *row, size_t offset)
{
	return (flc_atomic *)(void *)((char *)row + offset);
}

static void
add_run(struct flc_row *into, struct flc_row *from, const struct run *run)
{
	for (size_t i = 0; i < run->words; i++) {
		size_t at = run->offset + i * sizeof(flc_atomic);
		AO_t value = flc_load_relaxed(word_at(from, at));

		if (value != 0)
			(void)flc_add_full(word_at(into, at), value);
	}
}

static void
clear_run(struct flc_row *row, const struct run *run)
{
	for (size_t i = 0; i < run->words; i++)
		flc_store_release(word_at(row, run->offset + i * sizeof(flc_atomic)), 0);
}

static size_t
length_of(const struct run *runs, size_t most)
{
	size_t n = 0;

	while (n < most && runs[n].words > 0)
		n++;
	return n;
}

void
flc_row_clear_counts(struct flc_row *row, enum flc_section_kind kind)
{
	const struct shape *shape = &shapes[kind];

	for (size_t i = 0; i < length_of(shape->sum, 3); i++)
		clear_run(row, &shape->sum[i]);
	if (shape->maximum != 0)
		flc_store_release(word_at(row, shape->maximum), 0);
}

void
flc_row_clear(struct flc_row *row, enum flc_section_kind kind)
{
	const struct shape *shape = &shapes[kind];

	flc_row_clear_counts(row, kind);
	for (size_t i = 0; i < length_of(shape->rest, 3); i++)
		clear_run(row, &shape->rest[i]);
}

void
flc_row_merge(struct flc_row *into, struct flc_row *from, enum flc_section_kind kind)
{
	const struct shape *shape = &shapes[kind];
	AO_t highest, value;

	for (size_t i = 0; i < length_of(shape->sum, 3); i++)
		add_run(into, from, &shape->sum[i]);
	if (shape->maximum == 0)
		return;
	value = flc_load_relaxed(word_at(from, shape->maximum));
	do
		highest = flc_load_relaxed(word_at(into, shape->maximum));
	while (value > highest && !flc_cas_full(word_at(into, shape->maximum), highest, value));
}
