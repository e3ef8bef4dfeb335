/* SPDX-License-Identifier: BSD-2-Clause */
/* A group, its tasks and its pool, for the tests of groups. */
#ifndef FILCH_TEST_GROUPS_H
#define FILCH_TEST_GROUPS_H

#include "pools.h"

static filch_group group;
static flc_atomic gate, begun, runs;

static inline void
setup(void)
{
	static const filch_group init = FILCH_GROUP_INIT;

	clear_variables();
	group = init;
}

static inline void
use_workers(size_t workers)
{
	group.pool = pool_with(workers);
}

/* Without spares, so that only the two workers run anything. */
static inline void
use_two_and_no_spares(void)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	options.workers = 2;
	options.spares = FILCH_NO_SPARES;
	group.pool = pool_by(&options);
}

static inline int
count_task(void *unused)
{
	(void)unused;
	count_up(&runs);
	return FILCH_OK;
}

static inline int
give(void *status)
{
	return (int)(intptr_t)status;
}

static inline int
block(void *unused)
{
	(void)unused;
	count_up(&begun);
	ck_assert(reaches(&gate, 1));
	return FILCH_OK;
}

static inline void
spawn(int (*task)(void *), size_t context)
{
	MUST(filch_group_spawn(&group, task, (void *)context) == FILCH_OK);
}

static inline void
assert_wait(int status)
{
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), status);
}

/* Waits until all tasks of the group have ended, without running one. */
static inline void
until_all_ended(void)
{
	uint64_t deadline = in_ms(60000);

	while (flc_load_acquire((flc_atomic *)&group.pending_) != 0) {
		MUST(filch_now() < deadline);
		pause_ms(1);
	}
}

#endif /* FILCH_TEST_GROUPS_H */
