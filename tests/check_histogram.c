/* SPDX-License-Identifier: BSD-2-Clause */
#include "mutex_rows.h"

START_TEST(a_buckets_bound_belongs_to_it)
{
	ck_assert_uint_eq(flc_bucket(0), 0);
	ck_assert_uint_eq(flc_bucket(64), 0);
	ck_assert_uint_eq(flc_bucket(65), 1);
	for (unsigned k = 1; k < FILCH_HISTOGRAM_BUCKETS - 1; k++) {
		MUST(flc_bucket((uint64_t)64 << k) == k);
		MUST(flc_bucket(((uint64_t)64 << k) + 1) == k + 1);
	}
	ck_assert_uint_eq(flc_bucket(UINT64_MAX), FILCH_HISTOGRAM_BUCKETS - 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("histogram");
	TCase *page = case_of(suite, "page", NULL, NULL);

	tcase_add_test(page, a_buckets_bound_belongs_to_it);
	return run_suite(suite);
}
