/* SPDX-License-Identifier: BSD-2-Clause */
/* Condition, rwlock, once, semaphore, latch, barrier. */
#include "dump.h"

#include <sys/wait.h>
#include <unistd.h>

static filch_mutex mutex = FILCH_MUTEX_INIT("cache");
static filch_condition condition = FILCH_CONDITION_INIT;
static filch_rwlock rwlock = FILCH_RWLOCK_INIT("table");
static flc_atomic started, ended;

static void
lock(void)
{
	MUST(filch_mutex_lock(&mutex, FILCH_FOREVER) == FILCH_OK);
}

static void
unlock(void)
{
	MUST(filch_mutex_unlock(&mutex) == FILCH_OK);
}

/* -- Condition: one plain ball, by turns. -- */

static size_t ball;
#define BALLS 2000

static void *
ping_main(void *argument)
{
	size_t me = (size_t)(argument != NULL);

	lock();
	for (size_t i = 0; i < BALLS; i++) {
		while (ball % 2 != me)
			MUST(filch_condition_wait(&condition, &mutex, FILCH_FOREVER) == FILCH_OK);
		ball++;
		MUST(filch_condition_signal(&condition) == FILCH_OK);
	}
	unlock();
	return NULL;
}

START_TEST(a_condition_passes_a_ball)
{
	filch_mutex_metrics row;
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, ping_main, &ball), 0);
	ping_main(NULL);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(ball, 2 * BALLS);
	ck_assert_int_eq(filch_mutex_stats(&mutex, &row, sizeof(row)), FILCH_OK);
	ck_assert_uint_gt(row.cond_waits, 0);
	ck_assert_uint_gt(row.cond_wait_ns, 0);
}
END_TEST

START_TEST(a_condition_wants_its_mutex_and_heeds_a_deadline)
{
	uint64_t until = in_ms(5);

	ck_assert_int_eq(filch_condition_wait(&condition, &mutex, FILCH_FOREVER), FILCH_INVAL);
	lock();
	ck_assert_int_eq(filch_condition_wait(&condition, &mutex, 0), FILCH_AGAIN);
	ck_assert_int_eq(filch_condition_wait(&condition, &mutex, until), FILCH_TIMEOUT);
	ck_assert_uint_ge(filch_now(), until);
	/* It has the mutex again. */
	unlock();
}
END_TEST

static void *
wait_main(void *unused)
{
	(void)unused;
	lock();
	count_up(&started);
	while (ball == 0)
		MUST(filch_condition_wait(&condition, &mutex, FILCH_FOREVER) == FILCH_OK);
	unlock();
	count_up(&ended);
	return NULL;
}

START_TEST(a_broadcast_wakes_all)
{
	pthread_t thread[8];

	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, wait_main, NULL), 0);
	until_threads_wait(8);
	lock();
	ball = 1;
	unlock();
	ck_assert_int_eq(filch_condition_broadcast(&condition), FILCH_OK);
	for (int i = 0; i < 8; i++)
		pthread_join(thread[i], NULL);
	ck_assert_uint_eq(count_of(&ended), 8);
}
END_TEST

/* -- rwlock -- */

static size_t left, right;
static flc_atomic torn;

static void *
table_main(void *seed)
{
	uint64_t state = (size_t)seed + 1234567;

	for (size_t i = 0; i < rounds(2000); i++) {
		if (random_of(&state) % 8 == 0) {
			MUST(filch_rwlock_write_lock(&rwlock, FILCH_FOREVER) == FILCH_OK);
			left++;
			right++;
			MUST(filch_rwlock_write_unlock(&rwlock) == FILCH_OK);
		} else {
			MUST(filch_rwlock_read_lock(&rwlock, FILCH_FOREVER) == FILCH_OK);
			if (left != right)
				count_up(&torn);
			MUST(filch_rwlock_read_unlock(&rwlock) == FILCH_OK);
		}
	}
	return NULL;
}

