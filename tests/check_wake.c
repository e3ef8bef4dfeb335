/* SPDX-License-Identifier: BSD-2-Clause */
/* Work from outside: whom it wakes, and what that does before and after the job. */
#include "pools.h"

#define SPAWNS 60

static filch_metrics
metrics_of(filch_pool *pool)
{
	filch_metrics metrics;

	memset(&metrics, 0, sizeof(metrics));
	MUST(filch_metrics_snapshot(pool, &metrics, sizeof(metrics)) == FILCH_OK);
	return metrics;
}

/* Two workers, each pinned if there are two CPUs. */
static filch_pool *
two_workers(uint64_t spin_ns)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	options.workers = 2;
	options.bind = FILCH_BIND_CORE;
	options.spin_ns = spin_ns;
	return pool_by(&options);
}

static filch_group
group_on(filch_pool *pool)
{
	filch_group group = FILCH_GROUP_INIT;

	group.pool = pool;
	return group;
}

static flc_atomic done;
static size_t ran_on[CPU_SETSIZE];

static int
tell_where(void *unused)
{
	int cpu = sched_getcpu();

	(void)unused;
	if (cpu >= 0 && cpu < CPU_SETSIZE)
		ran_on[cpu]++;
	(void)flc_add_full(&done, 1);
	return FILCH_OK;
}

/* Until one more worker sleeps than before; a second at most. */
static void
wait_for_sleep(filch_pool *pool, uint64_t parks)
{
	for (int i = 0; i < 1000 && metrics_of(pool).sum.parks == parks; i++)
		pause_ms(1);
}

static void
spawn_and_see(filch_group *group)
{
	size_t before = flc_load_acquire(&done);

	ck_assert_int_eq(filch_group_spawn(group, tell_where, NULL), FILCH_OK);
	/* Asleep: the CPU is free for whoever was woken on it. */
	while (flc_load_acquire(&done) == before)
		pause_ms(1);
}

/* The lowest CPUs that we may use; how many of the two there are. */
static int
two_cpus(int cpu[2])
{
	cpu_set_t set;
	int n = 0;

	MUST(sched_getaffinity(0, sizeof(set), &set) == 0);
	for (int i = 0; i < CPU_SETSIZE && n < 2; i++)
		if (CPU_ISSET((size_t)i, &set))
			cpu[n++] = i;
	return n;
}

static void
pin_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	MUST(sched_setaffinity(0, sizeof(set), &set) == 0);
}

/* The worker on the spawning thread's CPU sleeps on. */
START_TEST(a_spawn_from_outside_wakes_a_worker_on_another_cpu)
{
	filch_pool *pool = two_workers(FILCH_NO_SPIN);
	filch_group group = group_on(pool);
	int cpu[2];

	until_active(pool, 0);
	if (two_cpus(cpu) == 2)
		for (int i = 0; i < 2; i++) {
			memset(ran_on, 0, sizeof(ran_on));
			pin_to(cpu[i]);
			for (int k = 0; k < SPAWNS; k++) {
				uint64_t parks = metrics_of(pool).sum.parks;

				spawn_and_see(&group);
				wait_for_sleep(pool, parks);
			}
			ck_assert_uint_le(ran_on[cpu[i]], SPAWNS / 6);
		}
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	end_pool(pool);
}
END_TEST

/* Of a pool that was idle for long, which takes time itself; a second one would find
 * nothing. */
START_TEST(a_spawn_from_outside_wakes_one)
{
	filch_pool *pool = two_workers(FILCH_NO_SPIN);
	filch_group group = group_on(pool);
	filch_metrics before, after;

	until_active(pool, 0);
	pause_ms(50);
	before = metrics_of(pool);
	for (int i = 0; i < 5; i++) {
		spawn_and_see(&group);
		until_active(pool, 0);
		pause_ms(30);
	}
	after = metrics_of(pool);
	ck_assert_uint_eq(after.sum.wakeups_task - before.sum.wakeups_task, 5);
	ck_assert_uint_le(after.sum.empty_wakeups - before.sum.empty_wakeups, 1);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	end_pool(pool);
}
END_TEST

