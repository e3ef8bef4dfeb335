/* SPDX-License-Identifier: BSD-2-Clause */
#include "deque/job_deque.h"
#include "counted_memory.h"
#include "pools.h"

#define TAG 1000

static struct flc_job_deque deque;

static void
setup(void)
{
	flc_job_deque_init(&deque, &memory);
}

static void
teardown(void)
{
	flc_job_deque_fini(&deque);
	ck_assert_uint_eq(blocks, 0);
}

static bool
push(size_t number)
{
	struct flc_job job = {
		.run = (flc_job_fn *)number, .tag = TAG + number % 2,
		.word = { number * 3, number * 5, number * 7 },
	};

	return flc_job_deque_push(&deque, &job);
}

static void
assert_is(const struct flc_job *job, size_t number)
{
	MUST((size_t)job->run == number);
	MUST(job->tag == TAG + number % 2);
	MUST(job->word[0] == number * 3);
	MUST(job->word[1] == number * 5);
	MUST(job->word[2] == number * 7);
}

static void
assert_pops(size_t tag, size_t number)
{
	struct flc_job job;

	MUST(flc_job_deque_pop(&deque, tag, &job));
	assert_is(&job, number);
}

static void
assert_steals(size_t tag, size_t number)
{
	struct flc_job job;

	MUST(flc_job_deque_steal(&deque, tag, &job) == FLC_STEAL_TASK);
	assert_is(&job, number);
}

static void
assert_empty(size_t tag)
{
	struct flc_job job;

	ck_assert(!flc_job_deque_pop(&deque, tag, &job));
	ck_assert_int_eq(flc_job_deque_steal(&deque, tag, &job), FLC_STEAL_EMPTY);
}

START_TEST(a_new_deque_is_empty_and_has_no_memory)
{
	ck_assert_uint_eq(flc_job_deque_seen(&deque), 0);
	assert_empty(FLC_ANY_TAG);
	ck_assert_uint_eq(blocks, 0);
}
END_TEST

START_TEST(pop_returns_the_newest_first)
{
	for (size_t i = 1; i <= 3; i++)
		ck_assert(push(i));
	ck_assert_uint_eq(flc_job_deque_seen(&deque), 3);
	for (size_t i = 3; i >= 1; i--)
		assert_pops(FLC_ANY_TAG, i);
	assert_empty(FLC_ANY_TAG);
}
END_TEST

START_TEST(steal_returns_the_oldest_first)
{
	for (size_t i = 1; i <= 3; i++)
		push(i);
	for (size_t i = 1; i <= 3; i++)
		assert_steals(FLC_ANY_TAG, i);
	assert_empty(FLC_ANY_TAG);
}
END_TEST

START_TEST(both_ends_meet)
{
	for (size_t i = 1; i <= 3; i++)
		push(i);
	assert_steals(FLC_ANY_TAG, 1);
	assert_pops(FLC_ANY_TAG, 3);
	assert_pops(FLC_ANY_TAG, 2);
	assert_empty(FLC_ANY_TAG);
}
END_TEST

START_TEST(pop_leaves_what_bears_another_tag)
{
	push(2);
	push(3);
	struct flc_job job;

	ck_assert(!flc_job_deque_pop(&deque, TAG, &job));
	ck_assert_uint_eq(flc_job_deque_seen(&deque), 2);
	assert_pops(TAG + 1, 3);
	assert_pops(TAG, 2);
}
END_TEST

START_TEST(take_oldest_sends_the_older_ones_of_others_round)
{
	struct flc_job job;
	size_t moved;

	ck_assert(!flc_job_deque_newest_bears(&deque, TAG));
	ck_assert(!flc_job_deque_take_oldest(&deque, TAG, &deque, &job, &moved));
	push(2);
	push(4);
	push(1);
	push(3);
	ck_assert(flc_job_deque_newest_bears(&deque, TAG + 1));
	ck_assert(!flc_job_deque_newest_bears(&deque, TAG));
	ck_assert(!flc_job_deque_take_oldest(&deque, TAG + 2, &deque, &job, &moved));
	for (size_t i = 1; i <= 3; i += 2) {
		ck_assert(flc_job_deque_take_oldest(&deque, TAG + 1, &deque, &job, &moved));
		assert_is(&job, i);
	}
	assert_steals(TAG, 2);
	assert_pops(TAG, 4);
	assert_empty(FLC_ANY_TAG);
}
END_TEST

