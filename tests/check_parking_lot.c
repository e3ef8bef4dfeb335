/* SPDX-License-Identifier: BSD-2-Clause */
/* What is common to all that a thread may be parked at: the child of a fork, and the
 * end. */
#include "dump.h"
#include "locks.h"

#include <sys/wait.h>
#include <unistd.h>

static filch_mutex mutex = FILCH_MUTEX_INIT("cache");
static filch_condition condition = FILCH_CONDITION_INIT;
static filch_rwlock rwlock = FILCH_RWLOCK_INIT("table");
static filch_semaphore semaphore = FILCH_SEMAPHORE_INIT(3);
static filch_latch latch = FILCH_LATCH_INIT(3);

/* -- fork() -- */

START_TEST(in_a_child_all_are_forked)
{
	static filch_semaphore fresh = FILCH_SEMAPHORE_INIT(1);
	int status = 0;
	pid_t child;

#if defined(__SANITIZE_THREAD__)
	return; /* it dies in a child that was forked beside threads */
#endif
	ck_assert_int_eq(filch_rwlock_read_lock(&rwlock, FILCH_FOREVER), FILCH_OK);
	ck_assert_int_eq(filch_semaphore_acquire(&semaphore, FILCH_FOREVER), FILCH_OK);
	ck_assert_int_eq(filch_latch_count_down(&latch, 1), FILCH_OK);
	ck_assert_int_eq(filch_condition_signal(&condition), FILCH_OK);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		_exit(filch_rwlock_read_unlock(&rwlock) == FILCH_FORKED
		    && filch_rwlock_write_lock(&rwlock, FILCH_FOREVER) == FILCH_FORKED
		    && filch_semaphore_release(&semaphore, 1) == FILCH_FORKED
		    && filch_latch_wait(&latch, FILCH_FOREVER) == FILCH_FORKED
		    && filch_condition_signal(&condition) == FILCH_FORKED
		    && filch_semaphore_acquire(&fresh, FILCH_FOREVER) == FILCH_OK ? 0 : 1);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

/* -- The end -- */

static filch_condition ended_condition;
static filch_semaphore ended_semaphore;
static filch_latch ended_latch;
static filch_once ended_once;
static filch_semaphore once_may_end;

static void *
wait_for_condition(void *unused)
{
	(void)unused;
	lock(&mutex);
	MUST(filch_condition_wait(&ended_condition, &mutex, FILCH_FOREVER) == FILCH_OK);
	unlock(&mutex);
	return NULL;
}

static void *
wait_for_semaphore(void *unused)
{
	(void)unused;
	MUST(filch_semaphore_acquire(&ended_semaphore, FILCH_FOREVER) == FILCH_OK);
	return NULL;
}

static void *
wait_for_latch(void *unused)
{
	(void)unused;
	MUST(filch_latch_wait(&ended_latch, FILCH_FOREVER) == FILCH_OK);
	return NULL;
}

static int
wait_inside(void *unused)
{
	(void)unused;
	return filch_semaphore_acquire(&once_may_end, FILCH_FOREVER);
}

static void *
run_once(void *unused)
{
	(void)unused;
	MUST(filch_once_run(&ended_once, wait_inside, NULL) == FILCH_OK);
	return NULL;
}

START_TEST(what_is_waited_for_is_not_ended)
{
	static void *(*const waits[])(void *) = {
		wait_for_condition, wait_for_semaphore, wait_for_latch, run_once,
	};
	pthread_t thread[4];

	ck_assert_int_eq(filch_condition_init(&ended_condition), FILCH_OK);
	ck_assert_int_eq(filch_semaphore_init(&ended_semaphore, 0), FILCH_OK);
	ck_assert_int_eq(filch_semaphore_init(&ended_semaphore, SIZE_MAX), FILCH_INVAL);
	ck_assert_int_eq(filch_latch_init(&ended_latch, 1), FILCH_OK);
	ck_assert_int_eq(filch_once_init(&ended_once), FILCH_OK);
	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, waits[i], NULL), 0);
	until_threads_wait(4);
	ck_assert_int_eq(filch_condition_fini(&ended_condition), FILCH_BUSY);
	ck_assert_int_eq(filch_semaphore_fini(&ended_semaphore), FILCH_BUSY);
	ck_assert_int_eq(filch_latch_fini(&ended_latch), FILCH_BUSY);
	ck_assert_int_eq(filch_once_fini(&ended_once), FILCH_BUSY);
	lock(&mutex);
	ck_assert_int_eq(filch_condition_broadcast(&ended_condition), FILCH_OK);
	unlock(&mutex);
	ck_assert_int_eq(filch_semaphore_release(&ended_semaphore, 1), FILCH_OK);
	ck_assert_int_eq(filch_latch_count_down(&ended_latch, 1), FILCH_OK);
	ck_assert_int_eq(filch_semaphore_release(&once_may_end, 1), FILCH_OK);
	for (size_t i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	ck_assert_int_eq(filch_condition_fini(&ended_condition), FILCH_OK);
	ck_assert_int_eq(filch_semaphore_fini(&ended_semaphore), FILCH_OK);
	ck_assert_int_eq(filch_latch_fini(&ended_latch), FILCH_OK);
	ck_assert_int_eq(filch_once_fini(&ended_once), FILCH_OK);
	/* Once again, from the beginning. */
	ck_assert_int_eq(filch_semaphore_release(&once_may_end, 1), FILCH_OK);
	ck_assert_int_eq(filch_once_run(&ended_once, wait_inside, NULL), FILCH_OK);
	ck_assert_int_eq(filch_semaphore_acquire(&once_may_end, 0), FILCH_AGAIN);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("parking_lot");
	TCase *alone = case_of(suite, "alone", NULL, NULL);

	clear_variables();
	tcase_add_test(alone, in_a_child_all_are_forked);
	tcase_add_test(alone, what_is_waited_for_is_not_ended);
	return run_suite(suite);
}
