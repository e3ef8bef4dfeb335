/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a task of a group is run: from a queue, by its waiter, on the spot.
 */
#ifndef FLC_GROUP_RUN_H
#define FLC_GROUP_RUN_H

#include "base/float_mode.h"
#include "wait/task_wait.h"

#include <filch/task.h>

static inline flc_atomic *
flc_group_pending(filch_group *group)
{
	return (flc_atomic *)&group->pending_;
}

static inline flc_atomic *
flc_group_state(filch_group *group)
{
	return (flc_atomic *)&group->state_;
}

static inline flc_atomic *
flc_group_failed_at(filch_group *group)
{
	return (flc_atomic *)&group->failed_at_;
}

/* With the number of a task, in its job, stands how its spawner computed with floating
 * point. */
#define FLC_GROUP_INDEX_BITS (64 - FLC_FLOAT_BITS)
#define FLC_GROUP_INDEX_MASK (((size_t)1 << FLC_GROUP_INDEX_BITS) - 1)

/* A task that was counted and stands in no queue. */
struct flc_group_task {
	filch_group *group;
	int (*task)(void *context);
	void *context;
	size_t index;
};

/* A counted task has ended, or will not be run.  The group may be gone as soon as the
 * last of its tasks has ended. */
static inline void
flc_group_end_task(filch_group *group, struct filch_pool *pool)
{
	void (*on_done)(void *context) = group->on_done;
	void *context;

	if (FLC_LIKELY(on_done == NULL)) {
		(void)flc_pending_end(flc_group_pending(group), pool);
		return;
	}
	context = group->on_done_context;
	if (flc_pending_end(flc_group_pending(group), pool))
		on_done(context);
}

/* Runs a job whose tag is a group. */
void flc_group_run_job(struct flc_worker *worker, const struct flc_job *job);

/* Runs the task here, on the spot; and as a verb, of a struct flc_group_task. */
int flc_group_run_now(struct flc_worker *worker, filch_group *group,
    int (*task)(void *context), void *context, size_t index);
int flc_group_run_verb(struct flc_worker *worker, void *task);

/* Runs the waiter's own tasks while the newest are the group's. */
void flc_group_run_own(struct flc_worker *worker, filch_group *group);

#endif /* FLC_GROUP_RUN_H */
