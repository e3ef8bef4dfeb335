/* SPDX-License-Identifier: BSD-2-Clause */
#include "pools.h"

#define MOST_ITEMS 100000
#define MOST_STAGES 6

/* An item as the stages of these tests see it. */
struct item {
	size_t number;
	uint64_t value;
	size_t *alive;        /* in the heap, so that a lost item is a leak */
};

/* What a run left behind; each serial stage writes without a lock, so that two
 * at a time in it are a race that ThreadSanitizer sees. */
static struct run {
	size_t items, made;
	size_t fail_source_at;  /* SIZE_MAX: nowhere */
	size_t fail_at[4];      /* items that fail in the parallel stage */
	flc_atomic cancel_at;
	filch_cancel cancel;
	size_t work;            /* rounds of a parallel stage */
	size_t order[MOST_ITEMS], collected;
	size_t sum;             /* the unordered serial stage */
	uint64_t fold;          /* over the ordered items: order counts */
	flc_atomic living, discarded, inside, in_flight, in_flight_max;
} run;

static filch_pool *pool;
static filch_pipeline *pipeline;
static filch_pipeline_options options;

static void
setup(void)
{
	clear_variables();
	memset(&run, 0, sizeof(run));
	run.items = 1000;
	run.fail_source_at = SIZE_MAX;
	for (size_t i = 0; i < 4; i++)
		run.fail_at[i] = SIZE_MAX;
	flc_store_relaxed(&run.cancel_at, SIZE_MAX);
	options = (filch_pipeline_options)FILCH_PIPELINE_OPTIONS_INIT;
	options.item_size = sizeof(struct item);
	pool = NULL;
}

static int
source(void *unused, void *slot)
{
	struct item *item = slot;

	(void)unused;
	if (run.made == run.fail_source_at)
		return 7;
	if (run.made >= run.items)
		return FILCH_CLOSED;
	item->number = run.made++;
	item->value = item->number;
	item->alive = malloc(sizeof(*item->alive));
	MUST(item->alive != NULL);
	*item->alive = item->number;
	count_up(&run.living);
	keep_highest(&run.in_flight_max, count_up(&run.in_flight) + 1);
	return FILCH_OK;
}

static void
end_item(struct item *item)
{
	MUST(item->alive != NULL && *item->alive == item->number);
	free(item->alive);
	item->alive = NULL;
	flc_add_full(&run.living, (size_t)-1);
	flc_add_full(&run.in_flight, (size_t)-1);
}

static void
discard(void *context, void *slot)
{
	MUST(context == &run);
	end_item(slot);
	count_up(&run.discarded);
}

static int
mix(void *unused, void *slot)
{
	struct item *item = slot;

	(void)unused;
	for (size_t i = 0; i <= run.work * (item->number % 5); i++)
		item->value = item->value * UINT64_C(6364136223846793005) + 1;
	for (size_t i = 0; i < 4; i++)
		if (item->number == run.fail_at[i])
			return 100 + (int)i;
	if (item->number >= count_of(&run.cancel_at))
		filch_cancel_request(&run.cancel);
	return FILCH_OK;
}

static int
add_up(void *unused, void *slot)
{
	struct item *item = slot;

	(void)unused;
	run.sum += item->number;
	return FILCH_OK;
}

static int
fold(void *unused, void *slot)
{
	struct item *item = slot;

	(void)unused;
	run.fold = run.fold * 31 + item->value;
	return FILCH_OK;
}

static int
collect(void *unused, void *slot)
{
	struct item *item = slot;

	(void)unused;
	run.order[run.collected++] = item->number;
	end_item(item);
	return FILCH_OK;
}

/* source, parallel, serial, parallel, ordered, ordered. */
static const filch_stage everything[MOST_STAGES] = {
	{ source, NULL, FILCH_STAGE_SERIAL, "source" },
	{ mix, NULL, FILCH_STAGE_PARALLEL, "mix" },
	{ add_up, NULL, FILCH_STAGE_SERIAL, "add up" },
	{ mix, NULL, FILCH_STAGE_PARALLEL, "mix again" },
	{ fold, NULL, FILCH_STAGE_ORDERED, "fold" },
	{ collect, NULL, FILCH_STAGE_ORDERED, "collect" },
};

