/* SPDX-License-Identifier: BSD-2-Clause */
#include "count/words.h"

#include "count/rows.h"

/* -- The lists as tables -- */

#define WORDS_OF(type, field) (sizeof(((type *)0)->field) / sizeof(flc_atomic))
#define LINE(rule, field, to) { FLC_WORD_##rule, WORDS_OF(ROW, field), \
	offsetof(ROW, field), offsetof(METRICS, to) },

#define TABLE_APART(line)
#define TABLE_COUNT(field, name, help) LINE(COUNT, field, field)
#define TABLE_COUNTS(field, to, n) LINE(COUNT, field, to)
#define TABLE_TICKS(field, to) LINE(TICKS, field, to)
#define TABLE_STATES(field, to, n) LINE(STATES, field, to)
#define TABLE_DURATIONS(field, name, help) LINE(DURATIONS, field, field)
#define TABLE_MAXIMUM(field, to) LINE(MAXIMUM, field, to)
#define TABLE_MAXIMUM_TICKS(field, to) LINE(MAXIMUM_TICKS, field, to)
#define TABLE_GAUGE(field, to) LINE(GAUGE, field, to)
#define TABLE_OWN(field) { FLC_WORD_OWN, WORDS_OF(ROW, field), offsetof(ROW, field), 0 },

#define LIST(lines) { lines, sizeof(lines) / sizeof((lines)[0]) }

/* -- Each word has one line -- */

/*
 * Where the list alone puts a field: enumerators count on from the one before.  A word of
 * the struct that is not in the list, or twice, moves those behind it.
 */
#define PASTE_(a, b, c) a##_##b##_##c
#define PASTE(a, b, c) PASTE_(a, b, c)
#define ROUNDED(bytes) (((bytes) + FLC_APART - 1) / FLC_APART * FLC_APART)
#define AT(field, words) PASTE(NAME, field, at), \
	PASTE(NAME, field, last) = PASTE(NAME, field, at) + 8 * (int)(words) - 1,
#define AT_APART(line) PASTE(NAME, line, before), \
	PASTE(NAME, line, starts) = ROUNDED(PASTE(NAME, line, before)) - 1,
#define AT_COUNT(field, name, help) AT(field, 1)
#define AT_COUNTS(field, to, n) AT(field, n)
#define AT_TICKS(field, to) AT(field, 1)
#define AT_STATES(field, to, n) AT(field, n)
#define AT_DURATIONS(field, name, help) AT(field, 1 + FILCH_HISTOGRAM_BUCKETS)
#define AT_MAXIMUM(field, to) AT(field, 1)
#define AT_MAXIMUM_TICKS(field, to) AT(field, 1)
#define AT_GAUGE(field, to) AT(field, 1)
#define AT_OWN(field) AT(field, 1)

#define IS(field) _Static_assert(offsetof(ROW, field) == PASTE(NAME, field, at), \
	#field ": a word beside the list");
#define SHOWN(field, to) IS(field) _Static_assert(sizeof(((ROW *)0)->field) \
	== sizeof(((METRICS *)0)->to), #field " and " #to ": as many words");
#define IS_APART(line)
#define IS_COUNT(field, name, help) SHOWN(field, field)
#define IS_COUNTS(field, to, n) SHOWN(field, to)
#define IS_TICKS(field, to) SHOWN(field, to)
#define IS_STATES(field, to, n) SHOWN(field, to)
#define IS_DURATIONS(field, name, help) SHOWN(field, field)
#define IS_MAXIMUM(field, to) SHOWN(field, to)
#define IS_MAXIMUM_TICKS(field, to) SHOWN(field, to)
#define IS_GAUGE(field, to) SHOWN(field, to)
#define IS_OWN(field) IS(field)

/* Bytes of the metrics that come from the list. */
#define BYTES_APART(line)
#define BYTES_COUNT(field, name, help) + sizeof(((METRICS *)0)->field)
#define BYTES_COUNTS(field, to, n) + sizeof(((METRICS *)0)->to)
#define BYTES_TICKS(field, to) + sizeof(((METRICS *)0)->to)
#define BYTES_STATES(field, to, n) + sizeof(((METRICS *)0)->to)
#define BYTES_DURATIONS(field, name, help) + sizeof(((METRICS *)0)->field)
#define BYTES_MAXIMUM(field, to) + sizeof(((METRICS *)0)->to)
#define BYTES_MAXIMUM_TICKS(field, to) + sizeof(((METRICS *)0)->to)
#define BYTES_GAUGE(field, to) + sizeof(((METRICS *)0)->to)
#define BYTES_OWN(field)

#define ENDS(type) _Static_assert(sizeof(type) == ROUNDED((size_t)PASTE(NAME, of, end)), \
	"a word behind the list")
#define BESIDE(type, bytes) _Static_assert(sizeof(type) == (bytes), \
	"a word of the metrics that the list does not have")

