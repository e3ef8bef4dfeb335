/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Typed tasks in groups: their arguments are the context of a plain task, or stand in a
 * block of memory that the context points to.
 */
#ifndef FLC_GROUP_TYPED_H
#define FLC_GROUP_TYPED_H

#include "base/compiler.h"

#include <filch/task.h>

/* Runs a typed task whose arguments stand in such a block, and frees that. */
int flc_group_run_record(void *context);

/* Frees it. */
void flc_group_free_record(void *context);

/* Of any task that was accepted and is skipped. */
static inline void
flc_group_drop_arguments(int (*task)(void *context), void *context)
{
	if (FLC_UNLIKELY(task == flc_group_run_record))
		flc_group_free_record(context);
}

#endif /* FLC_GROUP_TYPED_H */
