/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every failure of every call: the N-th call to the system or to malloc fails, once or
 * from then on, N from 1 until none failed.
 *
 *     inject.c     stands in for these calls in the whole process
 *     verbs_*.c    what is called meanwhile
 *     main.c       a child process for each N
 */
#ifndef FILCH_TEST_FAULTS_H
#define FILCH_TEST_FAULTS_H

#include "base/atomic.h"

#include <filch.h>

#include <stdbool.h>
#include <stddef.h>

#define CALLS(X) \
	X(MALLOC, "malloc") \
	X(MMAP, "mmap") \
	X(MPROTECT, "mprotect") \
	X(MADVISE, "madvise") \
	X(THREAD, "pthread_create") \
	X(EVENTFD, "eventfd") \
	X(MEMBARRIER, "membarrier") \
	X(AFFINITY, "affinity") \
	X(OPEN, "open")

enum call {
#define CALL_ENUM(name, text) CALL_##name,
	CALLS(CALL_ENUM)
#undef CALL_ENUM
	CALL_COUNT
};

/* From now on the n-th call of this kind fails, or all from the n-th on. */
void faults_arm(enum call call, size_t n, bool from_then_on);
/* Ends it; how many failed. */
size_t faults_disarm(void);

/* What is not given back. */
struct faults_balance {
	size_t blocks;       /* of malloc and the like */
	size_t mapped;       /* bytes of mmap */
};
struct faults_balance faults_balance(void);

/* A verb: FILCH_OK after it has checked its result, or the library's code. */
struct verb {
	const char *name;
	int (*run)(filch_pool *pool);
};

extern const struct verb verbs[];
extern const size_t verb_count;

int verb_for(filch_pool *), verb_for_static(filch_pool *), verb_for_dynamic(filch_pool *),
    verb_for_affinity(filch_pool *), verb_for_2d(filch_pool *), verb_for_3d(filch_pool *),
    verb_nested(filch_pool *), verb_reduce(filch_pool *), verb_reduce_large(filch_pool *),
    verb_fold(filch_pool *), verb_sum(filch_pool *);
int verb_join(filch_pool *), verb_typed(filch_pool *), verb_group(filch_pool *),
    verb_group_inside(filch_pool *), verb_try_spawn(filch_pool *), verb_graph(filch_pool *),
    verb_pipeline(filch_pool *), verb_ordered_map(filch_pool *);
int verb_channel(filch_pool *), verb_spsc(filch_pool *), verb_unbounded(filch_pool *),
    verb_rendezvous(filch_pool *), verb_channel_fd(filch_pool *), verb_select(filch_pool *),
    verb_timer(filch_pool *);
int verb_mutex(filch_pool *), verb_rwlock(filch_pool *), verb_condition(filch_pool *),
    verb_once(filch_pool *), verb_semaphore(filch_pool *), verb_latch(filch_pool *),
    verb_barrier(filch_pool *), verb_held(filch_pool *);
int verb_pool_run(filch_pool *), verb_broadcast(filch_pool *), verb_blocking(filch_pool *),
    verb_phase(filch_pool *), verb_describe(filch_pool *), verb_trim(filch_pool *),
    verb_set_active(filch_pool *), verb_second_pool(filch_pool *), verb_default(filch_pool *),
    verb_outside(filch_pool *), verb_process(filch_pool *);
int verb_snapshot(filch_pool *), verb_metrics_write(filch_pool *), verb_metrics_fd(filch_pool *),
    verb_dump(filch_pool *);

/* Prints what is broken and ends the child process. */
_Noreturn void faults_broken(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define MUST(fact) \
	do { \
		if (!(fact)) \
			faults_broken("%s:%d: %s", __FILE__, __LINE__, #fact); \
	} while (0)

/* A thread of the test's own, which no fault meets. */
void faults_thread(void *(*main_)(void *), void *argument);
void faults_join_threads(void);

#endif /* FILCH_TEST_FAULTS_H */
