/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows as their readers see them: plain structs, times in nanoseconds.
 *
 * Any thread, at any time.  A row that is changing hands meanwhile is read again; within
 * flc_page_begin_read() none does.
 */
#ifndef FLC_READ_H
#define FLC_READ_H

#include "count/page.h"

/* False: the row says nothing. */
bool flc_mutex_row_read(const struct flc_mutex_row *row, filch_mutex_metrics *copy);
bool flc_channel_row_read(const struct flc_channel_row *row, filch_channel_metrics *copy);

/* Of a pool's and a worker's row: its name. */
void flc_row_name(const struct flc_row *row, char name[FILCH_METRICS_NAME]);

/* Adds the counts of `from`; gauges are added too, maxima kept. */
void flc_worker_metrics_add(filch_worker_metrics *sum, const filch_worker_metrics *from);
void flc_mutex_metrics_add(filch_mutex_metrics *sum, const filch_mutex_metrics *from);
void flc_channel_metrics_add(filch_channel_metrics *sum, const filch_channel_metrics *from);

/* Subtracts the counts of `before`. */
void flc_worker_metrics_subtract(filch_worker_metrics *sum, const filch_worker_metrics *before);
void flc_mutex_metrics_subtract(filch_mutex_metrics *sum, const filch_mutex_metrics *before);
void flc_channel_metrics_subtract(filch_channel_metrics *sum, const filch_channel_metrics *before);

/* How many durations are in it. */
uint64_t flc_histogram_total(const filch_histogram *histogram);

#endif /* FLC_READ_H */
