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

/* 0 or more; below that an error, as the kernel gives it: the call of the C library
 * stands in another page, and keeps the error in another word. */
static inline long
system_futex(void *word, int operation, unsigned value, const struct timespec *timeout)
{
#if defined(__x86_64__) && !defined(__ILP32__)
	register const struct timespec *r10 __asm__("r10") = timeout;
	register void *r8 __asm__("r8") = NULL;
	register long r9 __asm__("r9") = (long)FUTEX_BITSET_MATCH_ANY;
	long result;

	__asm__ __volatile__("syscall" : "=a"(result)
	    : "0"((long)SYS_futex), "D"(word), "S"((long)operation), "d"((long)value),
	      "r"(r10), "r"(r8), "r"(r9)
	    : "rcx", "r11", "memory");
	return result;
#else
	long result = syscall(SYS_futex, word, operation, value, timeout, NULL,
	    FUTEX_BITSET_MATCH_ANY);

	return result < 0 ? -errno : result;
#endif
}

static inline long
futex(flc_atomic *word, int operation, unsigned value, const struct timespec *timeout)
{
	char *half = (char *)word;

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	half += 4;
#endif
	return system_futex(half, operation | FUTEX_PRIVATE_FLAG, value, timeout);
}

bool
flc_futex_wait(flc_atomic *word, unsigned value, uint64_t deadline)
{
	struct timespec until = {
		.tv_sec = (time_t)(deadline / 1000000000u),
		.tv_nsec = (long)(deadline % 1000000000u),
	};

	return futex(word, FUTEX_WAIT_BITSET, value, deadline == FILCH_FOREVER ? NULL : &until)
	    != -ETIMEDOUT;
}

FLC_HOT void
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
