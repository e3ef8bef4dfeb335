/* SPDX-License-Identifier: BSD-2-Clause */
/* One thread at a time, deadlines, fork(), and what is counted. */
#include "base/fence.h"
#include "locks.h"
#include "wait/held_locks.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static filch_mutex mutex = FILCH_MUTEX_INIT("cache");
static size_t guarded;  /* plain: by the mutex */

static uint64_t
durations(const filch_histogram *histogram)
{
	uint64_t n = 0;

	for (int k = 0; k < FILCH_HISTOGRAM_BUCKETS; k++)
		n += histogram->count[k];
	return n;
}

START_TEST(it_is_locked_and_unlocked)
{
	for (int i = 0; i < 130; i++) {
		lock(&mutex);
		unlock(&mutex);
	}
	filch_mutex_metrics row = stats(&mutex);

	ck_assert_str_eq(row.name, "cache");
	ck_assert_uint_eq(row.acquisitions, 130);
	ck_assert_uint_eq(row.contended, 0);
	ck_assert_uint_ge(row.hold_samples, 2);
	ck_assert_uint_eq(durations(&row.hold), row.hold_samples);
}
END_TEST

START_TEST(without_a_name_it_is_called_by_its_place)
{
	static filch_mutex nameless = FILCH_MUTEX_INIT(NULL);

	lock(&nameless);
	unlock(&nameless);
	ck_assert_ptr_nonnull(strstr(stats(&nameless).name, "check_mutex.c:"));
}
END_TEST

START_TEST(to_lock_it_twice_is_a_deadlock)
{
	lock(&mutex);
	ck_assert_int_eq(filch_mutex_lock(&mutex, FILCH_FOREVER), FILCH_DEADLOCK);
	ck_assert_int_eq(filch_mutex_lock(&mutex, 0), FILCH_DEADLOCK);
	unlock(&mutex);
	ck_assert_uint_eq(stats(&mutex).deadlocks, 2);
}
END_TEST

static void *
stranger_main(void *unused)
{
	(void)unused;
	MUST(filch_mutex_unlock(&mutex) == FILCH_INVAL);
	MUST(filch_mutex_lock(&mutex, 0) == FILCH_AGAIN);
	MUST(filch_mutex_lock(&mutex, in_ms(2)) == FILCH_TIMEOUT);
	return NULL;
}

START_TEST(a_stranger_cannot_unlock_it)
{
	ck_assert_int_eq(filch_mutex_unlock(&mutex), FILCH_INVAL);
	lock(&mutex);
	run_threads(1, stranger_main, NULL);
	unlock(&mutex);
	ck_assert_int_eq(filch_mutex_unlock(&mutex), FILCH_INVAL);
	ck_assert_uint_eq(stats(&mutex).try_failed, 2);
	ck_assert_uint_eq(stats(&mutex).contended, 0);
	ck_assert_uint_eq(stats(&mutex).waiters, 0);
}
END_TEST

START_TEST(what_is_held_is_known)
{
	static filch_mutex second = FILCH_MUTEX_INIT("second"), third = FILCH_MUTEX_INIT("third");

	lock(&mutex);
	lock(&second);
	lock(&third);
	ck_assert_uint_eq(flc_held_count(), 3);
	unlock(&second);
	ck_assert_uint_eq(flc_held_count(), 2);
	ck_assert_str_eq(flc_thread.held->name, "third");
	unlock(&third);
	ck_assert_str_eq(flc_thread.held->name, "cache");
	unlock(&mutex);
	ck_assert_uint_eq(flc_held_count(), 0);
}
END_TEST

START_TEST(it_comes_and_goes)
{
	for (int i = 0; i < 1000; i++) {
		filch_mutex here;

		ck_assert_int_eq(filch_mutex_init(&here, "here"), FILCH_OK);
		lock(&here);
		ck_assert_int_eq(filch_mutex_fini(&here), FILCH_BUSY);
		unlock(&here);
		ck_assert_int_eq(filch_mutex_fini(&here), FILCH_OK);
		ck_assert_int_eq(filch_mutex_fini(NULL), FILCH_OK);
	}
}
END_TEST

/* -- Many threads. -- */

#define ADDS 20000

