/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/worker.h"

static flc_atomic *
word_of(const filch_cancel *token)
{
	return (flc_atomic *)(size_t)&token->requested_;
}

void
filch_cancel_request(filch_cancel *token)
{
	if (token == NULL)
		return;
	flc_store_release(word_of(token), 1);
	flc_stop_made();
}

int
filch_cancel_requested(const filch_cancel *token)
{
	return flc_cancel_is_requested(token);
}

void
filch_cancel_reset(filch_cancel *token)
{
	if (token != NULL)
		flc_store_release(word_of(token), 0);
}

int
filch_canceled(void)
{
	struct flc_worker *worker = flc_self();

	return worker != NULL && flc_scope_is_stopped(worker->scope);
}
