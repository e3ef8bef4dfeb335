/* SPDX-License-Identifier: BSD-2-Clause */
/* Every word of the lists: read, added up when rows are merged, zero in a new row. */
#include "count/page_rows.h"
#include "count/read.h"
#include "pools.h"
#include "report/capture.h"

#include <sys/wait.h>
#include <unistd.h>

static struct flc_worker_row *
worker_row(struct flc_pool_row **pool)
{
	*pool = flc_page_pool_row("twin");
	return flc_page_worker_row(*pool, 0, FILCH_SLOT_WORKER);
}

/* Each counter another number, times `by`. */
static void
count_in(struct flc_counters *counters, AO_t by)
{
	AO_t n = 1;

#define COUNT(field, name, help) flc_count(&counters->field, by * n++);
#define DURATION(field, name, help) \
	for (AO_t i = 0; i < by * n; i++) \
		flc_histogram_add(&counters->field, 0, false); \
	n++;
	FILCH_WORKER_COUNTER_MAP(COUNT)
	FILCH_WORKER_HISTOGRAM_MAP(DURATION)
#undef COUNT
#undef DURATION
	for (int d = 0; d < FILCH_DISTANCES; d++) {
		flc_count(&counters->attempts[d], by * n++);
		flc_count(&counters->steals[d], by * n++);
	}
	flc_counters_saw_depth(counters, by);
}

/* What so many counted together, and none saw more than `depth`; how many differ. */
static int
differences(const filch_worker_metrics *row, uint64_t by, uint64_t depth)
{
	uint64_t n = 1;
	int differ = 0;

#define COUNT(field, name, help) differ += row->field != by * n++;
#define DURATION(field, name, help) differ += flc_histogram_total(&row->field) != by * n++;
	FILCH_WORKER_COUNTER_MAP(COUNT)
	FILCH_WORKER_HISTOGRAM_MAP(DURATION)
#undef COUNT
#undef DURATION
	for (int d = 0; d < FILCH_DISTANCES; d++) {
		differ += row->steal_attempts[d] != by * n++;
		differ += row->steals[d] != by * n++;
	}
	return differ + (row->deque_high_water != depth);
}

static filch_worker_metrics
read_worker(struct flc_worker_row *row)
{
	filch_worker_metrics metrics = { .index = 0 };

	flc_counters_read(&row->counters, flc_counters_moment(), &metrics);
	return metrics;
}

/* Over all rows of workers. */
static filch_worker_metrics
all_workers(void)
{
	filch_worker_metrics row, sum = { .index = 0 };

	for (size_t i = 0; i < flc_page_rows(FLC_SECTION_WORKER); i++) {
		row = read_worker((void *)flc_page_row(FLC_SECTION_WORKER, i));
		flc_worker_metrics_add(&sum, &row);
	}
	return sum;
}

START_TEST(three_workers_in_turn_leave_the_sum_and_the_next_begins_at_zero)
{
	uint64_t by = 0;

	for (AO_t turn = 1; turn <= 3; turn++) {
		struct flc_pool_row *pool;
		struct flc_worker_row *row = worker_row(&pool);
		filch_worker_metrics all, mine = read_worker(row);

		ck_assert_int_eq(differences(&mine, 0, 0), 0);
		count_in(&row->counters, turn);
		mine = read_worker(row);
		ck_assert_int_eq(differences(&mine, turn, turn), 0);
		by += turn;
		flc_page_give_back(&row->row);
		flc_page_give_back(&pool->row);
		all = all_workers();
		ck_assert_int_eq(differences(&all, by, turn), 0);
	}
}
END_TEST

START_TEST(a_difference_has_every_count)
{
	struct flc_pool_row *pool;
	struct flc_worker_row *row = worker_row(&pool);
	filch_metrics before = { .size = sizeof(before) }, after = before, between;

	count_in(&row->counters, 2);
	before.sum = read_worker(row);
	count_in(&row->counters, 5);
	after.sum = read_worker(row);
	filch_metrics_delta(&before, &after, &between);
	/* The largest depth is no count. */
	ck_assert_int_eq(differences(&between.sum, 5, 5), 0);
}
END_TEST

