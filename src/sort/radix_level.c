/* SPDX-License-Identifier: BSD-2-Clause */
#include "sort/radix_level.h"

#include "base/compiler.h"
#include "pool/pool.h"

#include <string.h>

/* Bins of a level, and groups of them: the lines of all groups are in the first cache or
 * the second. */
#define BINS_MOST_LOG 13
#define GROUPS_MOST_LOG 9
#define GROUPS_MOST (((size_t)1 << GROUPS_MOST_LOG) + 1)

/* Keys that a bin should get. */
#define BIN_KEYS 1024

/* Keys of a part that one thread counts and scatters; as many as a sort that is to stop
 * may still do. */
#define PART_KEYS ((size_t)1 << 20)

/* An array of more bytes is written around the caches. */
#define FAR_BYTES ((size_t)2 << 20)

/* A group of fewer keys is no level of its own. */
#define LEVEL_LEAST ((size_t)1 << 17)
#define ALONE_MOST ((size_t)1 << 30)

#define SAMPLES 1024

/* Ordered keys as they are. */
static const struct flc_radix_order as_is = { 0, 0 };

/* -- What each thread works in -- */

bool
flc_radix_job_begin(struct flc_radix_job *job, const struct flc_worker *worker)
{
	job->slots = worker->pool->slots;
	job->local = flc_scratch_acquire(job->call.scratch, FILCH_MEMORY_SORT,
	    job->slots * sizeof(*job->local));
	if (job->local == NULL)
		return false;
	memset(job->local, 0, job->slots * sizeof(*job->local));
	return true;
}

void
flc_radix_job_end(struct flc_radix_job *job)
{
	for (size_t i = 0; i < job->slots; i++)
		flc_scratch_release(job->call.scratch, job->local[i]);
	flc_scratch_release(job->call.scratch, job->local);
}

struct flc_radix_local *
flc_radix_job_local(struct flc_radix_job *job)
{
	struct flc_radix_local **place = &job->local[flc_self()->index], *local = *place;
	size_t width = job->kernels->width;
	size_t bins = FLC_RADIX_SMALL_BINS * FLC_RADIX_LEAF * width;
	size_t lines = GROUPS_MOST * FLC_RADIX_LINE, counts = FLC_RADIX_COUNTS * sizeof(uint32_t);
	char *at;

	if (local != NULL)
		return local;
	local = flc_scratch_acquire(job->call.scratch, FILCH_MEMORY_SORT, FLC_APART + bins + lines
	    + FLC_RADIX_LOCAL_KEYS * width + counts);
	if (local == NULL)
		return NULL;
	_Static_assert(sizeof(*local) <= FLC_APART, "what follows is aligned");
	at = (char *)local + FLC_APART;
	local->bins = at;
	local->lines = at += bins;
	local->keys = at += lines;
	local->counts = (void *)(at + FLC_RADIX_LOCAL_KEYS * width);
	*place = local;
	return local;
}

/* -- A level -- */

struct level {
	struct flc_radix_job *job;
	struct flc_radix_order from_order;
	char *from;              /* the keys */
	char *other;             /* where they are scattered to */
	char *to;                /* where they are wanted: one of these */
	size_t n;
	struct flc_radix_bins bins;
	size_t bin_count;
	unsigned group;          /* so many bins, as a power of two, are one group */
	size_t groups;
	size_t part, parts;      /* keys of a part, and parts */
	bool far;
	/* Tables, in one block. */
	uint32_t *counts;        /* of each bin, for each part */
	uint32_t *sizes;         /* of each bin of a group that is not a level */
	size_t *begin;           /* of each group, and the end of the last */
	size_t *position;        /* of each group, for each part; and as many for its start */
	unsigned char *done;     /* of each group */
};

static char *
key_at(const struct level *level, char *keys, size_t i)
{
	return keys + i * level->job->kernels->width;
}

static bool
is_level(const struct level *level, size_t group)
{
	size_t n = level->begin[group + 1] - level->begin[group];

	return n > ALONE_MOST
	    || (n > LEVEL_LEAST && n > level->n / (4 * level->job->call.parts));
}

