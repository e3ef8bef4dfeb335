/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A capture as tables for people.
 */
#ifndef FLC_TABLE_H
#define FLC_TABLE_H

#include "base/text.h"
#include "report/capture.h"

void flc_write_tables(struct flc_text *out, const struct flc_capture *capture);

#endif /* FLC_TABLE_H */
