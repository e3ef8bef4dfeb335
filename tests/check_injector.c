/* SPDX-License-Identifier: BSD-2-Clause */
#include "deque/injector.h"
#include "deque/job_deque.h"
#include "counted_memory.h"
#include "pools.h"

static struct flc_injector injector;

static void
setup(void)
{
	flc_injector_init(&injector, &memory);
}

static void
teardown(void)
{
	flc_injector_fini(&injector);
	ck_assert_uint_eq(blocks, 0);
}

static bool
put(size_t tag, size_t number)
{
	struct flc_job job = { .tag = tag, .word = { number } };

	return flc_injector_put(&injector, &job);
}

static void
assert_takes(size_t tag, size_t number)
{
	struct flc_job job;

	MUST(flc_injector_take(&injector, tag, &job));
	MUST(job.word[0] == number);
}

static void
assert_empty(size_t tag)
{
	struct flc_job job;

	ck_assert(!flc_injector_take(&injector, tag, &job));
}

START_TEST(a_new_queue_is_empty_and_has_no_memory)
{
	ck_assert_uint_eq(flc_injector_seen(&injector), 0);
	assert_empty(FLC_ANY_TAG);
	ck_assert_uint_eq(blocks, 0);
}
END_TEST

START_TEST(first_in_is_first_out)
{
	for (size_t i = 0; i < 10; i++)
		ck_assert(put(7, i));
	ck_assert_uint_eq(flc_injector_seen(&injector), 10);
	for (size_t i = 0; i < 10; i++)
		assert_takes(FLC_ANY_TAG, i);
	assert_empty(FLC_ANY_TAG);
}
END_TEST

START_TEST(a_tag_takes_the_first_that_bears_it)
{
	for (size_t i = 0; i < 10; i++)
		put(7 + i % 2, i);
	assert_takes(8, 1);
	assert_takes(8, 3);
	assert_takes(7, 0);
	assert_empty(9);
	ck_assert_uint_eq(flc_injector_seen(&injector), 7);
}
END_TEST

START_TEST(the_others_keep_their_order)
{
	for (size_t i = 0; i < 6; i++)
		put(i == 3 ? 8 : 7, i);
	assert_takes(8, 3);
	assert_takes(FLC_ANY_TAG, 0);
	assert_takes(7, 1);
	assert_takes(7, 2);
	assert_takes(7, 4);
	assert_takes(7, 5);
}
END_TEST

START_TEST(it_grows_around_the_end_of_the_ring)
{
	for (size_t i = 0; i < 50; i++)
		put(7, i);
	for (size_t i = 0; i < 40; i++)
		assert_takes(FLC_ANY_TAG, i);
	for (size_t i = 50; i < 1000; i++)
		put(7, i);
	for (size_t i = 40; i < 1000; i++)
		assert_takes(FLC_ANY_TAG, i);
	ck_assert_uint_eq(blocks, 1);
}
END_TEST

START_TEST(put_says_no_without_memory)
{
	size_t n = 0;

	refusing = true;
	while (n < 10000 && put(7, n))
		n++;
	ck_assert_uint_eq(n, FLC_INJECTOR_FIRST);
	refusing = false;
	ck_assert(put(7, n++));
	refusing = true;
	while (n < 10000 && put(7, n))
		n++;
	ck_assert_uint_eq(n, 2 * FLC_INJECTOR_FIRST);
	for (size_t i = 0; i < n; i++)
		assert_takes(7, i);
}
END_TEST

START_TEST(trim_frees_the_ring_only_when_empty)
{
	for (size_t i = 0; i <= FLC_INJECTOR_FIRST; i++)
		put(7, i);
	flc_injector_trim(&injector);
	ck_assert_uint_eq(blocks, 1);
	for (size_t i = 0; i <= FLC_INJECTOR_FIRST; i++)
		assert_takes(7, i);
	flc_injector_trim(&injector);
	ck_assert_uint_eq(blocks, 0);
	put(7, 2);
	assert_takes(7, 2);
}
END_TEST

/* -- Stress: payloads travel plainly. -- */

#define ITEMS 20000
#define PUTTERS 3
#define TAKERS 3

static size_t payload[PUTTERS * ITEMS];
static flc_atomic taken;
static flc_atomic next_putter;

static void *
putter_main(void *unused)
{
	size_t first = count_up(&next_putter) * ITEMS;

	(void)unused;
	for (size_t i = first; i < first + ITEMS; i++) {
		payload[i] = i + 1;
		MUST(put(7 + i % 2, i));
	}
	return NULL;
}

static void *
taker_main(void *unused)
{
	struct flc_job job;

	(void)unused;
	for (size_t i = 0; count_of(&taken) < PUTTERS * ITEMS; i++)
		if (flc_injector_take(&injector, i % 8 == 0 ? 7 : FLC_ANY_TAG, &job)) {
			MUST(payload[job.word[0]] == job.word[0] + 1);
			payload[job.word[0]] = 0;
			count_up(&taken);
		}
	return NULL;
}

static void *
both_main(void *unused)
{
	static flc_atomic role;

	return count_up(&role) % 2 == 0 ? putter_main(unused) : taker_main(unused);
}

START_TEST(every_job_is_taken_once)
{
	run_threads(PUTTERS + TAKERS, both_main, NULL);
	MUST(count_of(&taken) == PUTTERS * ITEMS);
	for (size_t i = 0; i < PUTTERS * ITEMS; i++)
		MUST(payload[i] == 0);
	assert_empty(FLC_ANY_TAG);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("injector");
	TCase *alone = case_of(suite, "alone", setup, teardown);
	TCase *stress = case_of(suite, "stress", setup, teardown);

	tcase_add_test(alone, a_new_queue_is_empty_and_has_no_memory);
	tcase_add_test(alone, first_in_is_first_out);
	tcase_add_test(alone, a_tag_takes_the_first_that_bears_it);
	tcase_add_test(alone, the_others_keep_their_order);
	tcase_add_test(alone, it_grows_around_the_end_of_the_ring);
	tcase_add_test(alone, put_says_no_without_memory);
	tcase_add_test(alone, trim_frees_the_ring_only_when_empty);

	tcase_add_test(stress, every_job_is_taken_once);
	return run_suite(suite);
}
