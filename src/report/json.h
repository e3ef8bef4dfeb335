/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A capture as one JSON object.
 */
#ifndef FLC_JSON_H
#define FLC_JSON_H

#include "base/text.h"
#include "report/capture.h"

void flc_write_json(struct flc_text *out, const struct flc_capture *capture);

#endif /* FLC_JSON_H */
