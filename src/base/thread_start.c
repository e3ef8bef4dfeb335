/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The GNU C library registers an rseq area for each thread that it starts, if the thread
 * that starts it has one, and ends the process when the system then refuses ("rseq
 * registration failed").  A program that enters a sandbox after its start could so not
 * make a pool any more.  The library looks at cpu_id in its own thread's area: negative
 * means not registered.  But the kernel writes there whenever the thread has been
 * interrupted.  So the thread is started by a helper that shares everything with its
 * maker, its thread-locals included, and that the kernel knows no area of.  The maker
 * sleeps in the meantime (CLONE_VFORK), as in posix_spawn().
 */
#include "base/thread_start.h"

#include "base/compiler.h"

#if defined(HAVE_SYS_RSEQ_H) && (defined(__x86_64__) || defined(__aarch64__))
#define RSEQ_MAY_BE_REFUSED 1
#endif

#ifdef RSEQ_MAY_BE_REFUSED
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <unistd.h>

/* More than pthread_create() needs, and the user's malloc() below it. */
#define HELPER_STACK ((size_t)256 << 10)

static volatile struct rseq *
own_area(void)
{
	char *self;

#ifdef __x86_64__
	__asm__("mov %%fs:0, %0" : "=r"(self));
#else
	self = __builtin_thread_pointer();
#endif
	return (volatile struct rseq *)(void *)(self + __rseq_offset);
}

/* Whether pthread_create() would end the process. */
static bool
is_refused(void)
{
	if (__rseq_size == 0 || (int)own_area()->cpu_id < 0)
		return false;
	/* Not the area that is registered: EINVAL, unless the call is refused. */
	return syscall(SYS_rseq, NULL, 0, 0, 0) != 0 && errno != EINVAL;
}

struct request {
	pthread_t *thread;
	const pthread_attr_t *attributes;
	void *(*run)(void *);
	void *argument;
	int result;
};

static int
help(void *context)
{
	struct request *request = context;

	own_area()->cpu_id = (unsigned)RSEQ_CPU_ID_REGISTRATION_FAILED;
	request->result = pthread_create(request->thread, request->attributes, request->run,
	    request->argument);
	return 0;
}

static void
start_by_helper(struct request *request)
{
	static const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
	    CLONE_THREAD | CLONE_SYSVSEM | CLONE_VFORK;
	char *stack = mmap(NULL, HELPER_STACK, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	if (stack == MAP_FAILED)
		return;
	(void)clone(help, stack + HELPER_STACK, flags, request);
	munmap(stack, HELPER_STACK);
}

/* No handler may run in the helper, which is no thread of the C library's. */
static int
start_unregistered(pthread_t *thread, pthread_attr_t *attributes, void *(*run)(void *),
    void *argument)
{
	struct request request = { thread, attributes, run, argument, EAGAIN };
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_attr_setsigmask_np(attributes, &before) == 0)
		start_by_helper(&request);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return request.result;
}
#endif /* RSEQ_MAY_BE_REFUSED */

int
flc_thread_start(pthread_t *thread, pthread_attr_t *attributes, void *(*run)(void *),
    void *argument)
{
#ifdef RSEQ_MAY_BE_REFUSED
	if (is_refused())
		return start_unregistered(thread, attributes, run, argument);
#endif
	return pthread_create(thread, attributes, run, argument);
}
