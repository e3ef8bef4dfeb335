/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs of a pipeline that fail, are canceled, or have others beside them. */
#include "pipelines.h"

/* -- Failures -- */

START_TEST(the_lowest_failing_item_wins_and_those_before_it_leave)
{
	run.work = 20;
	run.fail_at[0] = 700;
	run.fail_at[1] = 412;
	run.fail_at[2] = 413;
	make(worker_counts[_i]);
	ck_assert_int_eq(filch_pipeline_run(pipeline, FILCH_FOREVER), 101);
	assert_prefix(412);
	/* And it can be run again. */
	run.made = run.collected = 0;
	flc_store_relaxed(&run.discarded, 0);
	run.fail_at[0] = run.fail_at[1] = run.fail_at[2] = SIZE_MAX;
	ck_assert_int_eq(filch_pipeline_run(pipeline, FILCH_FOREVER), FILCH_OK);
	assert_prefix(run.items);
	end();
}
END_TEST

START_TEST(a_failing_source_fails_the_run_after_what_it_made)
{
	run.fail_source_at = 300;
	make(worker_counts[_i]);
	ck_assert_int_eq(filch_pipeline_run(pipeline, FILCH_FOREVER), 7);
	assert_prefix(300);
	setup();
	/* But an item that fails before it wins. */
	run.fail_source_at = 300;
	run.fail_at[3] = 298;
	end();
	make(worker_counts[_i]);
	ck_assert_int_eq(filch_pipeline_run(pipeline, FILCH_FOREVER), 103);
	assert_prefix(298);
	end();
}
END_TEST

START_TEST(a_token_that_is_requested_cancels_and_what_left_is_a_prefix)
{
	run.items = MOST_ITEMS;
	flc_store_relaxed(&run.cancel_at, 250);
	make(worker_counts[_i]);
	ck_assert_int_eq(filch_pipeline_run(pipeline, FILCH_FOREVER), FILCH_CANCELED);
	ck_assert_uint_lt(run.collected, run.items);
	assert_prefix(run.collected);
	/* Canceled before it begins: the source is not called. */
	run.collected = run.made = 0;
	flc_store_relaxed(&run.discarded, 0);
	ck_assert_int_eq(filch_pipeline_run(pipeline, FILCH_FOREVER), FILCH_CANCELED);
	ck_assert_uint_eq(run.made, 0);
	end();
}
END_TEST

static int
endless_source(void *unused, void *slot)
{
	if (run.made == 1000)
		run.made = 0;
	return source(unused, slot);
}

static int
endless_sink(void *unused, void *slot)
{
	(void)unused;
	end_item(slot);
	run.collected++;
	return FILCH_OK;
}

START_TEST(the_deadline_ends_a_run_without_end)
{
	filch_stage stage[3] = {
		{ endless_source, NULL, FILCH_STAGE_ORDERED, "source" },
		everything[1],
		{ endless_sink, NULL, FILCH_STAGE_ORDERED, "sink" },
	};

	pool = pool_with(worker_counts[_i]);
	options.pool = pool;
	options.discard = discard;
	options.discard_context = &run;
	ck_assert_int_eq(filch_pipeline_create(&pipeline, stage, 3, &options), FILCH_OK);
	ck_assert_int_eq(filch_pipeline_run(pipeline, 0), FILCH_TIMEOUT);
	ck_assert_uint_eq(run.made, 0);
	ck_assert_int_eq(filch_pipeline_run(pipeline, in_ms(30)), FILCH_TIMEOUT);
	ck_assert_uint_eq(count_of(&run.living), 0);
	ck_assert_uint_eq(stats_of(0).items, run.collected + count_of(&run.discarded));
	ck_assert_uint_eq(stats_of(1).discarded + stats_of(2).discarded, count_of(&run.discarded));
	end();
}
END_TEST

static int
run_and_be_canceled(void *status)
{
	*(int *)status = filch_pipeline_run(pipeline, FILCH_FOREVER);
	return FILCH_OK;
}

/* In the stage, so that there is an item under way when the group is canceled. */
static int
until_canceled(void *unused, void *slot)
{
	uint64_t until = in_ms(60000);

	(void)unused;
	(void)slot;
	count_up(&run.inside);
	while (!filch_canceled())
		MUST(filch_now() < until);
	return FILCH_OK;
}

