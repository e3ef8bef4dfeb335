/* SPDX-License-Identifier: BSD-2-Clause */
/* The lock of one word; and that a thread which waits for a lock uses no CPU: the holder
 * may be a thread of lower priority that waits for this one's. */
#include "pools.h"
#include "base/lock.h"
#include "count/page_rows.h"

#include <pthread.h>
#include <sched.h>

static struct flc_word_lock lock = FLC_WORD_LOCK_INIT;
static size_t count;

#define ROUNDS 20000

static void *
counts(void *unused)
{
	for (int i = 0; i < ROUNDS; i++) {
		flc_word_lock_acquire(&lock);
		count++;
		flc_word_lock_release(&lock);
	}
	return unused;
}

START_TEST(one_thread_at_a_time_has_it)
{
	pthread_t thread[4];

	count = 0;
	for (int i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, counts, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	ck_assert_uint_eq(count, 4 * ROUNDS);
}
END_TEST

START_TEST(try_take_never_waits)
{
	ck_assert(flc_word_lock_try_acquire(&lock));
	ck_assert(!flc_word_lock_try_acquire(&lock));
	flc_word_lock_release(&lock);
	ck_assert(flc_word_lock_try_acquire(&lock));
	flc_word_lock_release(&lock);
}
END_TEST

static flc_atomic waits;

static void *
takes(void *unused)
{
	say_thread(&waits);
	flc_word_lock_acquire(&lock);
	flc_word_lock_release(&lock);
	return unused;
}

static void *
takes_a_row(void *unused)
{
	say_thread(&waits);
	flc_page_give_back(&flc_page_mutex_row("check_lock")->row);
	return unused;
}

/* A thread that sleeps until it gets what the caller holds. */
static pthread_t
waiter(void *(*run)(void *))
{
	pthread_t thread;

	flc_store_relaxed(&waits, 0);
	pthread_create(&thread, NULL, run, NULL);
	until_asleep(&waits);
	return thread;
}

START_TEST(a_thread_that_waits_sleeps)
{
	pthread_t thread;

	flc_word_lock_acquire(&lock);
	thread = waiter(takes);
	flc_word_lock_release(&lock);
	pthread_join(thread, NULL);
}
END_TEST

START_TEST(a_thread_that_waits_for_the_page_sleeps)
{
	pthread_t thread;

	flc_page_give_back(&flc_page_mutex_row("check_lock")->row);
	ck_assert(flc_page_begin_read());
	thread = waiter(takes_a_row);
	flc_page_end_read();
	pthread_join(thread, NULL);
}
END_TEST

/* On one CPU: the holder is an ordinary thread, who waits has a fixed priority. */
static void *
takes_with_priority(void *unused)
{
	const struct sched_param priority = { .sched_priority = 50 };

	/* Where that is not allowed it is a waiter like any other. */
	(void)pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority);
	return takes(unused);
}

START_TEST(a_waiter_of_higher_priority_leaves_the_cpu_to_the_holder)
{
	cpu_set_t before, one;
	pthread_t thread;

	pthread_getaffinity_np(pthread_self(), sizeof(before), &before);
	CPU_ZERO(&one);
	for (int cpu = 0; CPU_COUNT(&one) == 0; cpu++)
		if (CPU_ISSET(cpu, &before))
			CPU_SET(cpu, &one);
	pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
	flc_word_lock_acquire(&lock);
	thread = waiter(takes_with_priority);
	flc_word_lock_release(&lock);
	pthread_join(thread, NULL);
	pthread_setaffinity_np(pthread_self(), sizeof(before), &before);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("lock");
	TCase *tcase = case_of(suite, "lock", NULL, NULL);

	tcase_add_test(tcase, one_thread_at_a_time_has_it);
	tcase_add_test(tcase, try_take_never_waits);
	tcase_add_test(tcase, a_thread_that_waits_sleeps);
	tcase_add_test(tcase, a_thread_that_waits_for_the_page_sleeps);
	tcase_add_test(tcase, a_waiter_of_higher_priority_leaves_the_cpu_to_the_holder);
	return run_suite(suite);
}
