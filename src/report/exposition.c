/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/exposition.h"

#include "report/fields.h"

#include <string.h>

/* What a metric is of: up to two labels. */
struct labels {
	const char *key, *value;
	bool has_index;
	uint64_t index;      /* label "worker" */
};

/* Things of one kind, in an array. */
struct things {
	const void *first;
	size_t stride, n;
	struct labels (*labels)(const void *thing);
};

struct exposition {
	struct flc_text *out;
	bool strict;
	char family[64];     /* described last */
};

static size_t
base_length(const char *name)
{
	return strcspn(name, "{");
}

static bool
ends_with(const char *text, size_t length, const char *end)
{
	size_t n = strlen(end);

	return length >= n && memcmp(text + length - n, end, n) == 0;
}

static void
put_bytes(struct flc_text *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		flc_text_char(out, text[i]);
}

static void
put_line(struct exposition *e, const char *what, size_t length, const char *text)
{
	flc_text_text(e->out, what);
	put_bytes(e->out, e->family, length);
	flc_text_char(e->out, ' ');
	flc_text_text(e->out, text);
	flc_text_char(e->out, '\n');
}

/* Describes the metric unless the one before was the same. */
static void
describe(struct exposition *e, const struct flc_field *field, const char *type)
{
	size_t length = base_length(field->name);

	if (strlen(e->family) == length && memcmp(e->family, field->name, length) == 0)
		return;
	memset(e->family, 0, sizeof(e->family));
	memcpy(e->family, field->name, length);
	/* The family of an OpenMetrics counter or info has no suffix. */
	if (e->strict && ends_with(e->family, length, "_total"))
		length -= strlen("_total");
	if (e->strict && strcmp(type, "info") == 0)
		length -= strlen("_info");
	put_line(e, "# HELP ", length, field->help);
	put_line(e, "# TYPE ", length, e->strict || strcmp(type, "info") != 0 ? type : "gauge");
	if (e->strict && ends_with(e->family, length, "_seconds"))
		put_line(e, "# UNIT ", length, "seconds");
}

static void
put_pair(struct exposition *e, bool *first, const char *key, const char *value)
{
	flc_text_char(e->out, *first ? '{' : ',');
	*first = false;
	flc_text_text(e->out, key);
	flc_text_char(e->out, '=');
	flc_text_label(e->out, value);
}

/* name suffix {labels, those in the name's braces, one more} */
static void
put_sample(struct exposition *e, const char *name, const char *suffix,
    const struct labels *labels, const char *key, const char *value)
{
	size_t length = base_length(name);
	bool first = true;

	put_bytes(e->out, name, length);
	flc_text_text(e->out, suffix);
	if (labels->key != NULL)
		put_pair(e, &first, labels->key, labels->value);
	if (labels->has_index) {
		flc_text_text(e->out, first ? "{worker=\"" : ",worker=\"");
		first = false;
		flc_text_number(e->out, labels->index);
		flc_text_char(e->out, '"');
	}
	if (name[length] == '{') {
		flc_text_char(e->out, first ? '{' : ',');
		first = false;
		put_bytes(e->out, name + length + 1, strlen(name + length) - 2);
	}
	if (key != NULL)
		put_pair(e, &first, key, value);
	flc_text_text(e->out, first ? " " : "} ");
}

static const void *
thing_at(const struct things *things, size_t i)
{
	return (const char *)things->first + i * things->stride;
}

enum unit { PLAIN, SECONDS };

static void
put_number(struct exposition *e, uint64_t number, enum unit unit)
{
	if (unit == SECONDS)
		flc_text_seconds(e->out, number);
	else if (number == UINT64_MAX)
		flc_text_text(e->out, "+Inf");
	else
		flc_text_number(e->out, number);
	flc_text_char(e->out, '\n');
}

static void
put_numbers(struct exposition *e, const struct things *things, const struct flc_field *field,
    const char *type, enum unit unit)
{
	for (; things->n > 0 && field->key != NULL; field++) {
		describe(e, field, type);
		for (size_t i = 0; i < things->n; i++) {
			struct labels labels = things->labels(thing_at(things, i));

			put_sample(e, field->name, "", &labels, NULL, NULL);
			put_number(e, flc_field_number(thing_at(things, i), field), unit);
		}
	}
}

