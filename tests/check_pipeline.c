/* SPDX-License-Identifier: BSD-2-Clause */
/* What a pipeline is: its items, their order, its memory, what it counts. */
#include "pipelines.h"

/* -- What is a pipeline -- */

START_TEST(create_wants_a_source_that_is_not_parallel_and_stages_that_run)
{
	filch_stage stage[2] = { everything[0], everything[1] };

	options.tokens = 4;
	ck_assert_int_eq(filch_pipeline_create(NULL, stage, 2, NULL), FILCH_INVAL);
	ck_assert_int_eq(filch_pipeline_create(&pipeline, NULL, 2, &options), FILCH_INVAL);
	ck_assert_int_eq(filch_pipeline_create(&pipeline, stage, 0, &options), FILCH_INVAL);
	stage[0].kind = FILCH_STAGE_PARALLEL;
	ck_assert_int_eq(filch_pipeline_create(&pipeline, stage, 2, &options), FILCH_INVAL);
	stage[0].kind = 3;
	ck_assert_int_eq(filch_pipeline_create(&pipeline, stage, 2, &options), FILCH_INVAL);
	stage[0].kind = FILCH_STAGE_SERIAL;
	stage[1].run = NULL;
	ck_assert_int_eq(filch_pipeline_create(&pipeline, stage, 2, &options), FILCH_INVAL);
	stage[1].run = mix;
	options.size = 3;
	ck_assert_int_eq(filch_pipeline_create(&pipeline, stage, 2, &options), FILCH_INVAL);
	options.size = sizeof(options);
	options.item_size = SIZE_MAX / 2;
	ck_assert_int_eq(filch_pipeline_create(&pipeline, stage, 2, &options), FILCH_NOMEM);
	options.item_size = SIZE_MAX / 16;
	options.tokens = SIZE_MAX / 16;
	ck_assert_int_eq(filch_pipeline_create(&pipeline, stage, 2, &options), FILCH_NOMEM);
	ck_assert_ptr_null(pipeline);
	ck_assert_int_eq(filch_pipeline_run(NULL, FILCH_FOREVER), FILCH_INVAL);
	ck_assert_int_eq(filch_pipeline_destroy(NULL), FILCH_OK);
}
END_TEST

START_TEST(tokens_are_four_for_each_worker_unless_said)
{
	make(3);
	ck_assert_uint_eq(filch_pipeline_tokens(pipeline), 12);
	end();
	options.tokens = 5;
	make(FILCH_NO_WORKERS);
	ck_assert_uint_eq(filch_pipeline_tokens(pipeline), 5);
	end();
}
END_TEST

static int
pointer_source(void *next, void *slot)
{
	static size_t values[8] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	size_t *at = next;

	MUST((uintptr_t)slot % 64 == 0);
	if (*at == 8)
		return FILCH_CLOSED;
	*(size_t **)slot = &values[(*at)++];
	return FILCH_OK;
}

static int
pointer_sink(void *sum, void *slot)
{
	*(size_t *)sum = *(size_t *)sum * 10 + **(size_t **)slot;
	return FILCH_OK;
}

