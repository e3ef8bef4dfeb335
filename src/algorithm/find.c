/* SPDX-License-Identifier: BSD-2-Clause */
#include "algorithm/blocks.h"

#include "base/size.h"
#include "loop/range.h"
#include "wait/call.h"

#include <filch/find.h>

#include <string.h>

/* Bytes in a piece of a typed face. */
#define PIECE_BYTES 8192

struct find {
	/* The position of the hit in n items from `begin` on, n if there is none; or how
	 * many there are. */
	int (*look)(const struct find *find, size_t begin, size_t n, size_t *hit);
	const char *items, *others;    /* others: the array compared with */
	size_t n, size, piece;
	filch_test_fn *test;           /* or */
	filch_same_fn *same;           /* or */
	filch_compare_fn *compare;     /* or */
	filch_find_kernel_ *kernel;
	void *context;
	bool inverse;                  /* of test */
	int what;                      /* enum filch_find_what_ */
	const filch_for_options *options;
	flc_atomic best;               /* position of the best hit, plus one; or the count */
	size_t result;
};

static int
look_by_test(const struct find *find, size_t begin, size_t n, size_t *hit)
{
	unsigned char yes[FILCH_PACK_ITEMS];
	int status = find->test(find->context, find->items + begin * find->size, n, yes);
	size_t count = 0;

	*hit = n;
	for (size_t i = 0; i < n && status == FILCH_OK; i++) {
		if ((yes[i] != 0) == find->inverse)
			continue;
		count++;
		if (*hit == n || find->what == FILCH_FIND_LAST_)
			*hit = i;
	}
	if (find->what == FILCH_FIND_COUNT_)
		*hit = count;
	return status;
}

static int
look_by_kernel(const struct find *find, size_t begin, size_t n, size_t *hit)
{
	*hit = find->kernel(find->items + begin * find->size, n, find->what);
	return FILCH_OK;
}

/* Where the two arrays differ. */
static int
look_for_difference(const struct find *find, size_t begin, size_t n, size_t *hit)
{
	const char *a = find->items + begin * find->size, *b = find->others + begin * find->size;
	size_t i = 0, size = find->size;

	if (find->same == NULL && find->compare == NULL && memcmp(a, b, n * size) == 0)
		i = n;
	for (; i < n; i++, a += size, b += size)
		if (find->compare != NULL ? find->compare(find->context, a, b) != 0
		    : find->same != NULL ? find->same(find->context, a, b) == 0
		    : memcmp(a, b, size) != 0)
			break;
	*hit = i;
	return FILCH_OK;
}

/* Where an item equals the next one; find->n is less by one than there are. */
static int
look_for_pair(const struct find *find, size_t begin, size_t n, size_t *hit)
{
	const char *a = find->items + begin * find->size;
	size_t i = 0;

	while (i < n && find->same(find->context, a, a + find->size) == 0) {
		a += find->size;
		i++;
	}
	*hit = i;
	return FILCH_OK;
}

/* A position is the best so far; of block `index`, beyond which none need begin. */
static void
keep_best(struct flc_blocks *blocks, struct find *find, size_t index, size_t at)
{
	size_t best;

	do {
		best = flc_load_relaxed(&find->best);
		if (best != 0 && (find->what == FILCH_FIND_LAST_ ? at + 1 <= best : at + 1 >= best))
			break;
	} while (!flc_cas_full(&find->best, best, at + 1));
	flc_blocks_end_at(blocks, find->what == FILCH_FIND_ANY_ ? 0 : index);
}

/* Blocks are numbered in the order of the search. */
static int
look_through(struct flc_blocks *blocks, size_t index, size_t begin, size_t end)
{
	struct find *find = blocks->context;
	bool backwards = find->what == FILCH_FIND_LAST_;
	size_t left = end - begin, count = 0, hit;

	/* The same length of items from the other end. */
	if (backwards)
		begin = find->n - end;
	end = begin + left;
	while (left > 0 && !flc_blocks_is_over(blocks, index)) {
		size_t n = left < find->piece ? left : find->piece;
		size_t from = backwards ? begin + left - n : end - left;
		int status = find->look(find, from, n, &hit);

		if (status != FILCH_OK)
			return status;
		left -= n;
		if (find->what == FILCH_FIND_COUNT_) {
			count += hit;
		} else if (hit < n) {
			keep_best(blocks, find, index, from + hit);
			break;
		}
	}
	if (find->what == FILCH_FIND_COUNT_)
		flc_add_full(&find->best, count);
	return FILCH_OK;
}

static int
find_verb(struct flc_worker *worker, void *argument)
{
	struct find *find = argument;
	struct flc_blocks blocks;
	size_t best, failed, from_start;
	int status;

	flc_store_relaxed(&find->best, 0);
	flc_blocks_init(&blocks, worker, find->n,
	    flc_blocks_length(find->n, find->size, find->options), find->options);
	status = flc_blocks_run(&blocks, look_through, find);
	best = flc_load_relaxed(&find->best);
	if (find->what == FILCH_FIND_COUNT_) {
		find->result = best;
		return status;
	}
	find->result = best == 0 ? find->n : best - 1;
	failed = flc_load_relaxed(&blocks.ending.failed_at);
	if (best == 0 || failed == 0)
		return status;
	/* A serial search would have ended before it. */
	from_start = find->what == FILCH_FIND_LAST_ ? find->n - best : best - 1;
	if (find->what == FILCH_FIND_ANY_ || from_start / blocks.length < failed - 1) {
		flc_store_relaxed(&blocks.ending.failed_at, 0);
		status = flc_early_exit_status(&blocks.ending, find->options);
	}
	return status;
}

