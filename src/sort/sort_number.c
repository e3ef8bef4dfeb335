/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sorts of 32 and 64-bit numbers: what is small on the calling thread, else by levels of
 * radix_level.h.
 */
#include "sort/radix_level.h"

#include "base/size.h"
#include "wait/call.h"

#include <string.h>

/* Below this nobody is called for help: bins in the first cache are faster than two
 * threads with parts of a level; one thread alone takes them as long as its memory has
 * room. */
#define SHARED_LEAST ((size_t)32768)

/* So many keys tell whether it may be worth it to look at all. */
#define LOOK_KEYS ((size_t)64)

struct number_sort {
	const struct flc_radix_kernels *kernels;
	struct flc_radix_order order;
	char *keys;
	size_t n;
	filch_sort_options options;
};

/* -- What is sorted already -- */

struct look {
	const struct number_sort *sort;
	size_t part;       /* keys in each */
	bool up;
	flc_atomic fails;
};

static int
look_at_part(void *context, size_t begin, size_t end)
{
	struct look *look = context;
	const struct number_sort *sort = look->sort;
	size_t at = begin * look->part, stop = end * look->part;

	/* One more: the seam. */
	stop = stop < sort->n ? stop + 1 : sort->n;
	for (size_t next; at + 1 < stop; at = next - 1) {
		next = stop - at > 4096 ? at + 4096 : stop;
		if (flc_load_relaxed(&look->fails) != 0)
			break;
		if (!sort->kernels->is_sorted(sort->keys + at * sort->kernels->width, next - at,
			&sort->order, look->up))
			flc_store_relaxed(&look->fails, 1);
	}
	return FILCH_OK;
}

static int
reverse_part(void *context, size_t begin, size_t end)
{
	const struct look *look = context;
	const struct number_sort *sort = look->sort;
	size_t from = begin * look->part, to = end * look->part, half = sort->n / 2;

	if (to > half)
		to = half;
	if (sort->kernels->width == 8) {
		uint64_t *key = (uint64_t *)(void *)sort->keys;

		for (size_t i = from; i < to; i++) {
			uint64_t other = key[sort->n - 1 - i];

			key[sort->n - 1 - i] = key[i];
			key[i] = other;
		}
	} else {
		uint32_t *key = (uint32_t *)(void *)sort->keys;

		for (size_t i = from; i < to; i++) {
			uint32_t other = key[sort->n - 1 - i];

			key[sort->n - 1 - i] = key[i];
			key[i] = other;
		}
	}
	return FILCH_OK;
}

/* Sorted keys stay, descending ones are reversed; *done says so. */
static int
look_whether_sorted(const struct flc_sort_call *call, const struct number_sort *sort, bool *done)
{
	struct look look = { .sort = sort, .part = (size_t)1 << 16 };
	size_t first = sort->n < LOOK_KEYS ? sort->n : LOOK_KEYS;
	bool up = sort->kernels->is_sorted(sort->keys, first, &sort->order, true);
	int status;

	*done = false;
	if (!up && !sort->kernels->is_sorted(sort->keys, first, &sort->order, false))
		return FILCH_OK;
	look.up = up;
	flc_store_relaxed(&look.fails, 0);
	status = flc_sort_loop(call, (sort->n + look.part - 1) / look.part, look_at_part, &look);
	if (status != FILCH_OK || flc_load_relaxed(&look.fails) != 0)
		return status;
	*done = true;
	if (up)
		return FILCH_OK;
	return flc_sort_loop(call, (sort->n / 2 + look.part - 1) / look.part, reverse_part, &look);
}

/* -- A call -- */

/* What one thread sorts alone. */
static int
sort_alone(void *context, size_t begin, size_t end)
{
	struct flc_radix_job *job = context;
	struct flc_radix_local *local = flc_radix_job_local(job);

	(void)begin;
	(void)end;
	job->kernels->map(job->keys, job->keys, job->n, &job->order);
	if (local == NULL) {
		job->kernels->sort_in_place(job->keys, job->n, &job->order);
	} else {
		struct flc_radix_room room = { job->order, local->bins, local->counts };

		job->kernels->sort(job->keys, local->keys, job->keys, job->n, &room);
	}
	return FILCH_OK;
}

