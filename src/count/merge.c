/* SPDX-License-Identifier: BSD-2-Clause */
#include "count/merge.h"

/* The list of each kind, and where in the row it begins to count. */
static const struct {
	const struct flc_word_list *words;
	size_t at;
} shapes[FLC_SECTIONS] = {
	[FLC_SECTION_POOL] = { &flc_pool_row_words, 0 },
	[FLC_SECTION_WORKER] = { &flc_counters_words, offsetof(struct flc_worker_row, counters) },
	[FLC_SECTION_MUTEX] = { &flc_mutex_row_words, 0 },
	[FLC_SECTION_CHANNEL] = { &flc_channel_row_words, 0 },
};

static inline flc_atomic *
word_at(struct flc_row *row, size_t offset)
{
	return (flc_atomic *)(void *)((char *)row + offset);
}

static void
clear(struct flc_row *row, enum flc_section_kind kind, bool counts_only)
{
	const struct flc_word_list *list = shapes[kind].words;

	for (size_t i = 0; i < list->lines; i++) {
		const struct flc_words *line = &list->line[i];
		flc_atomic *word = word_at(row, shapes[kind].at + line->at);

		if (counts_only && !flc_word_is_summed(line) && !flc_word_is_maximum(line))
			continue;
		for (size_t k = 0; k < line->words; k++)
			flc_store_release(&word[k], 0);
	}
}

void
flc_row_clear_counts(struct flc_row *row, enum flc_section_kind kind)
{
	clear(row, kind, true);
}

void
flc_row_clear(struct flc_row *row, enum flc_section_kind kind)
{
	clear(row, kind, false);
}

static void
add(flc_atomic *into, const flc_atomic *from, size_t words)
{
	for (size_t k = 0; k < words; k++) {
		AO_t value = flc_load_relaxed(&from[k]);

		if (value != 0)
			(void)flc_add_full(&into[k], value);
	}
}

static void
keep_larger(flc_atomic *into, const flc_atomic *from)
{
	AO_t highest, value = flc_load_relaxed(from);

	do
		highest = flc_load_relaxed(into);
	while (value > highest && !flc_cas_full(into, highest, value));
}

void
flc_row_merge(struct flc_row *into, struct flc_row *from, enum flc_section_kind kind)
{
	const struct flc_word_list *list = shapes[kind].words;

	for (size_t i = 0; i < list->lines; i++) {
		const struct flc_words *line = &list->line[i];
		size_t at = shapes[kind].at + line->at;

		if (flc_word_is_summed(line))
			add(word_at(into, at), word_at(from, at), line->words);
		else if (flc_word_is_maximum(line))
			keep_larger(word_at(into, at), word_at(from, at));
	}
}
