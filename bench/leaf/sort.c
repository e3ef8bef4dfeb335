/* SPDX-License-Identifier: BSD-2-Clause */
#include "leaf.h"
#include "workload.h"

#include <stdlib.h>
#include <string.h>

#define INSERTION 20

static void
insertion_sort(int64_t *items, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		int64_t item = items[i];
		size_t at = i;

		for (; at > 0 && items[at - 1] > item; at--)
			items[at] = items[at - 1];
		items[at] = item;
	}
}

static int64_t
median(int64_t a, int64_t b, int64_t c)
{
	if (a < b)
		return b < c ? b : a < c ? c : a;
	return a < c ? a : b < c ? c : b;
}

/* Quicksort (C. A. R. Hoare, 1961), insertion sort for the rest. */
void
leaf_sort(int64_t *items, size_t n)
{
	while (n > INSERTION) {
		int64_t pivot = median(items[0], items[n / 2], items[n - 1]);
		size_t low = 0, high = n - 1;

		for (;;) {
			while (items[low] < pivot)
				low++;
			while (items[high] > pivot)
				high--;
			if (low >= high)
				break;

			int64_t item = items[low];

			items[low++] = items[high];
			items[high--] = item;
		}
		leaf_sort(items + high + 1, n - high - 1);
		n = high + 1;
	}
	insertion_sort(items, n);
}

void
leaf_merge(const int64_t *a, size_t n_a, const int64_t *b, size_t n_b, int64_t *out)
{
	const int64_t *end_a = a + n_a, *end_b = b + n_b;

	while (a < end_a && b < end_b) {
		int take_b = *b < *a;

		*out++ = take_b ? *b : *a;
		a += !take_b;
		b += take_b;
	}
	memcpy(out, a, (size_t)(end_a - a) * sizeof(*out));
	memcpy(out + (end_a - a), b, (size_t)(end_b - b) * sizeof(*out));
}

size_t
leaf_lower_bound(const int64_t *items, size_t n, int64_t key)
{
	size_t low = 0;

	while (n > 0) {
		size_t half = n / 2;

		if (items[low + half] < key) {
			low += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return low;
}

static void
cilksort_destroy(void *data)
{
	struct leaf_cilksort *s = data;

	free(s->items);
	free(s->spare);
	free(s->input);
	free(s);
}

static void *
cilksort_create(uint64_t n)
{
	struct leaf_cilksort *s = calloc(1, sizeof(*s));
	uint64_t seed = 7;

	if (s == NULL)
		return NULL;
	s->n = n;
	s->items = workload_alloc(n * sizeof(*s->items));
	s->spare = workload_alloc(n * sizeof(*s->spare));
	s->input = workload_alloc(n * sizeof(*s->input));
	if (s->items == NULL || s->spare == NULL || s->input == NULL) {
		cilksort_destroy(s);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		s->input[i] = (int64_t)workload_random(&seed) >> 1;
	return s;
}

static void
cilksort_reset(void *data)
{
	struct leaf_cilksort *s = data;

	memcpy(s->items, s->input, s->n * sizeof(*s->items));
	memset(s->spare, 0, s->n * sizeof(*s->spare));
}

static uint64_t
cilksort_check(const void *data)
{
	const struct leaf_cilksort *s = data;

	for (size_t i = 1; i < s->n; i++)
		if (s->items[i - 1] > s->items[i])
			return 0;
	return workload_hash(s->items, s->n);
}

const struct workload workload_cilksort = {
	.name = "cilksort", .full = 10000000, .small = 100000, .create = cilksort_create,
	.reset = cilksort_reset, .check = cilksort_check, .destroy = cilksort_destroy,
};
