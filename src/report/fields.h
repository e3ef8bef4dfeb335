/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lists of <filch/metrics.h> as tables: what the writers walk along.
 */
#ifndef FLC_FIELDS_H
#define FLC_FIELDS_H

#include <filch/metrics.h>

/* One word or histogram of a struct. */
struct flc_field {
	const char *key;     /* in JSON */
	const char *name;    /* of the metric, labels in braces behind it */
	const char *help;
	size_t offset;
};

/* Each ends with a row of NULL. */
extern const struct flc_field flc_worker_counters[];
extern const struct flc_field flc_worker_gauges[];
extern const struct flc_field flc_worker_histograms[];
extern const struct flc_field flc_mutex_counters[];
extern const struct flc_field flc_mutex_times[];       /* ns, counters */
extern const struct flc_field flc_mutex_time_gauges[]; /* ns, gauges */
extern const struct flc_field flc_mutex_gauges[];
extern const struct flc_field flc_mutex_histograms[];
extern const struct flc_field flc_channel_counters[];
extern const struct flc_field flc_channel_gauges[];
extern const struct flc_field flc_channel_histograms[];
extern const struct flc_field flc_pool_gauges[];       /* of struct flc_captured_pool */

extern const char *const flc_distance_labels[FILCH_DISTANCES];
extern const char *const flc_state_labels[FILCH_STATES];
extern const char *const flc_memory_labels[FILCH_MEMORY_USES];
extern const char *const flc_kind_labels[3];

static inline uint64_t
flc_field_number(const void *of, const struct flc_field *field)
{
	return *(const uint64_t *)(const void *)((const char *)of + field->offset);
}

static inline const filch_histogram *
flc_field_histogram(const void *of, const struct flc_field *field)
{
	return (const filch_histogram *)(const void *)((const char *)of + field->offset);
}

#endif /* FLC_FIELDS_H */
