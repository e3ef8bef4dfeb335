/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/json.h"

#include "report/fields.h"

/* A comma but before the first of a list, and a key. */
static void
key(struct flc_text *out, bool *first, const char *name)
{
	if (!*first)
		flc_text_char(out, ',');
	*first = false;
	if (name != NULL) {
		flc_text_json(out, name);
		flc_text_char(out, ':');
	}
}

static void
number(struct flc_text *out, bool *first, const char *name, uint64_t value)
{
	key(out, first, name);
	flc_text_number(out, value);
}

static void
seconds(struct flc_text *out, bool *first, const char *name, uint64_t ns)
{
	key(out, first, name);
	flc_text_seconds(out, ns);
}

static void
text(struct flc_text *out, bool *first, const char *name, const char *value)
{
	key(out, first, name);
	flc_text_json(out, value);
}

static void
truth(struct flc_text *out, bool *first, const char *name, bool value)
{
	key(out, first, name);
	flc_text_text(out, value ? "true" : "false");
}

static void
numbers(struct flc_text *out, bool *first, const struct flc_field *field, const void *of)
{
	for (; field->key != NULL; field++)
		number(out, first, field->key, flc_field_number(of, field));
}

/* Pairs of an upper bound in seconds and a count; the last has none. */
static void
histograms(struct flc_text *out, bool *first, const struct flc_field *field, const void *of)
{
	for (; field->key != NULL; field++) {
		const filch_histogram *h = flc_field_histogram(of, field);
		bool none = true;

		key(out, first, field->key);
		flc_text_text(out, "{\"count\":");
		flc_text_number(out, flc_histogram_total(h));
		flc_text_text(out, ",\"sum_seconds\":");
		flc_text_seconds(out, h->sum_ns);
		flc_text_text(out, ",\"buckets\":[");
		for (int k = 0; k < FILCH_HISTOGRAM_BUCKETS; k++) {
			if (h->count[k] == 0)
				continue;
			flc_text_text(out, none ? "[" : ",[");
			none = false;
			if (k == FILCH_HISTOGRAM_BUCKETS - 1)
				flc_text_text(out, "null");
			else
				flc_text_seconds(out, (uint64_t)FILCH_HISTOGRAM_BUCKET_NS << k);
			flc_text_char(out, ',');
			flc_text_number(out, h->count[k]);
			flc_text_char(out, ']');
		}
		flc_text_text(out, "]}");
	}
}

/* An object of labels and counts. */
static void
labelled(struct flc_text *out, bool *first, const char *name, const char *const *labels,
    const uint64_t *counts, size_t n)
{
	bool none = true;

	key(out, first, name);
	flc_text_char(out, '{');
	for (size_t i = 0; i < n; i++)
		number(out, &none, labels[i], counts[i]);
	flc_text_char(out, '}');
}

static void
put_worker(struct flc_text *out, const filch_worker_metrics *m, bool is_sum)
{
	bool first = true, none = true;

	flc_text_char(out, '{');
	if (!is_sum) {
		number(out, &first, "index", m->index);
		text(out, &first, "kind", flc_kind_labels[m->kind]);
		text(out, &first, "state", flc_state_labels[m->state]);
	}
	numbers(out, &first, flc_worker_counters, m);
	labelled(out, &first, "steal_attempts", flc_distance_labels, m->steal_attempts,
	    FILCH_DISTANCES);
	labelled(out, &first, "steals", flc_distance_labels, m->steals, FILCH_DISTANCES);
	key(out, &first, "time_seconds");
	flc_text_char(out, '{');
	for (int s = 0; s < FILCH_STATES; s++)
		seconds(out, &none, flc_state_labels[s], m->time_ns[s]);
	flc_text_char(out, '}');
	numbers(out, &first, flc_worker_gauges, m);
	histograms(out, &first, flc_worker_histograms, m);
	flc_text_text(out, "}\n");
}

static void
put_pool(struct flc_text *out, const struct flc_capture *capture,
    const struct flc_captured_pool *pool)
{
	bool first = true, none = true;

	flc_text_char(out, '{');
	text(out, &first, "name", pool->name);
	truth(out, &first, "live", pool->live);
	numbers(out, &first, flc_pool_gauges, pool);
	number(out, &first, "cpus", pool->cpus);
	number(out, &first, "numa_nodes", pool->nodes);
	key(out, &first, "sum");
	put_worker(out, &pool->sum, true);
	key(out, &first, "rows");
	flc_text_char(out, '[');
	for (size_t i = 0; i < capture->workers; i++)
		if (capture->worker[i].number == pool->number) {
			key(out, &none, NULL);
			put_worker(out, &capture->worker[i].metrics, false);
		}
	flc_text_text(out, "]}\n");
}

static void
put_mutex(struct flc_text *out, const filch_mutex_metrics *m)
{
	bool first = true;

	flc_text_char(out, '{');
	text(out, &first, "name", m->name);
	truth(out, &first, "live", m->live);
	numbers(out, &first, flc_mutex_counters, m);
	seconds(out, &first, "cond_wait_seconds", m->cond_wait_ns);
	seconds(out, &first, "wait_seconds_max", m->wait_max_ns);
	numbers(out, &first, flc_mutex_gauges, m);
	key(out, &first, "owner");
	if (m->owner == FILCH_NOT_A_WORKER)
		flc_text_text(out, "null");
	else
		flc_text_number(out, m->owner);
	key(out, &first, "owner_thread");
	if (m->owner_thread == 0)
		flc_text_text(out, "null");
	else
		flc_text_number(out, m->owner_thread);
	histograms(out, &first, flc_mutex_histograms, m);
	flc_text_text(out, "}\n");
}

static void
put_channel(struct flc_text *out, const filch_channel_metrics *c)
{
	bool first = true;

	flc_text_char(out, '{');
	text(out, &first, "name", c->name);
	truth(out, &first, "live", c->live);
	numbers(out, &first, flc_channel_counters, c);
	for (const struct flc_field *g = flc_channel_gauges; g->key != NULL; g++) {
		key(out, &first, g->key);
		if (flc_field_number(c, g) == UINT64_MAX)
			flc_text_text(out, "null");
		else
			flc_text_number(out, flc_field_number(c, g));
	}
	histograms(out, &first, flc_channel_histograms, c);
	flc_text_text(out, "}\n");
}

void
flc_write_json(struct flc_text *out, const struct flc_capture *capture)
{
	bool first = true, none;

	flc_text_char(out, '{');
	text(out, &first, "version", filch_version());
	seconds(out, &first, "monotonic_seconds", capture->taken_at);
	number(out, &first, "rows_overflow", capture->rows_overflow);
	number(out, &first, "rows_recycled", capture->rows_recycled);
	labelled(out, &first, "malloc_calls", flc_memory_labels, capture->malloc_calls,
	    FILCH_MEMORY_USES);
	flc_text_text(out, ",\n\"pools\":[");
	none = true;
	for (size_t i = 0; i < capture->pools; i++) {
		key(out, &none, NULL);
		put_pool(out, capture, &capture->pool[i]);
	}
	flc_text_text(out, "],\n\"mutexes\":[");
	none = true;
	for (size_t i = 0; i < capture->mutexes; i++) {
		key(out, &none, NULL);
		put_mutex(out, &capture->mutex[i]);
	}
	flc_text_text(out, "],\n\"channels\":[");
	none = true;
	for (size_t i = 0; i < capture->channels; i++) {
		key(out, &none, NULL);
		put_channel(out, &capture->channel[i]);
	}
	flc_text_text(out, "]}\n");
}
