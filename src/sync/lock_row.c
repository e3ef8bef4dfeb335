/* SPDX-License-Identifier: BSD-2-Clause */
#include "sync/lock_row.h"

#include "count/page.h"
#include "count/page_rows.h"
#include "count/read.h"
#include "count/sample.h"

#include <string.h>

void
flc_held_take_row(filch_held_ *held)
{
	flc_atomic *word = (flc_atomic *)&held->row;
	const char *name = held->name != NULL && *held->name != '\0' ? held->name
	    : held->place != NULL ? held->place : "mutex";
	struct flc_mutex_row *row;

	if (flc_load_acquire(word) != 0)
		return;
	flc_clock_start();
	/* Asked now, so that giving back need not ask. */
	(void)flc_fence_probe();
	row = flc_page_mutex_row(name);
	flc_store_relaxed(&row->sample_mask,
	    flc_load_relaxed(&row->row.shared) ? 0 : FLC_SAMPLE_EVERY - 1);
	/* Full, hence release [held.row]: the row, before its address. */
	if (!flc_cas_full(word, 0, (size_t)row))
		flc_page_give_back(&row->row);
}

int
flc_held_end(filch_held_ *held, size_t *word, size_t *made)
{
	struct flc_mutex_row *row = flc_held_row(held);

	if (flc_load_acquire((flc_atomic *)word) != 0 && !flc_generation_is_old(*made))
		return FILCH_BUSY;
	if (row != NULL)
		flc_page_give_back(&row->row);
	held->row = 0;
	*word = 0;
	*made = 0;
	return FILCH_OK;
}

int
flc_held_read_row(const filch_held_ *held, struct filch_mutex_metrics *stats, size_t size)
{
	const struct flc_mutex_row *row = flc_held_row(held);
	filch_mutex_metrics full;

	if (row == NULL || stats == NULL || size == 0)
		return FILCH_INVAL;
	memset(&full, 0, sizeof(full));
	flc_mutex_row_read(row, &full);
	memcpy(stats, &full, size < sizeof(full) ? size : sizeof(full));
	return FILCH_OK;
}