START_TEST(readers_see_whole_writes)
{
	filch_mutex_metrics row;

	run_threads(4, table_main, &left);
	ck_assert_uint_eq(count_of(&torn), 0);
	ck_assert_int_eq(filch_rwlock_stats(&rwlock, &row, sizeof(row)), FILCH_OK);
	ck_assert_uint_eq(row.acquisitions, 4 * rounds(2000));
	ck_assert_uint_le(row.contended, row.acquisitions);
	ck_assert_uint_eq(row.waiters, 0);
	ck_assert_int_eq(filch_rwlock_fini(&rwlock), FILCH_OK);
}
END_TEST

static void *
write_main(void *unused)
{
	(void)unused;
	MUST(filch_rwlock_write_lock(&rwlock, FILCH_FOREVER) == FILCH_OK);
	count_up(&ended);
	MUST(filch_rwlock_write_unlock(&rwlock) == FILCH_OK);
	return NULL;
}

static void *
late_reader_main(void *unused)
{
	(void)unused;
	MUST(filch_rwlock_read_lock(&rwlock, FILCH_FOREVER) == FILCH_OK);
	/* The writer came first. */
	MUST(count_of(&ended) == 1);
	MUST(filch_rwlock_read_unlock(&rwlock) == FILCH_OK);
	return NULL;
}

START_TEST(a_waiting_writer_is_preferred)
{
	pthread_t writer, reader;

	ck_assert_int_eq(filch_rwlock_read_lock(&rwlock, FILCH_FOREVER), FILCH_OK);
	ck_assert_int_eq(filch_rwlock_write_lock(&rwlock, 0), FILCH_AGAIN);
	ck_assert_int_eq(pthread_create(&writer, NULL, write_main, NULL), 0);
	until_threads_wait(1);
	ck_assert_int_eq(filch_rwlock_read_lock(&rwlock, 0), FILCH_AGAIN);
	ck_assert_int_eq(filch_rwlock_fini(&rwlock), FILCH_BUSY);
	ck_assert_int_eq(pthread_create(&reader, NULL, late_reader_main, NULL), 0);
	until_threads_wait(2);
	ck_assert_int_eq(filch_rwlock_read_unlock(&rwlock), FILCH_OK);
	pthread_join(writer, NULL);
	pthread_join(reader, NULL);
}
END_TEST

/* A writer that gives up lets the readers in that waited for it. */
static void *
hasty_writer_main(void *unused)
{
	(void)unused;
	MUST(filch_rwlock_write_lock(&rwlock, in_ms(300)) == FILCH_TIMEOUT);
	return NULL;
}

static void *
read_main(void *unused)
{
	(void)unused;
	MUST(filch_rwlock_read_lock(&rwlock, FILCH_FOREVER) == FILCH_OK);
	MUST(filch_rwlock_read_unlock(&rwlock) == FILCH_OK);
	return NULL;
}

START_TEST(readers_come_in_when_a_writer_gives_up)
{
	pthread_t writer, reader;

	ck_assert_int_eq(filch_rwlock_read_lock(&rwlock, FILCH_FOREVER), FILCH_OK);
	ck_assert_int_eq(pthread_create(&writer, NULL, hasty_writer_main, NULL), 0);
	until_threads_wait(1);
	ck_assert_int_eq(pthread_create(&reader, NULL, read_main, NULL), 0);
	pthread_join(writer, NULL);
	pthread_join(reader, NULL);
	ck_assert_int_eq(filch_rwlock_read_unlock(&rwlock), FILCH_OK);
}
END_TEST

START_TEST(a_writer_that_asks_again_is_told)
{
	ck_assert_int_eq(filch_rwlock_write_unlock(&rwlock), FILCH_INVAL);
	ck_assert_int_eq(filch_rwlock_read_unlock(&rwlock), FILCH_INVAL);
	ck_assert_int_eq(filch_rwlock_write_lock(&rwlock, FILCH_FOREVER), FILCH_OK);
	ck_assert_int_eq(filch_rwlock_write_lock(&rwlock, FILCH_FOREVER), FILCH_DEADLOCK);
	ck_assert_int_eq(filch_rwlock_read_lock(&rwlock, FILCH_FOREVER), FILCH_DEADLOCK);
	ck_assert_int_eq(filch_rwlock_write_unlock(&rwlock), FILCH_OK);
}
END_TEST