/* Without memory for a second array. */
static int
sort_without_memory(void *context, size_t begin, size_t end)
{
	struct flc_radix_job *job = context;

	(void)begin;
	(void)end;
	job->kernels->map(job->keys, job->keys, job->n, &job->order);
	job->kernels->sort_in_place(job->keys, job->n, &job->order);
	return FILCH_OK;
}

static int
sort_verb(struct flc_worker *worker, void *argument)
{
	struct number_sort *sort = argument;
	struct flc_radix_job job = {
		.kernels = sort->kernels, .order = sort->order, .keys = sort->keys, .n = sort->n,
	};
	bool done = false;
	int status;

	flc_sort_call_begin(&job.call, worker, &sort->options);
	status = look_whether_sorted(&job.call, sort, &done);
	if (status != FILCH_OK || done)
		return status;
	if (!flc_radix_job_begin(&job, worker))
		return flc_sort_loop(&job.call, 1, sort_without_memory, &job);
	if (sort->n < (job.call.parts > 1 ? SHARED_LEAST : FLC_RADIX_LOCAL_KEYS))
		status = flc_sort_loop(&job.call, 1, sort_alone, &job);
	else
		status = flc_radix_job_run(&job);
	if (status == FILCH_NOMEM)
		status = flc_sort_loop(&job.call, 1, sort_without_memory, &job);
	flc_radix_job_end(&job);
	return status;
}

/* A few keys, where nothing can end the sort early. */
static void
sort_few(const struct number_sort *sort)
{
	_Alignas(64) uint64_t ordered[FLC_RADIX_LEAF];
	struct flc_radix_room room = { sort->order, NULL, NULL };

	sort->kernels->map(sort->keys, ordered, sort->n, &sort->order);
	sort->kernels->sort(ordered, NULL, sort->keys, sort->n, &room);
}

static int
sort_numbers(void *keys, size_t n, const struct flc_radix_kernels *kernels, uint64_t flip,
    uint64_t negative, const filch_sort_options *options)
{
	struct number_sort sort = { .kernels = kernels, .keys = keys, .n = n };
	size_t bytes;

	if (flc_sort_options(options, &sort.options) != FILCH_OK || (keys == NULL && n > 0)
	    || !flc_size_of(n, kernels->width, 0, &bytes))
		return FILCH_INVAL;
	sort.order.negative = negative;
	sort.order.flip = sort.options.order == FILCH_DESCENDING ? ~flip : flip;
	if (n <= FLC_RADIX_LEAF && flc_sort_is_plain(&sort.options)) {
		if (n > 1)
			sort_few(&sort);
		return FILCH_OK;
	}
	return flc_pool_call(sort.options.pool, sort_verb, &sort);
}

#define TOP_32 UINT64_C(0x80000000)
#define TOP_64 UINT64_C(0x8000000000000000)

int
filch_sort_u64(uint64_t *keys, size_t n, const filch_sort_options *options)
{
	return sort_numbers(keys, n, flc_radix_64(), 0, 0, options);
}

int
filch_sort_i64(int64_t *keys, size_t n, const filch_sort_options *options)
{
	return sort_numbers(keys, n, flc_radix_64(), TOP_64, 0, options);
}

int
filch_sort_double(double *keys, size_t n, const filch_sort_options *options)
{
	return sort_numbers(keys, n, flc_radix_64(), TOP_64, TOP_64 - 1, options);
}

int
filch_sort_u32(uint32_t *keys, size_t n, const filch_sort_options *options)
{
	return sort_numbers(keys, n, flc_radix_32(), 0, 0, options);
}

int
filch_sort_i32(int32_t *keys, size_t n, const filch_sort_options *options)
{
	return sort_numbers(keys, n, flc_radix_32(), TOP_32, 0, options);
}

int
filch_sort_float(float *keys, size_t n, const filch_sort_options *options)
{
	return sort_numbers(keys, n, flc_radix_32(), TOP_32, TOP_32 - 1, options);
}
