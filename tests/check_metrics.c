/* SPDX-License-Identifier: BSD-2-Clause */
#include "pools.h"

#include <stdio.h>

static filch_pool *pool;
static flc_atomic runs, stop;

static int
count_task(void *unused)
{
	(void)unused;
	count_up(&runs);
	return FILCH_OK;
}

static int
nothing(void *unused)
{
	(void)unused;
	return FILCH_OK;
}

static int
count_range(void *unused, size_t begin, size_t end)
{
	(void)unused;
	for (volatile size_t i = 0; i < (end - begin) * 20; i++)
		;
	flc_add_full(&runs, end - begin);
	return FILCH_OK;
}

static int
tree(void *depth)
{
	return (size_t)depth == 0 ? FILCH_OK
	    : filch_join(tree, (void *)((size_t)depth - 1), tree, (void *)((size_t)depth - 1));
}

/* Some of everything. */
static int
work(void *unused)
{
	filch_group group = FILCH_GROUP_INIT;

	(void)unused;
	for (int i = 0; i < 200; i++)
		MUST(filch_group_spawn(&group, count_task, NULL) == FILCH_OK);
	MUST(filch_for(0, 20000, count_range, NULL, NULL) == FILCH_OK);
	MUST(filch_join(tree, (void *)8, tree, (void *)8) == FILCH_OK);
	return filch_group_wait(&group, FILCH_FOREVER);
}

static filch_metrics
snapshot(void)
{
	filch_metrics m;

	memset(&m, 0xff, sizeof(m));
	MUST(filch_metrics_snapshot(pool, &m, sizeof(m)) == FILCH_OK);
	MUST(m.size == sizeof(m));
	return m;
}

static uint64_t
total(const uint64_t *counts, int n)
{
	uint64_t sum = 0;

	for (int i = 0; i < n; i++)
		sum += counts[i];
	return sum;
}

/* Until no thread of the pool is awake. */
static void
come_to_rest(void)
{
	until_active(pool, 0);
}

START_TEST(at_rest_attempts_are_steals_and_misses)
{
	pool = pool_with(worker_counts[_i]);
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(filch_pool_run(pool, work, NULL), FILCH_OK);
	come_to_rest();
	filch_metrics m = snapshot();
	uint64_t steals = total(m.sum.steals, FILCH_DISTANCES);

	ck_assert_uint_eq(total(m.sum.steal_attempts, FILCH_DISTANCES),
	    steals + m.sum.misses_empty + m.sum.misses_lost);
	ck_assert_uint_eq(m.sum.stolen_tasks, steals);
	ck_assert_uint_gt(m.sum.tasks_run, 0);
	ck_assert_uint_eq(m.injected_depth, 0);
	end_pool(pool);
}
END_TEST

START_TEST(tasks_and_chunks_are_counted)
{
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;
	filch_group group = FILCH_GROUP_INIT;
	filch_metrics before, after;

	how.pool = group.pool = pool = pool_with(worker_counts[_i]);
	how.grain_exact = 10;
	before = snapshot();
	for (int i = 0; i < 100; i++)
		filch_group_spawn(&group, nothing, NULL);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_OK);
	come_to_rest();
	after = snapshot();
	ck_assert_uint_eq(after.sum.tasks_run - before.sum.tasks_run
	    + after.sum.tasks_inlined - before.sum.tasks_inlined, 100);
	ck_assert_uint_eq(after.sum.injected_run - before.sum.injected_run,
	    worker_counts[_i] == FILCH_NO_WORKERS ? 0 : 100);
	before = after;
	ck_assert_int_eq(filch_for(0, 1000, count_range, NULL, &how), FILCH_OK);
	come_to_rest();
	after = snapshot();
	/* A stolen range counts, and so do its chunks. */
	ck_assert_uint_ge(after.sum.tasks_run - before.sum.tasks_run, 100);
	ck_assert_uint_le(after.sum.tasks_run - before.sum.tasks_run, 200);
	end_pool(pool);
}
END_TEST

/* -- Times -- */

struct span {
	uint64_t begin;      /* before the pool was made */
	uint64_t made;       /* after */
	size_t workers;
};

static int
check_row(void *context, const filch_worker_metrics *row)
{
	const struct span *span = context;
	uint64_t lived = total(row->time_ns, FILCH_STATES);

	if (row->kind != FILCH_SLOT_WORKER)
		return FILCH_OK;
	/* 1 %, and what a busy machine puts between two looks at the clock. */
	ck_assert_uint_le(lived, (filch_now() - span->begin) * 101 / 100 + 10 * MS);
	ck_assert_uint_ge(lived + 200 * MS, (filch_now() - span->made) * 99 / 100);
	return FILCH_OK;
}

