/* SPDX-License-Identifier: BSD-2-Clause */
/* A sleep that no pool uses, for its tests. */
#ifndef FILCH_TEST_SLEEPS_H
#define FILCH_TEST_SLEEPS_H

#include "pools.h"
#include "sched/wake.h"

#define SLEEPERS 4
#define SPARE 3

static struct flc_sleep sleep_;
static struct flc_sleeper sleeper[SLEEPERS];
static struct flc_sleeper *table[SLEEPERS];

/* Three workers and a spare; a limit of two. */
static inline void
setup(void)
{
	flc_sleep_init(&sleep_, table, SLEEPERS, 2);
	for (size_t i = 0; i < SLEEPERS; i++) {
		flc_sleeper_init(&sleeper[i], i == SPARE ? FLC_RANK_SPARE : FLC_RANK_WORKER,
		    i == SPARE ? FLC_NO_CPU : (uint32_t)i);
		flc_sleep_admit(&sleep_, i, &sleeper[i]);
	}
}

static inline void
teardown(void)
{
	for (size_t i = 0; i < SLEEPERS; i++)
		flc_sleeper_fini(&sleeper[i]);
	flc_sleep_fini(&sleep_);
}

#endif /* FILCH_TEST_SLEEPS_H */