START_TEST(take_oldest_moves_the_older_ones_of_others_to_the_takers_deque)
{
	struct flc_job_deque own;
	struct flc_job job;
	size_t moved = 1;

	flc_job_deque_init(&own, &memory);
	for (size_t i = 2; i <= 8; i += 2)
		push(i);
	push(1);
	push(10);
	ck_assert(!flc_job_deque_take_oldest(&deque, TAG + 2, &own, &job, &moved));
	ck_assert_uint_eq(moved, 0);
	ck_assert(flc_job_deque_take_oldest(&deque, TAG + 1, &own, &job, &moved));
	assert_is(&job, 1);
	ck_assert_uint_eq(moved, flc_load_relaxed(&own.top));
	ck_assert_uint_eq(flc_job_deque_seen(&own), 4);
	for (size_t i = 2; i <= 8; i += 2) {
		ck_assert_int_eq(flc_job_deque_steal(&own, TAG, &job), FLC_STEAL_TASK);
		assert_is(&job, i);
	}
	/* Without memory for the others nothing moves. */
	flc_job_deque_fini(&own);
	push(1);
	refusing = true;
	ck_assert(!flc_job_deque_take_oldest(&deque, TAG + 1, &own, &job, &moved));
	refusing = false;
	ck_assert_uint_eq(moved, 0);
	assert_pops(TAG + 1, 1);
	assert_pops(TAG, 10);
	assert_empty(FLC_ANY_TAG);
}
END_TEST

START_TEST(steal_leaves_what_bears_another_tag)
{
	push(2);
	push(3);
	struct flc_job job;

	ck_assert_int_eq(flc_job_deque_steal(&deque, TAG + 1, &job), FLC_STEAL_EMPTY);
	ck_assert_uint_eq(flc_job_deque_seen(&deque), 2);
	assert_steals(TAG, 2);
	assert_steals(TAG + 1, 3);
}
END_TEST

START_TEST(it_grows_and_keeps_the_order)
{
	size_t n = 5000, stolen = 0;

	for (size_t i = 1; i <= n; i++) {
		ck_assert(push(i));
		if (i % 3 == 0)
			assert_steals(FLC_ANY_TAG, ++stolen);
	}
	for (size_t i = n; i > stolen; i--)
		assert_pops(FLC_ANY_TAG, i);
	assert_empty(FLC_ANY_TAG);
}
END_TEST

START_TEST(a_steady_depth_allocates_nothing_more)
{
	push(0);
	for (size_t i = 1; i < 1000; i++) {
		push(i);
		assert_steals(FLC_ANY_TAG, i - 1);
	}
	ck_assert_uint_eq(blocks, 1);
}
END_TEST

START_TEST(push_says_no_without_memory)
{
	size_t n = 0;

	refusing = true;
	ck_assert(!push(0));
	assert_empty(FLC_ANY_TAG);
	refusing = false;
	ck_assert(push(n++));
	refusing = true;
	while (n < 10000 && push(n))
		n++;
	ck_assert_uint_lt(n, 10000);
	ck_assert_uint_eq(flc_job_deque_seen(&deque), n);
	assert_steals(FLC_ANY_TAG, 0);
	ck_assert(push(n));
	refusing = false;
	ck_assert(push(n + 1));
	for (size_t i = n + 1; i > 0; i--)
		assert_pops(FLC_ANY_TAG, i);
}
END_TEST

START_TEST(retired_arrays_stay_until_trim)
{
	for (size_t i = 0; i < 1000; i++)
		push(i);
	ck_assert_uint_gt(blocks, 1);
	flc_job_deque_trim(&deque);
	ck_assert_uint_eq(blocks, 1);
	for (size_t i = 1000; i-- > 0; )
		assert_pops(FLC_ANY_TAG, i);
}
END_TEST

