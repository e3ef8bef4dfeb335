/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lets another thread have the CPU, where that is cheap.
 *
 * With a few threads that hand things to each other on one CPU a yield is the quickest
 * way to the other one, and less than half of a sleep.  Beside a thread that computes it
 * gives a whole time slice away, some milliseconds, and the one that yields is behind the
 * others afterwards, too.  Which it is only shows when the CPU comes back: after a yield
 * that took long the whole process yields no more for a time that is long against it.
 */
#ifndef FLC_YIELD_H
#define FLC_YIELD_H

#ifndef FLC_MODEL
#include <stdbool.h>

/* False: it would cost too much; a thread that waits should sleep now. */
bool flc_yield_cpu(void);
#endif

#endif /* FLC_YIELD_H */