/* -- Once -- */

static filch_once once = FILCH_ONCE_INIT;
static size_t made;

/* Ends when all the others wait for it; who saw it fail has gone. */
static int
make(void *fails)
{
	until_threads_wait(*(size_t *)fails > 0 ? 7 : 6);
	if (*(size_t *)fails > 0) {
		--*(size_t *)fails;
		return 7;
	}
	made++;
	return FILCH_OK;
}

static void *
once_main(void *fails)
{
	int status = filch_once_run(&once, make, fails);

	MUST(status == FILCH_OK || status == 7);
	if (status == FILCH_OK) {
		MUST(made == 1);
		count_up(&ended);
	}
	return NULL;
}

START_TEST(once_is_once_and_a_failure_does_not_count)
{
	size_t fails = 1;

	run_threads(8, once_main, &fails);
	ck_assert_uint_eq(made, 1);
	ck_assert_uint_eq(count_of(&ended), 7);
}
END_TEST

static int
again(void *unused)
{
	(void)unused;
	return filch_once_run(&once, again, NULL);
}

START_TEST(once_inside_itself_is_a_deadlock)
{
	ck_assert_int_eq(filch_once_run(&once, again, NULL), FILCH_DEADLOCK);
}
END_TEST

/* -- Semaphore and latch -- */

static filch_semaphore semaphore = FILCH_SEMAPHORE_INIT(3);
static flc_atomic inside, most;

static void *
enter_main(void *unused)
{
	(void)unused;
	for (size_t i = 0; i < rounds(2000); i++) {
		MUST(filch_semaphore_acquire(&semaphore, FILCH_FOREVER) == FILCH_OK);
		keep_highest(&most, count_up(&inside) + 1);
		flc_add_full(&inside, (size_t)-1);
		MUST(filch_semaphore_release(&semaphore, 1) == FILCH_OK);
	}
	return NULL;
}

START_TEST(no_more_than_the_semaphore_says_are_inside)
{
	run_threads(8, enter_main, NULL);
	ck_assert_uint_le(count_of(&most), 3);
	ck_assert_int_eq(filch_semaphore_acquire(&semaphore, 0), FILCH_OK);
	ck_assert_int_eq(filch_semaphore_acquire(&semaphore, 0), FILCH_OK);
	ck_assert_int_eq(filch_semaphore_acquire(&semaphore, 0), FILCH_OK);
	ck_assert_int_eq(filch_semaphore_acquire(&semaphore, 0), FILCH_AGAIN);
	ck_assert_int_eq(filch_semaphore_acquire(&semaphore, in_ms(2)), FILCH_TIMEOUT);
	ck_assert_int_eq(filch_semaphore_release(&semaphore, SIZE_MAX), FILCH_INVAL);
}
END_TEST

static void *
take_main(void *unused)
{
	(void)unused;
	MUST(filch_semaphore_acquire(&semaphore, FILCH_FOREVER) == FILCH_OK);
	return NULL;
}

START_TEST(one_release_of_many_wakes_as_many)
{
	pthread_t thread[8];

	for (int i = 0; i < 3; i++)
		take_main(NULL);
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, take_main, NULL), 0);
	until_threads_wait(8);
	ck_assert_int_eq(filch_semaphore_release(&semaphore, 8), FILCH_OK);
	for (int i = 0; i < 8; i++)
		pthread_join(thread[i], NULL);
	ck_assert_int_eq(filch_semaphore_acquire(&semaphore, 0), FILCH_AGAIN);
}
END_TEST

static filch_latch latch = FILCH_LATCH_INIT(3);

