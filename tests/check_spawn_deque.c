/* SPDX-License-Identifier: BSD-2-Clause */
/* Typed tasks and the deque they stand in: full, stolen from, fenced, refused. */
#include "base/compiler.h"
#include "test.h"

#include "base/fence.h"
#include "check_spawn.h"
#include "sched/worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#ifdef __linux__
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

/* More than a deque holds. */
#define RECORDS 140000
/* The shadow stack of ThreadSanitizer ends before: there the recursion is short. */
#ifdef __SANITIZE_THREAD__
#define DEPTH 4000
#else
#define DEPTH RECORDS
#endif
_Static_assert(RECORDS > FILCH_LANE_CAPACITY_, "this must fill a deque");

FILCH_TASK(long, fib, int, n)
{
	if (n < 2)
		return n;
	FILCH_SPAWN(left, fib, n - 1);
	long right = FILCH_CALL(fib, n - 2);

	return FILCH_JOIN(left, fib) + right;
}

FILCH_TASK(long, sleepy_fib, int, n)
{
	if (n < 2) {
		nap_us(50);
		return n;
	}
	FILCH_SPAWN(left, sleepy_fib, n - 1);
	long right = FILCH_CALL(sleepy_fib, n - 2);

	return FILCH_JOIN(left, sleepy_fib) + right;
}

FILCH_TASK(long, itself, long, n)
{
	return n;
}

/* One record outstanding per level. */
FILCH_TASK(long, descend, long, depth)
{
	if (depth == 0)
		return 0;
	FILCH_SPAWN(mine, itself, depth);
	long below = FILCH_CALL(descend, depth - 1);

	return FILCH_JOIN(mine, itself) + below;
}

/* The same, and each level forks again after its first join. */
FILCH_TASK(long, descend_twice, long, depth)
{
	if (depth == 0)
		return FILCH_CALL(fib, 10);
	FILCH_SPAWN(first, itself, depth);
	FILCH_SPAWN(second, itself, 1);
	long below = FILCH_CALL(descend_twice, depth - 1);
	long sum = FILCH_JOIN(second, itself);
	FILCH_SPAWN(third, fib, 3);
	sum += FILCH_JOIN(first, itself) + FILCH_JOIN(third, fib);
	return sum + below;
}

static int
deep(void *context)
{
	long *sum = context;

	sum[0] = FILCH_RUN(descend, DEPTH);
	sum[1] = FILCH_RUN(descend_twice, DEPTH / 2 + 10);
	sum[2] = FILCH_RUN(fib, 15);
	return FILCH_OK;
}

struct sized_run {
	size_t workers;
	int (*task)(void *context);
	void *context;
	int status;
};

static void *
sized_thread(void *context)
{
	struct sized_run *run = context;

	run->status = run_in_pool(run->workers, run->task, run->context);
	return NULL;
}

/* 140000 frames of an instrumented build need it. */
static void
on_a_large_stack(struct sized_run *run)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	ck_assert_int_eq(pthread_attr_setstacksize(&attr, (size_t)1 << 30), 0);
	ck_assert_int_eq(pthread_create(&thread, &attr, sized_thread, run), 0);
	pthread_join(thread, NULL);
	pthread_attr_destroy(&attr);
	ck_assert_int_eq(run->status, FILCH_OK);
}

START_TEST(recursion_deeper_than_a_deque_loses_nothing)
{
	long sum[3] = { 0, 0, 0 };
	long half = DEPTH / 2 + 10;
	struct sized_run run = { pool_sizes[_i], deep, sum, 0 };

	on_a_large_stack(&run);
	ck_assert_int_eq(sum[0], (long)DEPTH * (DEPTH + 1) / 2);
	ck_assert_int_eq(sum[1], half * (half + 1) / 2 + 3 * half + 55);
	ck_assert_int_eq(sum[2], 610);
}
END_TEST

typedef FILCH_RECORD(itself) itself_record;

