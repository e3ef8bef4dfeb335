/* SPDX-License-Identifier: BSD-2-Clause */
/* No memory, no threads, hooks that block, pools that wait for each other: nothing is
 * lost and nothing hangs. */
#include "dump.h"
#include "wait/wait_graph.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static filch_pool_options options;
static flc_atomic ran, begun, broken, leave;

/* -- An allocator that can refuse. -- */

static void *
allocate(void *unused, size_t size, size_t alignment)
{
	(void)unused;
	if (count_of(&broken) != 0)
		return NULL;
	return aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

static void
release(void *unused, void *memory, size_t size)
{
	(void)unused;
	(void)size;
	free(memory);
}

static const filch_allocator allocator = { allocate, release, NULL };

/* -- Threads that the system can refuse. -- */

static flc_atomic refuse, refused;

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
    void *(*run)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
    void *(*run)(void *), void *argument);

int
__wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
    void *argument)
{
	if (count_of(&refuse) == 0)
		return __real_pthread_create(thread, attributes, run, argument);
	count_up(&refused);
	return EAGAIN;
}

static void
setup(void)
{
	static const filch_pool_options init = FILCH_POOL_OPTIONS_INIT;

	clear_variables();
	options = init;
	options.workers = 1;
	options.allocator = &allocator;
}

static int
counts(void *unused)
{
	(void)unused;
	count_up(&ran);
	return FILCH_OK;
}

static int
holds(void *unused)
{
	(void)unused;
	count_up(&begun);
	return reaches(&leave, 1) ? FILCH_OK : 98;
}

/* -- Memory -- */

static void
spawn_without_memory(void)
{
	filch_pool *pool = pool_by(&options);
	filch_group group = FILCH_GROUP_INIT;
	int status;

	group.pool = pool;
	count_up(&broken);
	status = filch_group_spawn(&group, counts, NULL);
	ck_assert(status == FILCH_OK || status == FILCH_NOMEM);
	ck_assert_int_eq(filch_group_wait(&group, in_ms(5000)), FILCH_OK);
	ck_assert_uint_eq(count_of(&ran), status == FILCH_OK);
	flc_store_relaxed(&broken, 0);
	ck_assert_int_eq(filch_group_spawn(&group, counts, NULL), FILCH_OK);
	ck_assert_int_eq(filch_group_wait(&group, in_ms(5000)), FILCH_OK);
	ck_assert_uint_eq(count_of(&ran), 1 + (status == FILCH_OK));
	end_pool(pool);
}

START_TEST(a_spawn_without_memory_runs_its_task_or_leaves_nothing)
{
	spawn_without_memory();
}
END_TEST

START_TEST(also_without_workers)
{
	options.workers = FILCH_NO_WORKERS;
	spawn_without_memory();
}
END_TEST

START_TEST(what_is_discarded_without_memory_is_counted)
{
	size_t dropped = 77;
	filch_group group = FILCH_GROUP_INIT;
	filch_pool *pool;

	options.on_destroy = FILCH_ON_DESTROY_DISCARD;
	options.dropped = &dropped;
	options.spares = FILCH_NO_SPARES;
	pool = pool_by(&options);
	group.pool = pool;
	ck_assert_int_eq(filch_group_spawn(&group, holds, NULL), FILCH_OK);
	ck_assert(reaches(&begun, 1));
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(filch_group_spawn(&group, counts, NULL), FILCH_OK);
	count_up(&broken);
	/* The worker ends its task while the pool ends. */
	count_up(&leave);
	end_pool(pool);
	ck_assert_uint_eq(dropped + count_of(&ran), 10);
	ck_assert_int_eq(filch_group_wait(&group, in_ms(5000)),
	    dropped > 0 ? FILCH_CANCELED : FILCH_OK);
}
END_TEST

