/* SPDX-License-Identifier: BSD-2-Clause */
/* Loops over rectangles and blocks. */
#include "loops.h"

static unsigned char cell[60 * 70 * 8];

static int
mark_2d(void *tile_size, filch_tile_2d t)
{
	const size_t *size = tile_size;

	MUST(t.end0 - t.begin0 <= size[0]);
	MUST(t.end1 - t.begin1 <= size[1]);
	for (size_t i = t.begin0; i < t.end0; i++)
		for (size_t j = t.begin1; j < t.end1; j++)
			cell[i * 70 + j]++;
	return FILCH_OK;
}

START_TEST(tiles_cover_a_rectangle_once)
{
	uint64_t seed = 17;

	use_workers(worker_counts[_i]);
	for (int round = 0; round < 100; round++) {
		filch_tile_2d r = { random_of(&seed) % 30, 30 + random_of(&seed) % 30,
			random_of(&seed) % 30, 30 + random_of(&seed) % 40 };
		size_t size[2] = { random_of(&seed) % 40, random_of(&seed) % 40 };
		size_t shown[2] = { size[0] ? size[0] : 32, size[1] ? size[1] : 32 };

		MUST(filch_for_2d(r, size[0], size[1], mark_2d, shown, &how) == FILCH_OK);
		for (size_t i = 0; i < 60; i++)
			for (size_t j = 0; j < 70; j++)
				MUST(cell[i * 70 + j] == (i >= r.begin0 && i < r.end0
				    && j >= r.begin1 && j < r.end1));
		memset(cell, 0, sizeof(cell));
	}
	end_pool(how.pool);
}
END_TEST

static int
mark_3d(void *unused, filch_tile_3d t)
{
	(void)unused;
	for (size_t i = t.begin0; i < t.end0; i++)
		for (size_t j = t.begin1; j < t.end1; j++)
			for (size_t k = t.begin2; k < t.end2; k++)
				cell[(i * 20 + j) * 20 + k]++;
	return FILCH_OK;
}

START_TEST(tiles_cover_a_block_once)
{
	uint64_t seed = 17;

	use_workers(worker_counts[_i]);
	for (int round = 0; round < 50; round++) {
		filch_tile_3d r = { random_of(&seed) % 10, 10 + random_of(&seed) % 10,
			random_of(&seed) % 10, 10 + random_of(&seed) % 10,
			random_of(&seed) % 10, 10 + random_of(&seed) % 10 };

		MUST((filch_for_3d(r, random_of(&seed) % 9, random_of(&seed) % 9,
		    random_of(&seed) % 9, mark_3d, NULL, &how)) == FILCH_OK);
		for (size_t i = 0; i < 8000; i++)
			MUST(cell[i] == (i / 400 >= r.begin0 && i / 400 < r.end0
			    && i / 20 % 20 >= r.begin1 && i / 20 % 20 < r.end1
			    && i % 20 >= r.begin2 && i % 20 < r.end2));
		memset(cell, 0, sizeof(cell));
	}
	end_pool(how.pool);
}
END_TEST

static int
fail_2d(void *unused, filch_tile_2d t)
{
	(void)unused;
	return t.begin0 >= 20 && t.begin1 >= 10 ? (int)(t.begin0 * 100 + t.begin1) : FILCH_OK;
}

START_TEST(the_lowest_tile_in_row_major_order_wins)
{
	filch_tile_2d r = { 0, 50, 0, 50 };

	use_workers(worker_counts[_i]);
	for (int round = 0; round < 50; round++)
		ck_assert_int_eq(filch_for_2d(r, 10, 10, fail_2d, NULL, &how), 2010);
	end_pool(how.pool);
}
END_TEST

START_TEST(bad_tiles_are_refused)
{
	filch_tile_2d backwards = { 2, 1, 0, 1 }, endless = { 0, SIZE_MAX, 0, SIZE_MAX };
	filch_tile_2d none = { 0, 0, 0, SIZE_MAX };

	use_workers(1);
	ck_assert_int_eq(filch_for_2d(backwards, 0, 0, fail_2d, NULL, &how), FILCH_INVAL);
	ck_assert_int_eq(filch_for_2d(endless, 1, 1, fail_2d, NULL, &how), FILCH_INVAL);
	ck_assert_int_eq(filch_for_2d(none, 1, 1, fail_2d, NULL, &how), FILCH_OK);
	ck_assert_int_eq(filch_for_2d(none, 1, 1, NULL, NULL, &how), FILCH_INVAL);
	end_pool(how.pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tiles");

	TCase *tiles = case_of(suite, "tiles", setup, NULL);

	tcase_add_loop_test(tiles, tiles_cover_a_rectangle_once, 0, ALL_COUNTS);
	tcase_add_loop_test(tiles, tiles_cover_a_block_once, 0, ALL_COUNTS);
	tcase_add_loop_test(tiles, the_lowest_tile_in_row_major_order_wins, 0, ALL_COUNTS);
	tcase_add_test(tiles, bad_tiles_are_refused);
	return run_suite(suite);
}
