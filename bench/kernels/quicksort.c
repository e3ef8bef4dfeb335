/* SPDX-License-Identifier: BSD-2-Clause */
#include "form.h"

/* Quicksort of a linked list: memory is not contiguous, halves are not equal. */
#ifndef BENCH_PLAIN

FILCH_TASK(struct leaf_list, quicksort, struct leaf_list, list)
{
	struct leaf_list less, more;

	if (list.n <= LEAF_LIST)
		return leaf_list_sort(list);

	struct leaf_item *pivot = leaf_list_partition(list, &less, &more);

	FILCH_SPAWN(lower, quicksort, less);
	more = FILCH_CALL(quicksort, more);
	less = FILCH_JOIN(lower, quicksort);
	return leaf_list_join(less, pivot, more);
}

#else

static int
quicksort_task(void *context)
{
	struct leaf_list *list = context;
	struct leaf_list less, more;

	if (list->n <= LEAF_LIST) {
		*list = leaf_list_sort(*list);
		return 0;
	}

	struct leaf_item *pivot = leaf_list_partition(*list, &less, &more);

	filch_join(quicksort_task, &more, quicksort_task, &less);
	*list = leaf_list_join(less, pivot, more);
	return 0;
}

static struct leaf_list
quicksort(struct leaf_list list)
{
	filch_pool_run(NULL, quicksort_task, &list);
	return list;
}

#endif

uint64_t
bench_quicksort(const struct bench_case *run)
{
	struct leaf_quicksort *sort = run->data;

	sort->list = FORM_RUN(quicksort, sort->list);
	return 0;
}