/* Bins for keys from low to high. */
static void
choose_bins(struct level *level, uint64_t low, uint64_t high)
{
	size_t wanted = level->n / BIN_KEYS;
	unsigned log = wanted > 1 ? 64 - (unsigned)__builtin_clzll(wanted - 1) : 1;
	unsigned bits = 64 - (unsigned)__builtin_clzll(high - low);

	if (log > BINS_MOST_LOG)
		log = BINS_MOST_LOG;
	level->bins.low = low;
	level->bins.shift = bits > log ? bits - log : 0;
	level->bins.last = (size_t)((high - low) >> level->bins.shift);
	level->bin_count = level->bins.last + 1;
	/* Of the bins that there are: a level must have more groups than one. */
	log = 64 - (unsigned)__builtin_clzll(level->bins.last);
	level->group = log > GROUPS_MOST_LOG ? log - GROUPS_MOST_LOG : 0;
	level->groups = (level->bins.last >> level->group) + 1;
}

static void
choose_parts(struct level *level)
{
	size_t threads = level->job->call.parts;
	size_t parts = (level->n + PART_KEYS - 1) / PART_KEYS;

	parts = (parts + threads - 1) / threads * threads;
	level->part = (level->n + parts - 1) / parts;
	level->parts = (level->n + level->part - 1) / level->part;
	level->far = level->n * level->job->kernels->width > FAR_BYTES;
}

static bool
make_tables(struct level *level)
{
	size_t words = level->groups + 1 + level->parts * level->groups * 2;
	size_t bins = level->bin_count;
	char *at = flc_scratch_acquire(level->job->call.scratch, FILCH_MEMORY_SORT,
	    words * sizeof(size_t) + (level->parts + 1) * bins * sizeof(uint32_t) + level->groups);

	if (at == NULL)
		return false;
	level->begin = (void *)at;
	level->position = level->begin + level->groups + 1;
	level->counts = (void *)(level->begin + words);
	level->sizes = level->counts + level->parts * bins;
	level->done = (void *)(level->sizes + bins);
	memset(level->counts, 0, level->parts * bins * sizeof(uint32_t));
	memset(level->done, 0, level->groups);
	return true;
}

static size_t
part_keys(const struct level *level, size_t part)
{
	size_t left = level->n - part * level->part;

	return left < level->part ? left : level->part;
}

static int
count_part(void *context, size_t begin, size_t end)
{
	struct level *level = context;

	for (size_t part = begin; part < end; part++)
		level->job->kernels->count(key_at(level, level->from, part * level->part),
		    part_keys(level, part), &level->from_order, &level->bins,
		    level->counts + part * level->bin_count);
	return FILCH_OK;
}

/* Where each part writes its keys of each group: the parts one after another. */
static void
place_groups(struct level *level)
{
	size_t at = 0;

	for (size_t group = 0; group < level->groups; group++) {
		size_t first = group << level->group, past = (group + 1) << level->group;

		if (past > level->bin_count)
			past = level->bin_count;
		level->begin[group] = at;
		for (size_t bin = first; bin < past; bin++)
			level->sizes[bin] = 0;
		for (size_t part = 0; part < level->parts; part++) {
			const uint32_t *counts = level->counts + part * level->bin_count;

			level->position[2 * part * level->groups + group] = at;
			for (size_t bin = first; bin < past; bin++) {
				level->sizes[bin] += counts[bin];
				at += counts[bin];
			}
		}
	}
	level->begin[level->groups] = at;
}

static int
scatter_part(void *context, size_t begin, size_t end)
{
	struct level *level = context;
	struct flc_radix_local *local = flc_radix_job_local(level->job);

	if (local == NULL)
		return FILCH_NOMEM;
	for (size_t part = begin; part < end; part++) {
		size_t *position = level->position + 2 * part * level->groups;

		level->job->kernels->scatter(key_at(level, level->from, part * level->part),
		    part_keys(level, part), &level->from_order, &level->bins, level->group,
		    position, position + level->groups, local->lines, level->other, level->far);
	}
	return FILCH_OK;
}

/* -- Groups -- */