static void *
latch_main(void *unused)
{
	(void)unused;
	MUST(filch_latch_wait(&latch, FILCH_FOREVER) == FILCH_OK);
	MUST(ball == 3);
	return NULL;
}

START_TEST(a_latch_opens_at_zero)
{
	pthread_t thread[4];

	ck_assert_int_eq(filch_latch_wait(&latch, 0), FILCH_AGAIN);
	ck_assert_int_eq(filch_latch_wait(&latch, in_ms(2)), FILCH_TIMEOUT);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, latch_main, NULL), 0);
	for (int i = 0; i < 3; i++) {
		ball++;
		ck_assert_int_eq(filch_latch_count_down(&latch, 1), FILCH_OK);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	ck_assert_int_eq(filch_latch_count_down(&latch, 1), FILCH_INVAL);
}
END_TEST

/* -- Barrier -- */

static filch_pool *pool;
static filch_barrier barrier = FILCH_BARRIER_INIT;
static size_t share[64];
#define PASSES 50

/* Everybody writes, passes, reads what all have written, passes. */
static int
pass(void *workers)
{
	size_t n = *(size_t *)workers;

	for (size_t round = 1; round <= PASSES; round++) {
		share[filch_worker_index()] = round;
		MUST(filch_barrier_wait(&barrier, FILCH_FOREVER) == FILCH_OK);
		for (size_t i = 0; i < n; i++)
			MUST(share[i] == round);
		MUST(filch_barrier_wait(&barrier, FILCH_FOREVER) == FILCH_OK);
	}
	return FILCH_OK;
}

START_TEST(all_workers_pass_a_barrier_together)
{
	size_t n = worker_counts[_i];

	pool = pool_with(worker_counts[_i]);
	ck_assert_int_eq(filch_pool_broadcast(pool, pass, &n, FILCH_FOREVER), FILCH_OK);
	end_pool(pool);
}
END_TEST

static int
alone_at_the_barrier(void *unused)
{
	(void)unused;
	if (filch_worker_index() != 0)
		return FILCH_OK;
	return filch_barrier_wait(&barrier, in_ms(5));
}

START_TEST(a_barrier_is_for_broadcasts_and_heeds_a_deadline)
{
	pool = pool_with(worker_counts[_i]);
	ck_assert_int_eq(filch_barrier_wait(&barrier, FILCH_FOREVER), FILCH_INVAL);
	ck_assert_int_eq(filch_pool_run(pool, alone_at_the_barrier, NULL),
	    worker_counts[_i] == FILCH_NO_WORKERS ? FILCH_INVAL : FILCH_OK);
	ck_assert_int_eq(filch_pool_broadcast(pool, alone_at_the_barrier, NULL, FILCH_FOREVER),
	    worker_counts[_i] == 1 || worker_counts[_i] == FILCH_NO_WORKERS
	    ? FILCH_OK : FILCH_TIMEOUT);
	end_pool(pool);
}
END_TEST

/* -- Blocking in tasks, and fork(). -- */

static int
wait_in_task(void *unused)
{
	(void)unused;
	return filch_latch_wait(&latch, FILCH_FOREVER);
}

static int
count_in_task(void *unused)
{
	(void)unused;
	return filch_latch_count_down(&latch, 1);
}

/* More waiters than workers: spares run what opens the latch. */
START_TEST(tasks_that_wait_let_others_run)
{
	filch_group group = FILCH_GROUP_INIT;

	pool = pool_with(worker_counts[_i]);
	group.pool = pool;
	group.fifo = 1;
	for (int i = 0; i < 8; i++)
		MUST(filch_group_spawn(&group, wait_in_task, NULL) == FILCH_OK);
	for (int i = 0; i < 3; i++)
		MUST(filch_group_spawn(&group, count_in_task, NULL) == FILCH_OK);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	end_pool(pool);
}
END_TEST

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
	lock();
	MUST(filch_condition_wait(&ended_condition, &mutex, FILCH_FOREVER) == FILCH_OK);
	unlock();
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
	lock();
	ck_assert_int_eq(filch_condition_broadcast(&ended_condition), FILCH_OK);
	unlock();
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

