/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls that a seccomp filter refuses, and what one can expect then. */
#ifndef FILCH_TEST_SANDBOX_H
#define FILCH_TEST_SANDBOX_H

#include <filch.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What one can expect without the call. */
enum expected {
	WORKS,     /* all of it */
	DEGRADES,  /* FILCH_NOMEM or FILCH_AGAIN, where there was neither memory nor a thread */
};

static const struct call {
	const char *name;
	long number;
	enum expected expected;
	bool sanitizable;   /* the sanitizers' runtimes can do without it, too */
} calls[] = {
	{ "membarrier", SYS_membarrier, WORKS, true },
	{ "sched_setaffinity", SYS_sched_setaffinity, WORKS, true },
	{ "sched_getaffinity", SYS_sched_getaffinity, WORKS, false },
	{ "getcpu", SYS_getcpu, WORKS, true },
	{ "sched_yield", SYS_sched_yield, WORKS, false },
	{ "prctl", SYS_prctl, WORKS, false },
	{ "gettid", SYS_gettid, WORKS, false },
	{ "getpid", SYS_getpid, WORKS, false },
	{ "openat", SYS_openat, WORKS, false },
	{ "read", SYS_read, WORKS, false },
	{ "close", SYS_close, WORKS, false },
	{ "newfstatat", SYS_newfstatat, WORKS, false },
#ifdef SYS_statx
	{ "statx", SYS_statx, WORKS, false },
#endif
	{ "fcntl", SYS_fcntl, WORKS, false },
#ifdef SYS_poll
	{ "poll", SYS_poll, WORKS, false },
#endif
	{ "ppoll", SYS_ppoll, WORKS, false },
	{ "timerfd_create", SYS_timerfd_create, DEGRADES, true },
	{ "eventfd2", SYS_eventfd2, DEGRADES, true },
	{ "madvise", SYS_madvise, WORKS, false },
	{ "mprotect", SYS_mprotect, DEGRADES, false },
	{ "mmap", SYS_mmap, DEGRADES, false },
	{ "brk", SYS_brk, WORKS, false },
	{ "mremap", SYS_mremap, WORKS, false },
	{ "getrandom", SYS_getrandom, WORKS, false },
	{ "prlimit64", SYS_prlimit64, WORKS, false },
	{ "rt_sigaction", SYS_rt_sigaction, WORKS, false },
	{ "rt_sigprocmask", SYS_rt_sigprocmask, WORKS, false },
	{ "set_robust_list", SYS_set_robust_list, WORKS, false },
#ifdef SYS_rseq
	{ "rseq", SYS_rseq, WORKS, false },
#endif
#ifdef SYS_clone3
	{ "clone3", SYS_clone3, DEGRADES, false },
#endif
	{ "clone", SYS_clone, WORKS, false },
	{ "get_mempolicy", SYS_get_mempolicy, WORKS, true },
	{ "mbind", SYS_mbind, WORKS, true },
	{ "move_pages", SYS_move_pages, WORKS, true },
	{ "perf_event_open", SYS_perf_event_open, WORKS, true },
	{ "memfd_create", SYS_memfd_create, WORKS, true },
};
enum { CALLS = sizeof(calls) / sizeof(calls[0]), WAYS = 4, CASES = CALLS * WAYS };

static const struct call *refused;
static int told = -1;   /* where a child says what is wrong */

__attribute__((format(printf, 1, 2), noreturn)) static void
wrong(const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	int length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	(void)!write(told, text, (size_t)length);
	_exit(1);
}

/* Whether a verb did its work; false only where it may. */
static inline bool
done(int status, const char *verb)
{
	if (status == FILCH_OK)
		return true;
	if (refused == NULL || refused->expected == WORKS
	    || (status != FILCH_NOMEM && status != FILCH_AGAIN))
		wrong("%s: %s", verb, filch_status_text(status));
	return false;
}

#define DONE(call) done(call, #call)
#define HOLDS(fact) ((fact) ? (void)0 : wrong("%s", #fact))

/* Refuses one call in every thread of the process. */
static inline bool
refuse(const struct call *call, int error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call->number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
	    && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program)
	    == 0;
}

#endif /* FILCH_TEST_SANDBOX_H */
