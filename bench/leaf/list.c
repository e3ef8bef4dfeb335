/* SPDX-License-Identifier: BSD-2-Clause */
#include "leaf.h"
#include "workload.h"

#include <stdlib.h>

static void
append(struct leaf_list *list, struct leaf_item *item)
{
	if (list->n++ == 0)
		list->first = item;
	else
		list->last->next = item;
	list->last = item;
}

/* The last item's next is left as it is until the lists are joined. */
struct leaf_item *
leaf_list_partition(struct leaf_list list, struct leaf_list *less, struct leaf_list *more)
{
	struct leaf_item *pivot = list.first;
	struct leaf_item *item = pivot->next;

	*less = *more = (struct leaf_list){ NULL, NULL, 0 };
	for (size_t i = 1; i < list.n; i++) {
		struct leaf_item *next = item->next;

		append(item->key < pivot->key ? less : more, item);
		item = next;
	}
	return pivot;
}

struct leaf_list
leaf_list_join(struct leaf_list less, struct leaf_item *pivot, struct leaf_list more)
{
	struct leaf_list list = { pivot, pivot, less.n + 1 + more.n };

	if (less.n != 0) {
		list.first = less.first;
		less.last->next = pivot;
	}
	pivot->next = NULL;
	if (more.n != 0) {
		pivot->next = more.first;
		list.last = more.last;
	}
	return list;
}

/* By insertion, for short ones. */
struct leaf_list
leaf_list_sort(struct leaf_list list)
{
	struct leaf_item *sorted = NULL;
	struct leaf_item *item = list.first;

	for (size_t i = 0; i < list.n; i++) {
		struct leaf_item *next = item->next;
		struct leaf_item **at = &sorted;

		while (*at != NULL && (*at)->key < item->key)
			at = &(*at)->next;
		item->next = *at;
		*at = item;
		if (item->next == NULL)
			list.last = item;
		item = next;
	}
	list.first = sorted;
	return list;
}

static void
quicksort_destroy(void *data)
{
	struct leaf_quicksort *sort = data;

	free(sort->items);
	free(sort);
}

static void *
quicksort_create(uint64_t n)
{
	struct leaf_quicksort *sort = calloc(1, sizeof(*sort));

	if (sort == NULL || n == 0) {
		free(sort);
		return NULL;
	}
	sort->n = n;
	sort->items = workload_alloc(n * sizeof(*sort->items));
	if (sort->items == NULL) {
		quicksort_destroy(sort);
		return NULL;
	}
	return sort;
}

/* Linked in the order of memory, with keys that are not. */
static void
quicksort_reset(void *data)
{
	struct leaf_quicksort *sort = data;
	uint64_t seed = 9;

	for (size_t i = 0; i < sort->n; i++) {
		sort->items[i].key = workload_random(&seed);
		sort->items[i].next = i + 1 < sort->n ? &sort->items[i + 1] : NULL;
	}
	sort->list.first = sort->items;
	sort->list.last = &sort->items[sort->n - 1];
	sort->list.n = sort->n;
}

static uint64_t
quicksort_check(const void *data)
{
	const struct leaf_quicksort *sort = data;
	uint64_t hash = 0, before = 0;
	size_t n = 0;

	for (const struct leaf_item *item = sort->list.first; item != NULL; item = item->next) {
		if (item->key < before)
			return 0;
		before = item->key;
		hash = hash * 31 + item->key;
		n++;
	}
	return n == sort->n ? hash : 0;
}

const struct workload workload_quicksort = {
	.name = "quicksort", .full = 500000, .small = 10000, .create = quicksort_create,
	.reset = quicksort_reset, .check = quicksort_check, .destroy = quicksort_destroy,
};
