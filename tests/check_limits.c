/* SPDX-License-Identifier: BSD-2-Clause */
/* What lies at the edges: sizes that no memory holds, nothing to do, NULL, and two
 * callers where there may be one. */
#include "pools.h"

#include "base/size.h"
#include "loop/cost_model.h"

#include <stdio.h>

static filch_pool *pool;

/* -- Sizes -- */

START_TEST(sums_that_wrap_are_found)
{
	size_t bytes = 0;

	ck_assert(flc_multiply_add(3, 5, 7, &bytes));
	ck_assert_uint_eq(bytes, 22);
	ck_assert(flc_multiply_add(0, SIZE_MAX, SIZE_MAX, &bytes));
	ck_assert_uint_eq(bytes, SIZE_MAX);
	ck_assert(!flc_multiply_add(1, SIZE_MAX, 1, &bytes));
	ck_assert(!flc_multiply_add(2, SIZE_MAX / 2 + 1, 0, &bytes));
	ck_assert(flc_size_of(1, PTRDIFF_MAX, 0, &bytes));
	ck_assert(!flc_size_of(1, PTRDIFF_MAX, 1, &bytes));
	ck_assert(flc_size_rounded(65, 0, 64, &bytes));
	ck_assert_uint_eq(bytes, 128);
	ck_assert(flc_size_rounded(PTRDIFF_MAX - 63, 0, 64, &bytes));
	ck_assert_uint_eq(bytes, (size_t)PTRDIFF_MAX - 63);
	ck_assert(!flc_size_rounded(PTRDIFF_MAX - 62, 0, 64, &bytes));
	ck_assert(!flc_size_rounded(SIZE_MAX, 8, 64, &bytes));
}
END_TEST

static const size_t huge[] = {
	SIZE_MAX, SIZE_MAX - 10, SIZE_MAX - 63, SIZE_MAX / 2 + 1, (size_t)1 << 61,
	(size_t)1 << 60, SIZE_MAX / 9 + 64, (size_t)1 << 48,
};
#define HUGE_SIZES (sizeof(huge) / sizeof(huge[0]))

static int
never_identity(void *context, void *into)
{
	(void)context;
	(void)into;
	ck_abort_msg("a value that no memory holds");
}

static int
never_fold(void *context, size_t begin, size_t end, void *into)
{
	(void)context;
	(void)into;
	ck_abort_msg("a fold of [%zu, %zu)", begin, end);
}

static int
never_combine(void *context, void *into, void *from)
{
	(void)context;
	(void)into;
	(void)from;
	ck_abort_msg("a combination of nothing");
}

START_TEST(accumulators_that_no_memory_holds_are_refused)
{
	filch_reducer reducer = { huge[_i], never_identity, never_combine, NULL };
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	char result[64];

	options.grain_exact = 1;
	for (size_t n = 0; n < 300; n = n == 0 ? 1 : 2 * n)
		ck_assert_int_eq(filch_reduce(0, n, never_fold, NULL, &reducer, result, &options),
		    FILCH_NOMEM);
	ck_assert_int_eq(filch_fold_workers(0, 10, never_fold, NULL, &reducer, result, NULL),
	    FILCH_NOMEM);
}
END_TEST

START_TEST(items_that_no_memory_holds_are_refused)
{
	filch_channel_options options = FILCH_CHANNEL_OPTIONS_INIT;
	filch_pipeline_options tokens = FILCH_PIPELINE_OPTIONS_INIT;
	filch_pipeline *pipeline = NULL;
	filch_channel *channel = NULL;
	const filch_stage stage = { never_identity, NULL, FILCH_STAGE_SERIAL, "source" };

	for (int spsc = 0; spsc < 2; spsc++) {
		options.spsc = spsc;
		ck_assert_int_lt(filch_channel_create(&channel, huge[_i], 1, &options), 0);
		ck_assert_int_lt(filch_channel_create(&channel, huge[_i], huge[_i], &options), 0);
		ck_assert_int_lt(filch_channel_create(&channel, 16, huge[_i] - 1, &options), 0);
		ck_assert_int_lt(filch_channel_create(&channel, huge[_i], FILCH_UNBOUNDED, &options), 0);
		ck_assert_ptr_null(channel);
	}
	tokens.tokens = huge[_i];
	ck_assert_int_eq(filch_pipeline_create(&pipeline, &stage, 1, &tokens), FILCH_NOMEM);
	tokens.item_size = huge[_i];
	ck_assert_int_eq(filch_pipeline_create(&pipeline, &stage, 1, &tokens), FILCH_NOMEM);
	tokens.tokens = 1;
	ck_assert_int_eq(filch_pipeline_create(&pipeline, &stage, 1, &tokens), FILCH_NOMEM);
}
END_TEST