static int
run(struct find *find, const filch_for_options *options)
{
	filch_for_options complete;
	size_t bytes, most;

	if (flc_loop_options(options, &complete) != FILCH_OK || find->size == 0
	    || (find->items == NULL && find->n > 0)
	    || !flc_size_of(find->n, find->size, 0, &bytes))
		return FILCH_INVAL;
	most = PIECE_BYTES / find->size;
	find->piece = find->kernel == NULL ? FILCH_PACK_ITEMS : most > 0 ? most : 1;
	find->options = &complete;
	return flc_pool_call(complete.pool, find_verb, find);
}

static int
run_test(const void *items, size_t n, size_t size, filch_test_fn *test, void *context,
    int what, size_t *result, const filch_for_options *options)
{
	struct find find = {
		.look = look_by_test, .items = items, .n = n, .size = size, .test = test,
		.context = context, .what = what,
	};
	int status;

	if (test == NULL || result == NULL)
		return FILCH_INVAL;
	status = run(&find, options);
	if (status == FILCH_OK)
		*result = find.result;
	return status;
}

int
filch_find(const void *items, size_t n, size_t size, filch_test_fn *test, void *context,
    size_t *at, const filch_for_options *options)
{
	return run_test(items, n, size, test, context, FILCH_FIND_FIRST_, at, options);
}

int
filch_find_last(const void *items, size_t n, size_t size, filch_test_fn *test, void *context,
    size_t *at, const filch_for_options *options)
{
	return run_test(items, n, size, test, context, FILCH_FIND_LAST_, at, options);
}

int
filch_find_any(const void *items, size_t n, size_t size, filch_test_fn *test, void *context,
    size_t *at, const filch_for_options *options)
{
	return run_test(items, n, size, test, context, FILCH_FIND_ANY_, at, options);
}

int
filch_count(const void *items, size_t n, size_t size, filch_test_fn *test, void *context,
    size_t *count, const filch_for_options *options)
{
	return run_test(items, n, size, test, context, FILCH_FIND_COUNT_, count, options);
}

/* inverse: whether there is none that test does not choose. */
static int
run_question(const void *items, size_t n, size_t size, filch_test_fn *test, void *context,
    bool inverse, int *answer, const filch_for_options *options)
{
	struct find find = {
		.look = look_by_test, .items = items, .n = n, .size = size, .test = test,
		.context = context, .inverse = inverse, .what = FILCH_FIND_FIRST_,
	};
	int status;

	if (test == NULL || answer == NULL)
		return FILCH_INVAL;
	status = run(&find, options);
	if (status == FILCH_OK)
		*answer = (find.result < n) != inverse;
	return status;
}

int
filch_any_of(const void *items, size_t n, size_t size, filch_test_fn *test, void *context,
    int *answer, const filch_for_options *options)
{
	return run_question(items, n, size, test, context, false, answer, options);
}

int
filch_all_of(const void *items, size_t n, size_t size, filch_test_fn *test, void *context,
    int *answer, const filch_for_options *options)
{
	return run_question(items, n, size, test, context, true, answer, options);
}

int
filch_find_items_(const void *items, size_t n, size_t size, filch_find_kernel_ *kernel,
    int what, size_t *result, const filch_for_options *options)
{
	struct find find = {
		.look = look_by_kernel, .items = items, .n = n, .size = size, .kernel = kernel,
		.what = what,
	};
	int status;

	if (result == NULL)
		return FILCH_INVAL;
	status = run(&find, options);
	if (status == FILCH_OK)
		*result = find.result;
	return status;
}

int
filch_mismatch(const void *a, const void *b, size_t n, size_t size, filch_same_fn *same,
    void *context, size_t *at, const filch_for_options *options)
{
	struct find find = {
		.look = look_for_difference, .items = a, .others = b, .n = n, .size = size,
		.same = same, .context = context, .what = FILCH_FIND_FIRST_,
	};
	int status;

	if (at == NULL || (b == NULL && n > 0))
		return FILCH_INVAL;
	status = run(&find, options);
	if (status == FILCH_OK)
		*at = find.result;
	return status;
}

int
filch_adjacent_find(const void *items, size_t n, size_t size, filch_same_fn *same,
    void *context, size_t *at, const filch_for_options *options)
{
	struct find find = {
		.look = look_for_pair, .items = items, .n = n > 0 ? n - 1 : 0, .size = size,
		.same = same, .context = context, .what = FILCH_FIND_FIRST_,
	};
	size_t bytes;
	int status;

	if (at == NULL || same == NULL || (items == NULL && n > 0)
	    || !flc_size_of(n, size, 0, &bytes))
		return FILCH_INVAL;
	status = run(&find, options);
	if (status == FILCH_OK)
		*at = find.result < find.n ? find.result : n;
	return status;
}

int
filch_compare(const void *a, size_t a_n, const void *b, size_t b_n, size_t size,
    filch_compare_fn *compare, void *context, int *order, const filch_for_options *options)
{
	struct find find = {
		.look = look_for_difference, .items = a, .others = b,
		.n = a_n < b_n ? a_n : b_n, .size = size, .compare = compare,
		.context = context, .what = FILCH_FIND_FIRST_,
	};
	size_t bytes;
	int status, found;

	if (order == NULL || compare == NULL || (a == NULL && a_n > 0) || (b == NULL && b_n > 0)
	    || !flc_size_of(a_n, size, 0, &bytes) || !flc_size_of(b_n, size, 0, &bytes))
		return FILCH_INVAL;
	status = run(&find, options);
	if (status != FILCH_OK)
		return status;
	found = find.result == find.n ? (a_n > b_n) - (a_n < b_n)
	    : compare(context, find.items + find.result * size, find.others + find.result * size);
	*order = (found > 0) - (found < 0);
	return FILCH_OK;
}
