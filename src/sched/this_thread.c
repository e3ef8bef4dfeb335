/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/this_thread.h"

#include <sys/syscall.h>
#include <unistd.h>

/* More than Linux can have; with what is added still below a generation. */
#define FLC_MOST_THREADS ((size_t)1 << 30)

__thread struct flc_thread flc_thread FLC_OF_THREAD = {
	.number = FLC_NO_NUMBER,
	.generation = FLC_NO_GENERATION,
};

/* The system's number, or, where a sandbox refuses it, one that no thread has there. */
static size_t
new_number(void)
{
	static flc_atomic made;
	long number = syscall(SYS_gettid);

	return number > 0 ? (size_t)number : FLC_MOST_THREADS + flc_add_full(&made, 1);
}

void
flc_thread_begin(void)
{
	flc_thread = (struct flc_thread){ .sharing = flc_thread.sharing };
	flc_thread.number = new_number();
	flc_thread.generation = flc_generation();
}
