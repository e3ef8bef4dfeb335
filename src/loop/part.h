/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A part of a loop: one worker runs it chunk by chunk, from the front, while others take
 * from its back what they find in the worker's rests (deque/range_rest.h).
 */
#ifndef FLC_PART_H
#define FLC_PART_H

#include "loop/range.h"

/*
 * Runs [begin, end) except what others take of it.  False: the rest was put back where
 * others find it, with the place in the loop: the worker may not take more of it.
 */
bool flc_part_run(struct flc_worker *worker, struct flc_loop *loop, size_t begin, size_t end);

/* Runs a part, then parts of what others have left of theirs. */
void flc_part_run_all(struct flc_worker *worker, struct flc_loop *loop, size_t begin, size_t end);

/* Counts one part more, if as many threads may take part at once: each is one
 * thread's. */
bool flc_part_admit(struct flc_loop *loop);

/* A part has ended.  The loop may be gone as soon as that is counted. */
void flc_part_end(struct flc_worker *worker, struct flc_loop *loop);

/* Whether the worker's outermost work is the loop, and too many threads are awake. */
static inline bool
flc_part_is_surplus(struct flc_worker *worker)
{
	return worker->depth == 1 && worker->kind != FILCH_SLOT_GUEST
	    && flc_sleep_surplus(&worker->pool->sleep);
}

#endif /* FLC_PART_H */