/* Joins them from both ends and in the middle. */
FILCH_TASK(long, many, itself_record *, records, int, upward)
{
	long sum = 0;

	for (long i = 0; i < RECORDS; i++)
		FILCH_SPAWN_AT(&records[i], itself, i);
	sum += FILCH_CALL(fib, 12);
	for (long i = 0; i < RECORDS; i++)
		sum += FILCH_JOIN_AT(&records[upward ? i : RECORDS - 1 - i], itself);
	return sum;
}

static int
heap_of_records(void *context)
{
	long *sum = context;
	itself_record *records = malloc(RECORDS * sizeof(*records));

	if (records == NULL)
		return FILCH_NOMEM;
	sum[0] = FILCH_RUN(many, records, 0);
	sum[1] = FILCH_RUN(many, records, 1);
	sum[2] = FILCH_RUN(fib, 15);
	free(records);
	return FILCH_OK;
}

START_TEST(an_array_longer_than_a_deque_loses_nothing)
{
	long sum[3] = { 0, 0, 0 };
	long want = (long)RECORDS * (RECORDS - 1) / 2 + 144;

	ck_assert_int_eq(run_in_pool(pool_sizes[_i], heap_of_records, sum), FILCH_OK);
	ck_assert_int_eq(sum[0], want);
	ck_assert_int_eq(sum[1], want);
	ck_assert_int_eq(sum[2], 610);
}
END_TEST

static uint64_t
switches(void)
{
	filch_metrics metrics;

	ck_assert_int_eq(filch_metrics_snapshot(NULL, &metrics, sizeof metrics), FILCH_OK);
	return metrics.sum.mode_switches;
}

static uint64_t
stolen(void)
{
	filch_metrics metrics;

	ck_assert_int_eq(filch_metrics_snapshot(NULL, &metrics, sizeof metrics), FILCH_OK);
	return metrics.sum.stolen_tasks;
}

/* Runs work whose leaves sleep until thieves have taken some of it. */
static int
until_stolen(void)
{
	uint64_t before = stolen();

	for (int i = 0; i < 200; i++) {
		ck_assert_int_eq(FILCH_RUN(sleepy_fib, 8), 21);
		if (stolen() > before)
			return FILCH_OK;
	}
	return FILCH_TIMEOUT;
}

FILCH_TASK(void, nap, long, us)
{
	nap_us(us);
}

/* Joins until the mode changes: many unstolen ones, or ones of stolen tasks, each of
 * which still runs when it is joined shortly after the one before it.  Their owner sleeps
 * meanwhile and answers nobody. */
static bool
switches_by(bool stealing)
{
	uint64_t until = filch_now() + 15000000000u;
	uint64_t before = switches();

	while (switches() == before && filch_now() < until) {
		FILCH_TASKS_HERE;
		FILCH_RECORD(nap) record[12];

		if (!stealing) {
			ck_assert_int_eq(FILCH_RUN(fib, 20), 6765);
			continue;
		}
		for (int i = 0; i < 12; i++)
			FILCH_SPAWN_AT(&record[i], nap, 4000 + 150 * i);
		nap_us(3000);
		for (int i = 0; i < 12; i++)
			FILCH_JOIN_AT(&record[i], nap);
	}
	return switches() != before;
}

/* A new deque is unfenced. */
static int
there_and_back(void *context)
{
	bool *switched = context;

	switched[0] = switches_by(true);
	switched[1] = switched[0] && switches_by(false);
	return until_stolen();
}

START_TEST(a_deque_stolen_from_goes_fenced_and_comes_back)
{
	bool switched[2] = { false, false };

	if (!flc_fence_probe()) {
		puts("# skipped: no membarrier here, every deque is always fenced");
		return;
	}
#ifdef FILCH_SANITIZED
	puts("# skipped: under a sanitizer steals come too slowly for a burst of them");
	return;
#endif
	ck_assert_int_eq(run_in_pool(16, there_and_back, switched), FILCH_OK);
	if (!switched[0]) {
		puts("# skipped: no burst of steals was to be had here in 15 s");
		return;
	}
	ck_assert_msg(switched[1], "the deque never came back");
}
END_TEST

