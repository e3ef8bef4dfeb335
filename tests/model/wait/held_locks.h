/* SPDX-License-Identifier: BSD-2-Clause */
/* wait/held_locks.h for the model: a thread's number is its index and one. */
#ifndef FLC_HELD_LOCKS_H
#define FLC_HELD_LOCKS_H

#include "base/fork_generation.h"

#include <filch/mutex.h>

#define MODEL_GENERATION (7 * 64)

struct flc_thread {
	size_t number, generation;
	filch_held_ *held;
};

static struct flc_thread model_thread[4];

#define flc_thread (model_thread[rl::thread_index()])
#define flc_thread_number() (flc_thread.number)
#define flc_thread_claim() (flc_thread.number + MODEL_GENERATION)
#define flc_thread_of_claim(word) ((word) % 64)

static inline void
flc_held_push(filch_held_ *lock)
{
	lock->below = flc_thread.held;
	flc_thread.held = lock;
}

static inline void
flc_held_pull(filch_held_ *lock)
{
	filch_held_ **at = &flc_thread.held;

	while (*at != lock)
		at = &(*at)->below;
	*at = lock->below;
}

/* Waits of the scheduler's model hold nothing. */
#define flc_held_before_wait(kind, name) ((void)0)

#endif
