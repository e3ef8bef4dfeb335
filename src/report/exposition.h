/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A merged capture for Prometheus and as OpenMetrics 1.0: all samples of a metric
 * together, under what describes it.
 */
#ifndef FLC_EXPOSITION_H
#define FLC_EXPOSITION_H

#include "base/text.h"
#include "report/capture.h"

/* strict: OpenMetrics; else Prometheus. */
void flc_write_exposition(struct flc_text *out, const struct flc_capture *capture, bool strict);

#endif /* FLC_EXPOSITION_H */
