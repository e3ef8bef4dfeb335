/* SPDX-License-Identifier: BSD-2-Clause */
/* Tiles: a loop over their numbers, row-major. */
#include "base/compiler.h"
#include "base/size.h"

#include <filch/loop.h>

#define DEFAULT_TILE 32

/* One dimension cut into tiles. */
struct cut {
	size_t begin, end, tile, tiles;
};

static struct cut
cut_of(size_t begin, size_t end, size_t tile)
{
	struct cut cut = { begin, end, tile > 0 ? tile : DEFAULT_TILE, 0 };

	cut.tiles = (end - begin) / cut.tile + ((end - begin) % cut.tile != 0);
	return cut;
}

static size_t
begin_of(const struct cut *cut, size_t number)
{
	return cut->begin + number * cut->tile;
}

static size_t
end_of(const struct cut *cut, size_t number)
{
	return cut->end - begin_of(cut, number) > cut->tile
	    ? begin_of(cut, number) + cut->tile : cut->end;
}

struct tiling {
	struct cut cut[3];
	filch_tile_2d_fn *body2;
	filch_tile_3d_fn *body3;
	void *context;
};

static int
run_tiles_2d(void *context, size_t begin, size_t end)
{
	const struct tiling *t = context;
	int status = FILCH_OK;

	for (size_t i = begin; i < end && status == FILCH_OK; i++) {
		size_t row = i / t->cut[1].tiles, column = i % t->cut[1].tiles;
		filch_tile_2d tile = {
			begin_of(&t->cut[0], row), end_of(&t->cut[0], row),
			begin_of(&t->cut[1], column), end_of(&t->cut[1], column),
		};

		status = t->body2(t->context, tile);
	}
	return status;
}

static int
run_tiles_3d(void *context, size_t begin, size_t end)
{
	const struct tiling *t = context;
	int status = FILCH_OK;

	for (size_t i = begin; i < end && status == FILCH_OK; i++) {
		size_t k = i % t->cut[2].tiles, ij = i / t->cut[2].tiles;
		size_t j = ij % t->cut[1].tiles, l = ij / t->cut[1].tiles;
		filch_tile_3d tile = {
			begin_of(&t->cut[0], l), end_of(&t->cut[0], l),
			begin_of(&t->cut[1], j), end_of(&t->cut[1], j),
			begin_of(&t->cut[2], k), end_of(&t->cut[2], k),
		};

		status = t->body3(t->context, tile);
	}
	return status;
}

/* Of so many dimensions; false: more than can be counted.  Where one side is empty there
 * is none, however long the others are. */
static bool
count_tiles(const struct tiling *t, size_t dimensions, size_t *tiles)
{
	*tiles = 0;
	for (size_t i = 0; i < dimensions; i++)
		if (t->cut[i].tiles == 0)
			return true;
	*tiles = 1;
	for (size_t i = 0; i < dimensions; i++)
		if (!flc_multiply_add(*tiles, t->cut[i].tiles, 0, tiles))
			return false;
	return true;
}

int
filch_for_2d(filch_tile_2d range, size_t tile0, size_t tile1, filch_tile_2d_fn *body,
    void *context, const filch_for_options *options)
{
	struct tiling t = { .body2 = body, .context = context };
	size_t tiles;

	if (range.begin0 > range.end0 || range.begin1 > range.end1 || body == NULL)
		return FILCH_INVAL;
	t.cut[0] = cut_of(range.begin0, range.end0, tile0);
	t.cut[1] = cut_of(range.begin1, range.end1, tile1);
	if (!count_tiles(&t, 2, &tiles))
		return FILCH_INVAL;
	return filch_for(0, tiles, run_tiles_2d, &t, options);
}

int
filch_for_3d(filch_tile_3d range, size_t tile0, size_t tile1, size_t tile2,
    filch_tile_3d_fn *body, void *context, const filch_for_options *options)
{
	struct tiling t = { .body3 = body, .context = context };
	size_t tiles;

	if (range.begin0 > range.end0 || range.begin1 > range.end1
	    || range.begin2 > range.end2 || body == NULL)
		return FILCH_INVAL;
	t.cut[0] = cut_of(range.begin0, range.end0, tile0);
	t.cut[1] = cut_of(range.begin1, range.end1, tile1);
	t.cut[2] = cut_of(range.begin2, range.end2, tile2);
	if (!count_tiles(&t, 3, &tiles))
		return FILCH_INVAL;
	return filch_for(0, tiles, run_tiles_3d, &t, options);
}