static void *
add_main(void *unused)
{
	(void)unused;
	for (size_t i = 0; i < rounds(ADDS); i++) {
		lock(&mutex);
		guarded++;
		unlock(&mutex);
	}
	return NULL;
}

static void
check_sums(size_t threads)
{
	filch_mutex_metrics row;

	run_threads(threads, add_main, NULL);
	ck_assert_uint_eq(guarded, threads * rounds(ADDS));
	row = stats(&mutex);
	ck_assert_uint_eq(row.acquisitions, guarded);
	ck_assert_uint_le(row.contended, row.acquisitions);
	ck_assert_uint_le(row.spin_acquired, row.contended);
	ck_assert_uint_eq(durations(&row.wait), row.contended);
	ck_assert_uint_eq(durations(&row.hold), row.hold_samples);
	ck_assert_uint_eq(row.waiters, 0);
}

START_TEST(one_at_a_time_is_inside)
{
	static const size_t threads[] = { 1, 2, 3, 4, 16 };

	check_sums(threads[_i]);
}
END_TEST

START_TEST(one_at_a_time_is_inside_without_membarrier)
{
	flc_fence_break(true);
	check_sums(4);
	flc_fence_break(false);
}
END_TEST

static void *
break_main(void *unused)
{
	(void)unused;
	for (size_t i = 0; i < 50; i++) {
		flc_fence_break(i % 2 == 0);
		(void)flc_fence_probe();
		pause_ms(1);
	}
	return NULL;
}

/* A membarrier that is refused in the middle loses no wake. */
START_TEST(a_refused_membarrier_does_no_harm)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, break_main, NULL), 0);
	check_sums(4);
	pthread_join(thread, NULL);
	flc_fence_break(false);
}
END_TEST

/* Each frees what it was the last to lock: unlock may not look at it again. */
struct counted {
	filch_mutex mutex;
	size_t users;
};

static flc_atomic shared_counted, arrived;

static void *
drop_main(void *unused)
{
	struct counted *counted = (struct counted *)count_of(&shared_counted);
	bool last;

	(void)unused;
	count_up(&arrived);
	while (count_of(&arrived) < 2)
		;
	lock(&counted->mutex);
	last = --counted->users == 0;
	unlock(&counted->mutex);
	if (last) {
		MUST(filch_mutex_fini(&counted->mutex) == FILCH_OK);
		munmap(counted, sizeof(*counted));
	}
	return NULL;
}