/* -- Mutexes and channels -- */

static void
count_in_mutex(struct flc_mutex_row *row, AO_t by)
{
	AO_t n = 1;

#define COUNT(field, name, help) flc_row_count(&row->row, &row->field, by * n++);
#define DURATION(field, name, help) \
	for (AO_t i = 0; i < by; i++) \
		flc_row_time(&row->row, &row->field, 0);
	FILCH_MUTEX_COUNTER_MAP(COUNT)
	FILCH_MUTEX_HISTOGRAM_MAP(DURATION)
#undef DURATION
	flc_row_count(&row->row, &row->cond_wait, flc_ns_to_ticks(by * MS));
	flc_row_max(&row->row, &row->wait_max, flc_ns_to_ticks(by * MS));
}

static int
differ_mutex(const filch_mutex_metrics *m, uint64_t by, uint64_t longest)
{
	uint64_t n = 1;
	int differ = 0;

#define IS(field, name, help) differ += m->field != by * n++;
#define DURATION(field, name, help) differ += flc_histogram_total(&m->field) != by;
	FILCH_MUTEX_COUNTER_MAP(IS)
	FILCH_MUTEX_HISTOGRAM_MAP(DURATION)
	/* The clock's rate is a fraction. */
	differ += (m->cond_wait_ns + MS / 2) / MS != by;
	differ += (m->wait_max_ns + MS / 2) / MS != longest;
	return differ;
}

static void
count_in_channel(struct flc_channel_row *row, AO_t by)
{
	AO_t n = 1;

#undef DURATION
#define DURATION(field, name, help) \
	for (AO_t i = 0; i < by; i++) \
		flc_row_time(&row->row, &row->field, 0);
	FILCH_CHANNEL_COUNTER_MAP(COUNT)
	FILCH_CHANNEL_HISTOGRAM_MAP(DURATION)
#undef DURATION
	flc_row_max(&row->row, &row->depth_high_water, by);
}

static int
differ_channel(const filch_channel_metrics *m, uint64_t by, uint64_t depth)
{
	uint64_t n = 1;
	int differ = 0;

#define DURATION(field, name, help) differ += flc_histogram_total(&m->field) != by;
	FILCH_CHANNEL_COUNTER_MAP(IS)
	FILCH_CHANNEL_HISTOGRAM_MAP(DURATION)
	return differ + (m->depth_high_water != depth);
}

static int
add_mutex(void *sum, const filch_mutex_metrics *m)
{
	if (strcmp(m->name, "twin") == 0)
		flc_mutex_metrics_add(sum, m);
	return FILCH_OK;
}

static int
add_channel(void *sum, const filch_channel_metrics *m)
{
	if (strcmp(m->name, "twin") == 0)
		flc_channel_metrics_add(sum, m);
	return FILCH_OK;
}

START_TEST(three_mutexes_in_turn_leave_the_sum_and_the_next_begins_at_zero)
{
	uint64_t by = 0;

	for (AO_t turn = 1; turn <= 3; turn++) {
		struct flc_mutex_row *row = flc_page_mutex_row("twin");
		filch_mutex_metrics mine, all = { .live = 0 };

		(void)flc_mutex_row_read(row, &mine);
		ck_assert_int_eq(differ_mutex(&mine, 0, 0), 0);
		count_in_mutex(row, turn);
		by += turn;
		flc_page_give_back(&row->row);
		ck_assert_int_eq(filch_metrics_foreach_mutex(add_mutex, &all), FILCH_OK);
		ck_assert_int_eq(differ_mutex(&all, by, turn), 0);
	}
}
END_TEST

START_TEST(three_channels_in_turn_leave_the_sum_and_the_next_begins_at_zero)
{
	uint64_t by = 0;

	for (AO_t turn = 1; turn <= 3; turn++) {
		struct flc_channel_row *row = flc_page_channel_row("twin", 8);
		filch_channel_metrics mine, all = { .live = 0 };

		(void)flc_channel_row_read(row, &mine);
		ck_assert_int_eq(differ_channel(&mine, 0, 0), 0);
		count_in_channel(row, turn);
		by += turn;
		flc_page_give_back(&row->row);
		ck_assert_int_eq(filch_metrics_foreach_channel(add_channel, &all), FILCH_OK);
		ck_assert_int_eq(differ_channel(&all, by, turn), 0);
	}
}
END_TEST

