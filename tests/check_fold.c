/* SPDX-License-Identifier: BSD-2-Clause */
/* Accumulators of workers, and a fold inside of a fold. */
#include "reduces.h"

/* -- Order: strings on the heap, each value counted -- */

/* A chunk that waits with wide_help runs another one of its own loop. */
struct entered {
	size_t inside, sum;
};

static flc_atomic waits, waiting, task_begun, inner_chunks, twice;
static pthread_t waiter;
static filch_group slow = FILCH_GROUP_INIT;

static int
clear_entered(void *unused, void *into)
{
	static const struct entered none;

	(void)unused;
	*(struct entered *)into = none;
	return FILCH_OK;
}

static int
add_entered(void *unused, void *into, void *from)
{
	(void)unused;
	((struct entered *)into)->sum += ((struct entered *)from)->sum;
	return FILCH_OK;
}

static int
wait_for_inner_chunks(void *unused)
{
	uint64_t until = in_ms(2000);

	(void)unused;
	count_up(&task_begun);
	while (count_of(&inner_chunks) < 3 && filch_now() < until)
		pause_ms(1);
	return FILCH_OK;
}

static int
fold_and_wait(void *unused, size_t begin, size_t end, void *into)
{
	struct entered *at = into;

	(void)unused;
	if (at->inside++ != 0)
		count_up(&twice);
	if (count_up(&waits) == 0) {
		waiter = pthread_self();
		flc_store_release(&waiting, 1);
		MUST(filch_group_wait(&slow, FILCH_FOREVER) == FILCH_OK);
		flc_store_release(&waiting, 0);
	} else if (count_of(&waiting) != 0 && pthread_equal(waiter, pthread_self())) {
		count_up(&inner_chunks);
	} else if (count_of(&inner_chunks) < 3) {
		/* Long enough that the waiter finds chunks left. */
		pause_ms(1);
	}
	for (size_t i = begin; i < end; i++)
		at->sum += i;
	at->inside--;
	return FILCH_OK;
}

START_TEST(a_fold_inside_of_a_fold_has_an_accumulator_of_its_own)
{
	static const filch_reducer reducer = {
		sizeof(struct entered), clear_entered, add_entered, NULL,
	};
	struct entered result = { 7, 7 };

	how.pool = slow.pool = pool_with(2);
	how.grain_exact = 1;
	slow.wide_help = 1;
	/* A worker has it, and the caller's place is the other's: so it is the caller who
	 * runs the parts of the loop that it has put aside. */
	MUST(filch_group_spawn(&slow, wait_for_inner_chunks, NULL) == FILCH_OK);
	ck_assert(reaches(&task_begun, 1));
	ck_assert_int_eq(filch_fold_workers(0, 1000, fold_and_wait, NULL, &reducer, &result, &how),
	    FILCH_OK);
	ck_assert_uint_eq(result.sum, 499500);
	ck_assert_uint_ge(count_of(&inner_chunks), 1);
	ck_assert_uint_eq(count_of(&twice), 0);
	end_pool(how.pool);
}
END_TEST

/* -- Large accumulators, and one per worker -- */

#define KINDS 1000

static int
no_counts(void *context, void *into)
{
	(void)context;
	memset(into, 0, KINDS * sizeof(size_t));
	return FILCH_OK;
}

static int
count_kinds(void *context, size_t begin, size_t end, void *into)
{
	(void)context;
	for (; begin < end; begin++)
		((size_t *)into)[begin % KINDS]++;
	return FILCH_OK;
}

static int
add_counts(void *context, void *into, void *from)
{
	(void)context;
	for (size_t i = 0; i < KINDS; i++)
		((size_t *)into)[i] += ((size_t *)from)[i];
	return FILCH_OK;
}

START_TEST(histograms_are_right)
{
	static const filch_reducer histogram = {
		KINDS * sizeof(size_t), no_counts, add_counts, NULL,
	};
	static size_t result[KINDS];

	how.pool = pool_with(worker_counts[_i % ALL_COUNTS]);
	for (int round = 0; round < 10; round++) {
		MUST((reductions[_i / ALL_COUNTS](0, 200 * KINDS, count_kinds, NULL,
		    &histogram, result, &how)) == FILCH_OK);
		for (size_t i = 0; i < KINDS; i++)
			MUST(result[i] == 200);
	}
	end_pool(how.pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("fold");
	TCase *values = case_of(suite, "values", setup, NULL);

	tcase_add_test(values, a_fold_inside_of_a_fold_has_an_accumulator_of_its_own);
	tcase_add_loop_test(values, histograms_are_right, 0, 2 * ALL_COUNTS);
	return run_suite(suite);
}
