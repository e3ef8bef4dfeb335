/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sorts of 8 and 16-bit numbers: each value is counted, then written as often as it was
 * there.  Few 16-bit numbers go by their low byte into another array and by their high
 * byte back.
 */
#include "sort/sort_call.h"

#include "base/size.h"
#include "wait/call.h"

#include <string.h>

/* Up to so many are sorted by insertion. */
#define FEW 24

/* 16-bit numbers that are worth a count of each value. */
#define COUNTED_LEAST ((size_t)1 << 17)

/* Numbers of a part. */
#define PART_LEAST ((size_t)1 << 16)
#define PART_MOST ((size_t)1 << 24)

struct short_sort {
	void *keys;
	size_t n;
	unsigned bits;          /* of a number */
	uint16_t flip;          /* numbers are in order once these bits are flipped */
	filch_sort_options options;
	struct flc_sort_call call;
	size_t part, parts;
	uint32_t *counts;       /* of each value, for each part */
	size_t *end;            /* of each value, in order, in the result */
};

/* -- Alone -- */

#define INSERT(type, keys, n, flip) \
	for (size_t i = 1; i < (n); i++) { \
		type key = (keys)[i]; \
		size_t at = i; \
		for (; at > 0 && (type)((keys)[at - 1] ^ (flip)) > (type)(key ^ (flip)); at--) \
			(keys)[at] = (keys)[at - 1]; \
		(keys)[at] = key; \
	}

static void
sort_bytes(uint8_t *keys, size_t n, uint8_t flip)
{
	size_t count[256] = { 0 }, at = 0;

	for (size_t i = 0; i < n; i++)
		count[keys[i]]++;
	for (unsigned value = 0; value < 256; value++) {
		uint8_t key = (uint8_t)(value ^ flip);

		memset(keys + at, key, count[key]);
		at += count[key];
	}
}

