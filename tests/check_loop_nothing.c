/* SPDX-License-Identifier: BSD-2-Clause */
/* Loops and tiles over nothing. */
#include "pools.h"

#include "base/size.h"
#include "loop/cost_model.h"

static int
never_2d(void *context, filch_tile_2d tile)
{
	(void)context;
	(void)tile;
	ck_abort_msg("a tile of nothing");
}

static int
never_3d(void *context, filch_tile_3d tile)
{
	(void)context;
	(void)tile;
	ck_abort_msg("a tile of nothing");
}

START_TEST(tiles_with_an_empty_side_are_none)
{
	filch_tile_3d cube = { 0, SIZE_MAX, 0, SIZE_MAX, 0, SIZE_MAX };
	size_t *end[] = { &cube.end0, &cube.end1, &cube.end2 };

	ck_assert_int_eq(filch_for_3d(cube, 1, 1, 1, never_3d, NULL, NULL), FILCH_INVAL);
	for (size_t side = 0; side < 3; side++) {
		*end[side] = 0;
		ck_assert_int_eq(filch_for_3d(cube, 1, 1, 1, never_3d, NULL, NULL), FILCH_OK);
		*end[side] = SIZE_MAX;
	}
	ck_assert_int_eq(filch_for_2d((filch_tile_2d){ 0, SIZE_MAX, 5, 5 }, 1, 1, never_2d, NULL,
	    NULL), FILCH_OK);
	ck_assert_int_eq(filch_for_2d((filch_tile_2d){ 5, 5, 0, SIZE_MAX }, 1, 1, never_2d, NULL,
	    NULL), FILCH_OK);
}
END_TEST

static int
add_up(void *context, size_t begin, size_t end)
{
	for (; begin < end; begin++)
		flc_add_full(context, begin);
	return FILCH_OK;
}

static __attribute__((noinline)) void
dirty_the_stack(void)
{
	volatile unsigned char dirt[16384];

	memset((void *)dirt, 0x5a, sizeof(dirt));
}

START_TEST(a_loop_over_nothing_teaches_nothing)
{
	flc_atomic sum = FLC_ATOMIC_INIT(0);
	struct flc_site *site;
	double cost;

	for (size_t i = 0; i < 20; i++)
		ck_assert_int_eq(filch_for(0, 1000, add_up, &sum, NULL), FILCH_OK);
	site = flc_site_of(add_up);
	cost = flc_site_cost(site);
	ck_assert(cost > 0);
	for (size_t i = 0; i < 20; i++) {
		dirty_the_stack();
		ck_assert_int_eq(filch_for(7, 7, add_up, &sum, NULL), FILCH_OK);
		ck_assert(flc_site_cost(site) == cost);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("loop_nothing");
	TCase *nothing = case_of(suite, "nothing", NULL, NULL);

	tcase_add_test(nothing, tiles_with_an_empty_side_are_none);
	tcase_add_test(nothing, a_loop_over_nothing_teaches_nothing);
	return run_suite(suite);
}