#define NAME counters
#define ROW struct flc_counters
#define METRICS filch_worker_metrics
enum { PASTE(NAME, of, start) = -1, FLC_COUNTERS_MAP(AT) PASTE(NAME, of, end) };
FLC_COUNTERS_MAP(IS)
ENDS(ROW);
BESIDE(METRICS, offsetof(METRICS, tasks_run) FLC_COUNTERS_MAP(BYTES));
static const struct flc_words counters[] = { FLC_COUNTERS_MAP(TABLE) };
const struct flc_word_list flc_counters_words = LIST(counters);
#undef NAME
#undef ROW
#undef METRICS

#define NAME mutex
#define ROW struct flc_mutex_row
#define METRICS filch_mutex_metrics
enum { PASTE(NAME, of, start) = sizeof(struct flc_row) - 1,
	FLC_MUTEX_ROW_MAP(AT) PASTE(NAME, of, end) };
FLC_MUTEX_ROW_MAP(IS)
ENDS(ROW);
BESIDE(METRICS, offsetof(METRICS, acquisitions) + sizeof(((METRICS *)0)->owner)
    FLC_MUTEX_ROW_MAP(BYTES));
static const struct flc_words mutex_row[] = { FLC_MUTEX_ROW_MAP(TABLE) };
const struct flc_word_list flc_mutex_row_words = LIST(mutex_row);
#undef NAME
#undef ROW
#undef METRICS

#define NAME channel
#define ROW struct flc_channel_row
#define METRICS filch_channel_metrics
enum { PASTE(NAME, of, start) = sizeof(struct flc_row) - 1,
	FLC_CHANNEL_ROW_MAP(AT) PASTE(NAME, of, end) };
FLC_CHANNEL_ROW_MAP(IS)
ENDS(ROW);
BESIDE(METRICS, offsetof(METRICS, sends) FLC_CHANNEL_ROW_MAP(BYTES));
static const struct flc_words channel_row[] = { FLC_CHANNEL_ROW_MAP(TABLE) };
const struct flc_word_list flc_channel_row_words = LIST(channel_row);
#undef NAME
#undef ROW
#undef METRICS

/* Read by report/capture.c. */
#define NAME pool
#define ROW struct flc_pool_row
enum { PASTE(NAME, of, start) = sizeof(struct flc_row) - 1,
	FLC_POOL_ROW_MAP(AT) PASTE(NAME, of, end) };
FLC_POOL_ROW_MAP(IS)
ENDS(ROW);
static const struct flc_words pool_row[] = { FLC_POOL_ROW_MAP(TABLE) };
const struct flc_word_list flc_pool_row_words = LIST(pool_row);

/* -- Reading -- */

static const flc_atomic *
word_at(const void *from, size_t at)
{
	return (const flc_atomic *)(const void *)((const char *)from + at);
}

static uint64_t *
number_at(void *metrics, size_t at)
{
	return (uint64_t *)(void *)((char *)metrics + at);
}

static void
read_line(const struct flc_words *line, const void *from, void *metrics)
{
	uint64_t *to = number_at(metrics, line->to);

	switch ((enum flc_word_rule)line->rule) {
	case FLC_WORD_OWN:
	case FLC_WORD_STATES:
		break;
	case FLC_WORD_DURATIONS:
		flc_histogram_read((const void *)word_at(from, line->at), (void *)to);
		break;
	case FLC_WORD_TICKS:
	case FLC_WORD_MAXIMUM_TICKS:
		*to = flc_ticks_to_ns(flc_load_acquire(word_at(from, line->at)));
		break;
	case FLC_WORD_COUNT:
	case FLC_WORD_MAXIMUM:
	case FLC_WORD_GAUGE:
		/* acquire [count.order]: what these are of, which is read after them. */
		for (size_t i = 0; i < line->words; i++)
			to[i] = flc_load_acquire(word_at(from, line->at) + i);
	}
}

void
flc_words_read(const struct flc_word_list *list, const void *from, void *metrics)
{
	for (size_t i = list->lines; i-- > 0;)
		read_line(&list->line[i], from, metrics);
}

/* -- Sums -- */

void
flc_words_add(const struct flc_word_list *list, void *sum, const void *from, uint64_t by)
{
	for (size_t i = 0; i < list->lines; i++) {
		const struct flc_words *line = &list->line[i];
		uint64_t *to = number_at(sum, line->to);

		for (size_t k = 0; flc_word_is_summed(line) && k < line->words; k++)
			to[k] += by * ((const uint64_t *)(const void *)
			    ((const char *)from + line->to))[k];
	}
}

void
flc_words_keep_maxima(const struct flc_word_list *list, void *sum, const void *from)
{
	for (size_t i = 0; i < list->lines; i++) {
		const struct flc_words *line = &list->line[i];
		uint64_t *to = number_at(sum, line->to);
		uint64_t value = *(const uint64_t *)(const void *)((const char *)from + line->to);

		if (flc_word_is_maximum(line) && value > *to)
			*to = value;
	}
}
