/* SPDX-License-Identifier: BSD-2-Clause */
/* Pools, threads and time for tests of what runs on workers. */
#ifndef FILCH_TEST_POOLS_H
#define FILCH_TEST_POOLS_H

#include "base/atomic.h"
#include "test.h"
#include "thread_state.h"

#include <filch.h>

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MS UINT64_C(1000000)

/* Numbers of workers that a loop test (tcase_add_loop_test) runs with. */
static const size_t worker_counts[] = { 1, 2, 3, 4, 16, FILCH_NO_WORKERS };
#define THREADED_COUNTS 5
#define ALL_COUNTS 6

/* A check in a loop or on many threads: Check tells its parent of each of its own checks
 * by a system call. */
#define MUST(fact) \
	do { \
		if (!(fact)) \
			ck_abort_msg("broken: %s", #fact); \
	} while (0)

static inline filch_pool *
pool_with(size_t workers)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	filch_pool *pool = NULL;

	options.workers = workers;
	ck_assert_int_eq(filch_pool_create(&pool, &options), FILCH_OK);
	ck_assert_ptr_nonnull(pool);
	return pool;
}

static inline filch_pool *
pool_by(const filch_pool_options *options)
{
	filch_pool *pool = NULL;

	ck_assert_int_eq(filch_pool_create(&pool, options), FILCH_OK);
	ck_assert_ptr_nonnull(pool);
	return pool;
}

static inline void
end_pool(filch_pool *pool)
{
	ck_assert_int_eq(filch_pool_destroy(pool), FILCH_OK);
}

static inline uint64_t
in_ms(uint64_t ms)
{
	return filch_now() + ms * MS;
}

static inline void
pause_ms(uint64_t ms)
{
	struct timespec span = { (time_t)(ms / 1000), (long)(ms % 1000 * MS) };

	while (nanosleep(&span, &span) != 0)
		;
}

/* A counter that more than one thread touches. */
static inline size_t
count_up(flc_atomic *counter)
{
	return flc_add_full(counter, 1);
}

static inline size_t
count_of(const flc_atomic *counter)
{
	return flc_load_acquire(counter);
}

/* Waits until the counter says at least `least`; false after a minute. */
static inline bool
reaches(const flc_atomic *counter, size_t least)
{
	uint64_t until = in_ms(60000);

	while (count_of(counter) < least) {
		if (filch_now() > until)
			return false;
		pause_ms(1);
	}
	return true;
}

/* For who is waited for by until_asleep(): says that this thread is the one. */
static inline void
say_thread(flc_atomic *thread)
{
	flc_store_release(thread, (size_t)gettid());
}

/* Waits until the thread that said so sleeps in a call of the system. */
static inline void
until_asleep(const flc_atomic *thread)
{
	uint64_t until = in_ms(60000);

	while (count_of(thread) == 0 || thread_state(count_of(thread)) != 'S') {
		MUST(filch_now() < until);
		pause_ms(1);
	}
}

/* Waits until so many threads of the pool work or look for work. */
static inline void
until_active(filch_pool *pool, size_t n)
{
	uint64_t until = in_ms(60000);
	filch_metrics metrics;

	for (;;) {
		MUST(filch_metrics_snapshot(pool, &metrics, sizeof(metrics)) == FILCH_OK);
		if (metrics.active == n)
			return;
		MUST(filch_now() < until);
		pause_ms(1);
	}
}

static inline void
keep_highest(flc_atomic *highest, size_t value)
{
	size_t before;

	while (
	    value > (before = flc_load_relaxed(highest)) && !flc_cas_full(highest, before, value))
		;
}

#define MOST_THREADS 16

/* Runs main_ in n threads at once and waits for them. */
static inline void
run_threads(size_t n, void *(*main_)(void *), void *argument)
{
	pthread_t thread[MOST_THREADS];

	ck_assert_uint_le(n, MOST_THREADS);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, main_, argument), 0);
	for (size_t i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
}

static inline size_t
entries_of(const char *folder)
{
	DIR *dir = opendir(folder);
	size_t n = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n - 2;
}

static inline size_t
threads_now(void)
{
	return entries_of("/proc/self/task");
}

/* Waits until at most n threads are left.  A joined thread stands in the list for a
 * moment longer, also at the time when n was counted: so n may be too high by the threads
 * joined just before, and "exactly n" would wait for ever. */
static inline bool
threads_fall_to(size_t n)
{
	uint64_t until = in_ms(60000);

	while (threads_now() > n) {
		if (filch_now() > until)
			return false;
		pause_ms(1);
	}
	return true;
}

/* FILCH_STRESS=N makes stress tests N times as long. */
static inline size_t
rounds(size_t n)
{
	const char *value = getenv("FILCH_STRESS");
	long times = value == NULL ? 1 : atol(value);

	return n * (size_t)(times > 0 ? times : 1);
}

/* A generator for tests: the same sequence each time. */
static inline uint64_t
random_of(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* The test's own variables, whatever `make check` was started with. */
static inline void
clear_variables(void)
{
	unsetenv("FILCH_WORKERS");
	unsetenv("FILCH_BIND");
	unsetenv("FILCH_SPIN_NS");
	unsetenv("FILCH_STACK");
	unsetenv("FILCH_DISPLAY");
	unsetenv("FILCH_METRICS");
}

#endif /* FILCH_TEST_POOLS_H */
