/* SPDX-License-Identifier: BSD-2-Clause */
/* How many threads are in which state: the word that sleep.c and wake.c change. */
#ifndef FLC_SLEEP_COUNTS_H
#define FLC_SLEEP_COUNTS_H

#include "sched/sleep.h"

/*
 * The counts, packed in one word so that a thread leaves one state and enters the next in
 * one step:
 *
 *     bits  0-15  searching     bits 32-47  active
 *     bits 16-31  asleep        bit  48     somebody watches
 *                               bits 49-63  waiting
 */
#define ONE_SEARCHING ((size_t)1)
#define ONE_ASLEEP ((size_t)1 << 16)
#define ONE_ACTIVE ((size_t)1 << 32)
#define WATCHED ((size_t)1 << 48)
#define ONE_WAITING ((size_t)1 << 49)

static inline size_t
searching(size_t counts)
{
	return counts & 0xffff;
}

static inline size_t
asleep(size_t counts)
{
	return counts >> 16 & 0xffff;
}

static inline size_t
active(size_t counts)
{
	return counts >> 32 & 0xffff;
}

static inline struct flc_sleeper *
first_asleep(const struct flc_sleep *sleep, int rank)
{
	return (struct flc_sleeper *)flc_load_relaxed(&sleep->asleep[rank]);
}

/* Somebody could be woken, the limit leaves room, and nobody searches. */
static inline bool
wake_wanted(const struct flc_sleep *sleep, size_t counts)
{
	return asleep(counts) > 0 && searching(counts) == 0
	    && active(counts) < flc_load_relaxed(&sleep->limit);
}

/* Nobody works, nor waits with its place given up: then no guest is inside. */
static inline bool
nobody_is_inside(size_t counts)
{
	return (counts & ~WATCHED) < ONE_ACTIVE;
}

/* Nobody else is at work, neither as active nor in a blocking part of a task: only a
 * thread that injects, with a full fence, could have published anything that we do not
 * see.  A thread that comes in or goes on later sees our change of the counts. */
static inline bool
is_alone(const struct flc_sleep *sleep, size_t counts, size_t own)
{
	return active(counts) == own && flc_load_relaxed(&sleep->blocking) == 0;
}

/* Others are at work and there is room: a spawner may skip a wake only if somebody looks
 * around.  Without room nobody skips; the thread that makes room looks. */
static inline bool
watch_wanted(const struct flc_sleep *sleep, size_t counts)
{
	return active(counts) > 0 && active(counts) < flc_load_relaxed(&sleep->limit);
}

#endif /* FLC_SLEEP_COUNTS_H */
