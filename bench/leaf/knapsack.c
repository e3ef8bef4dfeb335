/* SPDX-License-Identifier: BSD-2-Clause */
#include "leaf.h"
#include "workload.h"

#include <stdlib.h>

/* The best value is read and written by all at once; only its own size matters, it
 * publishes nothing, hence relaxed. */
int
leaf_knapsack_visit(struct leaf_knapsack *sack, size_t i, int64_t room, int64_t value)
{
	int64_t best = __atomic_load_n(&sack->best, __ATOMIC_RELAXED);

	while (value > best && !__atomic_compare_exchange_n(&sack->best, &best, value, 1,
	    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	if (i == sack->n || room == 0)
		return 0;

	/* With a part of the next item, the densest of the rest. */
	return value + room * sack->item[i].value / sack->item[i].weight > best;
}

static int
denser_first(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	int64_t difference = y[0] * x[1] - x[0] * y[1];

	if (difference == 0)
		difference = y[0] - x[0];
	return (difference > 0) - (difference < 0);
}

static void *
knapsack_create(uint64_t n)
{
	struct leaf_knapsack *sack = calloc(1, sizeof(*sack));
	uint64_t seed = 11;

	if (sack == NULL || n < 1 || n > sizeof(sack->item) / sizeof(sack->item[0])) {
		free(sack);
		return NULL;
	}
	sack->n = n;
	/* Values close to weights make it hard. */
	for (size_t i = 0; i < n; i++) {
		sack->item[i].weight = 1000 + (int64_t)(workload_random(&seed) % 9000);
		sack->item[i].value = sack->item[i].weight + 200 +
		    (int64_t)(workload_random(&seed) % 400);
		sack->capacity += sack->item[i].weight;
	}
	sack->capacity /= 2;
	qsort(sack->item, n, sizeof(sack->item[0]), denser_first);
	return sack;
}

static void
knapsack_reset(void *data)
{
	struct leaf_knapsack *sack = data;

	sack->best = 0;
}

static uint64_t
knapsack_check(const void *data)
{
	const struct leaf_knapsack *sack = data;

	return (uint64_t)sack->best;
}

const struct workload workload_knapsack = {
	.name = "knapsack", .full = 48, .small = 20, .create = knapsack_create,
	.reset = knapsack_reset, .check = knapsack_check, .destroy = free,
};