/* An upper bound as text: 64 ns * 2^k in seconds, without trailing zeros. */
static void
bound_of(int k, char text[24])
{
	uint64_t ns = (uint64_t)FILCH_HISTOGRAM_BUCKET_NS << k, whole = ns / 1000000000u;
	uint64_t rest = ns % 1000000000u;
	char digits[16];
	size_t n = 0, at = 0;

	if (k == FILCH_HISTOGRAM_BUCKETS - 1) {
		strcpy(text, "+Inf");
		return;
	}
	do
		digits[n++] = (char)('0' + whole % 10);
	while ((whole /= 10) > 0);
	while (n > 0)
		text[at++] = digits[--n];
	text[at++] = '.';
	for (uint64_t unit = 100000000u; unit > 0 && rest > 0; unit /= 10) {
		text[at++] = (char)('0' + rest / unit);
		rest %= unit;
	}
	text[at] = '\0';
}

static void
put_histogram(struct exposition *e, const char *name, const struct labels *labels,
    const filch_histogram *h)
{
	uint64_t sum = 0;
	char bound[24];

	for (int k = 0; k < FILCH_HISTOGRAM_BUCKETS; k++) {
		sum += h->count[k];
		bound_of(k, bound);
		put_sample(e, name, "_bucket", labels, "le", bound);
		put_number(e, sum, PLAIN);
	}
	put_sample(e, name, "_sum", labels, NULL, NULL);
	put_number(e, h->sum_ns, SECONDS);
	put_sample(e, name, "_count", labels, NULL, NULL);
	put_number(e, sum, PLAIN);
}

static void
put_histograms(struct exposition *e, const struct things *things, const struct flc_field *field)
{
	for (; things->n > 0 && field->key != NULL; field++) {
		describe(e, field, "histogram");
		for (size_t i = 0; i < things->n; i++) {
			struct labels labels = things->labels(thing_at(things, i));

			put_histogram(e, field->name, &labels,
			    flc_field_histogram(thing_at(things, i), field));
		}
	}
}

/* An array in each of the things, one label for each entry. */
static void
put_labelled(struct exposition *e, const struct things *things, const struct flc_field *field,
    const char *key, const char *const *label, size_t labels, enum unit unit)
{
	if (things->n > 0)
		describe(e, field, "counter");
	for (size_t i = 0; i < things->n; i++) {
		struct labels of = things->labels(thing_at(things, i));
		const uint64_t *count = (const uint64_t *)(const void *)
		    ((const char *)thing_at(things, i) + field->offset);

		for (size_t k = 0; k < labels; k++) {
			put_sample(e, field->name, "", &of, key, label[k]);
			put_number(e, count[k], unit);
		}
	}
}

/* -- The kinds of things -- */

static struct labels
pool_labels(const void *thing)
{
	const struct flc_captured_pool *pool =
	    FLC_CONTAINER_OF(thing, const struct flc_captured_pool, sum);

	return (struct labels){ "pool", pool->name, false, 0 };
}

static struct labels
worker_labels(const void *thing)
{
	const struct flc_captured_worker *worker
	    = FLC_CONTAINER_OF(thing, const struct flc_captured_worker, metrics);

	return (struct labels){ "pool", worker->pool, true, worker->metrics.index };
}

static struct labels
mutex_labels(const void *thing)
{
	return (struct labels){ "mutex", ((const filch_mutex_metrics *)thing)->name, false, 0 };
}

static struct labels
channel_labels(const void *thing)
{
	return (struct labels){ "channel", ((const filch_channel_metrics *)thing)->name, false, 0 };
}

static void
put_workers(struct exposition *e, const struct flc_capture *capture)
{
	static const struct flc_field attempts = { "", "filch_worker_steal_attempts_total",
		"probes of other deques, by how far away they are",
		offsetof(filch_worker_metrics, steal_attempts) };
	static const struct flc_field steals = { "", "filch_worker_steals_total",
		"probes that found a task", offsetof(filch_worker_metrics, steals) };
	static const struct flc_field time = { "", "filch_worker_time_seconds_total",
		"time in each state; they sum to its life",
		offsetof(filch_worker_metrics, time_ns) };
	struct things workers = { &capture->worker[0].metrics, sizeof(*capture->worker),
		capture->workers, worker_labels };
	struct things sums = { &capture->pool[0].sum, sizeof(*capture->pool), capture->pools,
		pool_labels };

	put_numbers(e, &workers, flc_worker_counters, "counter", PLAIN);
	put_labelled(e, &workers, &attempts, "distance", flc_distance_labels, FILCH_DISTANCES,
	    PLAIN);
	put_labelled(e, &workers, &steals, "distance", flc_distance_labels, FILCH_DISTANCES,
	    PLAIN);
	put_labelled(e, &workers, &time, "state", flc_state_labels, FILCH_STATES, SECONDS);
	put_numbers(e, &workers, flc_worker_gauges, "gauge", PLAIN);
	put_histograms(e, &sums, flc_worker_histograms);
}