static int
break_and_mend(void *context)
{
	(void)context;
	if (until_stolen() != FILCH_OK)
		return 1;
	flc_fence_break(true);
	for (int i = 0; i < 20; i++)
		if (FILCH_RUN(fib, 18) != 2584 || FILCH_RUN(sleepy_fib, 6) != 8)
			return 2;
	if (until_stolen() != FILCH_OK)
		return 3;
	flc_fence_break(false);
	for (int i = 0; i < 20; i++)
		if (FILCH_RUN(fib, 18) != 2584 || FILCH_RUN(sleepy_fib, 6) != 8)
			return 4;
	return until_stolen() == FILCH_OK ? 0 : 5;
}

START_TEST(nothing_is_lost_when_membarrier_begins_to_fail)
{
	ck_assert_int_eq(run_in_pool(2, break_and_mend, NULL), 0);
	ck_assert_int_eq(run_in_pool(4, break_and_mend, NULL), 0);
}
END_TEST

#if defined(__linux__) && defined(SYS_seccomp) && defined(SYS_membarrier)
/* From now on membarrier says EPERM in every thread; false: not permitted. */
static bool
forbid_membarrier(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return false;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC,
	    &program) == 0;
}

static int
forbid(void *context)
{
	bool *permitted = context;

	if (until_stolen() != FILCH_OK)
		return 1;
	*permitted = forbid_membarrier();
	if (!*permitted)
		return FILCH_OK;
	for (int i = 0; i < 20; i++)
		if (FILCH_RUN(fib, 18) != 2584 || FILCH_RUN(sleepy_fib, 6) != 8)
			return 2;
	return until_stolen() == FILCH_OK ? 0 : 3;
}

START_TEST(nothing_is_lost_when_a_filter_forbids_membarrier)
{
	bool permitted = false;

	ck_assert_int_eq(run_in_pool(2, forbid, &permitted), 0);
	if (!permitted)
		puts("# skipped: seccomp filters are not permitted here");
	else
		ck_assert(!flc_fence_probe());
}
END_TEST
#endif

#ifndef FILCH_INVARIANTS
/* A mistake: a record outlives its frame.  Nobody may find it afterwards. */
FILCH_TASK(int, forgets_its_joins, int, n)
{
	FILCH_SPAWN(a, fib, n);
	FILCH_SPAWN(b, fib, n);
	return n;
}

static int
forget(void *unused)
{
	(void)unused;
	ck_assert_int_eq(FILCH_RUN(forgets_its_joins, 3), 3);
	ck_assert_uint_eq(flc_fork_deque_seen(&flc_self()->forks), 0);
	ck_assert_int_eq(FILCH_RUN(fib, 10), 55);
	return 0;
}

START_TEST(forgotten_records_are_taken_back)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	filch_pool *pool;

	options.workers = FILCH_NO_WORKERS;
	ck_assert_int_eq(filch_pool_create(&pool, &options), FILCH_OK);
	ck_assert_int_eq(filch_pool_run(pool, forget, NULL), FILCH_OK);
	ck_assert_int_eq(filch_pool_destroy(pool), FILCH_OK);
}
END_TEST
#endif

int
main(void)
{
	Suite *suite = suite_create("spawn_deque");
	TCase *full = case_of(suite, "full", NULL, NULL);
	TCase *modes = case_of(suite, "modes", NULL, NULL);

	tcase_add_loop_test(full, recursion_deeper_than_a_deque_loses_nothing, 0, POOL_SIZES);
	tcase_add_loop_test(full, an_array_longer_than_a_deque_loses_nothing, 0, POOL_SIZES);
#ifndef FILCH_INVARIANTS
	tcase_add_test(full, forgotten_records_are_taken_back);
#endif
	tcase_add_test(modes, a_deque_stolen_from_goes_fenced_and_comes_back);
	tcase_add_test(modes, nothing_is_lost_when_membarrier_begins_to_fail);
#if defined(__linux__) && defined(SYS_seccomp) && defined(SYS_membarrier)
	tcase_add_test(modes, nothing_is_lost_when_a_filter_forbids_membarrier);
#endif
	return run_suite(suite);
}
