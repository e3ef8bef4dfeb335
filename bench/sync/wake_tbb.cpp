// SPDX-License-Identifier: BSD-2-Clause
// Work handed over to oneTBB: an arena in which the waker has no place.
#include "wake.h"

#include <tbb/task_arena.h>

void
wake_tbb_post(void)
{
	static tbb::task_arena arena(1, 0);

	arena.enqueue(wake_begun);
}