START_TEST(cancellation_around_it_reaches_its_stages)
{
	filch_stage stage[3] = {
		everything[0], { until_canceled, NULL, FILCH_STAGE_PARALLEL, "wait" },
		everything[5]
	};
	filch_group group = FILCH_GROUP_INIT;
	int status = 0;

	options.pool = group.pool = pool = pool_with(worker_counts[_i]);
	options.discard = discard;
	options.discard_context = &run;
	ck_assert_int_eq(filch_pipeline_create(&pipeline, stage, 3, &options), FILCH_OK);
	ck_assert_int_eq(filch_group_spawn(&group, run_and_be_canceled, &status), FILCH_OK);
	ck_assert(reaches(&run.inside, 1));
	filch_group_cancel(&group);
	ck_assert_int_eq(filch_group_wait(&group, FILCH_FOREVER), FILCH_CANCELED);
	ck_assert_int_eq(status, FILCH_CANCELED);
	ck_assert_uint_eq(run.collected, 0);
	ck_assert_uint_eq(count_of(&run.living), 0);
	end();
}
END_TEST

/* -- Parallel, and without anybody waiting -- */

static int
meet(void *unused, void *slot)
{
	(void)unused;
	(void)slot;
	count_up(&run.inside);
	return reaches(&run.inside, 2) ? FILCH_OK : 9;
}

START_TEST(a_parallel_stage_has_several_items_at_a_time)
{
	filch_stage stage[3] = {
		everything[0], { meet, NULL, FILCH_STAGE_PARALLEL, "meet" }, everything[5]
	};

	run.items = 2;
	run_stages(stage, 3, 2);
	ck_assert_uint_eq(run.collected, 2);
	end();
}
END_TEST

/* Item 0 stays in its stage until all others that may be under way have left it. */
static int
first_stays(void *unused, void *slot)
{
	struct item *item = slot;

	(void)unused;
	if (item->number != 0) {
		count_up(&run.inside);
		return FILCH_OK;
	}
	return reaches(&run.inside, options.tokens - 1) ? FILCH_OK : 9;
}

START_TEST(a_worker_does_not_wait_for_a_turn)
{
	filch_stage stage[3] = {
		everything[0], { first_stays, NULL, FILCH_STAGE_PARALLEL, "stay" }, everything[5]
	};

	/* Two threads only: one stays with item 0, the other does 15 items. */
	options.tokens = 16;
	run_stages(stage, 3, 2);
	assert_prefix(run.items);
	/* The last of the 15 may come when item 0 has left. */
	ck_assert_uint_ge(stats_of(2).waits, 14);
	ck_assert_uint_ge(stats_of(2).waiting_max, 1);
	ck_assert_uint_le(stats_of(2).waiting_max, 15);
	end();
}
END_TEST

static flc_atomic nested_failures;

static int
nested_source(void *left, void *slot)
{
	*(size_t *)slot = *(size_t *)left;
	return (*(size_t *)left)-- == 0 ? FILCH_CLOSED : FILCH_OK;
}

static int
nested_map(void *unused, void *slot)
{
	(void)unused;
	*(size_t *)slot *= 3;
	return FILCH_OK;
}

struct nested {
	size_t left;          /* first: the source's */
	size_t sum, last;
};

static int
nested_sink(void *context, void *slot)
{
	struct nested *nested = context;

	if (nested->last != 0 && *(size_t *)slot + 3 != nested->last)
		count_up(&nested_failures);
	nested->last = *(size_t *)slot;
	nested->sum += *(size_t *)slot;
	return FILCH_OK;
}

static int
run_nested(void *unused, void *slot)
{
	struct nested nested = { 20, 0, 0 };

	(void)unused;
	(void)slot;
	if (filch_map_ordered(nested_source, nested_map, nested_sink, &nested, NULL,
	    FILCH_FOREVER) != FILCH_OK || nested.sum != 3 * 210)
		count_up(&nested_failures);
	return FILCH_OK;
}

START_TEST(stages_may_run_pipelines_of_their_own)
{
	filch_stage stage[4] = {
		everything[0], { run_nested, NULL, FILCH_STAGE_PARALLEL, "inner" },
		{ run_nested, NULL, FILCH_STAGE_ORDERED, "inner, in order" }, everything[5]
	};

	run.items = 100;
	run_stages(stage, 4, worker_counts[_i]);
	ck_assert_uint_eq(count_of(&nested_failures), 0);
	assert_prefix(run.items);
	end();
}
END_TEST

static int
run_it_again(void *unused, void *slot)
{
	(void)unused;
	(void)slot;
	ck_assert_int_eq(filch_pipeline_run(pipeline, FILCH_FOREVER), FILCH_BUSY);
	ck_assert_int_eq(filch_pipeline_destroy(pipeline), FILCH_BUSY);
	return FILCH_OK;
}

