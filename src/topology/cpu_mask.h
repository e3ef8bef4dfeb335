/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sets of CPUs by the system's numbers: which ones a thread may use, and binding it to
 * some.  Of fixed size, so that nothing is allocated.
 *
 *     all calls    any thread; a mask belongs to one
 */
#ifndef FLC_CPU_MASK_H
#define FLC_CPU_MASK_H

#include "base/compiler.h"

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>

/* More CPUs than any Linux has. */
#define FLC_MOST_CPUS 8192

struct flc_cpu_mask {
	cpu_set_t set[FLC_MOST_CPUS / CPU_SETSIZE];
};

void flc_cpu_mask_clear(struct flc_cpu_mask *mask);

/* Adds first to last; numbers that no CPU can have are ignored. */
void flc_cpu_mask_add(struct flc_cpu_mask *mask, unsigned first, unsigned last);

bool flc_cpu_mask_has(const struct flc_cpu_mask *mask, unsigned os);
size_t flc_cpu_mask_count(const struct flc_cpu_mask *mask);

/*
 * The CPUs that the calling thread may use.  A sandbox may refuse to tell: then those
 * that /proc lists for the thread, else all that are online below <root>/sys, else CPU 0.
 * Never empty.
 */
void flc_cpu_mask_allowed(struct flc_cpu_mask *mask, const char *root);

/* Whether the system itself tells the calling thread's mask. */
bool flc_cpu_mask_is_told(void);

/* Binds the calling thread to these CPUs; false if the system refused. */
bool flc_cpu_mask_bind_self(const struct flc_cpu_mask *mask);

/* Whether flc_cpu_mask_bind_self() can work at all; asks without binding. */
bool flc_cpu_mask_can_bind(void);

#endif /* FLC_CPU_MASK_H */
