/* SPDX-License-Identifier: BSD-2-Clause */
#include "pools.h"

#include "deque/range_rest.h"

static size_t admitted, most_admitted;

static enum flc_admission
admit(size_t tag, bool is_member)
{
	MUST(tag == 64);
	if (!is_member && admitted >= most_admitted)
		return FLC_ADMIT_NO_MORE;
	admitted++;
	return FLC_ADMITTED;
}

static void
dismiss(size_t tag)
{
	(void)tag;
	admitted--;
}

static const struct flc_rest_loop kind = { admit, dismiss, NULL };

/* What a taker gets of [begin, end): how many, from the end; 0: nothing. */
static size_t
taken_of(size_t begin, size_t end, size_t least, size_t step)
{
	static struct flc_rests rests;
	struct flc_part part = { begin, end, NULL };
	struct flc_job job = { .tag = 0 };
	enum flc_steal outcome;

	admitted = 0;
	most_admitted = 1;
	flc_rests_init(&rests);
	MUST(flc_rest_open(&rests, &part, part.begin, &kind, 64, least, step));
	MUST(flc_rests_take(&rests, 65, false, &job) == FLC_STEAL_EMPTY);
	outcome = flc_rests_take(&rests, 64, false, &job);
	flc_rest_close(&rests, &part);
	MUST(flc_load_relaxed(&rests.used) == 0);
	if (outcome != FLC_STEAL_TASK) {
		MUST(part.end == end && admitted == 0);
		return 0;
	}
	MUST(job.range.end == end && job.range.begin == part.end && admitted == 1);
	return job.range.end - job.range.begin;
}

START_TEST(a_taker_has_the_upper_half)
{
	ck_assert_uint_eq(taken_of(0, 100, 1, 1), 50);
	ck_assert_uint_eq(taken_of(0, 101, 1, 1), 51);
	ck_assert_uint_eq(taken_of(7, 8, 1, 1), 1);
	ck_assert_uint_eq(taken_of(0, 99, 100, 100), 0);
	/* Of single steps all; of three steps two. */
	ck_assert_uint_eq(taken_of(0, 199, 100, 100), 199);
	ck_assert_uint_eq(taken_of(0, 300, 100, 100), 200);
	/* A short last step of loops by exact grain counts as one. */
	ck_assert_uint_eq(taken_of(0, 1, 1, 100), 1);
	ck_assert_uint_eq(taken_of(0, 101, 1, 100), 1);
	ck_assert_uint_eq(taken_of(0, 250, 1, 100), 150);
	ck_assert_uint_eq(taken_of(SIZE_MAX - 4, SIZE_MAX, 1, 1), 2);
}
END_TEST

START_TEST(the_owner_keeps_what_it_claimed)
{
	struct flc_rests rests;
	struct flc_part part = { 0, 10, NULL };
	struct flc_job job;

	admitted = 0;
	most_admitted = 9;
	flc_rests_init(&rests);
	MUST(flc_rest_open(&rests, &part, part.begin, &kind, 64, 1, 1));
	flc_rest_set_fenced(part.rest, true);
	ck_assert_uint_eq(flc_rest_claim(part.rest, 8, true), 10);
	MUST(flc_rests_take(&rests, 0, false, &job) == FLC_STEAL_TASK);
	ck_assert_uint_eq(job.range.begin, 9);
	MUST(flc_rests_take(&rests, 0, false, &job) == FLC_STEAL_TASK);
	ck_assert_uint_eq(job.range.begin, 8);
	MUST(flc_rests_take(&rests, 0, false, &job) == FLC_STEAL_EMPTY);
	ck_assert_uint_eq(flc_rest_claim(part.rest, 9, true), 8);
	ck_assert_uint_eq(flc_rest_hold(part.rest, 8), 8);
	flc_rest_let_go(part.rest, 8);
	flc_rest_close(&rests, &part);
	ck_assert_uint_eq(part.end, 8);
}
END_TEST

START_TEST(no_more_than_may_are_admitted)
{
	struct flc_rests rests;
	struct flc_part part = { 0, 10, NULL };
	struct flc_job job;

	admitted = 1;
	most_admitted = 1;
	flc_rests_init(&rests);
	MUST(flc_rest_open(&rests, &part, part.begin, &kind, 64, 1, 1));
	MUST(flc_rests_take(&rests, 0, false, &job) == FLC_STEAL_EMPTY);
	ck_assert(!flc_rests_seen(&rests));
	ck_assert(flc_rests_bear(&rests, 64));
	MUST(flc_rests_take(&rests, 64, true, &job) == FLC_STEAL_TASK);
	admitted = 0;
	flc_rests_show(&rests, 64);
	ck_assert(flc_rests_seen(&rests));
	flc_rest_close(&rests, &part);
	ck_assert(!flc_rests_seen(&rests));
}
END_TEST

START_TEST(a_rest_used_up_further_out_is_reclaimed)
{
	struct flc_rests rests;
	struct flc_part part[FLC_RESTS + 2];
	struct flc_job job;

	admitted = 0;
	most_admitted = SIZE_MAX;
	flc_rests_init(&rests);
	for (size_t i = 0; i < FLC_RESTS; i++) {
		part[i] = (struct flc_part){ 0, 1, NULL };
		MUST(flc_rest_open(&rests, &part[i], 0, &kind, 64, 1, 1));
	}
	part[FLC_RESTS] = (struct flc_part){ 0, 4, NULL };
	ck_assert(!flc_rest_open(&rests, &part[FLC_RESTS], 0, &kind, 64, 1, 1));
	MUST(flc_rests_take(&rests, 0, false, &job) == FLC_STEAL_TASK);
	ck_assert(flc_rest_open(&rests, &part[FLC_RESTS], 0, &kind, 64, 1, 1));
	ck_assert_ptr_null(part[0].rest);
	ck_assert_uint_eq(part[0].end, 0);
	for (size_t i = FLC_RESTS + 1; i-- > 1;)
		flc_rest_close(&rests, &part[i]);
	ck_assert_uint_eq(flc_load_relaxed(&rests.used), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("range_rest");
	TCase *rest = case_of(suite, "rest", NULL, NULL);

	tcase_add_test(rest, a_taker_has_the_upper_half);
	tcase_add_test(rest, the_owner_keeps_what_it_claimed);
	tcase_add_test(rest, no_more_than_may_are_admitted);
	tcase_add_test(rest, a_rest_used_up_further_out_is_reclaimed);
	return run_suite(suite);
}
