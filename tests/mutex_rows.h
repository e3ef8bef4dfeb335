/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of mutexes, for the tests of the page. */
#ifndef FILCH_TEST_MUTEX_ROWS_H
#define FILCH_TEST_MUTEX_ROWS_H

#include "base/compiler.h"
#include "count/page_rows.h"
#include "count/read.h"
#include "count/sample.h"
#include "pools.h"

static inline filch_mutex_metrics
read_mutex(struct flc_mutex_row *row)
{
	filch_mutex_metrics m;

	(void)flc_mutex_row_read(row, &m);
	return m;
}

static inline void
acquire(struct flc_mutex_row *row, size_t times)
{
	for (size_t i = 0; i < times; i++)
		flc_row_count(&row->row, &row->acquisitions, 1);
}

/* Over all rows. */
static inline uint64_t
all_acquisitions(void)
{
	filch_metrics m;

	ck_assert_int_eq(filch_metrics_snapshot(NULL, &m, sizeof(m)), FILCH_OK);
	return m.mutexes.acquisitions;
}

#endif /* FILCH_TEST_MUTEX_ROWS_H */
