/* SPDX-License-Identifier: BSD-2-Clause */
#include "form.h"

/* Merge sort by quarters with a parallel merge, as in Cilk's examples. */
#ifndef BENCH_PLAIN

FILCH_TASK(void, merge, const int64_t *, a, size_t, n_a, const int64_t *, b, size_t, n_b,
    int64_t *, out)
{
	if (n_a < n_b) {
		const int64_t *shorter = a;
		size_t n_shorter = n_a;

		a = b;
		n_a = n_b;
		b = shorter;
		n_b = n_shorter;
	}
	if (n_a + n_b <= LEAF_SORT) {
		leaf_merge(a, n_a, b, n_b, out);
		return;
	}

	size_t at_a = n_a / 2;
	size_t at_b = leaf_lower_bound(b, n_b, a[at_a]);

	FILCH_SPAWN(low, merge, a, at_a, b, at_b, out);
	FILCH_CALL(merge, a + at_a, n_a - at_a, b + at_b, n_b - at_b, out + at_a + at_b);
	FILCH_JOIN(low, merge);
}

FILCH_TASK(void, sort, int64_t *, items, int64_t *, spare, size_t, n)
{
	if (n <= LEAF_SORT) {
		leaf_sort(items, n);
		return;
	}

	size_t q = n / 4, rest = n - 3 * q;

	FILCH_SPAWN(first, sort, items, spare, q);
	FILCH_SPAWN(second, sort, items + q, spare + q, q);
	FILCH_SPAWN(third, sort, items + 2 * q, spare + 2 * q, q);
	FILCH_CALL(sort, items + 3 * q, spare + 3 * q, rest);
	FILCH_JOIN(third, sort);
	FILCH_JOIN(second, sort);
	FILCH_JOIN(first, sort);

	FILCH_SPAWN(left, merge, items, q, items + q, q, spare);
	FILCH_CALL(merge, items + 2 * q, q, items + 3 * q, rest, spare + 2 * q);
	FILCH_JOIN(left, merge);
	FILCH_CALL(merge, spare, 2 * q, spare + 2 * q, q + rest, items);
}

#else

struct merge {
	const int64_t *a, *b;
	size_t n_a, n_b;
	int64_t *out;
};

static int
merge_task(void *context)
{
	struct merge call = *(struct merge *)context;

	if (call.n_a < call.n_b)
		call = (struct merge){ call.b, call.a, call.n_b, call.n_a, call.out };
	if (call.n_a + call.n_b <= LEAF_SORT) {
		leaf_merge(call.a, call.n_a, call.b, call.n_b, call.out);
		return 0;
	}

	size_t at_a = call.n_a / 2;
	size_t at_b = leaf_lower_bound(call.b, call.n_b, call.a[at_a]);
	struct merge low = { call.a, call.b, at_a, at_b, call.out };
	struct merge high = { call.a + at_a, call.b + at_b, call.n_a - at_a, call.n_b - at_b,
		call.out + at_a + at_b };

	return filch_join(merge_task, &high, merge_task, &low);
}

struct sort {
	int64_t *items, *spare;
	size_t n;
};

static int
sort_task(void *context)
{
	const struct sort *call = context;
	size_t q = call->n / 4, rest = call->n - 3 * q;
	int64_t *items = call->items, *spare = call->spare;
	filch_group group = FILCH_GROUP_INIT;

	if (call->n <= LEAF_SORT) {
		leaf_sort(items, call->n);
		return 0;
	}

	struct sort quarter[4] = { { items, spare, q }, { items + q, spare + q, q },
		{ items + 2 * q, spare + 2 * q, q }, { items + 3 * q, spare + 3 * q, rest } };
	struct merge left = { items, items + q, q, q, spare };
	struct merge right = { items + 2 * q, items + 3 * q, q, rest, spare + 2 * q };
	struct merge both = { spare, spare + 2 * q, 2 * q, q + rest, items };

	for (int i = 0; i < 3; i++)
		filch_group_spawn(&group, sort_task, &quarter[i]);
	sort_task(&quarter[3]);
	filch_group_wait(&group, FILCH_FOREVER);
	filch_join(merge_task, &right, merge_task, &left);
	return merge_task(&both);
}

static void
sort(int64_t *items, int64_t *spare, size_t n)
{
	struct sort call = { items, spare, n };

	filch_pool_run(NULL, sort_task, &call);
}

#endif

uint64_t
bench_cilksort(const struct bench_case *run)
{
	const struct leaf_cilksort *s = run->data;

	FORM_RUN(sort, s->items, s->spare, s->n);
	return 0;
}
