/* SPDX-License-Identifier: BSD-2-Clause */
/* Loops, tiles, reductions. */
#include "program.h"

#include <stdlib.h>
#include <string.h>

/* Every loop begins at a number of its own. */
static size_t
begin_of(const struct node *node)
{
	return node->seed % 3 == 0 ? 0 : node->seed % 1000;
}

static void
enter(struct node *node)
{
	size_t now = flc_add_full(&node->most_inside, 1) + 1;

	if (node->max_workers != 0 && now > (size_t)node->max_workers)
		broken(node, "%zu threads in a loop of at most %d", now, node->max_workers);
	if (filch_worker_index() != FILCH_NOT_A_WORKER)
		NODE_MUST(node, filch_worker_index() < filch_worker_limit(NULL));
}

static void
leave(struct node *node)
{
	(void)flc_add_full(&node->most_inside, (AO_t)-1);
}

static void
choose_options(struct node *node, filch_for_options *options, filch_progress *progress)
{
	options->pool = named_pool(node);
	options->schedule = node->schedule;
	options->grain_min = (size_t)node->grain_min;
	options->grain_exact = (size_t)node->grain_exact;
	options->max_workers = (size_t)node->max_workers;
	options->cost_ns = node->cost;
	options->cancel = limit_token(node);
	options->stop_at = limit_deadline(node);
	options->name = "random";
	if (node->progress)
		options->progress = progress;
	if (node->affinity) {
		if (node->memory == NULL)
			node->memory = calloc(1, sizeof(filch_affinity));
		options->affinity = node->memory;
	}
}

static void
check_progress(struct node *node, const filch_progress *progress, int status, size_t n)
{
	size_t done = filch_progress_done(progress);

	if (node->progress && (done > n || (status == FILCH_OK && done != n)))
		broken(node, "progress of %zu of %zu", done, n);
}

/* A chunk is where the options say. */
static void
check_chunk(struct node *node, size_t begin, size_t end)
{
	size_t grain = (size_t)node->grain_exact, least = (size_t)node->grain_min;

	if (begin >= end || end > node->n)
		broken(node, "chunk %zu to %zu of %zu", begin, end, node->n);
	if (grain != 0 && (begin % grain != 0 || (end - begin != grain && end != node->n)))
		broken(node, "chunk %zu to %zu of grain %zu", begin, end, grain);
	if (grain == 0 && end - begin < least && node->n >= least)
		broken(node, "chunk %zu to %zu, at least %zu", begin, end, least);
}

/* -- For -- */

static int
for_body(void *argument, size_t begin, size_t end)
{
	struct node *node = argument;
	int status = FILCH_OK;

	begin -= begin_of(node);
	end -= begin_of(node);
	check_chunk(node, begin, end);
	enter(node);
	for (; begin < end && status == FILCH_OK; begin++) {
		node->item[begin] = mix(node->seed, begin);
		if (begin % node->step == 0 && begin / node->step < node->children)
			status = run_child(node, begin / node->step);
	}
	leave(node);
	return status;
}

int
run_for(struct node *node)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	filch_progress progress;
	size_t begin = begin_of(node);
	int status;

	memset(&progress, 0, sizeof(progress));
	memset(node->item, 0, node->n * sizeof(uint64_t));
	choose_options(node, &options, &progress);
	status = filch_for(begin, begin + node->n, for_body, node, &options);
	check_progress(node, &progress, status, node->n);
	return status;
}

/* -- Tiles -- */

static int
run_tile(struct node *node, size_t row, size_t column, size_t layer)
{
	size_t layers = node->layers == 0 ? 1 : (size_t)node->layers;
	int status;

	enter(node);
	NODE_MUST(node,
	    row < (size_t)node->rows && column < (size_t)node->columns && layer < layers);
	status = run_child(node, (row * (size_t)node->columns + column) * layers + layer);
	leave(node);
	return status;
}

static int
tile_2d_body(void *argument, filch_tile_2d t)
{
	struct node *node = argument;
	size_t tile = (size_t)node->tile, begin = begin_of(node);

	NODE_MUST(node, t.begin0 < t.end0 && t.end0 - t.begin0 <= tile);
	NODE_MUST(node, t.begin1 < t.end1 && t.end1 - t.begin1 <= tile);
	return run_tile(node, (t.begin0 - begin) / tile, (t.begin1 - begin) / tile, 0);
}

static int
tile_3d_body(void *argument, filch_tile_3d t)
{
	struct node *node = argument;
	size_t tile = (size_t)node->tile, begin = begin_of(node);

	NODE_MUST(node, t.begin0 < t.end0 && t.end0 - t.begin0 <= tile);
	NODE_MUST(node, t.begin1 < t.end1 && t.end1 - t.begin1 <= tile);
	NODE_MUST(node, t.begin2 < t.end2 && t.end2 - t.begin2 <= tile);
	return run_tile(node, (t.begin0 - begin) / tile, (t.begin1 - begin) / tile,
	    (t.begin2 - begin) / tile);
}

