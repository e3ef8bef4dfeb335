/* SPDX-License-Identifier: BSD-2-Clause */
/* Sizes that no memory holds. */
#include "pools.h"

#include "base/size.h"
#include "loop/cost_model.h"

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
		ck_assert_int_lt(filch_channel_create(&channel, huge[_i], FILCH_UNBOUNDED,
		    &options), 0);
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
		ck_assert_int_eq(filch_channel_send_many(channel, item, SIZE_MAX, &n, 0),
		    FILCH_AGAIN);
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

/* -- Two where there may be one -- */

int
main(void)
{
	Suite *suite = suite_create("size");
	TCase *sizes = case_of(suite, "sizes", NULL, NULL);

	tcase_add_test(sizes, sums_that_wrap_are_found);
	tcase_add_loop_test(sizes, items_that_no_memory_holds_are_refused, 0, HUGE_SIZES);
	tcase_add_loop_test(sizes, a_batch_without_end_sends_what_fits, 0, 2);
	tcase_add_test(sizes, an_allocator_lacks_no_function);
	return run_suite(suite);
}
