/* SPDX-License-Identifier: BSD-2-Clause */
/* Channels and locks, with a thread on the other side. */
#include "faults.h"

#include <poll.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#define N 200

/* -- Channels: a send that was refused is tried again -- */

/* Without memory a send may be refused; then this thread goes on trying. */
static bool
may_try_again(int status)
{
	MUST(status == FILCH_NOMEM || status == FILCH_AGAIN);
	sched_yield();
	return true;
}

static flc_atomic tries;

static void *
sender_main(void *channel)
{
	for (uint64_t i = 0; i < N; i++)
		for (int status;
		    (status = filch_channel_send(channel, &i, FILCH_FOREVER)) != FILCH_OK;) {
			/* The other side gave up; or the fault goes on, whose end is not
			 * waited for. */
			if (status == FILCH_CLOSED)
				return NULL;
			if (may_try_again(status) && flc_add_full(&tries, 1) > 1000)
				goto end;
		}
end:
	filch_channel_close(channel);
	return NULL;
}

static int
receive_all(filch_channel *channel)
{
	uint64_t item = 0;
	size_t n = 0;
	int status;

	while ((status = filch_channel_recv(channel, &item, FILCH_FOREVER)) != FILCH_CLOSED) {
		if (status != FILCH_OK) {
			if (may_try_again(status) && flc_add_full(&tries, 1) > 1000)
				break;
			continue;
		}
		MUST(item == n);
		n++;
	}
	MUST(n == N || flc_load_acquire(&tries) > 1000);
	return flc_load_acquire(&tries) > 1000 ? FILCH_NOMEM : FILCH_OK;
}

static int
receive_task(void *channel)
{
	return receive_all(channel);
}

static int
converse(filch_pool *pool, size_t capacity, int spsc)
{
	filch_channel_options options = FILCH_CHANNEL_OPTIONS_INIT;
	filch_channel *channel = NULL;
	int status;

	options.spsc = spsc;
	status = filch_channel_create(&channel, sizeof(uint64_t), capacity, &options);
	if (status != FILCH_OK)
		return status;
	flc_store_release(&tries, 0);
	faults_thread(sender_main, channel);
	status = filch_pool_run(pool, receive_task, channel);
	filch_channel_close(channel);
	faults_join_threads();
	filch_channel_destroy(channel);
	return status;
}

int
verb_channel(filch_pool *pool)
{
	return converse(pool, 3, 0);
}

int
verb_spsc(filch_pool *pool)
{
	return converse(pool, 3, 1);
}

int
verb_unbounded(filch_pool *pool)
{
	return converse(pool, FILCH_UNBOUNDED, 0);
}

int
verb_rendezvous(filch_pool *pool)
{
	return converse(pool, 0, 0);
}

int
verb_channel_fd(filch_pool *pool)
{
	filch_channel *channel = NULL;
	struct pollfd wait = { -1, POLLIN, 0 };
	uint64_t item = 5, got = 0;
	int status = filch_channel_create(&channel, sizeof(item), 4, NULL);

	(void)pool;
	if (status != FILCH_OK)
		return status;
	status = filch_channel_fd(channel, &wait.fd);
	/* The channel works, with and without. */
	MUST(filch_channel_send(channel, &item, 0) == FILCH_OK);
	if (status == FILCH_OK)
		MUST(poll(&wait, 1, 10000) == 1);
	MUST(filch_channel_recv(channel, &got, 0) == FILCH_OK && got == item);
	MUST(filch_channel_recv(channel, &got, 0) == FILCH_AGAIN);
	if (status == FILCH_OK)
		MUST(poll(&wait, 1, 0) == 0);
	filch_channel_destroy(channel);
	return status;
}

static int
select_task(void *argument)
{
	filch_channel **channel = argument;
	filch_select_arm arm[FILCH_SELECT_ARMS];
	uint64_t item;
	size_t n = 0, chosen = 0;
	int status;

	for (size_t i = 0; i < FILCH_SELECT_ARMS; i++) {
		arm[i].channel = i < 2 ? channel[i] : i % 2 == 0 ? NULL : channel[1];
		arm[i].what = FILCH_SELECT_RECV;
		arm[i].item = &item;
	}
	while (n < N) {
		status = filch_select(arm, FILCH_SELECT_ARMS, &chosen, FILCH_FOREVER);
		if (status == FILCH_OK) {
			n++;
		} else if (status == FILCH_CLOSED || flc_add_full(&tries, 1) > 1000) {
			return status;
		} else {
			(void)may_try_again(status);
		}
	}
	return FILCH_OK;
}

