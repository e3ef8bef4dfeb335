/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/fork_generation.h"
#include "sync/parking_lot.h"

#include <filch/metrics.h>
#include <filch/mutex.h>

static bool
take(void *context)
{
	flc_atomic *count = context;
	size_t seen;

	/* Full, hence acquire [semaphore.count]: what came before a release. */
	while ((seen = flc_load_relaxed(count)) > 0)
		if (flc_cas_full(count, seen, seen - 1))
			return true;
	return false;
}

int
filch_semaphore_acquire(filch_semaphore *semaphore, uint64_t deadline)
{
	struct flc_lot_how how = {
		.key = semaphore,
		.on = { .state = FILCH_STATE_LOCK_WAIT, .what = "semaphore" },
		.deadline = deadline,
		.ready = take,
	};

	if (semaphore == NULL)
		return FILCH_INVAL;
	how.context = &semaphore->count_;
	return flc_lot_wait_unless_ready(&how, &semaphore->made_);
}

int
filch_semaphore_release(filch_semaphore *semaphore, size_t n)
{
	flc_atomic *count;
	size_t seen;
	int status;

	if (semaphore == NULL)
		return FILCH_INVAL;
	status = flc_generation_bind(&semaphore->made_);
	if (status != FILCH_OK)
		return status;
	count = (flc_atomic *)&semaphore->count_;
	do {
		seen = flc_load_relaxed(count);
		if (n > SIZE_MAX / 2 || seen > SIZE_MAX / 2 - n)
			return FILCH_INVAL;
		/* Full, hence release [semaphore.count]: what we did before. */
	} while (!flc_cas_full(count, seen, seen + n));
	/* store-load [lot.park]: the count, before the look for waiters. */
	flc_fence_full();
	flc_lot_wake(semaphore, n);
	return FILCH_OK;
}

int
filch_semaphore_init(filch_semaphore *semaphore, size_t count)
{
	if (semaphore == NULL || count > SIZE_MAX / 2)
		return FILCH_INVAL;
	*semaphore = (filch_semaphore)FILCH_SEMAPHORE_INIT(count);
	return FILCH_OK;
}

int
filch_semaphore_fini(filch_semaphore *semaphore)
{
	return semaphore == NULL ? FILCH_OK : flc_lot_end(semaphore, &semaphore->made_);
}