/* A batch larger than the channel sends what fits, whatever went before. */
START_TEST(a_batch_without_end_sends_what_fits)
{
	filch_channel_options options = FILCH_CHANNEL_OPTIONS_INIT;
	static long item[64];
	filch_channel *channel;
	size_t n = 99;

	options.spsc = _i;
	ck_assert_int_eq(filch_channel_create(&channel, sizeof(long), 16, &options), FILCH_OK);
	for (size_t before = 0; before < 3; before++) {
		ck_assert_int_eq(filch_channel_send(channel, item, 0), FILCH_OK);
		ck_assert_int_eq(filch_channel_send_many(channel, item, SIZE_MAX, &n, 0), FILCH_AGAIN);
		ck_assert_uint_eq(n, 15);
		ck_assert_int_eq(filch_channel_recv_many(channel, item, SIZE_MAX, &n, 0), FILCH_OK);
		ck_assert_uint_eq(n, 16);
	}
	filch_channel_destroy(channel);
}
END_TEST

static void *
no_memory(void *context, size_t size, size_t align)
{
	(void)align;
	MUST(size <= PTRDIFF_MAX);
	*(bool *)context = true;
	return NULL;
}

static void
no_release(void *context, void *memory, size_t size)
{
	(void)context;
	(void)memory;
	(void)size;
}

START_TEST(an_allocator_lacks_no_function)
{
	filch_allocator allocator = { NULL, NULL, NULL };
	filch_pool_options options = FILCH_POOL_OPTIONS_INIT;
	filch_pipeline_options tokens = FILCH_PIPELINE_OPTIONS_INIT;
	const filch_stage stage = { never_identity, NULL, FILCH_STAGE_SERIAL, "source" };
	filch_pipeline *pipeline;
	bool asked = false;

	options.allocator = tokens.allocator = &allocator;
	tokens.tokens = 1;
	ck_assert_int_eq(filch_pool_create(&pool, &options), FILCH_INVAL);
	ck_assert_int_eq(filch_pipeline_create(&pipeline, &stage, 1, &tokens), FILCH_INVAL);
	allocator.allocate = no_memory;
	allocator.context = &asked;
	ck_assert_int_eq(filch_pool_create(&pool, &options), FILCH_INVAL);
	ck_assert_int_eq(filch_pipeline_create(&pipeline, &stage, 1, &tokens), FILCH_INVAL);
	ck_assert(!asked);
	allocator.release = no_release;
	ck_assert_int_eq(filch_pipeline_create(&pipeline, &stage, 1, &tokens), FILCH_NOMEM);
	ck_assert(asked);
}
END_TEST

/* -- Nothing to do -- */

static int
never_2d(void *context, filch_tile_2d tile)
{
	(void)context;
	(void)tile;
	ck_abort_msg("a tile of nothing");
}

static int
never_3d(void *context, filch_tile_3d tile)
{
	(void)context;
	(void)tile;
	ck_abort_msg("a tile of nothing");
}

static int
seven(void *context, void *into)
{
	(void)context;
	*(int *)into = 7;
	return FILCH_OK;
}

START_TEST(tiles_with_an_empty_side_are_none)
{
	filch_tile_3d cube = { 0, SIZE_MAX, 0, SIZE_MAX, 0, SIZE_MAX };
	size_t *end[] = { &cube.end0, &cube.end1, &cube.end2 };

	ck_assert_int_eq(filch_for_3d(cube, 1, 1, 1, never_3d, NULL, NULL), FILCH_INVAL);
	for (size_t side = 0; side < 3; side++) {
		*end[side] = 0;
		ck_assert_int_eq(filch_for_3d(cube, 1, 1, 1, never_3d, NULL, NULL), FILCH_OK);
		*end[side] = SIZE_MAX;
	}
	ck_assert_int_eq(filch_for_2d((filch_tile_2d){ 0, SIZE_MAX, 5, 5 }, 1, 1, never_2d, NULL, NULL),
	    FILCH_OK);
	ck_assert_int_eq(filch_for_2d((filch_tile_2d){ 5, 5, 0, SIZE_MAX }, 1, 1, never_2d, NULL, NULL),
	    FILCH_OK);
}
END_TEST

START_TEST(a_reduction_of_nothing_is_the_identity)
{
	filch_reducer reducer = { sizeof(int), seven, never_combine, NULL };
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	int result = 0;

	options.pool = pool = pool_with(worker_counts[_i]);
	ck_assert_int_eq(filch_reduce(3, 3, never_fold, NULL, &reducer, &result, &options), FILCH_OK);
	ck_assert_int_eq(result, 7);
	result = 0;
	ck_assert_int_eq(filch_fold_workers(3, 3, never_fold, NULL, &reducer, &result, &options),
	    FILCH_OK);
	ck_assert_int_eq(result, 7);
	end_pool(pool);
}
END_TEST

static int
add_up(void *context, size_t begin, size_t end)
{
	for (; begin < end; begin++)
		flc_add_full(context, begin);
	return FILCH_OK;
}

static __attribute__((noinline)) void
dirty_the_stack(void)
{
	volatile unsigned char dirt[16384];

	memset((void *)dirt, 0x5a, sizeof(dirt));
}