/* The caller cannot become a guest, and its group may stand on its stack. */
START_TEST(a_wait_without_memory_waits)
{
	filch_group group = FILCH_GROUP_INIT;
	filch_pool *pool = pool_by(&options);

	group.pool = pool;
	ck_assert_int_eq(filch_group_spawn(&group, holds, NULL), FILCH_OK);
	ck_assert(reaches(&begun, 1));
	count_up(&broken);
	ck_assert_int_eq(filch_group_wait(&group, 0), FILCH_TIMEOUT);
	ck_assert_int_eq(filch_group_wait(&group, in_ms(20)), FILCH_TIMEOUT);
	count_up(&leave);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	flc_store_relaxed(&broken, 0);
	end_pool(pool);
}
END_TEST

/* -- Ends -- */

static flc_atomic destroyer;

/* While the test waits for the end of the pool, or as what it drains itself. */
static int
destroys_the_default_pool(void *status)
{
	MUST(reaches(&destroyer, 1));
	if (count_of(&destroyer) != (size_t)gettid())
		until_asleep(&destroyer);
	*(int *)status = filch_pool_destroy_default();
	return FILCH_OK;
}

START_TEST(a_task_that_is_drained_cannot_destroy_its_pool)
{
	filch_group group = FILCH_GROUP_INIT;
	int inside = FILCH_OK;

	ck_assert_int_eq(filch_group_spawn(&group, destroys_the_default_pool, &inside), FILCH_OK);
	say_thread(&destroyer);
	ck_assert_int_eq(filch_pool_destroy_default(), FILCH_OK);
	ck_assert_int_eq(inside, FILCH_BUSY);
}
END_TEST

START_TEST(a_worker_that_spins_hears_of_the_end)
{
	uint64_t before;
	filch_pool *pool;

	options.spin_ns = 20000000000u;
	pool = pool_by(&options);
	until_active(pool, 1);
	before = filch_now();
	end_pool(pool);
	ck_assert_uint_lt(filch_now() - before, 5000 * MS);
}
END_TEST

/* -- Hooks -- */

static filch_mutex mutex = FILCH_MUTEX_INIT("hook");

static void
locks(void *unused, size_t worker)
{
	(void)unused;
	if (worker == 1) {
		MUST(filch_mutex_lock(&mutex, FILCH_FOREVER) == FILCH_OK);
		MUST(filch_mutex_unlock(&mutex) == FILCH_OK);
	}
}

/* Its thread counted as one that looks for work, on whom others rely. */
START_TEST(work_is_found_while_a_hook_blocks)
{
	filch_group group = FILCH_GROUP_INIT;
	filch_pool *pool;

	options.workers = 2;
	options.on_start = locks;
	ck_assert_int_eq(filch_mutex_lock(&mutex, FILCH_FOREVER), FILCH_OK);
	pool = pool_by(&options);
	group.pool = pool;
	until_dumped(1, " waits for mutex \"hook\"");
	ck_assert_int_eq(filch_group_spawn(&group, counts, NULL), FILCH_OK);
	ck_assert(reaches(&ran, 1));
	ck_assert_int_eq(filch_mutex_unlock(&mutex), FILCH_OK);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	end_pool(pool);
}
END_TEST

/* -- Spares -- */

static filch_channel *channel;

static int
receives(void *unused)
{
	long item;

	(void)unused;
	count_up(&begun);
	return filch_channel_recv(channel, &item, FILCH_FOREVER);
}

static int
sends(void *unused)
{
	long item = 1;

	(void)unused;
	return filch_channel_send(channel, &item, FILCH_FOREVER);
}

/* The only worker waits; the task that would end that is spawned before or after the
 * system gives threads again. */
static void
spare_is_refused_then_had(bool task_comes_later)
{
	filch_group group = FILCH_GROUP_INIT;
	filch_pool *pool;

	options.spares = 1;
	MUST(filch_channel_create(&channel, sizeof(long), 1, NULL) == FILCH_OK);
	pool = pool_by(&options);
	group.pool = pool;
	for (size_t round = 1; round <= 3; round++) {
		count_up(&refuse);
		ck_assert_int_eq(filch_group_spawn(&group, receives, NULL), FILCH_OK);
		ck_assert(reaches(&begun, round));
		if (!task_comes_later)
			ck_assert_int_eq(filch_group_spawn(&group, sends, NULL), FILCH_OK);
		/* Later there is a spare, which was had before. */
		if (task_comes_later)
			until_dumped(1, " waits for channel receive");
		else
			ck_assert(reaches(&refused, 1));
		flc_store_relaxed(&refuse, 0);
		if (task_comes_later)
			ck_assert_int_eq(filch_group_spawn(&group, sends, NULL), FILCH_OK);
		/* Not by us: without a deadline the wait would help. */
		for (int i = 0; i < 60000 && filch_group_wait(&group, 0) == FILCH_TIMEOUT; i++)
			pause_ms(1);
		ck_assert_int_eq(filch_group_wait(&group, 0), FILCH_OK);
	}
	end_pool(pool);
	filch_channel_destroy(channel);
}

