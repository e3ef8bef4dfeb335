/* SPDX-License-Identifier: BSD-2-Clause */
/* Both places of a wait with a lock held, with the library as it is installed. */
#include "pools.h"

#include <dlfcn.h>

static filch_pool *pool;
static filch_mutex mutex = FILCH_MUTEX_INIT("cache");
static filch_channel *channel;
static flc_atomic in_wait;

static void
use_one(void)
{
	filch_channel_options options = FILCH_CHANNEL_OPTIONS_INIT;

	pool = pool_with(1);
	options.name = "out";
	MUST(filch_channel_create(&channel, sizeof(int), 1, &options) == FILCH_OK);
}

static void
drop(void)
{
	filch_channel_destroy(channel);
	end_pool(pool);
}

/* Each waits with the lock.  No function here is longer. */
#define NEAR 2000

static __attribute__((noinline)) int
receive_here(void *unused)
{
	int item, status;

	(void)unused;
	MUST(filch_mutex_lock(&mutex, FILCH_FOREVER) == FILCH_OK);
	count_up(&in_wait);
	status = filch_channel_recv(channel, &item, FILCH_FOREVER);
	MUST(filch_mutex_unlock(&mutex) == FILCH_OK);
	return status;
}

static __attribute__((noinline)) int
receive_there(void *unused)
{
	int item = 0, status;

	(void)unused;
	MUST(filch_mutex_lock(&mutex, FILCH_FOREVER) == FILCH_OK);
	count_up(&in_wait);
	status = filch_channel_recv(channel, &item, FILCH_FOREVER);
	MUST(filch_mutex_unlock(&mutex) == FILCH_OK);
	return status + item;
}

static int
receive(void *unused)
{
	int item;

	(void)unused;
	return filch_channel_recv(channel, &item, FILCH_FOREVER);
}

static __attribute__((noinline)) int
wait_for_group(void *unused)
{
	filch_group group = FILCH_GROUP_INIT;
	int status;

	(void)unused;
	MUST(filch_mutex_lock(&mutex, FILCH_FOREVER) == FILCH_OK);
	MUST(filch_group_spawn(&group, receive, NULL) == FILCH_OK);
	status = filch_group_wait(&group, FILCH_FOREVER);
	MUST(filch_mutex_unlock(&mutex) == FILCH_OK);
	return status;
}

/* The one of the functions that an address is in. */
static bool
is_in(const void *site, int (*function)(void *))
{
	int (*const all[])(void *) = { receive_here, receive_there, wait_for_group };
	uintptr_t apart = (uintptr_t)site - (uintptr_t)function;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if ((uintptr_t)site - (uintptr_t)all[i] < apart)
			return false;
	return apart < NEAR;
}

/* A row that was looked for: the kind of wait, the name, the function. */
struct sought {
	int wait;
	const char *waited;
	int (*function)(void *);
	uint64_t count;
};

static int
find(void *context, const filch_held_wait_metrics *row)
{
	struct sought *sought = context;
	Dl_info library, program;
	size_t last = 1;

	MUST(dladdr((void *)(uintptr_t)filch_dump, &library) != 0);
	MUST(dladdr((void *)(uintptr_t)find, &program) != 0);
	/* Linked in statically, its own places stand before. */
	if (library.dli_fbase == program.dli_fbase)
		last = FILCH_HELD_WAIT_SITES;
	if (row->wait != sought->wait || strcmp(row->waited, sought->waited) != 0)
		return FILCH_OK;
	MUST(strcmp(row->lock, "cache") == 0);
	MUST(strstr(row->place, "check_held_locks_sites.c:") != NULL);
	for (size_t i = 0; i < last; i++)
		if (is_in(row->site[i], sought->function)) {
			sought->count += row->count;
			break;
		}
	return FILCH_OK;
}

static uint64_t
found(int wait, const char *waited, int (*function)(void *))
{
	struct sought sought = { wait, waited, function, 0 };

	MUST(filch_metrics_foreach_held_wait(find, &sought) == FILCH_OK);
	return sought.count;
}

static uint64_t
reported(void)
{
	filch_metrics now;

	MUST(filch_metrics_snapshot(pool, &now, sizeof(now)) == FILCH_OK);
	return now.sum.waits_holding;
}

/* Has it run in a task until it is reported, then lets it go on. */
static void
wait_once(int (*task)(void *))
{
	filch_group group = FILCH_GROUP_INIT;
	uint64_t before = reported();
	int item = 0;

	group.pool = pool;
	MUST(filch_group_spawn(&group, task, NULL) == FILCH_OK);
	while (reported() == before)
		pause_ms(1);
	MUST(filch_channel_send(channel, &item, FILCH_FOREVER) == FILCH_OK);
	MUST(filch_group_wait(&group, FILCH_FOREVER) == FILCH_OK);
}

START_TEST(waits_of_one_kind_at_two_places_are_told_apart)
{
	for (int i = 0; i < 3; i++)
		wait_once(receive_here);
	for (int i = 0; i < 2; i++)
		wait_once(receive_there);
	ck_assert_uint_eq(found(FILCH_HELD_WAIT_RECV, "out", receive_here), 3);
	ck_assert_uint_eq(found(FILCH_HELD_WAIT_RECV, "out", receive_there), 2);
	ck_assert_uint_eq(reported(), 5);
}
END_TEST

START_TEST(the_place_of_a_wait_for_a_group_is_told)
{
	wait_once(wait_for_group);
	ck_assert_uint_eq(found(FILCH_HELD_WAIT_GROUP, "", wait_for_group), 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("held_locks_sites");
	TCase *one = case_of(suite, "one", use_one, drop);

	clear_variables();
	tcase_add_test(one, waits_of_one_kind_at_two_places_are_told_apart);
	tcase_add_test(one, the_place_of_a_wait_for_a_group_is_told);
	return run_suite(suite);
}
