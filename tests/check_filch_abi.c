/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program compiled against an older header relies on. */
#include "test.h"

#include <filch.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

_Static_assert(offsetof(filch_pool_options, size) == 0, "read before anything else");
_Static_assert(offsetof(filch_for_options, size) == 0, "read before anything else");
_Static_assert(offsetof(filch_metrics, size) == 0, "read before anything else");

/* Fields are appended, never moved. */
_Static_assert(offsetof(filch_pool_options, workers) == sizeof(size_t), "ABI of 0.1");
_Static_assert(offsetof(filch_for_options, pool) == sizeof(size_t), "ABI of 0.1");
_Static_assert(offsetof(filch_metrics, taken_at) == sizeof(size_t), "ABI of 0.1");

#define VALUE(name, value, text) value,
static const int codes[] = { FILCH_STATUS_MAP(VALUE) };
#define CODES (sizeof codes / sizeof codes[0])

/* True if all but the leading size is zero: what "default" means. */
static int
rest_is_zero(const void *options, size_t size)
{
	const unsigned char *byte = options;

	for (size_t i = sizeof(size_t); i < size; i++)
		if (byte[i] != 0)
			return 0;
	return 1;
}

START_TEST(pool_options_init_sets_size_and_nothing_else)
{
	static const filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

	ck_assert_uint_eq(options.size, sizeof options);
	ck_assert(rest_is_zero(&options, sizeof options));
}
END_TEST

START_TEST(for_options_init_sets_size_and_nothing_else)
{
	static const filch_for_options options = FILCH_FOR_OPTIONS_INIT;

	ck_assert_uint_eq(options.size, sizeof options);
	ck_assert(rest_is_zero(&options, sizeof options));
}
END_TEST

START_TEST(group_and_token_init_are_all_zero)
{
	static const filch_group group = FILCH_GROUP_INIT;
	static const filch_cancel token = FILCH_CANCEL_INIT;
	static const filch_group zero_group;
	static const filch_cancel zero_token;

	ck_assert_mem_eq(&group, &zero_group, sizeof group);
	ck_assert_mem_eq(&token, &zero_token, sizeof token);
}
END_TEST

START_TEST(codes_are_zero_and_below_without_a_gap)
{
	for (size_t i = 0; i < CODES; i++)
		ck_assert_int_eq(codes[i], -(int)i);
	ck_assert_int_eq(FILCH_STATUS_LAST_, -(int)(CODES - 1));
}
END_TEST

START_TEST(codes_keep_their_values)
{
	ck_assert_int_eq(FILCH_OK, 0);
	ck_assert_int_eq(FILCH_NOMEM, -1);
	ck_assert_int_eq(FILCH_INVAL, -2);
	ck_assert_int_eq(FILCH_AGAIN, -3);
	ck_assert_int_eq(FILCH_CLOSED, -4);
	ck_assert_int_eq(FILCH_CANCELED, -5);
	ck_assert_int_eq(FILCH_TIMEOUT, -6);
	ck_assert_int_eq(FILCH_DEADLOCK, -7);
	ck_assert_int_eq(FILCH_FORKED, -8);
	ck_assert_int_eq(FILCH_BUSY, -9);
	ck_assert_int_eq(FILCH_UNSUPPORTED, -10);
}
END_TEST

START_TEST(every_code_has_a_text_of_its_own)
{
	for (size_t i = 0; i < CODES; i++) {
		const char *text = filch_status_text(codes[i]);

		ck_assert_ptr_nonnull(text);
		ck_assert_uint_gt(strlen(text), 0);
		ck_assert_str_ne(text, filch_status_text(FILCH_STATUS_LAST_ - 1));
		ck_assert_str_ne(text, filch_status_text(1));
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(text, filch_status_text(codes[j]));
	}
}
END_TEST

START_TEST(any_other_status_has_a_text_too)
{
	ck_assert_ptr_nonnull(filch_status_text(1));
	ck_assert_ptr_nonnull(filch_status_text(INT32_MAX));
	ck_assert_ptr_nonnull(filch_status_text(INT32_MIN));
	ck_assert_ptr_nonnull(filch_status_text(FILCH_STATUS_LAST_ - 1));
}
END_TEST

START_TEST(version_is_that_of_the_header)
{
	int major, minor, patch;

	ck_assert_int_eq(sscanf(filch_version(), "%d.%d.%d", &major, &minor, &patch), 3);
	ck_assert_int_eq(major, FILCH_VERSION_MAJOR);
	ck_assert_int_eq(minor, FILCH_VERSION_MINOR);
	ck_assert_int_eq(patch, FILCH_VERSION_PATCH);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("filch_abi");
	TCase *options = case_of(suite, "options", NULL, NULL);
	TCase *status = case_of(suite, "status", NULL, NULL);

	tcase_add_test(options, pool_options_init_sets_size_and_nothing_else);
	tcase_add_test(options, for_options_init_sets_size_and_nothing_else);
	tcase_add_test(options, group_and_token_init_are_all_zero);

	tcase_add_test(status, codes_are_zero_and_below_without_a_gap);
	tcase_add_test(status, codes_keep_their_values);
	tcase_add_test(status, every_code_has_a_text_of_its_own);
	tcase_add_test(status, any_other_status_has_a_text_too);
	tcase_add_test(status, version_is_that_of_the_header);
	return run_suite(suite);
}