START_TEST(a_spare_that_was_refused_is_had_for_the_next_task)
{
	spare_is_refused_then_had(true);
}
END_TEST

START_TEST(a_spare_that_was_refused_is_had_for_what_is_queued)
{
	spare_is_refused_then_had(false);
}
END_TEST

/* -- Two pools -- */

static filch_pool *pool_a, *pool_b;
static flc_atomic shown;

static void
look(void *unused, const struct flc_blocked_row *row)
{
	(void)unused;
	if (strcmp(row->what, "a call sent to a pool") == 0)
		count_up(&shown);
}

static int
in_a_again(void *unused)
{
	/* Each caller is shown as soon as it sleeps, which may be after its call
	 * began. */
	for (int i = 0; i < 60000 && count_of(&shown) != 2; i++) {
		flc_store_relaxed(&shown, 0);
		(void)flc_blocked_foreach(look, unused);
		pause_ms(1);
	}
	return counts(unused);
}

static int
in_b(void *unused)
{
	return filch_pool_run(pool_a, in_a_again, unused);
}

static int
in_a(void *unused)
{
	return filch_pool_run(pool_b, in_b, unused);
}

static void *
guest_of(void *pool)
{
	MUST(filch_pool_run(pool, receives, NULL) == FILCH_OK);
	return NULL;
}

/* The guest slot of each is taken, so each call is sent to the other's worker. */
START_TEST(a_worker_that_waits_for_another_pool_gives_its_place_up)
{
	filch_group group = FILCH_GROUP_INIT;
	pthread_t thread[2];
	long item = 1;

	options.guests = 1;
	pool_a = pool_by(&options);
	pool_b = pool_by(&options);
	MUST(filch_channel_create(&channel, sizeof(long), 2, NULL) == FILCH_OK);
	pthread_create(&thread[0], NULL, guest_of, pool_a);
	pthread_create(&thread[1], NULL, guest_of, pool_b);
	ck_assert(reaches(&begun, 2));
	group.pool = pool_a;
	ck_assert_int_eq(filch_group_spawn(&group, in_a, NULL), FILCH_OK);
	ck_assert(reaches(&ran, 1));
	ck_assert_uint_eq(count_of(&shown), 2);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(filch_channel_send(channel, &item, FILCH_FOREVER), FILCH_OK);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	end_pool(pool_a);
	end_pool(pool_b);
	filch_channel_destroy(channel);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("pool_shortage");
	TCase *tcase = case_of(suite, "shortage", setup, NULL);

	tcase_add_test(tcase, a_spawn_without_memory_runs_its_task_or_leaves_nothing);
	tcase_add_test(tcase, also_without_workers);
	tcase_add_test(tcase, what_is_discarded_without_memory_is_counted);
	tcase_add_test(tcase, a_wait_without_memory_waits);
	tcase_add_test(tcase, a_task_that_is_drained_cannot_destroy_its_pool);
	tcase_add_test(tcase, a_worker_that_spins_hears_of_the_end);
	tcase_add_test(tcase, work_is_found_while_a_hook_blocks);
	tcase_add_test(tcase, a_spare_that_was_refused_is_had_for_the_next_task);
	tcase_add_test(tcase, a_spare_that_was_refused_is_had_for_what_is_queued);
	tcase_add_test(tcase, a_worker_that_waits_for_another_pool_gives_its_place_up);
	return run_suite(suite);
}