static void
make(size_t workers)
{
	pool = pool_with(workers);
	options.pool = pool;
	options.discard = discard;
	options.discard_context = &run;
	options.cancel = &run.cancel;
	ck_assert_int_eq(filch_pipeline_create(&pipeline, everything, MOST_STAGES, &options),
	    FILCH_OK);
}

static void
end(void)
{
	ck_assert_int_eq(filch_pipeline_destroy(pipeline), FILCH_OK);
	if (pool != NULL)
		end_pool(pool);
}

/* What left was a prefix in order, and nothing is alive. */
static void
assert_prefix(size_t n)
{
	ck_assert_uint_eq(run.collected, n);
	for (size_t i = 0; i < n; i++)
		MUST(run.order[i] == i);
	ck_assert_uint_eq(count_of(&run.living), 0);
	ck_assert_uint_eq(count_of(&run.discarded), run.made - n);
}

static filch_stage_stats
stats_of(size_t stage)
{
	filch_stage_stats stats;

	ck_assert_int_eq(filch_pipeline_stats(pipeline, stage, &stats, sizeof(stats)), FILCH_OK);
	return stats;
}

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
	/* The pool's own: a deque for each worker and guest that pushes its first job,
	 * a guest; they are there after a while, whatever the length. */
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
	/* Cancelled before it begins: the source is not called. */
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
run_and_be_cancelled(void *status)
{
	*(int *)status = filch_pipeline_run(pipeline, FILCH_FOREVER);
	return FILCH_OK;
}

/* In the stage, so that there is an item under way when the group is cancelled. */
static int
until_cancelled(void *unused, void *slot)
{
	uint64_t until = in_ms(60000);

	(void)unused;
	(void)slot;
	count_up(&run.inside);
	while (!filch_cancelled())
		MUST(filch_now() < until);
	return FILCH_OK;
}