START_TEST(an_item_is_a_pointer_unless_a_size_is_given)
{
	size_t next = 0, digits = 0;
	filch_stage stage[2] = {
		{ pointer_source, &next, FILCH_STAGE_SERIAL, NULL },
		{ pointer_sink, &digits, FILCH_STAGE_ORDERED, NULL },
	};

	ck_assert_int_eq(filch_pipeline_create(&pipeline, stage, 2, NULL), FILCH_OK);
	ck_assert_int_eq(filch_pipeline_run(pipeline, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(digits, 1234567);
	end();
}
END_TEST

/* -- Order, number, memory -- */

START_TEST(every_item_passes_every_stage_and_leaves_in_order)
{
	uint64_t folded = 0;

	run.work = 50;
	make(worker_counts[_i]);
	ck_assert_int_eq(filch_pipeline_run(pipeline, FILCH_FOREVER), FILCH_OK);
	assert_prefix(run.items);
	ck_assert_uint_eq(run.sum, run.items * (run.items - 1) / 2);
	for (size_t i = 0; i < run.items; i++) {
		struct item item = { i, i, NULL };

		MUST(mix(NULL, &item) == FILCH_OK && mix(NULL, &item) == FILCH_OK);
		folded = folded * 31 + item.value;
	}
	ck_assert_uint_eq(run.fold, folded);
	for (size_t s = 0; s < MOST_STAGES; s++) {
		ck_assert_uint_eq(stats_of(s).items, run.items);
		ck_assert_uint_eq(stats_of(s).waiting, 0);
	}
	end();
}
END_TEST

START_TEST(no_more_items_than_tokens_are_under_way)
{
	static const size_t tokens[] = { 1, 2, 3, 7, 64 };

	for (size_t i = 0; i < 5; i++) {
		setup();
		options.tokens = tokens[i];
		make(worker_counts[_i]);
		ck_assert_int_eq(filch_pipeline_run(pipeline, FILCH_FOREVER), FILCH_OK);
		assert_prefix(run.items);
		ck_assert_uint_le(count_of(&run.in_flight_max), tokens[i]);
		end();
	}
}
END_TEST

START_TEST(a_pipeline_runs_again_and_its_counters_go_on)
{
	make(worker_counts[_i]);
	for (size_t round = 1; round <= 5; round++) {
		run.made = run.collected = 0;
		ck_assert_int_eq(filch_pipeline_run(pipeline, FILCH_FOREVER), FILCH_OK);
		assert_prefix(run.items);
		ck_assert_uint_eq(stats_of(4).items, round * run.items);
	}
	/* A source that is at its end at once. */
	run.collected = 0;
	run.made = run.items = 0;
	ck_assert_int_eq(filch_pipeline_run(pipeline, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(run.collected, 0);
	end();
}
END_TEST

START_TEST(a_source_alone_is_a_pipeline)
{
	size_t next = 0;
	filch_stage stage = { pointer_source, &next, FILCH_STAGE_SERIAL, "source" };

	options.tokens = 1;
	pool = pool_with(worker_counts[_i]);
	options.pool = pool;
	ck_assert_int_eq(filch_pipeline_create(&pipeline, &stage, 1, &options), FILCH_OK);
	ck_assert_int_eq(filch_pipeline_run(pipeline, FILCH_FOREVER), FILCH_OK);
	ck_assert_uint_eq(next, 8);
	end();
}
END_TEST

/* One allocator for the pool and the pipeline. */
static flc_atomic allocations;

static void *
allocate(void *context, size_t size, size_t align)
{
	void *memory = NULL;

	(void)context;
	count_up(&allocations);
	return posix_memalign(&memory, align < 16 ? 16 : align, size) == 0 ? memory : NULL;
}

static void
release(void *context, void *memory, size_t size)
{
	(void)context;
	(void)size;
	free(memory);
}

START_TEST(nothing_is_allocated_for_an_item)
{
	static const filch_allocator allocator = { allocate, release, NULL };
	filch_pool_options pool_options = FILCH_POOL_OPTIONS_INIT;
	size_t before;

	pool_options.workers = worker_counts[_i];
	pool_options.allocator = &allocator;
	pool = pool_by(&pool_options);
	options.pool = pool;
	options.allocator = &allocator;
	before = count_of(&allocations);
	ck_assert_int_eq(filch_pipeline_create(&pipeline, everything, MOST_STAGES, &options),
	    FILCH_OK);
	ck_assert_uint_eq(count_of(&allocations), before + 1);
	/* The pool's own: a deque for each worker and guest that pushes its first job, a
	 * guest; they are there after a while, whatever the length. */
	for (size_t length = 500; length <= 50000; length *= 10) {
		run.items = length;
		run.made = run.collected = 0;
		before = count_of(&allocations);
		ck_assert_int_eq(filch_pipeline_run(pipeline, FILCH_FOREVER), FILCH_OK);
		ck_assert_uint_eq(run.collected, length);
		ck_assert_uint_le(count_of(&allocations) - before, 3 * filch_worker_limit(pool));
	}
	end();
}
END_TEST

static void *
refuse(void *context, size_t size, size_t align)
{
	(void)context;
	(void)size;
	(void)align;
	return NULL;
}

START_TEST(without_memory_there_is_no_pipeline)
{
	static const filch_allocator allocator = { refuse, release, NULL };

	options.allocator = &allocator;
	options.tokens = 2;
	ck_assert_int_eq(filch_pipeline_create(&pipeline, everything, MOST_STAGES, &options),
	    FILCH_NOMEM);
	ck_assert_ptr_null(pipeline);
}
END_TEST

/* -- Ordered map -- */

START_TEST(an_ordered_map_gives_results_in_the_order_of_its_source)
{
	run.items = 3000;
	run.work = 30;
	options.tokens = 9;
	options.pool = pool = pool_with(worker_counts[_i]);
	ck_assert_int_eq(filch_map_ordered(source, mix, collect, NULL, &options, FILCH_FOREVER),
	    FILCH_OK);
	assert_prefix(run.items);
	ck_assert_uint_le(count_of(&run.in_flight_max), 9);
	ck_assert_int_eq(filch_map_ordered(source, NULL, collect, NULL, &options, FILCH_FOREVER),
	    FILCH_INVAL);
	end_pool(pool);
}
END_TEST

/* -- Counters -- */

START_TEST(there_are_stats_of_each_stage_and_of_no_other)
{
	filch_stage_metrics stats;

	make(1);
	ck_assert_int_eq(filch_pipeline_stats(NULL, 0, &stats, sizeof(stats)), FILCH_INVAL);
	ck_assert_int_eq(filch_pipeline_stats(pipeline, MOST_STAGES, &stats, sizeof(stats)),
	    FILCH_INVAL);
	ck_assert_int_eq(filch_pipeline_stats(pipeline, 0, NULL, sizeof(stats)), FILCH_INVAL);
	ck_assert_str_eq(stats_of(4).name, "fold");
	ck_assert_int_eq(stats_of(4).kind, FILCH_STAGE_ORDERED);
	ck_assert_uint_eq(stats_of(4).elapsed_ns, 0);
	end();
}
END_TEST

/* The first item stays until seven others wait behind it, and the source for one of the
 * eight tokens; then for 20 ms more. */
static int
hold_up(void *unused, void *slot)
{
	const struct item *item = slot;
	uint64_t until = in_ms(60000);

	(void)unused;
	if (item->number != 0)
		return FILCH_OK;
	while (stats_of(2).waiting < 7 || stats_of(0).waiting < 1) {
		if (filch_now() > until)
			return 9;
		pause_ms(1);
	}
	/* Time itself is counted. */
	pause_ms(20);
	return FILCH_OK;
}

START_TEST(items_wait_before_the_slow_stage_and_the_source_for_them)
{
	filch_stage stage[4] = {
		everything[0], everything[1], { hold_up, NULL, FILCH_STAGE_ORDERED, "hold up" },
		everything[5]
	};
	filch_stage_metrics slowest, first;

	run.items = 50;
	options.tokens = 8;
	options.pool = pool = pool_with(2);
	ck_assert_int_eq(filch_pipeline_create(&pipeline, stage, 4, &options), FILCH_OK);
	ck_assert_int_eq(filch_pipeline_run(pipeline, FILCH_FOREVER), FILCH_OK);
	assert_prefix(run.items);
	slowest = stats_of(2);
	first = stats_of(0);
	ck_assert_uint_ge(slowest.waits, 7);
	ck_assert_uint_eq(slowest.waiting_max, 7);
	ck_assert_uint_ge(slowest.wait_ns, 7 * 19 * MS);
	ck_assert_uint_ge(slowest.busy_ns, 19 * MS);
	ck_assert_uint_ge(first.waits, 1);
	ck_assert_uint_eq(first.waiting_max, 1);
	ck_assert_uint_ge(first.wait_ns, 19 * MS);
	ck_assert_uint_ge(first.elapsed_ns, 19 * MS);
	ck_assert_uint_le(slowest.busy_ns, slowest.elapsed_ns);
	ck_assert_uint_eq(slowest.waiting + first.waiting, 0);
	end();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("pipeline");
	TCase *tcase = case_of(suite, "pipeline", setup, NULL);

	tcase_add_test(tcase, create_wants_a_source_that_is_not_parallel_and_stages_that_run);
	tcase_add_test(tcase, tokens_are_four_for_each_worker_unless_said);
	tcase_add_test(tcase, an_item_is_a_pointer_unless_a_size_is_given);
	tcase_add_loop_test(tcase, every_item_passes_every_stage_and_leaves_in_order, 0,
	    ALL_COUNTS);
	tcase_add_loop_test(tcase, no_more_items_than_tokens_are_under_way, 0, ALL_COUNTS);
	tcase_add_loop_test(tcase, a_pipeline_runs_again_and_its_counters_go_on, 0, ALL_COUNTS);
	tcase_add_loop_test(tcase, a_source_alone_is_a_pipeline, 0, ALL_COUNTS);
	tcase_add_loop_test(tcase, nothing_is_allocated_for_an_item, 0, ALL_COUNTS);
	tcase_add_test(tcase, without_memory_there_is_no_pipeline);
	tcase_add_loop_test(tcase, an_ordered_map_gives_results_in_the_order_of_its_source, 0,
	    ALL_COUNTS);
	tcase_add_test(tcase, there_are_stats_of_each_stage_and_of_no_other);
	tcase_add_test(tcase, items_wait_before_the_slow_stage_and_the_source_for_them);
	return run_suite(suite);
}