START_TEST(a_loop_over_nothing_teaches_nothing)
{
	flc_atomic sum = FLC_ATOMIC_INIT(0);
	struct flc_site *site;
	double cost;

	for (size_t i = 0; i < 20; i++)
		ck_assert_int_eq(filch_for(0, 1000, add_up, &sum, NULL), FILCH_OK);
	site = flc_site_of(add_up);
	cost = flc_site_cost(site);
	ck_assert(cost > 0);
	for (size_t i = 0; i < 20; i++) {
		dirty_the_stack();
		ck_assert_int_eq(filch_for(7, 7, add_up, &sum, NULL), FILCH_OK);
		ck_assert(flc_site_cost(site) == cost);
	}
}
END_TEST

/* -- NULL -- */

START_TEST(null_is_refused)
{
	filch_metrics metrics;

	ck_assert_int_eq(filch_mutex_lock(NULL, 0), FILCH_INVAL);
	ck_assert_int_eq(filch_mutex_unlock(NULL), FILCH_INVAL);
	ck_assert_uint_eq(filch_progress_done(NULL), 0);
	ck_assert_int_eq(filch_metrics_write_file(NULL, "x", 1), FILCH_INVAL);
	ck_assert_int_eq(filch_metrics_write_file(stderr, NULL, 1), FILCH_INVAL);
	filch_metrics_delta(NULL, &metrics, &metrics);
	filch_metrics_delta(&metrics, NULL, &metrics);
	filch_metrics_delta(&metrics, &metrics, NULL);
}
END_TEST

/* -- Two where there may be one -- */

static filch_graph *graph;
static filch_pipeline *pipeline;
static flc_atomic fine;

/* As short as a use of the graph can be: it has no such nodes. */
static void *
use_often(void *unused)
{
	(void)unused;
	for (size_t i = 0; i < rounds(300000); i++) {
		int status = filch_graph_edge(graph, 0, 0);

		MUST(status == FILCH_INVAL || status == FILCH_BUSY);
		if (status == FILCH_INVAL)
			count_up(&fine);
	}
	return NULL;
}

START_TEST(a_graph_is_busy_and_not_a_parents)
{
	ck_assert_int_eq(filch_graph_create(&graph, NULL), FILCH_OK);
	run_threads(4, use_often, NULL);
	ck_assert_uint_gt(count_of(&fine), 0);
	ck_assert_int_eq(filch_graph_destroy(graph), FILCH_OK);
}
END_TEST

static int
no_item(void *context, void *slot)
{
	(void)context;
	(void)slot;
	return FILCH_CLOSED;
}

static void *
run_often(void *unused)
{
	(void)unused;
	for (size_t i = 0; i < rounds(5000); i++) {
		int status = filch_pipeline_run(pipeline, FILCH_FOREVER);

		MUST(status == FILCH_OK || status == FILCH_BUSY);
		if (status == FILCH_OK)
			count_up(&fine);
	}
	return NULL;
}

START_TEST(a_pipeline_is_busy_and_not_a_parents)
{
	const filch_stage stage = { no_item, NULL, FILCH_STAGE_SERIAL, "source" };
	filch_pipeline_options options = FILCH_PIPELINE_OPTIONS_INIT;

	options.pool = pool = pool_with(2);
	ck_assert_int_eq(filch_pipeline_create(&pipeline, &stage, 1, &options), FILCH_OK);
	run_threads(4, run_often, NULL);
	ck_assert_uint_gt(count_of(&fine), 0);
	ck_assert_int_eq(filch_pipeline_destroy(pipeline), FILCH_OK);
	end_pool(pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("limits");
	TCase *sizes = case_of(suite, "sizes", NULL, NULL);
	TCase *nothing = case_of(suite, "nothing", NULL, NULL);
	TCase *null = case_of(suite, "null", NULL, NULL);
	TCase *two = case_of(suite, "two", NULL, NULL);

	tcase_add_test(sizes, sums_that_wrap_are_found);
	tcase_add_loop_test(sizes, accumulators_that_no_memory_holds_are_refused, 0, HUGE_SIZES);
	tcase_add_loop_test(sizes, items_that_no_memory_holds_are_refused, 0, HUGE_SIZES);
	tcase_add_loop_test(sizes, a_batch_without_end_sends_what_fits, 0, 2);
	tcase_add_test(sizes, an_allocator_lacks_no_function);
	tcase_add_test(nothing, tiles_with_an_empty_side_are_none);
	tcase_add_loop_test(nothing, a_reduction_of_nothing_is_the_identity, 0, ALL_COUNTS);
	tcase_add_test(nothing, a_loop_over_nothing_teaches_nothing);
	tcase_add_test(null, null_is_refused);
	tcase_add_test(two, a_graph_is_busy_and_not_a_parents);
	tcase_add_test(two, a_pipeline_is_busy_and_not_a_parents);
	return run_suite(suite);
}
