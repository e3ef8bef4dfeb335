/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/fork_generation.h"
#include "sync/parking_lot.h"

#include <filch/metrics.h>
#include <filch/mutex.h>

static bool
is_zero(void *context)
{
	/* acquire [latch.count]: what came before the last count. */
	return flc_load_acquire(context) == 0;
}

int
filch_latch_count_down(filch_latch *latch, size_t n)
{
	flc_atomic *count;
	size_t seen;
	int status;

	if (latch == NULL)
		return FILCH_INVAL;
	status = flc_generation_bind(&latch->made_);
	if (status != FILCH_OK)
		return status;
	count = (flc_atomic *)&latch->count_;
	do {
		seen = flc_load_relaxed(count);
		if (n > seen)
			return FILCH_INVAL;
		/* Full, hence release [latch.count]: what we did before. */
	} while (!flc_cas_full(count, seen, seen - n));
	if (n > 0 && seen == n) {
		/* store-load [lot.park]: zero, before the look for waiters. */
		flc_fence_full();
		flc_lot_wake(latch, FLC_LOT_ALL);
	}
	return FILCH_OK;
}

int
filch_latch_wait(filch_latch *latch, uint64_t deadline)
{
	struct flc_lot_how how = {
		.key = latch,
		.on = { .state = FILCH_STATE_LOCK_WAIT, .what = "latch" },
		.deadline = deadline,
		.ready = is_zero,
	};

	if (latch == NULL)
		return FILCH_INVAL;
	how.context = &latch->count_;
	return flc_lot_wait_unless_ready(&how, &latch->made_);
}

int
filch_latch_init(filch_latch *latch, size_t count)
{
	if (latch == NULL)
		return FILCH_INVAL;
	*latch = (filch_latch)FILCH_LATCH_INIT(count);
	return FILCH_OK;
}

int
filch_latch_fini(filch_latch *latch)
{
	return latch == NULL ? FILCH_OK : flc_lot_end(latch, &latch->made_);
}