START_TEST(the_times_of_a_workers_states_sum_to_its_life)
{
	struct span span = { filch_now(), 0, 2 };

	pool = pool_with(span.workers);
	ck_assert_int_eq(filch_pool_broadcast(pool, nothing, NULL, FILCH_FOREVER), FILCH_OK);
	span.made = filch_now();
	/* Time itself: a life of a second. */
	for (uint64_t until = in_ms(1000); filch_now() < until; pause_ms(5))
		ck_assert_int_eq(filch_pool_run(pool, work, NULL), FILCH_OK);
	ck_assert_int_eq(filch_metrics_foreach_worker(pool, check_row, &span), FILCH_OK);
	end_pool(pool);
}
END_TEST

static int
sleep_in_chunk(void *unused, size_t begin, size_t end)
{
	(void)unused;
	/* Time itself is counted, here and below. */
	pause_ms(100 * (end - begin));
	return FILCH_OK;
}

START_TEST(working_and_parking_are_told_apart)
{
	filch_for_options how = FILCH_FOR_OPTIONS_INIT;
	filch_metrics before, after, delta;

	how.pool = pool = pool_with(2);
	how.grain_exact = 1;
	come_to_rest();
	before = snapshot();
	ck_assert_int_eq(filch_for(0, 4, sleep_in_chunk, NULL, &how), FILCH_OK);
	pause_ms(200);
	after = snapshot();
	filch_metrics_delta(&before, &after, &delta);
	ck_assert_uint_ge(delta.sum.time_ns[FILCH_STATE_RUN], 390 * MS);
	ck_assert_uint_ge(delta.sum.time_ns[FILCH_STATE_PARKED], 100 * MS);
	ck_assert_uint_eq(after.workers, 2);
	end_pool(pool);
}
END_TEST

/* -- Under load -- */

static void *
load_main(void *unused)
{
	(void)unused;
	while (count_of(&stop) == 0)
		ck_assert_int_eq(filch_pool_run(pool, work, NULL), FILCH_OK);
	return NULL;
}

static void
assert_grown(const filch_worker_metrics *before, const filch_worker_metrics *after)
{
#define GROWN(field, name, help) MUST(after->field >= before->field);
	FILCH_WORKER_COUNTER_MAP(GROWN)
#undef GROWN
	for (int d = 0; d < FILCH_DISTANCES; d++) {
		MUST(after->steal_attempts[d] >= before->steal_attempts[d]);
		MUST(after->steals[d] >= before->steals[d]);
	}
}

START_TEST(snapshots_under_load_keep_the_invariants)
{
	pthread_t thread[3];
	filch_metrics before;

	pool = pool_with(worker_counts[_i]);
	before = snapshot();
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, load_main, NULL), 0);
	for (int i = 0; i < 500; i++) {
		filch_metrics m = snapshot();

		ck_assert_uint_ge(total(m.sum.steal_attempts, FILCH_DISTANCES),
		    total(m.sum.steals, FILCH_DISTANCES) + m.sum.misses_empty + m.sum.misses_lost);
		for (int d = 0; d < FILCH_DISTANCES; d++)
			ck_assert_uint_ge(m.sum.steal_attempts[d], m.sum.steals[d]);
		assert_grown(&before.sum, &m.sum);
		before = m;
	}
	flc_store_release(&stop, 1);
	for (int i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	end_pool(pool);
}
END_TEST

/* -- The rest -- */

START_TEST(delta_subtracts_and_may_write_over_either)
{
	filch_metrics a, b, d;

	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	a.sum.tasks_run = 3;
	a.sum.steals[1] = 4;
	a.sum.time_ns[0] = 10;
	b.sum.tasks_run = 10;
	b.sum.steals[1] = 6;
	b.sum.time_ns[0] = 15;
	b.active = 7;
	filch_metrics_delta(&a, &b, &d);
	ck_assert_uint_eq(d.sum.tasks_run, 7);
	ck_assert_uint_eq(d.sum.steals[1], 2);
	ck_assert_uint_eq(d.sum.time_ns[0], 5);
	ck_assert_uint_eq(d.active, 7);
	filch_metrics_delta(&a, &b, &a);
	ck_assert_int_eq(memcmp(&a, &d, sizeof(d)), 0);
	memset(&a, 0, sizeof(a));
	filch_metrics_delta(&a, &b, &b);
	ck_assert_uint_eq(b.sum.tasks_run, 10);
}
END_TEST

