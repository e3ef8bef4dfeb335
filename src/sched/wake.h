/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whom work wakes: the choice of a sleeper, from asleep to searching.
 */
#ifndef FLC_WAKE_H
#define FLC_WAKE_H

#include "sched/sleep.h"

/* Threads that are not started yet can be woken like any sleeper. */
void flc_sleep_add_unstarted(struct flc_sleep *sleep, size_t spares);

/* Whether a wake could be justified: one load, for the spawner's path. */
bool flc_sleep_wanted(const struct flc_sleep *sleep);

/*
 * Chooses a sleeper for work that was just published, or NULL if none is justified.  The
 * caller goes on working on its CPU: a sleeper pinned there is chosen last.  For work
 * from outside the chosen one is told so.  The chosen one already counts as searching;
 * the caller wakes its parker.  With *start set it is a spare without a thread that was
 * chosen: the caller starts one, or says that it could not.
 */
struct flc_sleeper *flc_sleep_choose(struct flc_sleep *sleep, uint32_t cpu, bool outside,
    bool *start);
void flc_sleep_not_started(struct flc_sleep *sleep);

/* Spares that could not be started may be chosen again. */
void flc_sleep_readmit(struct flc_sleep *sleep);

/* The same for one sleeper in particular; false if it is awake. */
bool flc_sleep_choose_this(struct flc_sleep *sleep, struct flc_sleeper *sleeper);

/* asleep -> searching.  Also if somebody woke us meanwhile. */
void flc_sleep_cancel(struct flc_sleep *sleep, struct flc_sleeper *me);

#endif /* FLC_WAKE_H */