/* From `from` to `to`, in the order of one byte; stable. */
static void
by_byte(const uint16_t *from, uint16_t *to, size_t n, uint16_t flip, unsigned shift)
{
	uint32_t at[256] = { 0 }, sum = 0;

	for (size_t i = 0; i < n; i++)
		at[(from[i] ^ flip) >> shift & 255]++;
	for (unsigned value = 0; value < 256; value++) {
		uint32_t count = at[value];

		at[value] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		to[at[(from[i] ^ flip) >> shift & 255]++] = from[i];
}

/* Those with one high byte: their low bytes are counted. */
static void
write_low_bytes(uint16_t *keys, size_t n, uint16_t flip)
{
	size_t count[256] = { 0 }, at = 0;
	uint16_t high;

	if (n == 0)
		return;
	high = keys[0] & 0xff00;
	for (size_t i = 0; i < n; i++)
		count[keys[i] & 255]++;
	for (unsigned value = 0; value < 256; value++) {
		uint16_t key = (uint16_t)(high | ((value ^ flip) & 255));

		for (size_t left = count[key & 255]; left > 0; left--)
			keys[at++] = key;
	}
}

/* Without memory: each number is swapped to where its high byte belongs. */
static void
sort_in_place(uint16_t *keys, size_t n, uint16_t flip)
{
	size_t at[256], end[256] = { 0 }, sum = 0;

	for (size_t i = 0; i < n; i++)
		end[(uint16_t)(keys[i] ^ flip) >> 8]++;
	for (unsigned value = 0; value < 256; value++) {
		at[value] = sum;
		end[value] = sum += end[value];
	}
	for (unsigned value = 0; value < 256; value++)
		while (at[value] < end[value]) {
			uint16_t key = keys[at[value]];
			unsigned home = (uint16_t)(key ^ flip) >> 8;

			while (home != value) {
				uint16_t there = keys[at[home]];

				keys[at[home]++] = key;
				key = there;
				home = (uint16_t)(key ^ flip) >> 8;
			}
			keys[at[value]++] = key;
		}
	sum = 0;
	for (unsigned value = 0; value < 256; value++) {
		write_low_bytes(keys + sum, end[value] - sum, flip);
		sum = end[value];
	}
}

static int
sort_alone(void *context, size_t begin, size_t end)
{
	struct short_sort *sort = context;
	uint16_t *keys = sort->keys, *other = NULL;

	(void)begin;
	(void)end;
	if (sort->bits == 8) {
		sort_bytes(sort->keys, sort->n, (uint8_t)sort->flip);
		return FILCH_OK;
	}
	if (sort->n < COUNTED_LEAST)
		other = flc_scratch_acquire(sort->call.scratch, FILCH_MEMORY_SORT,
		    sort->n * sizeof(*other));
	if (other == NULL) {
		sort_in_place(keys, sort->n, sort->flip);
		return FILCH_OK;
	}
	by_byte(keys, other, sort->n, sort->flip, 0);
	by_byte(other, keys, sort->n, sort->flip, 8);
	flc_scratch_release(sort->call.scratch, other);
	return FILCH_OK;
}

/* -- Together -- */

static size_t
part_keys(const struct short_sort *sort, size_t part)
{
	size_t left = sort->n - part * sort->part;

	return left < sort->part ? left : sort->part;
}

/* Four tables: the count of a value that comes again at once would wait for the last. */
static void
count_bytes(const uint8_t *keys, size_t n, uint32_t *counts)
{
	uint32_t count[4][256];
	size_t i = 0;

	memset(count, 0, sizeof(count));
	for (; i + 4 <= n; i += 4) {
		count[0][keys[i]]++;
		count[1][keys[i + 1]]++;
		count[2][keys[i + 2]]++;
		count[3][keys[i + 3]]++;
	}
	for (; i < n; i++)
		count[0][keys[i]]++;
	for (unsigned value = 0; value < 256; value++)
		counts[value] = count[0][value] + count[1][value] + count[2][value]
		    + count[3][value];
}

static int
count_part(void *context, size_t begin, size_t end)
{
	struct short_sort *sort = context;

	for (size_t part = begin; part < end; part++) {
		uint32_t *counts = sort->counts + (part << sort->bits);
		size_t first = part * sort->part, n = part_keys(sort, part);

		if (sort->bits == 8) {
			count_bytes((const uint8_t *)sort->keys + first, n, counts);
		} else {
			const uint16_t *keys = (const uint16_t *)sort->keys + first;

			memset(counts, 0, sizeof(*counts) << 16);
			for (size_t i = 0; i < n; i++)
				counts[keys[i]]++;
		}
	}
	return FILCH_OK;
}

static void
find_ends(struct short_sort *sort)
{
	size_t values = (size_t)1 << sort->bits, at = 0;

	for (size_t value = 0; value < values; value++) {
		for (size_t part = 0; part < sort->parts; part++)
			at += sort->counts[(part << sort->bits) + (value ^ sort->flip)];
		sort->end[value] = at;
	}
}

static void
write_value(const struct short_sort *sort, size_t at, size_t n, size_t value)
{
	if (sort->bits == 8) {
		memset((uint8_t *)sort->keys + at, (int)(value ^ sort->flip), n);
	} else {
		uint16_t *keys = (uint16_t *)sort->keys + at;

		for (size_t i = 0; i < n; i++)
			keys[i] = (uint16_t)(value ^ sort->flip);
	}
}

static int
write_part(void *context, size_t begin, size_t end)
{
	const struct short_sort *sort = context;

	for (size_t part = begin; part < end; part++) {
		size_t at = part * sort->part, past = at + part_keys(sort, part);
		size_t value = 0, values = (size_t)1 << sort->bits;

		/* The first value that ends behind `at`. */
		while (values > 0) {
			size_t half = values / 2;

			if (sort->end[value + half] <= at) {
				value += half + 1;
				values -= half + 1;
			} else {
				values = half;
			}
		}
		for (; at < past; value++) {
			size_t stop = sort->end[value] < past ? sort->end[value] : past;

			write_value(sort, at, stop - at, value);
			at = stop;
		}
	}
	return FILCH_OK;
}

static int
sort_together(struct short_sort *sort)
{
	size_t values = (size_t)1 << sort->bits;
	int status;

	sort->end = flc_scratch_acquire(sort->call.scratch, FILCH_MEMORY_SORT,
	    values * sizeof(size_t) + sort->parts * values * sizeof(uint32_t));
	if (sort->end == NULL)
		return flc_sort_loop(&sort->call, 1, sort_alone, sort);
	sort->counts = (uint32_t *)(void *)(sort->end + values);
	status = flc_sort_loop(&sort->call, sort->parts, count_part, sort);
	if (status == FILCH_OK) {
		find_ends(sort);
		status = flc_sort_loop(&sort->call, sort->parts, write_part, sort);
		/* What was overwritten is in the counts alone. */
		if (status != FILCH_OK)
			(void)write_part(sort, 0, sort->parts);
	}
	flc_scratch_release(sort->call.scratch, sort->end);
	return status;
}

/* Parts as large as their tables of counts allow. */
static void
choose_parts(struct short_sort *sort)
{
	size_t least = sort->bits == 8 ? PART_LEAST : COUNTED_LEAST, part;

	part = (sort->n + sort->call.parts - 1) / sort->call.parts;
	if (part > PART_MOST)
		part = PART_MOST;
	sort->part = part < least ? least : part;
	sort->parts = (sort->n + sort->part - 1) / sort->part;
}

static int
sort_verb(struct flc_worker *worker, void *argument)
{
	struct short_sort *sort = argument;

	flc_sort_call_begin(&sort->call, worker, &sort->options);
	if (sort->n < (sort->bits == 8 ? PART_LEAST : COUNTED_LEAST))
		return flc_sort_loop(&sort->call, 1, sort_alone, sort);
	choose_parts(sort);
	return sort_together(sort);
}

static int
sort_short(void *keys, size_t n, unsigned bits, unsigned flip, const filch_sort_options *options)
{
	struct short_sort sort = { .keys = keys, .n = n, .bits = bits };
	size_t bytes;

	if (flc_sort_options(options, &sort.options) != FILCH_OK || (keys == NULL && n > 0)
	    || !flc_size_of(n, bits / 8, 0, &bytes))
		return FILCH_INVAL;
	if (sort.options.order == FILCH_DESCENDING)
		flip = ~flip;
	sort.flip = (uint16_t)(flip & ((1u << bits) - 1));
	if (n <= FEW && flc_sort_is_plain(&sort.options)) {
		if (bits == 8) {
			INSERT(uint8_t, (uint8_t *)keys, n, sort.flip)
		} else {
			INSERT(uint16_t, (uint16_t *)keys, n, sort.flip)
		}
		return FILCH_OK;
	}
	return flc_pool_call(sort.options.pool, sort_verb, &sort);
}

int
filch_sort_u8(uint8_t *keys, size_t n, const filch_sort_options *options)
{
	return sort_short(keys, n, 8, 0, options);
}

int
filch_sort_i8(int8_t *keys, size_t n, const filch_sort_options *options)
{
	return sort_short(keys, n, 8, 0x80, options);
}

int
filch_sort_u16(uint16_t *keys, size_t n, const filch_sort_options *options)
{
	return sort_short(keys, n, 16, 0, options);
}

int
filch_sort_i16(int16_t *keys, size_t n, const filch_sort_options *options)
{
	return sort_short(keys, n, 16, 0x8000, options);
}