/* -- Pools, and a child -- */

static filch_mutex mutex = FILCH_MUTEX_INIT("held");

static int
do_nothing(void *unused)
{
	(void)unused;
	return FILCH_OK;
}

/* Waits for a task while it holds the mutex. */
static int
wait_holding(void *unused)
{
	filch_group group = FILCH_GROUP_INIT;

	(void)unused;
	MUST(filch_mutex_lock(&mutex, FILCH_FOREVER) == FILCH_OK);
	MUST(filch_group_spawn(&group, do_nothing, NULL) == FILCH_OK);
	MUST(filch_group_wait(&group, FILCH_FOREVER) == FILCH_OK);
	filch_mutex_unlock(&mutex);
	return FILCH_OK;
}

/* Of all pools that ever had that name. */
static uint64_t
waits_holding_of(const char *name)
{
	struct flc_capture capture;
	uint64_t waits = 0;

	MUST(flc_capture_take(&capture, NULL, true) == FILCH_OK);
	for (size_t i = 0; i < capture.pools; i++)
		if (strcmp(capture.pool[i].name, name) == 0)
			waits += capture.pool[i].sum.waits_holding;
	flc_capture_release(&capture);
	return waits;
}

static filch_pool *
pool_named(const char *name)
{
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	options.workers = 1;
	options.name = name;
	return pool_by(&options);
}

START_TEST(three_pools_of_one_name_in_turn_keep_what_they_counted)
{
	uint64_t waits = 0;

	for (int turn = 0; turn < 3; turn++) {
		filch_pool *pool = pool_named("again");
		filch_metrics m;

		ck_assert_int_eq(filch_pool_run(pool, wait_holding, NULL), FILCH_OK);
		ck_assert_int_eq(filch_metrics_snapshot(pool, &m, sizeof(m)), FILCH_OK);
		ck_assert_uint_eq(m.sum.waits_holding, 1);
		ck_assert_uint_eq(waits_holding_of("again"), ++waits);
		end_pool(pool);
		ck_assert_uint_eq(waits_holding_of("again"), waits);
	}
	/* A pool of another name takes a row that is free by now. */
	filch_pool *pool = pool_named("another");

	ck_assert_int_eq(filch_pool_broadcast(pool, do_nothing, NULL, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(waits_holding_of("another"), 0);
	end_pool(pool);
}
END_TEST

START_TEST(a_child_takes_over_no_count)
{
	struct flc_pool_row *pool[2];
	struct flc_worker_row *gone, *live, *own;
	int status;
	pid_t child;

	gone = worker_row(&pool[0]);
	live = worker_row(&pool[1]);
	count_in(&gone->counters, 1);
	count_in(&live->counters, 2);
	flc_page_give_back(&gone->row);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		filch_worker_metrics mine, all;
		bool fair = flc_page() != NULL;

		all = all_workers();
		fair = fair && differences(&all, 0, 0) == 0;
		own = worker_row(&pool[0]);
		mine = read_worker(own);
		fair = fair && differences(&mine, 0, 0) == 0;
		count_in(&own->counters, 3);
		all = all_workers();
		_exit(fair && differences(&all, 3, 3) == 0 ? 17 : 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 17);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("words");
	TCase *words = case_of(suite, "words", NULL, NULL);

	tcase_add_test(words, three_workers_in_turn_leave_the_sum_and_the_next_begins_at_zero);
	tcase_add_test(words, three_mutexes_in_turn_leave_the_sum_and_the_next_begins_at_zero);
	tcase_add_test(words, three_channels_in_turn_leave_the_sum_and_the_next_begins_at_zero);
	tcase_add_test(words, a_difference_has_every_count);
	tcase_add_test(words, three_pools_of_one_name_in_turn_keep_what_they_counted);
	tcase_add_test(words, a_child_takes_over_no_count);
	return run_suite(suite);
}