START_TEST(trim_frees_a_large_empty_array)
{
	flc_job_deque_trim(&deque);
	for (size_t i = 0; i < 1000; i++)
		push(i);
	for (size_t i = 0; i < 1000; i++)
		assert_steals(FLC_ANY_TAG, i);
	flc_job_deque_trim(&deque);
	ck_assert_uint_eq(blocks, 0);
	assert_empty(FLC_ANY_TAG);
	push(5);
	assert_pops(FLC_ANY_TAG, 5);
}
END_TEST

/* -- Stress: payloads are written and read plainly, so that a missing edge is
 * a data race that ThreadSanitizer reports. -- */

struct item {
	size_t payload;
	size_t taken;
};

#include "thieves.h"

static void
take_item(const struct flc_job *job)
{
	struct item *i = (struct item *)job->object;

	MUST(i->payload == job->word[1]);
	MUST(job->tag == TAG + job->word[1] % 2);
	i->taken++;
}

/* Steals anything, and now and then one tag only. */
static void *
thief_main(void *unused)
{
	size_t count = 0;
	struct flc_job job;

	(void)unused;
	for (size_t i = 0; !flc_load_acquire(&done); i++)
		if (flc_job_deque_steal(&deque, i % 4 == 0 ? TAG : FLC_ANY_TAG, &job)
		    == FLC_STEAL_TASK) {
			take_item(&job);
			count++;
		}
	flc_add_full(&total, count);
	return NULL;
}

static size_t
pop_some(size_t most)
{
	struct flc_job job;
	size_t count = 0;

	while (count < most && flc_job_deque_pop(&deque, FLC_ANY_TAG, &job)) {
		take_item(&job);
		count++;
	}
	return count;
}

static void
stress(size_t thieves, size_t deepest)
{
	uint64_t seed = 88172645463325252u;
	size_t mine = 0;

	begin_thieves(thieves, thief_main);
	for (size_t next = 0; next < ITEMS; ) {
		size_t burst = 1 + random_of(&seed) % deepest;

		for (; next < ITEMS && burst > 0; next++, burst--) {
			struct flc_job job = {
				.tag = TAG + next % 2, .word = { (size_t)&item[next], next, 0 },
			};

			item[next].payload = next;
			MUST(flc_job_deque_push(&deque, &job));
		}
		mine += pop_some(1 + random_of(&seed) % deepest);
	}
	end_thieves(thieves, mine + pop_some(ITEMS));
}

START_TEST(mixed_every_job_is_taken_once)
{
	stress((size_t)_i + 1, 1000);
}
END_TEST

START_TEST(ping_every_job_is_taken_once)
{
	stress((size_t)_i + 1, 2);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("job_deque");
	TCase *alone = case_of(suite, "alone", setup, teardown);
	TCase *thieves = case_of(suite, "thieves", setup, teardown);

	tcase_add_test(alone, a_new_deque_is_empty_and_has_no_memory);
	tcase_add_test(alone, pop_returns_the_newest_first);
	tcase_add_test(alone, steal_returns_the_oldest_first);
	tcase_add_test(alone, both_ends_meet);
	tcase_add_test(alone, pop_leaves_what_bears_another_tag);
	tcase_add_test(alone, steal_leaves_what_bears_another_tag);
	tcase_add_test(alone, take_oldest_sends_the_older_ones_of_others_round);
	tcase_add_test(alone, take_oldest_moves_the_older_ones_of_others_to_the_takers_deque);
	tcase_add_test(alone, it_grows_and_keeps_the_order);
	tcase_add_test(alone, a_steady_depth_allocates_nothing_more);
	tcase_add_test(alone, push_says_no_without_memory);
	tcase_add_test(alone, retired_arrays_stay_until_trim);
	tcase_add_test(alone, trim_frees_a_large_empty_array);

	tcase_add_loop_test(thieves, mixed_every_job_is_taken_once, 0, 3);
	tcase_add_loop_test(thieves, ping_every_job_is_taken_once, 0, 3);
	return run_suite(suite);
}