static void
put_pools(struct exposition *e, const struct flc_capture *capture)
{
	static const struct flc_field info = { "", "filch_pool_info",
		"what the pool runs on", 0 };

	for (const struct flc_field *f = flc_pool_gauges; f->key != NULL; f++) {
		if (capture->pools > 0)
			describe(e, f, "gauge");
		for (size_t i = 0; i < capture->pools; i++) {
			struct labels labels = pool_labels(&capture->pool[i].sum);

			put_sample(e, f->name, "", &labels, NULL, NULL);
			put_number(e, flc_field_number(&capture->pool[i], f), PLAIN);
		}
	}
	if (capture->pools > 0)
		describe(e, &info, "info");
	for (size_t i = 0; i < capture->pools; i++) {
		flc_text_text(e->out, "filch_pool_info{pool=");
		flc_text_label(e->out, capture->pool[i].name);
		flc_text_text(e->out, ",cpus=\"");
		flc_text_number(e->out, capture->pool[i].cpus);
		flc_text_text(e->out, "\",numa_nodes=\"");
		flc_text_number(e->out, capture->pool[i].nodes);
		flc_text_text(e->out, "\"} 1\n");
	}
}

static void
put_process(struct exposition *e, const struct flc_capture *capture)
{
	static const struct flc_field rows[] = {
		{ "", "filch_obs_rows_overflow_total", "things that found no row of their own",
			offsetof(struct flc_capture, rows_overflow) },
		{ "", "filch_obs_rows_recycled_total", "rows of ended things that went to others",
			offsetof(struct flc_capture, rows_recycled) },
	};
	static const struct flc_field calls = { "", "filch_malloc_calls_total",
		"how often each part of the library asked for memory", 0 };
	static const struct flc_field build = { "", "filch_build_info",
		"which library this is", 0 };
	struct labels none = { NULL, NULL, false, 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		describe(e, &rows[i], "counter");
		put_sample(e, rows[i].name, "", &none, NULL, NULL);
		put_number(e, flc_field_number(capture, &rows[i]), PLAIN);
	}
	describe(e, &calls, "counter");
	for (int use = 0; use < FILCH_MEMORY_USES; use++) {
		put_sample(e, calls.name, "", &none, "subsystem", flc_memory_labels[use]);
		put_number(e, capture->malloc_calls[use], PLAIN);
	}
	describe(e, &build, "info");
	put_sample(e, build.name, "", &none, "version", filch_version());
	put_number(e, 1, PLAIN);
}

void
flc_write_exposition(struct flc_text *out, const struct flc_capture *capture, bool strict)
{
	struct exposition e = { .out = out, .strict = strict };
	struct things mutexes = { capture->mutex, sizeof(*capture->mutex), capture->mutexes,
		mutex_labels };
	struct things channels = { capture->channel, sizeof(*capture->channel),
		capture->channels, channel_labels };

	put_process(&e, capture);
	put_pools(&e, capture);
	put_workers(&e, capture);
	put_numbers(&e, &mutexes, flc_mutex_counters, "counter", PLAIN);
	put_numbers(&e, &mutexes, flc_mutex_times, "counter", SECONDS);
	put_numbers(&e, &mutexes, flc_mutex_time_gauges, "gauge", SECONDS);
	put_numbers(&e, &mutexes, flc_mutex_gauges, "gauge", PLAIN);
	put_histograms(&e, &mutexes, flc_mutex_histograms);
	put_numbers(&e, &channels, flc_channel_counters, "counter", PLAIN);
	put_numbers(&e, &channels, flc_channel_gauges, "gauge", PLAIN);
	put_histograms(&e, &channels, flc_channel_histograms);
	if (strict)
		flc_text_text(out, "# EOF\n");
}
