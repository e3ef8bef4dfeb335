/* SPDX-License-Identifier: BSD-2-Clause */
/* Forks of a worker: joined in any order, and without room in the deque. */
#include "fork_deques.h"

struct fork {
	filch_record_ record;
	size_t runs;
};

static void
run_fork(filch_fork_deque_ *own, size_t b, filch_record_ *r)
{
	(void)own;
	(void)b;
	((struct fork *)r)->runs++;
}

/* Joins three forks in the order that the digits of `order` say. */
static void
join_in_order(struct flc_worker *worker, int order)
{
	struct fork fork[3] = { 0 };

	for (int i = 0; i < 3; i++)
		flc_fork(worker, &fork[i].record, run_fork);
	for (int digit = 0; digit < 3; digit++, order /= 10) {
		struct fork *f = &fork[order % 10];

		if (flc_fork_join(worker, &f->record))
			f->runs++;
		MUST(f->runs == 1);
	}
	for (int i = 0; i < 3; i++)
		MUST(fork[i].runs == 1);
	MUST(flc_fork_deque_seen(&worker->forks) == 0);
}

static int
join_in_every_order(void *unused)
{
	static const int orders[] = { 12, 21, 102, 120, 201, 210 };

	(void)unused;
	for (int round = 0; round < 200; round++)
		for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
			join_in_order(flc_self(), orders[i]);
	return FILCH_OK;
}

START_TEST(forks_may_be_joined_in_any_order)
{
	filch_pool *pool = pool_with(worker_counts[_i]);

	ck_assert_int_eq(filch_pool_run(pool, join_in_every_order, NULL), FILCH_OK);
	end_pool(pool);
}
END_TEST

#define TOO_MANY (FILCH_LANE_CAPACITY_ + 1000)

static int
fork_too_many(void *forks)
{
	struct fork *fork = forks;
	struct flc_worker *worker = flc_self();

	for (size_t i = 0; i < TOO_MANY; i++)
		flc_fork(worker, &fork[i].record, run_fork);
	for (size_t i = TOO_MANY; i-- > 0; )
		if (flc_fork_join(worker, &fork[i].record))
			fork[i].runs++;
	for (size_t i = 0; i < TOO_MANY; i++)
		MUST(fork[i].runs == 1);
	return FILCH_OK;
}

START_TEST(forks_without_room_are_run_by_their_owner)
{
	filch_pool *pool = pool_with(2);
	struct fork *forks = calloc(TOO_MANY, sizeof(*forks));

	ck_assert_ptr_nonnull(forks);
	ck_assert_int_eq(filch_pool_run(pool, fork_too_many, forks), FILCH_OK);
	end_pool(pool);
	free(forks);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("fork");
	TCase *worker = case_of(suite, "worker", NULL, NULL);

	tcase_add_loop_test(worker, forks_may_be_joined_in_any_order, 0, THREADED_COUNTS);
	tcase_add_test(worker, forks_without_room_are_run_by_their_owner);
	return run_suite(suite);
}
