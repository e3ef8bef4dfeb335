/* SPDX-License-Identifier: BSD-2-Clause */
/* These definitions stand before the C library's, for every object in the process:
 * hwloc's and the C library's own callers of malloc meet the faults, too. */
#include "faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

static flc_atomic armed;        /* number of the call plus one */
static flc_atomic left;         /* calls before the fault */
static flc_atomic failed;
static bool goes_on;
static flc_atomic blocks, mapped;

/* The test's own calls go through. */
static __thread bool exempt;

void
faults_arm(enum call call, size_t n, bool from_then_on)
{
	goes_on = from_then_on;
	flc_store_relaxed(&failed, 0);
	flc_store_relaxed(&left, n);
	flc_store_release(&armed, (AO_t)call + 1);
}

size_t
faults_disarm(void)
{
	flc_store_release(&armed, 0);
	return flc_load_acquire(&failed);
}

struct faults_balance
faults_balance(void)
{
	struct faults_balance balance = { flc_load_acquire(&blocks), flc_load_acquire(&mapped) };

	return balance;
}

/* A sanitizer has its own; the program says so and ends. */
#ifndef FILCH_SANITIZED

static bool
fails(enum call call)
{
	size_t before;

	if (flc_load_acquire(&armed) != (AO_t)call + 1 || exempt)
		return false;
	do {
		before = flc_load_relaxed(&left);
		if (before == 0 || (before == 1 && goes_on))
			break;
	} while (!flc_cas_full(&left, before, before - 1));
	if (before > 1 || before == 0)
		return false;
	(void)flc_add_full(&failed, 1);
	return true;
}

/* -- Memory -- */

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t),
    *__libc_realloc(void *, size_t), *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

/*
 * What the C library allocates for a thread lives on with its cached stack: such blocks
 * come from here, and are nobody's loss.
 */
static _Alignas(64) unsigned char thread_memory[1 << 20];
static flc_atomic thread_bytes;
static __thread bool makes_thread;

static bool
is_of_a_thread(const void *block)
{
	const unsigned char *at = block;

	return at >= thread_memory && at < thread_memory + sizeof(thread_memory);
}

static void *
of_a_thread(size_t size)
{
	size_t at = flc_add_full(&thread_bytes, (size + 15) / 16 * 16 + 16);

	if (at + size + 16 > sizeof(thread_memory))
		abort();
	memcpy(thread_memory + at, &size, sizeof(size));
	return thread_memory + at + 16;
}

static void *
counted(void *block)
{
	if (block != NULL)
		(void)flc_add_full(&blocks, 1);
	return block;
}

static void *
refused(void)
{
	errno = ENOMEM;
	return NULL;
}

void *
malloc(size_t size)
{
	if (fails(CALL_MALLOC))
		return refused();
	return makes_thread ? of_a_thread(size) : counted(__libc_malloc(size));
}

void *
calloc(size_t n, size_t size)
{
	if (fails(CALL_MALLOC))
		return refused();
	return makes_thread ? of_a_thread(n * size) : counted(__libc_calloc(n, size));
}

void *
realloc(void *block, size_t size)
{
	void *moved;

	if (fails(CALL_MALLOC))
		return refused();
	if (is_of_a_thread(block)) {
		size_t was;

		memcpy(&was, (unsigned char *)block - 16, sizeof(was));
		moved = counted(__libc_malloc(size));
		if (moved != NULL)
			memcpy(moved, block, was < size ? was : size);
		return moved;
	}
	moved = __libc_realloc(block, size);
	return block == NULL ? counted(moved) : moved;
}

void *
aligned_alloc(size_t align, size_t size)
{
	return fails(CALL_MALLOC) ? refused() : counted(__libc_memalign(align, size));
}

void *
memalign(size_t align, size_t size)
{
	return aligned_alloc(align, size);
}

int
posix_memalign(void **block, size_t align, size_t size)
{
	if (fails(CALL_MALLOC))
		return ENOMEM;
	*block = counted(__libc_memalign(align, size));
	return *block == NULL ? ENOMEM : 0;
}

void
free(void *block)
{
	if (block == NULL || is_of_a_thread(block))
		return;
	(void)flc_add_full(&blocks, (AO_t)-1);
	__libc_free(block);
}

