/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/futex.h"

#include "base/clock.h"

#include <filch/base.h>

#include <time.h>

#ifdef FLC_HAVE_FUTEX

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
futex(flc_atomic *word, int operation, unsigned value, const struct timespec *timeout)
{
	char *half = (char *)word;

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	half += 4;
#endif
	return (int)syscall(SYS_futex, half, operation | FUTEX_PRIVATE_FLAG, value, timeout,
	    NULL, FUTEX_BITSET_MATCH_ANY);
}

bool
flc_futex_wait(flc_atomic *word, unsigned value, uint64_t deadline)
{
	struct timespec until = {
		.tv_sec = (time_t)(deadline / 1000000000u),
		.tv_nsec = (long)(deadline % 1000000000u),
	};

	return futex(word, FUTEX_WAIT_BITSET, value, deadline == FILCH_FOREVER ? NULL : &until) == 0
	    || errno != ETIMEDOUT;
}

void
flc_futex_wake(flc_atomic *word, int threads)
{
	(void)futex(word, FUTEX_WAKE, (unsigned)threads, NULL);
}

#else /* no futex */

#define NAP_NS 50000

bool
flc_futex_wait(flc_atomic *word, unsigned value, uint64_t deadline)
{
	const struct timespec nap = { 0, NAP_NS };

	if ((unsigned)flc_load_relaxed(word) != value)
		return true;
	if (deadline != FILCH_FOREVER && filch_now() >= deadline)
		return false;
	(void)nanosleep(&nap, NULL);
	return true;
}

void
flc_futex_wake(flc_atomic *word, int threads)
{
	(void)word;
	(void)threads;
}

#endif