int
verb_select(filch_pool *pool)
{
	filch_channel *channel[2] = { NULL, NULL };
	int status = filch_channel_create(&channel[0], 8, 2, NULL);

	if (status == FILCH_OK)
		status = filch_channel_create(&channel[1], 8, 2, NULL);
	flc_store_release(&tries, 0);
	if (status == FILCH_OK) {
		faults_thread(sender_main, channel[0]);
		status = filch_pool_run(pool, select_task, channel);
		filch_channel_close(channel[0]);
		faults_join_threads();
	}
	filch_channel_destroy(channel[0]);
	filch_channel_destroy(channel[1]);
	return status;
}

int
verb_timer(filch_pool *pool)
{
	filch_channel *timer = NULL;
	uint64_t first = filch_now() + 300000, got = 0;
	int fd, status = filch_channel_create_timer(&timer, first, 0, NULL);

	(void)pool;
	if (status != FILCH_OK)
		return status;
	status = filch_channel_fd(timer, &fd);
	MUST(status == FILCH_OK || status == FILCH_AGAIN || status == FILCH_NOMEM);
	status = filch_channel_recv(timer, &got, FILCH_FOREVER);
	MUST(status != FILCH_OK || (got == first && filch_now() >= first));
	filch_channel_destroy(timer);
	return status;
}

/* -- Locks: two tasks and a thread want one -- */

static struct {
	filch_mutex mutex;
	filch_rwlock rwlock;
	filch_condition condition;
	filch_semaphore semaphore;
	filch_latch latch;
	filch_once once;
	filch_barrier barrier;
	filch_channel *channel;
	size_t plain;
	flc_atomic done;
} locks;

static void
fresh_locks(void)
{
	static const filch_mutex mutex = FILCH_MUTEX_INIT("faults");
	static const filch_rwlock rwlock = FILCH_RWLOCK_INIT("faults");
	static const filch_semaphore semaphore = FILCH_SEMAPHORE_INIT(1);
	static const filch_latch latch = FILCH_LATCH_INIT(20);

	memset(&locks, 0, sizeof(locks));
	locks.mutex = mutex;
	locks.rwlock = rwlock;
	locks.semaphore = semaphore;
	locks.latch = latch;
}

static void
count_locked(void)
{
	locks.plain++;
	if (locks.plain % 7 == 0)
		sched_yield();
}

static int
mutex_body(void *unused, size_t begin, size_t end)
{
	(void)unused;
	for (; begin < end; begin++) {
		MUST(filch_mutex_lock(&locks.mutex, FILCH_FOREVER) == FILCH_OK);
		count_locked();
		MUST(filch_mutex_unlock(&locks.mutex) == FILCH_OK);
	}
	return FILCH_OK;
}

static int
rwlock_body(void *unused, size_t begin, size_t end)
{
	(void)unused;
	for (; begin < end; begin++) {
		MUST(filch_rwlock_read_lock(&locks.rwlock, FILCH_FOREVER) == FILCH_OK);
		MUST(filch_rwlock_read_unlock(&locks.rwlock) == FILCH_OK);
		MUST(filch_rwlock_write_lock(&locks.rwlock, FILCH_FOREVER) == FILCH_OK);
		count_locked();
		MUST(filch_rwlock_write_unlock(&locks.rwlock) == FILCH_OK);
	}
	return FILCH_OK;
}

static int
semaphore_body(void *unused, size_t begin, size_t end)
{
	(void)unused;
	for (; begin < end; begin++) {
		MUST(filch_semaphore_acquire(&locks.semaphore, FILCH_FOREVER) == FILCH_OK);
		count_locked();
		MUST(filch_semaphore_release(&locks.semaphore, 1) == FILCH_OK);
	}
	return FILCH_OK;
}

static int
once_task(void *unused)
{
	(void)unused;
	sched_yield();
	locks.plain = N;
	return FILCH_OK;
}

static int
once_body(void *unused, size_t begin, size_t end)
{
	for (; begin < end; begin++) {
		MUST(filch_once_run(&locks.once, once_task, unused) == FILCH_OK);
		MUST(locks.plain == N);
	}
	return FILCH_OK;
}