/* A group that is more than one bin: into these, then each of them. */
static void
sort_bins(const struct level *level, size_t group, size_t n, struct flc_radix_local *local)
{
	const struct flc_radix_kernels *kernels = level->job->kernels;
	size_t first = group << level->group, past = (group + 1) << level->group;
	size_t begin = level->begin[group], width = kernels->width;
	char *from = key_at(level, level->other, begin), *to = key_at(level, level->to, begin);
	char *free = level->other == level->to ? level->from : level->to, *split;
	uint32_t *position = local->counts, sum = 0;
	struct flc_radix_room room = { level->job->order, local->bins, NULL };

	if (past > level->bin_count)
		past = level->bin_count;
	split = n <= FLC_RADIX_LOCAL_KEYS ? local->keys : key_at(level, free, begin);
	for (size_t bin = first; bin < past; bin++) {
		position[bin - first] = sum;
		sum += level->sizes[bin];
	}
	kernels->split(from, n, &level->bins, first, position, split);
	room.counts = local->counts + (past - first);
	sum = 0;
	for (size_t bin = first; bin < past; bin++) {
		size_t at = sum * width;

		if (level->sizes[bin] > 0)
			kernels->sort(split + at, from + at, to + at, level->sizes[bin], &room);
		sum += level->sizes[bin];
	}
}

static int
sort_group(void *context, size_t begin, size_t end)
{
	struct level *level = context;
	const struct flc_radix_kernels *kernels = level->job->kernels;
	struct flc_radix_local *local = flc_radix_job_local(level->job);

	for (size_t group = begin; group < end; group++) {
		size_t at = level->begin[group], n = level->begin[group + 1] - at;
		char *keys = key_at(level, level->other, at);
		char *free = key_at(level, level->other == level->to ? level->from : level->to, at);
		char *to = key_at(level, level->to, at);

		if (n == 0 || is_level(level, group))
			continue;
		if (local == NULL) {
			if (to != keys)
				memcpy(to, keys, n * kernels->width);
			kernels->sort_in_place(to, n, &level->job->order);
		} else if (level->group > 0) {
			sort_bins(level, group, n, local);
		} else {
			struct flc_radix_room room = { level->job->order, local->bins,
				local->counts };

			kernels->sort(keys, free, to, n, &room);
		}
		level->done[group] = 1;
	}
	return FILCH_OK;
}

/* Groups that are not sorted since the sort ends early. */
static void
put_back(const struct level *level)
{
	for (size_t group = 0; group < level->groups; group++) {
		size_t at = level->begin[group], n = level->begin[group + 1] - at;

		if (n > 0 && !level->done[group])
			level->job->kernels->map_back(key_at(level, level->other, at),
			    key_at(level, level->to, at), n, &level->job->order);
	}
}

/* -- The range of the keys -- */

struct range {
	struct level *level;
	uint64_t *ends;    /* least and largest of each part */
};

static int
range_of_part(void *context, size_t begin, size_t end)
{
	struct range *range = context;
	struct level *level = range->level;

	for (size_t part = begin; part < end; part++)
		level->job->kernels->range(key_at(level, level->from, part * level->part),
		    part_keys(level, part), &range->ends[2 * part], &range->ends[2 * part + 1]);
	return FILCH_OK;
}

/* Of ordered keys, exactly. */
static int
find_range(struct level *level, uint64_t *low, uint64_t *high)
{
	struct range range = { level, flc_scratch_acquire(level->job->call.scratch,
		FILCH_MEMORY_SORT, 2 * level->parts * sizeof(uint64_t)) };
	int status;

	if (range.ends == NULL)
		return FILCH_NOMEM;
	status = flc_sort_loop(&level->job->call, level->parts, range_of_part, &range);
	*low = UINT64_MAX;
	*high = 0;
	for (size_t part = 0; status == FILCH_OK && part < level->parts; part++) {
		*low = range.ends[2 * part] < *low ? range.ends[2 * part] : *low;
		*high = range.ends[2 * part + 1] > *high ? range.ends[2 * part + 1] : *high;
	}
	flc_scratch_release(level->job->call.scratch, range.ends);
	return status;
}

