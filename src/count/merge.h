/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which words of a row are counts: those that rows are merged by.
 */
#ifndef FLC_MERGE_H
#define FLC_MERGE_H

#include "count/page.h"

/* Adds what `from` counted, which nobody writes any more, to `into`, which may be written
 * meanwhile if it is shared. */
void flc_row_merge(struct flc_row *into, struct flc_row *from, enum flc_section_kind kind);

/* Counts and maxima begin at zero again. */
void flc_row_clear_counts(struct flc_row *row, enum flc_section_kind kind);

/* All but its name and whose it is. */
void flc_row_clear(struct flc_row *row, enum flc_section_kind kind);

#endif /* FLC_MERGE_H */
