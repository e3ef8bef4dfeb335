/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A report in any of the formats.
 */
#ifndef FLC_WRITE_H
#define FLC_WRITE_H

#include <filch/metrics.h>
#include <filch/pool.h>

/* The same as filch_metrics_write(), and as async-signal-safe. */
int flc_write_report(const filch_pool *pool, int format, filch_write_fn *write, void *context);

/* A filch_write_fn: context points to a file descriptor. */
int flc_write_descriptor(void *fd, const char *text, size_t length);

#endif /* FLC_WRITE_H */