/* However long it looks for work otherwise. */
START_TEST(a_worker_sleeps_at_once_after_rare_work_from_outside)
{
	filch_pool *pool = two_workers(600 * MS);
	filch_group group = group_on(pool);
	uint64_t parks, since = filch_now();
	int cpu[2];

	while (metrics_of(pool).sum.parks < 2)
		pause_ms(1);
	/* On one CPU the two do not spin. */
	if (two_cpus(cpu) == 2)
		ck_assert_uint_ge(filch_now() - since, 300 * MS);
	/* Time itself: who watches parks again and again. */
	pause_ms(50);
	parks = metrics_of(pool).sum.parks;
	since = filch_now();
	spawn_and_see(&group);
	while (metrics_of(pool).sum.parks == parks)
		pause_ms(1);
	ck_assert_uint_lt(filch_now() - since, 300 * MS);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	end_pool(pool);
}
END_TEST

/* -- Beside a thread that computes -- */

#define ITEMS 300

static flc_atomic stop;

static void *
compute(void *unused)
{
	(void)unused;
	while (!flc_load_relaxed(&stop))
		;
	return NULL;
}

static void *
send_all(void *channel)
{
	for (uint64_t i = 0; i < ITEMS; i++)
		MUST(filch_channel_send((filch_channel *)channel, &i, FILCH_FOREVER) == FILCH_OK);
	return NULL;
}

/* The same with a condition: from hand to hand. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool full;

static void
hand(bool from)
{
	pthread_mutex_lock(&mutex);
	while (full != from)
		pthread_cond_wait(&changed, &mutex);
	full = !from;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&mutex);
}

static void *
hand_all(void *unused)
{
	(void)unused;
	for (int i = 0; i < ITEMS; i++)
		hand(false);
	return NULL;
}

/* ns for all items; without a channel by the condition. */
static uint64_t
time_of(filch_channel *channel)
{
	uint64_t since = filch_now(), item;
	pthread_t sender;

	MUST(pthread_create(&sender, NULL, channel != NULL ? send_all : hand_all, channel) == 0);
	for (int i = 0; i < ITEMS; i++)
		if (channel == NULL)
			hand(true);
		else
			MUST(filch_channel_recv(channel, &item, FILCH_FOREVER) == FILCH_OK);
	since = filch_now() - since;
	pthread_join(sender, NULL);
	return since;
}

/* A wait yields no whole time slice to a thread that computes, some milliseconds, for
 * each item: 800 us an item it was, 10 it is. */
START_TEST(a_channel_gives_no_time_slices_away)
{
	filch_channel *channel = NULL;
	uint64_t by_condition, by_channel;
	pthread_t thread;
	int cpu[2];

	ck_assert_int_eq(filch_channel_create(&channel, sizeof(uint64_t), (size_t)_i, NULL),
	    FILCH_OK);
	(void)two_cpus(cpu);
	pin_to(cpu[0]);
	flc_store_relaxed(&stop, 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, compute, NULL), 0);
	by_condition = time_of(NULL);
	by_channel = time_of(channel);
	flc_store_relaxed(&stop, 1);
	pthread_join(thread, NULL);
	ck_assert_uint_lt(by_channel, 4 * by_condition + 60 * MS);
	filch_channel_destroy(channel);
}
END_TEST

int
main(void)
{
	clear_variables();
	Suite *suite = suite_create("wake");
	TCase *tcase = case_of(suite, "wake", NULL, NULL);

	tcase_add_test(tcase, a_spawn_from_outside_wakes_a_worker_on_another_cpu);
	tcase_add_test(tcase, a_spawn_from_outside_wakes_one);
	tcase_add_test(tcase, a_worker_sleeps_at_once_after_rare_work_from_outside);
	tcase_add_loop_test(tcase, a_channel_gives_no_time_slices_away, 0, 2);
	return run_suite(suite);
}