/* The last tile of a row may be cut. */
static size_t
side_of(const struct node *node, int tiles)
{
	size_t side = (size_t)tiles * (size_t)node->tile;

	return side - (node->seed >> 8) % (size_t)node->tile;
}

int
run_tiles(struct node *node)
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	filch_progress progress;
	size_t begin = begin_of(node), tile = (size_t)node->tile;
	filch_tile_3d range = {
		begin, begin + side_of(node, node->rows),
		begin, begin + side_of(node, node->columns),
		begin, begin + side_of(node, node->layers == 0 ? 1 : node->layers),
	};
	int status;

	memset(&progress, 0, sizeof(progress));
	choose_options(node, &options, &progress);
	if (node->layers == 0) {
		filch_tile_2d flat = { range.begin0, range.end0, range.begin1, range.end1 };

		status = filch_for_2d(flat, tile, tile, tile_2d_body, node, &options);
	} else {
		status = filch_for_3d(range, tile, tile, tile, tile_3d_body, node, &options);
	}
	check_progress(node, &progress, status, node->children);
	return status;
}

/* -- Reductions -- */

/* h = h * B + item: associative with the power beside it, and minds the order. */
struct poly {
	uint64_t hash, power;
	size_t inside;     /* of a fold: two at once are an error */
	void *memory;
	unsigned char rest[32];
};

static int
poly_identity(void *argument, void *into)
{
	struct node *node = argument;
	struct poly *poly = into;

	memset(poly, 0, sizeof(*poly));
	poly->power = 1;
	(void)flc_add_full(&node->alive, 1);
	if (node->heap && (poly->memory = malloc(16)) == NULL)
		return FILCH_NOMEM;
	return FILCH_OK;
}

static void
poly_discard(void *argument, void *value)
{
	struct node *node = argument;
	struct poly *poly = value;

	free(poly->memory);
	poly->memory = NULL;
	(void)flc_add_full(&node->alive, (AO_t)-1);
}

static int
poly_combine(void *argument, void *into, void *from)
{
	struct node *node = argument;
	struct poly *a = into, *b = from;

	NODE_MUST(node, a->inside == 0 && b->inside == 0);
	if (node->kind == KIND_FOLD) {
		a->hash += b->hash;
	} else {
		a->hash = a->hash * b->power + b->hash;
		a->power *= b->power;
	}
	poly_discard(argument, from);
	return FILCH_OK;
}

static int
poly_fold(void *argument, size_t begin, size_t end, void *into)
{
	struct node *node = argument;
	struct poly *poly = into;
	int status = FILCH_OK;

	begin -= begin_of(node);
	end -= begin_of(node);
	NODE_MUST(node, begin <= end && end <= node->n);
	NODE_MUST(node, poly->inside == 0);
	poly->inside = 1;
	if (node->max_workers == 1)
		enter(node);
	for (; begin < end && status == FILCH_OK; begin++) {
		size_t k = begin / node->step;
		uint64_t item = mix(node->seed, begin);

		if (begin % node->step == 0 && k < node->children) {
			status = run_child(node, k);
			item = mix(node->child[k]->value, begin);
		}
		if (node->kind == KIND_FOLD) {
			poly->hash += item;
		} else {
			poly->hash = poly->hash * UINT64_C(6364136223846793005) + item;
			poly->power *= UINT64_C(6364136223846793005);
		}
	}
	if (node->max_workers == 1)
		leave(node);
	poly->inside = 0;
	return status;
}

static int
run_folding(struct node *node,
    int (*verb)(size_t, size_t, filch_fold_fn *, void *, const filch_reducer *, void *,
        const filch_for_options *))
{
	filch_for_options options = FILCH_FOR_OPTIONS_INIT;
	filch_reducer reducer = { sizeof(struct poly), poly_identity, poly_combine, poly_discard };
	filch_progress progress;
	struct poly result;
	size_t begin = begin_of(node);
	int status;

	memset(&progress, 0, sizeof(progress));
	memset(&result, 0x5a, sizeof(result));
	choose_options(node, &options, &progress);
	status = verb(begin, begin + node->n, poly_fold, node, &reducer, &result, &options);
	check_progress(node, &progress, status, node->n);
	if (status == FILCH_OK) {
		node->value = result.hash;
		poly_discard(node, &result);
	} else {
		NODE_MUST(node, result.rest[0] == 0x5a);
	}
	return status;
}

int
run_reduce(struct node *node)
{
	return run_folding(node, filch_reduce);
}

int
run_fold(struct node *node)
{
	return run_folding(node, filch_fold_workers);
}

int
run_sums(struct node *node)
{
	node->value = sums_of(node);
	return FILCH_OK;
}
