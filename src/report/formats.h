/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The formats that a capture can be written in.
 */
#ifndef FLC_FORMATS_H
#define FLC_FORMATS_H

#include "base/text.h"
#include "report/capture.h"

void flc_write_tables(struct flc_text *out, const struct flc_capture *capture);
void flc_write_json(struct flc_text *out, const struct flc_capture *capture);

/* Of a merged capture.  strict: OpenMetrics; else Prometheus. */
void flc_write_exposition(struct flc_text *out, const struct flc_capture *capture, bool strict);

/* The same as filch_metrics_write(), and as async-signal-safe. */
int flc_write_report(const filch_pool *pool, int format, filch_write_fn *write, void *context);

/* A filch_write_fn: context points to a file descriptor. */
int flc_write_descriptor(void *fd, const char *text, size_t length);

#endif /* FLC_FORMATS_H */