static int
locked_loop(filch_pool *pool, filch_range_fn *body, size_t wanted)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	int status;

	fresh_locks();
	options.pool = pool;
	options.grain_exact = 1;
	status = filch_for(0, N, body, NULL, &options);
	MUST(status != FILCH_OK || locks.plain == wanted);
	MUST(filch_mutex_fini(&locks.mutex) == FILCH_OK);
	MUST(filch_rwlock_fini(&locks.rwlock) == FILCH_OK);
	return status;
}

int
verb_mutex(filch_pool *pool)
{
	return locked_loop(pool, mutex_body, N);
}

int
verb_rwlock(filch_pool *pool)
{
	return locked_loop(pool, rwlock_body, N);
}

int
verb_semaphore(filch_pool *pool)
{
	return locked_loop(pool, semaphore_body, N);
}

int
verb_once(filch_pool *pool)
{
	return locked_loop(pool, once_body, N);
}

static void
take_turns(size_t self)
{
	for (int i = 0; i < 20; i++) {
		MUST(filch_mutex_lock(&locks.mutex, FILCH_FOREVER) == FILCH_OK);
		while (locks.plain % 2 != self)
			MUST(filch_condition_wait(&locks.condition, &locks.mutex, FILCH_FOREVER)
			    == FILCH_OK);
		locks.plain++;
		MUST(filch_condition_signal(&locks.condition) == FILCH_OK);
		MUST(filch_mutex_unlock(&locks.mutex) == FILCH_OK);
	}
}

static void *
turns_main(void *unused)
{
	take_turns(1);
	return unused;
}

static int
turns_task(void *unused)
{
	(void)unused;
	take_turns(0);
	return FILCH_OK;
}

int
verb_condition(filch_pool *pool)
{
	int status;

	fresh_locks();
	faults_thread(turns_main, NULL);
	status = filch_pool_run(pool, turns_task, NULL);
	if (status != FILCH_OK)
		take_turns(0);
	faults_join_threads();
	MUST(locks.plain == 40);
	MUST(filch_mutex_fini(&locks.mutex) == FILCH_OK);
	return status;
}

static void *
latch_main(void *unused)
{
	for (int i = 0; i < 20; i++) {
		sched_yield();
		MUST(filch_latch_count_down(&locks.latch, 1) == FILCH_OK);
	}
	return unused;
}

static int
latch_task(void *unused)
{
	(void)unused;
	return filch_latch_wait(&locks.latch, FILCH_FOREVER);
}

int
verb_latch(filch_pool *pool)
{
	int status;

	fresh_locks();
	faults_thread(latch_main, NULL);
	status = filch_pool_run(pool, latch_task, NULL);
	faults_join_threads();
	return status;
}

static int
barrier_task(void *unused)
{
	(void)unused;
	for (int i = 0; i < 5; i++)
		MUST(filch_barrier_wait(&locks.barrier, FILCH_FOREVER) == FILCH_OK);
	return FILCH_OK;
}

int
verb_barrier(filch_pool *pool)
{
	fresh_locks();
	return filch_pool_broadcast(pool, barrier_task, NULL, FILCH_FOREVER);
}

/* A lock is held across waits, which is counted with the places of both. */
static int
count_pair(void *count, const filch_held_wait_metrics *row)
{
	*(uint64_t *)count += row->count;
	return FILCH_OK;
}

static int
held_task(void *unused)
{
	uint64_t item;
	int status;

	(void)unused;
	MUST(filch_mutex_lock(&locks.mutex, FILCH_FOREVER) == FILCH_OK);
	status = filch_channel_recv(locks.channel, &item, FILCH_FOREVER);
	MUST(filch_mutex_unlock(&locks.mutex) == FILCH_OK);
	return status;
}

static void *
send_one_main(void *unused)
{
	uint64_t item = 1;

	for (int i = 0; i < 100; i++)
		sched_yield();
	MUST(filch_channel_send(locks.channel, &item, FILCH_FOREVER) == FILCH_OK);
	return unused;
}

int
verb_held(filch_pool *pool)
{
	uint64_t count = 0;
	int status;

	fresh_locks();
	status = filch_channel_create(&locks.channel, sizeof(count), 1, NULL);
	if (status != FILCH_OK)
		return status;
	faults_thread(send_one_main, NULL);
	status = filch_pool_run(pool, held_task, NULL);
	faults_join_threads();
	filch_channel_destroy(locks.channel);
	MUST(filch_metrics_foreach_held_wait(count_pair, &count) == FILCH_OK);
	MUST(filch_mutex_fini(&locks.mutex) == FILCH_OK);
	return status;
}