START_TEST(who_locked_it_last_may_unmap_it)
{
	for (size_t i = 0; i < rounds(300); i++) {
		struct counted *counted = mmap(NULL, sizeof(*counted), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		MUST(counted != MAP_FAILED);
		filch_mutex_init(&counted->mutex, "counted");
		counted->users = 2;
		flc_store_release(&shared_counted, (size_t)counted);
		flc_store_relaxed(&arrived, 0);
		run_threads(2, drop_main, NULL);
	}
}
END_TEST

static void *
impatient_main(void *seed)
{
	uint64_t state = (size_t)seed + 88172645463325252u;

	for (size_t i = 0; i < rounds(300); i++) {
		uint64_t r = random_of(&state);
		int status = filch_mutex_lock(&mutex,
		    r % 3 == 0 ? FILCH_FOREVER : r % 3 == 1 ? 0 : filch_now() + r % 200000);

		if (status == FILCH_OK) {
			guarded++;
			if (r % 7 == 0)
				sched_yield();
			unlock(&mutex);
		} else {
			MUST(status == (r % 3 == 1 ? FILCH_AGAIN : FILCH_TIMEOUT));
			MUST(r % 3 != 0);
		}
	}
	return NULL;
}

START_TEST(deadlines_that_cross_wakes_lose_none)
{
	run_threads(8, impatient_main, &guarded);
	ck_assert_uint_eq(stats(&mutex).acquisitions, guarded);
	ck_assert_uint_eq(stats(&mutex).waiters, 0);
}
END_TEST

/* -- What is counted is true. -- */

#define HOLD_MS 30
static flc_atomic waited_ns;

static void *
wait_main(void *unused)
{
	uint64_t since = filch_now();

	(void)unused;
	lock(&mutex);
	flc_add_full(&waited_ns, filch_now() - since);
	unlock(&mutex);
	return NULL;
}

/* A holder with a known hold time: the wait that is counted is the one that was. */
START_TEST(the_sum_of_waits_is_within_a_tenth)
{
	pthread_t thread;
	filch_mutex_metrics row;
	double true_ns, counted_ns;

	for (int i = 0; i < 5; i++) {
		lock(&mutex);
		ck_assert_int_eq(pthread_create(&thread, NULL, wait_main, NULL), 0);
		until_waiting(&mutex, 1);
		/* Time itself is measured. */
		pause_ms(HOLD_MS);
		unlock(&mutex);
		pthread_join(thread, NULL);
	}
	row = stats(&mutex);
	true_ns = (double)count_of(&waited_ns);
	counted_ns = (double)row.wait.sum_ns;
	ck_assert_uint_eq(row.contended, 5);
	ck_assert_uint_ge(row.parks, 5);
	ck_assert(true_ns >= 5 * HOLD_MS * 1e6);
	ck_assert(counted_ns > true_ns * 0.9 && counted_ns < true_ns * 1.1);
	ck_assert_uint_le(row.wait_max_ns, row.wait.sum_ns);
	ck_assert_uint_ge(row.wait_max_ns, row.wait.sum_ns / 5);
}
END_TEST

/* -- fork(). -- */

static filch_mutex a = FILCH_MUTEX_INIT("a");

static int
in_child(int (*what)(void))
{
	int status = 0;
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0)
		_exit(what());
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int
child_of_a_holder(void)
{
	static filch_mutex fresh = FILCH_MUTEX_INIT("fresh");

	if (filch_mutex_lock(&mutex, FILCH_FOREVER) != FILCH_FORKED)
		return 1;
	if (filch_mutex_unlock(&mutex) != FILCH_FORKED)
		return 2;
	if (filch_mutex_lock(&a, 0) != FILCH_FORKED)
		return 3;
	if (filch_mutex_lock(&fresh, FILCH_FOREVER) != FILCH_OK
	    || filch_mutex_lock(&fresh, 0) != FILCH_DEADLOCK
	    || filch_mutex_unlock(&fresh) != FILCH_OK)
		return 4;
	if (filch_mutex_fini(&mutex) != FILCH_OK
	    || filch_mutex_lock(&mutex, FILCH_FOREVER) != FILCH_OK
	    || filch_mutex_unlock(&mutex) != FILCH_OK)
		return 5;
	return 0;
}

static void *
park_main(void *unused)
{
	(void)unused;
	lock(&mutex);
	unlock(&mutex);
	return NULL;
}

START_TEST(in_a_child_it_is_forked)
{
	pthread_t thread;

#if defined(__SANITIZE_THREAD__)
	return; /* it dies in a child that was forked beside threads */
#endif
	lock(&a);
	unlock(&a);
	lock(&mutex);
	/* Somebody waits who will not be in the child. */
	ck_assert_int_eq(pthread_create(&thread, NULL, park_main, NULL), 0);
	until_waiting(&mutex, 1);
	ck_assert_int_eq(in_child(child_of_a_holder), 0);
	unlock(&mutex);
	pthread_join(thread, NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("mutex");
	TCase *alone = case_of(suite, "alone", NULL, NULL);
	TCase *many = case_of(suite, "many", NULL, NULL);

	clear_variables();
	tcase_add_test(alone, it_is_locked_and_unlocked);
	tcase_add_test(alone, without_a_name_it_is_called_by_its_place);
	tcase_add_test(alone, to_lock_it_twice_is_a_deadlock);
	tcase_add_test(alone, a_stranger_cannot_unlock_it);
	tcase_add_test(alone, what_is_held_is_known);
	tcase_add_test(alone, it_comes_and_goes);
	tcase_add_test(alone, in_a_child_it_is_forked);

	tcase_add_loop_test(many, one_at_a_time_is_inside, 0, 5);
	tcase_add_test(many, one_at_a_time_is_inside_without_membarrier);
	tcase_add_test(many, a_refused_membarrier_does_no_harm);
	tcase_add_test(many, who_locked_it_last_may_unmap_it);
	tcase_add_test(many, deadlines_that_cross_wakes_lose_none);
	tcase_add_test(many, the_sum_of_waits_is_within_a_tenth);
	return run_suite(suite);
}
