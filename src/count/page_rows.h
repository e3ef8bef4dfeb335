/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How rows change hands; between page.c and page_rows.c.
 */
#ifndef FLC_PAGE_ROWS_H
#define FLC_PAGE_ROWS_H

#include "count/page.h"

/* Under it rows change hands, and are read; no handler runs meanwhile. */
void flc_page_lock(void);
void flc_page_unlock(void);

/* Whether anything ever took a row.  In a forked child: and anew. */
bool flc_page_is_set_up(void);

/* The rows "other". */
void flc_page_rows_set_up(void);

/* In a forked child: every count is zero; workers and pools are the parent's. */
void flc_page_rows_renew(void);

#endif /* FLC_PAGE_ROWS_H */
