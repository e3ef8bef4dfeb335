/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How rows of the page change hands, and how they are read.
 */
#ifndef FLC_PAGE_ROWS_H
#define FLC_PAGE_ROWS_H

#include "count/page.h"

/* Takes a row.  Without one left it is the section's row "other", which has several
 * writers: flc_row_count() adds by locked instructions there.  The name is copied, the
 * last 63 bytes of it. */
struct flc_mutex_row *flc_page_mutex_row(const char *name);
struct flc_channel_row *flc_page_channel_row(const char *name, size_t capacity);

/* NULL without one left: neither a pool's gauges nor a worker's states can be shared. */
struct flc_pool_row *flc_page_pool_row(const char *name);
struct flc_worker_row *flc_page_worker_row(const struct flc_pool_row *pool, size_t index, int kind);

/* Gives the row back.  What it says can be read until another takes it; if there is an
 * ended one of the same name, it is added to that, and the row is free. */
void flc_page_give_back(struct flc_row *row);

/* Fills the refresher in, which lives in the object. */
void flc_page_refresh_by(struct flc_refresher *by, struct flc_row *row, flc_refresh_fn *refresh,
    void *object);
/* Once more, and then never again; nothing if it was never filled in. */
void flc_page_refresh_end(struct flc_refresher *by);

/* -- Reading -- */

/*
 * Calls the refreshers and lets no row change hands until flc_page_end_read(), and no
 * handler run.  False, and nothing is done: there is no row yet.
 */
bool flc_page_begin_read(void);
/* The same for one row. */
bool flc_page_begin_read_row(struct flc_row *row);
void flc_page_end_read(void);

/* -- For page.c -- */

/* The rows "other". */
void flc_page_rows_set_up(void);

/* In a forked child: every count is zero; workers and pools are the parent's. */
void flc_page_rows_renew(void);

#endif /* FLC_PAGE_ROWS_H */