static filch_barrier ended_barrier;

static int
first_alone(void *unused)
{
	(void)unused;
	if (filch_worker_index() == 0)
		return filch_barrier_wait(&ended_barrier, FILCH_FOREVER);
	/* The first one is there, and waits for us. */
	until_dumped(1, " waits for barrier");
	MUST(filch_barrier_fini(&ended_barrier) == FILCH_BUSY);
	return filch_barrier_wait(&ended_barrier, FILCH_FOREVER);
}

START_TEST(a_barrier_that_is_waited_at_is_not_ended)
{
	pool = pool_with(2);
	ck_assert_int_eq(filch_barrier_init(NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_barrier_init(&ended_barrier), FILCH_OK);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(filch_pool_broadcast(pool, first_alone, NULL, FILCH_FOREVER),
		    FILCH_OK);
		ck_assert_int_eq(filch_barrier_fini(&ended_barrier), FILCH_OK);
	}
	end_pool(pool);
}
END_TEST

START_TEST(a_rwlock_made_at_run_time_has_its_name)
{
	filch_rwlock run_time;
	filch_mutex_metrics stats;

	ck_assert_int_eq(filch_rwlock_init(NULL, "table"), FILCH_INVAL);
	ck_assert_int_eq(filch_rwlock_init(&run_time, "made"), FILCH_OK);
	ck_assert_int_eq(filch_rwlock_read_lock(&run_time, 0), FILCH_OK);
	ck_assert_int_eq(filch_rwlock_stats(&run_time, &stats, sizeof(stats)), FILCH_OK);
	ck_assert_str_eq(stats.name, "made");
	ck_assert_int_eq(filch_rwlock_fini(&run_time), FILCH_BUSY);
	ck_assert_int_eq(filch_rwlock_read_unlock(&run_time), FILCH_OK);
	ck_assert_int_eq(filch_rwlock_fini(&run_time), FILCH_OK);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("sync");
	TCase *alone = tcase_create("alone");
	TCase *pools = tcase_create("pools");

	clear_variables();
	tcase_set_timeout(alone, TIMEOUT_S);
	tcase_add_test(alone, a_condition_passes_a_ball);
	tcase_add_test(alone, a_condition_wants_its_mutex_and_heeds_a_deadline);
	tcase_add_test(alone, a_broadcast_wakes_all);
	tcase_add_test(alone, readers_see_whole_writes);
	tcase_add_test(alone, a_waiting_writer_is_preferred);
	tcase_add_test(alone, readers_come_in_when_a_writer_gives_up);
	tcase_add_test(alone, a_writer_that_asks_again_is_told);
	tcase_add_test(alone, once_is_once_and_a_failure_does_not_count);
	tcase_add_test(alone, once_inside_itself_is_a_deadlock);
	tcase_add_test(alone, no_more_than_the_semaphore_says_are_inside);
	tcase_add_test(alone, one_release_of_many_wakes_as_many);
	tcase_add_test(alone, a_latch_opens_at_zero);
	tcase_add_test(alone, in_a_child_all_are_forked);
	tcase_add_test(alone, what_is_waited_for_is_not_ended);
	tcase_add_test(alone, a_barrier_that_is_waited_at_is_not_ended);
	tcase_add_test(alone, a_rwlock_made_at_run_time_has_its_name);
	suite_add_tcase(suite, alone);

	tcase_set_timeout(pools, TIMEOUT_S);
	tcase_add_loop_test(pools, all_workers_pass_a_barrier_together, 0, THREADED_COUNTS);
	tcase_add_loop_test(pools, a_barrier_is_for_broadcasts_and_heeds_a_deadline, 0, ALL_COUNTS);
	tcase_add_loop_test(pools, tasks_that_wait_let_others_run, 0, THREADED_COUNTS);
	suite_add_tcase(suite, pools);
	return run_suite(suite);
}
