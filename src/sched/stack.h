/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether a thread's stack has room for one more task, and a stack of its own for the
 * task if not.
 *
 * Asked where the library runs a task on top of what waits: a job of a wait, a stolen
 * record, a spawn that runs on the spot.  The stack that the task gets is this thread's
 * until the task returns; so thread-locals stay, and an unwinder passes from one to the
 * other.
 */
#ifndef FLC_STACK_H
#define FLC_STACK_H

#include "base/compiler.h"

#include <stdbool.h>

struct flc_worker;

/* Below this address a task goes elsewhere.  An odd one was guessed: a thread below it
 * asks the system where the stack ends.  0: not known. */
extern __thread size_t flc_stack_low FLC_OF_THREAD;

/* Three instructions on x86-64. */
static inline bool
flc_stack_is_short(void)
{
#if defined(FILCH_SANITIZED)
	return false;
#elif defined(__x86_64__)
	bool below;

	__asm__("cmpq %%rsp, %1" : "=@cca"(below) : "m"(flc_stack_low));
	return FLC_UNLIKELY(below);
#elif defined(__aarch64__)
	return FLC_UNLIKELY((size_t)__builtin_frame_address(0) < flc_stack_low);
#else
	return false;
#endif
}

/* If this stack is short and another can be had, runs it there.  False: not run. */
bool flc_stack_call(struct flc_worker *worker, void (*run)(void *argument), void *argument);

/* The same if less than so many bytes are left here, for a thread that is no worker yet;
 * else runs it here. */
void flc_stack_call_with(size_t room, void (*run)(void *argument), void *argument);

/* Gives back what the worker keeps for the next time. */
void flc_stack_drop(struct flc_worker *worker);

#endif /* FLC_STACK_H */
