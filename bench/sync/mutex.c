/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mutexes: lock, add one, unlock.  The time is per acquisition, of all threads together.
 */
#define _GNU_SOURCE
#include "harness.h"

#include <filch.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static filch_mutex ours = FILCH_MUTEX_INIT("bench");
static _Alignas(128) pthread_mutex_t normal = PTHREAD_MUTEX_INITIALIZER;
static _Alignas(128) pthread_mutex_t adaptive = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;
static _Alignas(128) volatile size_t protected;

struct count {
	size_t n;
	size_t outside;  /* loads between two acquisitions */
};

static void
add_ours(void *argument, size_t thread)
{
	const struct count *count = argument;

	(void)thread;
	for (size_t i = 0; i < count->n; i++) {
		if (filch_mutex_lock(&ours, FILCH_FOREVER) != FILCH_OK)
			abort();
		protected++;
		if (filch_mutex_unlock(&ours) != FILCH_OK)
			abort();
	}
}

static void
add_by(pthread_mutex_t *mutex, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (pthread_mutex_lock(mutex) != 0)
			abort();
		protected++;
		if (pthread_mutex_unlock(mutex) != 0)
			abort();
	}
}

static void
add_normal(void *argument, size_t thread)
{
	(void)thread;
	add_by(&normal, ((const struct count *)argument)->n);
}

static void
add_adaptive(void *argument, size_t thread)
{
	(void)thread;
	add_by(&adaptive, ((const struct count *)argument)->n);
}

static double
timed(size_t threads, void (*main_)(void *argument, size_t thread), size_t n)
{
	struct count count = { n, 0 };

	protected = 0;
	double ns = sync_threads(threads, main_, &count);

	if (protected != threads * n)
		abort();
	return ns / (double)(threads * n);
}

#define WAYS(threads) \
	static double ours_##threads(size_t n) { return timed(threads, add_ours, n); } \
	static double normal_##threads(size_t n) { return timed(threads, add_normal, n); } \
	static double adaptive_##threads(size_t n) { return timed(threads, add_adaptive, n); } \
	static const struct sync_way ways_##threads[] = { \
		{ "pthread", normal_##threads }, \
		{ "pthread-adaptive", adaptive_##threads }, \
		{ "filch", ours_##threads }, \
	};

WAYS(1)
WAYS(2)
WAYS(4)

int
main(int argc, char **argv)
{
	size_t scale = argc > 1 ? (size_t)atol(argv[1]) : 1;

	sync_row("mutex uncontended", ways_1, 3, 1000000 * scale);
	sync_row("mutex 2 threads", ways_2, 3, 300000 * scale);
	sync_row("mutex 4 threads", ways_4, 3, 100000 * scale);
	return 0;
}
