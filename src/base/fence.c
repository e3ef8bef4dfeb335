/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/fence.h"

#include "base/cancellation.h"
#include "base/compiler.h"

#include <time.h>

#ifdef HAVE_LINUX_MEMBARRIER_H
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

/* What is known of membarrier. */
enum knowledge { UNASKED, WORKS = FLC_FENCE_WORKS, REFUSED };

flc_atomic flc_fence_known;
#define known flc_fence_known
static flc_atomic broken_by_test;

static bool
barrier(bool registering)
{
#ifdef HAVE_LINUX_MEMBARRIER_H
	if (flc_load_relaxed(&broken_by_test))
		return false;
	return syscall(SYS_membarrier, registering
	    ? MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED
	    : MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;
#else
	(void)registering;
	return false;
#endif
}

bool
flc_fence_probe(void)
{
	AO_t state = flc_load_relaxed(&known);

	/* Two threads may ask at once: registering twice does no harm. */
	if (FLC_UNLIKELY(state == UNASKED)) {
		state = barrier(true) && barrier(false) ? WORKS : REFUSED;
		flc_store_relaxed(&known, state);
	}
	return state == WORKS;
}

bool
flc_fence_heavy(void)
{
	if (FLC_LIKELY(barrier(false)))
		return true;
	/* Registration does not outlive exec, and a child may come first. */
	if (barrier(true) && barrier(false))
		return true;
	flc_store_relaxed(&known, REFUSED);
	flc_fence_full();
	return false;
}

#define OUTLAST_NS 1000000

void
flc_fence_heavy_or_wait(void)
{
	const struct timespec pause = { 0, OUTLAST_NS };
	int cancellation;

	if (FLC_LIKELY(flc_fence_heavy()))
		return;
	cancellation = flc_cancellation_hold();
	(void)nanosleep(&pause, NULL);
	flc_cancellation_restore(cancellation);
}

void
flc_fence_break(bool broken)
{
	flc_store_relaxed(&broken_by_test, broken);
	flc_store_relaxed(&known, UNASKED);
}