void *
mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	void *map;

	if (fails(CALL_MMAP)) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	map = (void *)syscall(SYS_mmap, at, size, protection, flags, fd, offset);
	if (map != MAP_FAILED && (flags & MAP_FIXED) == 0)
		(void)flc_add_full(&mapped, size);
	return map;
}

int
munmap(void *at, size_t size)
{
	(void)flc_add_full(&mapped, -(AO_t)size);
	return (int)syscall(SYS_munmap, at, size);
}

int
mprotect(void *at, size_t size, int protection)
{
	if (fails(CALL_MPROTECT)) {
		errno = ENOMEM;
		return -1;
	}
	return (int)syscall(SYS_mprotect, at, size, protection);
}

int
madvise(void *at, size_t size, int advice)
{
	if (fails(CALL_MADVISE)) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_madvise, at, size, advice);
}

/* -- Threads, descriptors, the rest -- */

#define NEXT(name) \
	static __typeof__(name) *next; \
	if (next == NULL) \
		*(void **)&next = dlsym(RTLD_NEXT, #name)

int
pthread_create(pthread_t *made, const pthread_attr_t *attributes, void *(*main_)(void *),
    void *argument)
{
	int status;
	NEXT(pthread_create);

	if (fails(CALL_THREAD))
		return EAGAIN;
	makes_thread = true;
	status = next(made, attributes, main_, argument);
	makes_thread = false;
	return status;
}

static int
no_descriptor(void)
{
	errno = EMFILE;
	return -1;
}

int
eventfd(unsigned count, int flags)
{
	return fails(CALL_EVENTFD) ? no_descriptor() : (int)syscall(SYS_eventfd2, count, flags);
}

int
timerfd_create(clockid_t clock, int flags)
{
	return fails(CALL_EVENTFD) ? no_descriptor()
	    : (int)syscall(SYS_timerfd_create, clock, flags);
}

int
open(const char *path, int flags, ...)
{
	va_list list;
	int mode;

	va_start(list, flags);
	mode = va_arg(list, int);
	va_end(list);
	return fails(CALL_OPEN) ? no_descriptor()
	    : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int
openat(int folder, const char *path, int flags, ...)
{
	va_list list;
	int mode;

	va_start(list, flags);
	mode = va_arg(list, int);
	va_end(list);
	return fails(CALL_OPEN) ? no_descriptor()
	    : (int)syscall(SYS_openat, folder, path, flags, mode);
}

FILE *
fopen(const char *path, const char *mode)
{
	NEXT(fopen);
	if (!fails(CALL_OPEN))
		return next(path, mode);
	errno = EMFILE;
	return NULL;
}

/* The system call numbers are those that are asked for, whatever their arguments. */
long
syscall(long number, ...)
{
	long a[6];
	va_list list;
	NEXT(syscall);

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_membarrier && fails(CALL_MEMBARRIER)) {
		errno = EPERM;
		return -1;
	}
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static int
not_permitted(void)
{
	errno = EPERM;
	return -1;
}

int
sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set)
{
	return fails(CALL_AFFINITY) ? not_permitted()
	    : (int)syscall(SYS_sched_setaffinity, pid, size, set);
}

int
sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
	long bytes;

	if (fails(CALL_AFFINITY))
		return not_permitted();
	bytes = syscall(SYS_sched_getaffinity, pid, size, set);
	if (bytes < 0)
		return -1;
	memset((char *)set + bytes, 0, size - (size_t)bytes);
	return 0;
}

int
pthread_setaffinity_np(pthread_t thread, size_t size, const cpu_set_t *set)
{
	NEXT(pthread_setaffinity_np);
	return fails(CALL_AFFINITY) ? EPERM : next(thread, size, set);
}

#endif /* FILCH_SANITIZED */

/* -- The test's own threads -- */

#define MOST_THREADS 8
static pthread_t thread[MOST_THREADS];
static size_t threads;

struct own {
	void *(*main_)(void *);
	void *argument;
} own[MOST_THREADS];

static void *
own_main(void *argument)
{
	struct own *self = argument;

	return self->main_(self->argument);
}

void
faults_thread(void *(*main_)(void *), void *argument)
{
	MUST(threads < MOST_THREADS);
	own[threads].main_ = main_;
	own[threads].argument = argument;
	exempt = true;
	MUST(pthread_create(&thread[threads], NULL, own_main, &own[threads]) == 0);
	exempt = false;
	threads++;
}

void
faults_join_threads(void)
{
	while (threads > 0)
		pthread_join(thread[--threads], NULL);
}