/* Of keys that are not ordered yet, by samples: at places that follow no period. */
static void
sample_range(struct level *level, uint64_t *low, uint64_t *high)
{
	const struct flc_radix_kernels *kernels = level->job->kernels;
	uint64_t sample[SAMPLES], state = level->n;
	size_t stride = level->n / SAMPLES;

	for (size_t i = 0; i < SAMPLES; i++) {
		size_t at;

		state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		at = i * stride + (size_t)(state >> 33) % stride;
		memcpy((char *)sample + i * kernels->width, key_at(level, level->from, at),
		    kernels->width);
	}
	kernels->map(sample, sample, SAMPLES, &level->from_order);
	kernels->range(sample, SAMPLES, low, high);
}

/* -- Levels -- */

struct constant {
	const struct level *level;
	uint64_t key;
};

static int
fill_part(void *context, size_t begin, size_t end)
{
	const struct constant *constant = context;
	const struct level *level = constant->level;

	for (size_t part = begin; part < end; part++)
		level->job->kernels->fill(key_at(level, level->to, part * level->part),
		    part_keys(level, part), constant->key, &level->job->order);
	return FILCH_OK;
}

/* All keys are the same. */
static int
fill(const struct level *level, uint64_t key)
{
	struct constant constant = { level, key };
	int status = flc_sort_loop(&level->job->call, level->parts, fill_part, &constant);

	if (status != FILCH_OK)
		(void)fill_part(&constant, 0, level->parts);
	return status;
}

static int run_level(struct level *level, uint64_t low, uint64_t high, bool *placed);

/* Sorts a group that is too large for one thread; its keys are ordered. */
static int
run_group(struct level *above, size_t group)
{
	size_t at = above->begin[group];
	char *free = above->other == above->to ? above->from : above->to;
	struct level level = {
		.job = above->job, .from_order = as_is,
		.from = key_at(above, above->other, at), .other = key_at(above, free, at),
		.to = key_at(above, above->to, at), .n = above->begin[group + 1] - at,
	};
	uint64_t low, high;
	bool placed = false;
	int status;

	choose_parts(&level);
	status = find_range(&level, &low, &high);
	if (status == FILCH_OK && low == high) {
		status = fill(&level, low);
		placed = true;
	} else if (status == FILCH_OK) {
		status = run_level(&level, low, high, &placed);
	}
	above->done[group] = placed;
	return status;
}

/* Sorts; *placed: the keys are where they are wanted, mapped back, sorted or not. */
static int
run_level(struct level *level, uint64_t low, uint64_t high, bool *placed)
{
	int status;

	choose_bins(level, low, high);
	choose_parts(level);
	if (!make_tables(level))
		return FILCH_NOMEM;
	status = flc_sort_loop(&level->job->call, level->parts, count_part, level);
	if (status == FILCH_OK) {
		place_groups(level);
		status = flc_sort_loop(&level->job->call, level->parts, scatter_part, level);
	}
	if (status == FILCH_OK) {
		*placed = true;
		status = flc_sort_loop(&level->job->call, level->groups, sort_group, level);
		for (size_t group = 0; group < level->groups && status == FILCH_OK; group++)
			if (is_level(level, group))
				status = run_group(level, group);
		if (status != FILCH_OK)
			put_back(level);
	}
	flc_scratch_release(level->job->call.scratch, level->begin);
	return status;
}

int
flc_radix_job_run(struct flc_radix_job *job)
{
	struct level level = {
		.job = job, .from_order = job->order, .from = job->keys, .to = job->keys,
		.n = job->n,
	};
	uint64_t low, high;
	bool placed = false;
	int status;

	level.other = flc_scratch_acquire(job->call.scratch, FILCH_MEMORY_SORT,
	    job->n * job->kernels->width);
	if (level.other == NULL)
		return FILCH_NOMEM;
	sample_range(&level, &low, &high);
	/* Nearly all are one key: the level of its bin looks closely. */
	if (low == high) {
		low = 0;
		high = job->kernels->width == 8 ? UINT64_MAX : UINT32_MAX;
	}
	status = run_level(&level, low, high, &placed);
	flc_scratch_release(job->call.scratch, level.other);
	return status;
}