START_TEST(one_run_at_a_time)
{
	filch_stage stage[3] = {
		everything[0], { run_it_again, NULL, FILCH_STAGE_SERIAL, "again" }, everything[5]
	};

	run.items = 3;
	run_stages(stage, 3, 2);
	end();
}
END_TEST

/* -- Stress -- */

/* Random shapes, tokens, failures and cancellations; on threads at once. */
static void
one_random_run(uint64_t *state, bool inside)
{
	struct nested nested = { random_of(state) % 300, 0, 0 };
	size_t n = nested.left;
	filch_pipeline_options mine = FILCH_PIPELINE_OPTIONS_INIT;

	mine.item_size = sizeof(size_t);
	mine.tokens = 1 + random_of(state) % 20;
	if (!inside)
		mine.pool = pool;
	MUST(filch_map_ordered(nested_source, nested_map, nested_sink, &nested, &mine,
	    FILCH_FOREVER) == FILCH_OK);
	MUST(nested.sum == 3 * n * (n + 1) / 2);
}

static void *
random_runs(void *unused)
{
	uint64_t state = (uint64_t)(uintptr_t)&unused | 1;

	(void)unused;
	for (size_t i = 0; i < rounds(60); i++)
		one_random_run(&state, false);
	return NULL;
}

START_TEST(pipelines_of_many_threads_share_a_pool)
{
	pool = pool_with(worker_counts[_i]);
	run_threads(4, random_runs, NULL);
	ck_assert_uint_eq(count_of(&nested_failures), 0);
	end_pool(pool);
}
END_TEST

START_TEST(failures_and_cancellations_at_random_leave_nothing_behind)
{
	uint64_t state = 0x9e3779b97f4a7c15u + (uint64_t)_i;

	for (size_t i = 0; i < rounds(40); i++) {
		size_t lowest = SIZE_MAX, at;
		int status;

		setup();
		run.items = random_of(&state) % 400;
		options.tokens = 1 + random_of(&state) % 33;
		for (size_t k = 0; k < 4; k++)
			if (random_of(&state) % 3 == 0)
				run.fail_at[k] = 1000 * k + random_of(&state) % 500;
		at = random_of(&state) % 5 == 0 ? random_of(&state) % 500 : SIZE_MAX;
		flc_store_relaxed(&run.cancel_at, at);
		for (size_t k = 0; k < 4; k++)
			if (run.fail_at[k] < run.items && run.fail_at[k] < lowest)
				lowest = run.fail_at[k];
		make(worker_counts[_i]);
		status = filch_pipeline_run(pipeline, FILCH_FOREVER);
		if (at >= run.items && lowest == SIZE_MAX)
			ck_assert_int_eq(status, FILCH_OK);
		else if (at == SIZE_MAX)
			ck_assert(status >= 100);
		else
			ck_assert(status == FILCH_CANCELED || status >= 100);
		assert_prefix(at == SIZE_MAX && lowest != SIZE_MAX ? lowest
		    : status == FILCH_OK ? run.items : run.collected);
		end();
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("pipeline_runs");
	TCase *tcase = case_of(suite, "pipeline_runs", setup, NULL);

	tcase_add_loop_test(tcase, the_lowest_failing_item_wins_and_those_before_it_leave, 0,
	    ALL_COUNTS);
	tcase_add_loop_test(tcase, a_failing_source_fails_the_run_after_what_it_made, 0,
	    ALL_COUNTS);
	tcase_add_loop_test(tcase, a_token_that_is_requested_cancels_and_what_left_is_a_prefix, 0,
	    ALL_COUNTS);
	tcase_add_loop_test(tcase, the_deadline_ends_a_run_without_end, 0, ALL_COUNTS);
	tcase_add_loop_test(tcase, cancellation_around_it_reaches_its_stages, 0, THREADED_COUNTS);
	tcase_add_test(tcase, a_parallel_stage_has_several_items_at_a_time);
	tcase_add_test(tcase, a_worker_does_not_wait_for_a_turn);
	tcase_add_loop_test(tcase, stages_may_run_pipelines_of_their_own, 0, ALL_COUNTS);
	tcase_add_test(tcase, one_run_at_a_time);
	tcase_add_loop_test(tcase, pipelines_of_many_threads_share_a_pool, 0, ALL_COUNTS);
	tcase_add_loop_test(tcase, failures_and_cancellations_at_random_leave_nothing_behind, 0,
	    ALL_COUNTS);
	return run_suite(suite);
}
