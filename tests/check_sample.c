/* SPDX-License-Identifier: BSD-2-Clause */
#include "mutex_rows.h"

START_TEST(what_comes_often_is_measured_less_often)
{
	uint64_t apart;
	size_t mask = FLC_SAMPLE_EVERY - 1;

	flc_page();
	apart = (uint64_t)(FLC_SAMPLE_APART_NS * flc_clock_rate);
	for (int i = 0; i < 10; i++)
		mask = flc_sample_next_mask(mask, apart / 2);
	ck_assert_uint_eq(mask, FLC_SAMPLE_RAREST - 1);
	ck_assert_uint_eq(flc_sample_next_mask(mask, 2 * apart), mask);
	for (int i = 0; i < 10; i++)
		mask = flc_sample_next_mask(mask, 5 * apart);
	ck_assert_uint_eq(mask, FLC_SAMPLE_EVERY - 1);
	ck_assert(flc_sample_is_due(0, mask) && flc_sample_is_due(64, mask)
	    && !flc_sample_is_due(65, mask) && !flc_sample_is_due(64, 2 * mask + 1));
	ck_assert_uint_eq(flc_sample_from(64), 64);
	ck_assert_uint_eq(flc_sample_from(65), 128);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("sample");
	TCase *page = case_of(suite, "page", NULL, NULL);

	tcase_add_test(page, what_comes_often_is_measured_less_often);
	return run_suite(suite);
}