START_TEST(cancellation_around_it_reaches_its_stages)
{
	filch_stage stage[3] = {
		everything[0], { until_cancelled, NULL, FILCH_STAGE_PARALLEL, "wait" },
		everything[5]
	};
	filch_group group = FILCH_GROUP_INIT;
	int status = 0;

	options.pool = group.pool = pool = pool_with(worker_counts[_i]);
	options.discard = discard;
	options.discard_context = &run;
	ck_assert_int_eq(filch_pipeline_create(&pipeline, stage, 3, &options), FILCH_OK);
	ck_assert_int_eq(filch_group_spawn(&group, run_and_be_cancelled, &status), FILCH_OK);
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
	pool = pool_with(2);
	options.pool = pool;
	ck_assert_int_eq(filch_pipeline_create(&pipeline, stage, 3, &options), FILCH_OK);
	ck_assert_int_eq(filch_pipeline_run(pipeline, FILCH_FOREVER), FILCH_OK);
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
	pool = pool_with(2);
	options.pool = pool;
	ck_assert_int_eq(filch_pipeline_create(&pipeline, stage, 3, &options), FILCH_OK);
	ck_assert_int_eq(filch_pipeline_run(pipeline, FILCH_FOREVER), FILCH_OK);
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
	if (filch_ordered_map(nested_source, nested_map, nested_sink, &nested, NULL,
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
	pool = pool_with(worker_counts[_i]);
	options.pool = pool;
	ck_assert_int_eq(filch_pipeline_create(&pipeline, stage, 4, &options), FILCH_OK);
	ck_assert_int_eq(filch_pipeline_run(pipeline, FILCH_FOREVER), FILCH_OK);
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
	pool = pool_with(2);
	options.pool = pool;
	ck_assert_int_eq(filch_pipeline_create(&pipeline, stage, 3, &options), FILCH_OK);
	ck_assert_int_eq(filch_pipeline_run(pipeline, FILCH_FOREVER), FILCH_OK);
	end();
}
END_TEST

/* -- Ordered map -- */

START_TEST(an_ordered_map_gives_results_in_the_order_of_its_source)
{
	run.items = 3000;
	run.work = 30;
	options.tokens = 9;
	options.pool = pool = pool_with(worker_counts[_i]);
	ck_assert_int_eq(filch_ordered_map(source, mix, collect, NULL, &options, FILCH_FOREVER),
	    FILCH_OK);
	assert_prefix(run.items);
	ck_assert_uint_le(count_of(&run.in_flight_max), 9);
	ck_assert_int_eq(filch_ordered_map(source, NULL, collect, NULL, &options, FILCH_FOREVER),
	    FILCH_INVAL);
	end_pool(pool);
}
END_TEST

/* -- Counters -- */

START_TEST(there_are_stats_of_each_stage_and_of_no_other)
{
	filch_stage_stats stats;

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

/* The first item stays until seven others wait behind it, and the source for one of
 * the eight tokens; then for 20 ms more. */
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
	pause_ms(20);
	return FILCH_OK;
}

START_TEST(items_wait_before_the_slow_stage_and_the_source_for_them)
{
	filch_stage stage[4] = {
		everything[0], everything[1], { hold_up, NULL, FILCH_STAGE_ORDERED, "hold up" },
		everything[5]
	};
	filch_stage_stats slowest, first;

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
	MUST(filch_ordered_map(nested_source, nested_map, nested_sink, &nested, &mine,
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
	Suite *suite = suite_create("pipeline");
	TCase *tcase = tcase_create("pipeline");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_set_timeout(tcase, TIMEOUT_S);
	tcase_add_test(tcase, create_wants_a_source_that_is_not_parallel_and_stages_that_run);
	tcase_add_test(tcase, tokens_are_four_for_each_worker_unless_said);
	tcase_add_test(tcase, an_item_is_a_pointer_unless_a_size_is_given);
	tcase_add_loop_test(tcase, every_item_passes_every_stage_and_leaves_in_order, 0, ALL_COUNTS);
	tcase_add_loop_test(tcase, no_more_items_than_tokens_are_under_way, 0, ALL_COUNTS);
	tcase_add_loop_test(tcase, a_pipeline_runs_again_and_its_counters_go_on, 0, ALL_COUNTS);
	tcase_add_loop_test(tcase, a_source_alone_is_a_pipeline, 0, ALL_COUNTS);
	tcase_add_loop_test(tcase, nothing_is_allocated_for_an_item, 0, ALL_COUNTS);
	tcase_add_test(tcase, without_memory_there_is_no_pipeline);
	tcase_add_loop_test(tcase, the_lowest_failing_item_wins_and_those_before_it_leave, 0,
	    ALL_COUNTS);
	tcase_add_loop_test(tcase, a_failing_source_fails_the_run_after_what_it_made, 0, ALL_COUNTS);
	tcase_add_loop_test(tcase, a_token_that_is_requested_cancels_and_what_left_is_a_prefix, 0,
	    ALL_COUNTS);
	tcase_add_loop_test(tcase, the_deadline_ends_a_run_without_end, 0, ALL_COUNTS);
	tcase_add_loop_test(tcase, cancellation_around_it_reaches_its_stages, 0, THREADED_COUNTS);
	tcase_add_test(tcase, a_parallel_stage_has_several_items_at_a_time);
	tcase_add_test(tcase, a_worker_does_not_wait_for_a_turn);
	tcase_add_loop_test(tcase, stages_may_run_pipelines_of_their_own, 0, ALL_COUNTS);
	tcase_add_test(tcase, one_run_at_a_time);
	tcase_add_loop_test(tcase, an_ordered_map_gives_results_in_the_order_of_its_source, 0,
	    ALL_COUNTS);
	tcase_add_test(tcase, there_are_stats_of_each_stage_and_of_no_other);
	tcase_add_test(tcase, items_wait_before_the_slow_stage_and_the_source_for_them);
	tcase_add_loop_test(tcase, pipelines_of_many_threads_share_a_pool, 0, ALL_COUNTS);
	tcase_add_loop_test(tcase, failures_and_cancellations_at_random_leave_nothing_behind, 0,
	    ALL_COUNTS);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
