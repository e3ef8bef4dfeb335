/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects that count, and the text of a report, for tests of the export. */
#ifndef FILCH_TEST_EXPORTS_H
#define FILCH_TEST_EXPORTS_H

#include "base/compiler.h"
#include "count/page_rows.h"
#include "count/read.h"
#include "pools.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* -- Something to count -- */

static inline int
spend(void *unused, size_t begin, size_t end)
{
	volatile size_t x = 0;

	(void)unused;
	for (size_t i = begin; i < end; i++)
		x += i;
	(void)x;
	return FILCH_OK;
}

static inline int
nothing(void *unused)
{
	(void)unused;
	return FILCH_OK;
}

static inline int
work(void *unused)
{
	filch_group group = FILCH_GROUP_INIT;

	(void)unused;
	for (int i = 0; i < 50; i++)
		MUST(filch_group_spawn(&group, nothing, NULL) == FILCH_OK);
	MUST(filch_for(0, 100000, spend, NULL, NULL) == FILCH_OK);
	return filch_group_wait(&group, FILCH_FOREVER);
}

#define UGLY "quo\"te\\back\nline\ttab"

/* Mutexes and channels as their modules will count them. */
static inline void
count_objects(void)
{
	struct flc_mutex_row *cache = flc_page_mutex_row("cache");
	struct flc_mutex_row *ugly = flc_page_mutex_row(UGLY);
	struct flc_mutex_row *broken = flc_page_mutex_row("not \xff utf-8 \xc3\xa9");
	struct flc_channel_row *out = flc_page_channel_row("out", 64);
	struct flc_channel_row *all = flc_page_channel_row("all", SIZE_MAX);

	flc_row_count(&cache->row, &cache->acquisitions, 100);
	flc_row_count(&cache->row, &cache->contended, 2);
	flc_row_time(&cache->row, &cache->wait, flc_ns_to_ticks(1000));
	flc_row_time(&cache->row, &cache->wait, flc_ns_to_ticks(3000000));
	flc_row_max(&cache->row, &cache->wait_max, flc_ns_to_ticks(3000000));
	flc_row_count(&ugly->row, &ugly->acquisitions, 1);
	flc_row_count(&broken->row, &broken->acquisitions, 1);
	flc_page_give_back(&broken->row);
	flc_row_count(&out->row, &out->sends, 10);
	flc_row_count(&out->row, &out->send_blocked, 1);
	flc_row_time(&out->row, &out->send_wait, flc_ns_to_ticks(1000000000));
	flc_row_count(&out->row, &out->receives, 7);
	flc_store_relaxed(&out->depth, 3);
	flc_row_max(&out->row, &out->depth_high_water, 5);
	flc_row_count(&all->row, &all->sends, 1);
	flc_store_relaxed(&all->depth, 1);
}

static char text[4 << 20];

/* The number behind what begins a line. */
static inline double
value_of(const char *sample)
{
	const char *at = text;
	size_t length = strlen(sample);

	while (at != NULL && strncmp(at, sample, length) != 0) {
		at = strchr(at, '\n');
		at = at == NULL ? NULL : at + 1;
	}
	if (at == NULL)
		ck_abort_msg("no sample %s in:\n%s", sample, text);
	return strtod(at + length, NULL);
}

/* The sums of a family over its samples; `with` stands in them. */
static inline double
family_sum(const char *name, const char *with)
{
	double sum = 0;

	for (const char *at = text; at != NULL; at = strchr(at, '\n'), at = at ? at + 1 : at) {
		const char *end = strchr(at, '\n');
		const char *found = strstr(at, with);

		if (strncmp(at, name, strlen(name)) == 0 && at[strlen(name)] == '{'
		    && found != NULL && found < end)
			sum += strtod(strstr(at, "} ") + 2, NULL);
	}
	return sum;
}

static inline int
ended_scene(void)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	struct flc_mutex_row *row = flc_page_mutex_row("brief");
	filch_pool *pool;

	options.workers = 1;
	options.name = "brief";
	flc_row_count(&row->row, &row->acquisitions, 3);
	flc_page_give_back(&row->row);
	if (filch_pool_create(&pool, &options) != FILCH_OK
	    || filch_pool_run(pool, work, NULL) != FILCH_OK)
		return 1;
	return filch_pool_destroy(pool) == FILCH_OK ? 0 : 2;
}

#endif /* FILCH_TEST_EXPORTS_H */
