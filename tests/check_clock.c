/* SPDX-License-Identifier: BSD-2-Clause */
/* Ticks of the clock, as spans of time. */
#include "pools.h"
#include "monotone.h"

#include "base/clock.h"

START_TEST(a_span_of_ticks_is_always_as_long)
{
	static const uint64_t spans[] = { 1, 1000, 1000000007, UINT64_C(1) << 45,
		UINT64_C(1) << 60 };
	uint64_t ns[5];

	flc_clock_start();
	for (int i = 0; i < 5; i++)
		ns[i] = flc_ticks_to_ns(spans[i]);
	/* More than the second after which the rate was measured anew. */
	for (int again = 0; again < 12; again++) {
		for (int i = 0; i < 5; i++)
			ck_assert_uint_eq(flc_ticks_to_ns(spans[i]), ns[i]);
		pause_ms(again < 2 ? 5 : 130);
	}
	/* What two rows counted is not less when it is one row's. */
	for (uint64_t a = 1; a < 1000; a++)
		ck_assert_uint_le(flc_ticks_to_ns(a) + flc_ticks_to_ns(a * a),
		    flc_ticks_to_ns(a + a * a));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("clock");
	TCase *all = case_of(suite, "all", clear_variables, NULL);

	tcase_add_test(all, a_span_of_ticks_is_always_as_long);
	return run_suite(suite);
}
