/* SPDX-License-Identifier: BSD-2-Clause */
/* filch/task.h for the model: the same words, as the model checks them. */
#ifndef FILCH_TASK_H
#define FILCH_TASK_H

#include <filch/base.h>

struct filch_pool;

typedef struct filch_cancel {
	size_t requested_;
} filch_cancel;

typedef struct filch_group {
	flc_atomic pending_;
	flc_atomic state_;
	flc_atomic failed_at_;
	flc_atomic spawned_;
	flc_atomic pool_;
	struct filch_pool *pool;
	filch_cancel *cancel;
	size_t max_backlog;
	void (*on_done)(void *context);
	void *on_done_context;
	rl::var<int> failure_;
	int shielded;
	int fifo;
	int wide_help;
	flc_atomic owner_;
	flc_atomic own_;
} filch_group;

void filch_group_cancel(filch_group *group);

static inline int
filch_cancel_requested(const filch_cancel *token)
{
	return token != NULL && token->requested_ != 0;
}

#endif /* FILCH_TASK_H */
