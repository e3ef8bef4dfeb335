/* SPDX-License-Identifier: BSD-2-Clause */
#include "sched/ending.h"

#include "sched/pool.h"

void
flc_ending_fail(struct flc_ending *ending, struct filch_pool *pool, size_t at, int status)
{
	size_t failed;

	flc_lock_take(&pool->lock);
	failed = flc_load_relaxed(&ending->failed_at);
	if (failed == 0 || at + 1 < failed) {
		ending->failure = status;
		flc_store_relaxed(&ending->failed_at, at + 1);
		flc_stop_made();
	}
	flc_lock_give(&pool->lock);
}

int
flc_ending_status(const struct flc_ending *ending, const filch_cancel *token,
    struct flc_scope *outer)
{
	size_t stopped = flc_load_relaxed(&ending->stopped);

	if (flc_load_relaxed(&ending->failed_at) != 0)
		return ending->failure;
	if (stopped == (size_t)-FILCH_CANCELED || filch_cancel_requested(token)
	    || flc_scope_is_stopped(outer))
		return FILCH_CANCELED;
	return stopped != 0 ? FILCH_TIMEOUT : FILCH_OK;
}