START_TEST(a_smaller_struct_of_an_older_program_is_filled_as_far_as_it_goes)
{
	struct {
		filch_metrics m;
		char beyond[8];
	} s;
	size_t size = offsetof(filch_metrics, sum) + offsetof(filch_worker_metrics, steals);

	pool = pool_with(1);
	memset(&s, 0x55, sizeof(s));
	ck_assert_int_eq(filch_metrics_snapshot(pool, &s.m, size), FILCH_OK);
	ck_assert_uint_eq(s.m.size, size);
	for (size_t i = size; i < sizeof(s); i++)
		ck_assert_int_eq(((char *)&s)[i], 0x55);
	ck_assert_int_eq(filch_metrics_snapshot(pool, &s.m, 4), FILCH_INVAL);
	ck_assert_int_eq(filch_metrics_snapshot(pool, NULL, sizeof(s.m)), FILCH_INVAL);
	end_pool(pool);
}
END_TEST

static int
stop_at_second(void *calls, const filch_worker_metrics *row)
{
	(void)row;
	return ++*(int *)calls == 2 ? 55 : FILCH_OK;
}

START_TEST(a_visitor_may_stop)
{
	int visits = 0;

	pool = pool_with(3);
	ck_assert_int_eq(filch_pool_broadcast(pool, nothing, NULL, FILCH_FOREVER), FILCH_OK);
	ck_assert_int_eq(filch_metrics_foreach_worker(pool, stop_at_second, &visits), 55);
	ck_assert_int_eq(visits, 2);
	ck_assert_int_eq(filch_metrics_foreach_worker(pool, NULL, NULL), FILCH_INVAL);
	end_pool(pool);
}
END_TEST

START_TEST(the_table_has_a_line_per_worker_and_one_for_all)
{
	static char text[20000];
	FILE *file = tmpfile();
	size_t length, lines = 0, width = 0;

	pool = pool_with(3);
	ck_assert_int_eq(filch_pool_broadcast(pool, nothing, NULL, FILCH_FOREVER), FILCH_OK);
	ck_assert_int_eq(filch_metrics_write(pool, FILCH_METRICS_TEXT, filch_write_file, file),
	    FILCH_OK);
	rewind(file);
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"), lines++) {
		if (lines == 0)
			width = strlen(line);
		ck_assert_uint_eq(strlen(line), width);
		if (lines == 1)
			ck_assert_ptr_nonnull(strstr(line, " w0 "));
	}
	/* The heading, three workers, this thread as a guest, all. */
	ck_assert_uint_eq(lines, 6);
	ck_assert_int_eq(filch_metrics_write(pool, 99, filch_write_file, stderr),
	    FILCH_UNSUPPORTED);
	ck_assert_int_eq(filch_metrics_write(pool, FILCH_METRICS_TEXT, NULL, NULL), FILCH_INVAL);
	end_pool(pool);
}
END_TEST

static int
refuse(void *context, const char *text, size_t length)
{
	(void)context;
	(void)text;
	(void)length;
	return 66;
}

START_TEST(a_writer_may_stop)
{
	pool = pool_with(1);
	ck_assert_int_eq(filch_metrics_write(pool, FILCH_METRICS_TEXT, refuse, NULL), 66);
	end_pool(pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("metrics");
	TCase *metrics = case_of(suite, "metrics", NULL, NULL);

	tcase_add_loop_test(metrics, at_rest_attempts_are_steals_and_misses, 0, ALL_COUNTS);
	tcase_add_loop_test(metrics, tasks_and_chunks_are_counted, 0, ALL_COUNTS);
	tcase_add_test(metrics, the_times_of_a_workers_states_sum_to_its_life);
	tcase_add_test(metrics, working_and_parking_are_told_apart);
	tcase_add_loop_test(metrics, snapshots_under_load_keep_the_invariants, 0, ALL_COUNTS);
	tcase_add_test(metrics, delta_subtracts_and_may_write_over_either);
	tcase_add_test(metrics, a_smaller_struct_of_an_older_program_is_filled_as_far_as_it_goes);
	tcase_add_test(metrics, a_visitor_may_stop);
	tcase_add_test(metrics, the_table_has_a_line_per_worker_and_one_for_all);
	tcase_add_test(metrics, a_writer_may_stop);
	return run_suite(suite);
}
