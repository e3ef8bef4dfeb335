/* SPDX-License-Identifier: BSD-2-Clause */
/* What must come out: a serial walk that calls nothing of the library's, but for the bits
 * of floating-point sums, which a pool without workers gives. */
#include "program.h"

#include <fenv.h>
#include <stdlib.h>
#include <string.h>

uint64_t
mix(uint64_t a, uint64_t b)
{
	return (a ^ (b + UINT64_C(0x9e3779b97f4a7c15) + (a << 6) + (a >> 2)))
	    * UINT64_C(0xff51afd7ed558ccd);
}

/* -- Graphs -- */

bool
is_cut(const struct node *node)
{
	return node->cancel_at != 0
	    || (node->limit != LIMIT_NONE && node->limit != LIMIT_DEADLINE_FAR);
}

bool
has_edge(const struct node *node, size_t before, size_t after)
{
	uint64_t state = node->seed ^ (before * 1021 + after);

	/* Edges lead along a permutation of the numbers, so there is no cycle. */
	if ((before * 7 + node->seed) % 13 >= (after * 7 + node->seed) % 13)
		return false;
	return random_below(&state, 100) < (size_t)node->order;
}

/* Of the nodes whose predecessors are done the first one comes next. */
size_t
serial_order(const struct node *node, size_t *order)
{
	bool done[64] = { false };
	size_t n = 0;

	while (n < node->children) {
		size_t next = 0;

		for (;; next++) {
			bool ready = !done[next];

			for (size_t i = 0; ready && i < node->children; i++)
				ready = done[i] || !has_edge(node, i, next);
			if (ready)
				break;
		}
		done[next] = true;
		order[n++] = next;
	}
	return n;
}

/* -- Pipelines -- */

/* Stage 0 is the source; the child runs in child_stage. */
int
stage_kind(const struct node *node, int stage)
{
	uint64_t state = node->seed + (uint64_t)stage * 77;
	size_t kinds = stage == 0 ? 2 : 3;

	if (node->kind == KIND_ORDERED_MAP)
		return stage == 1 ? FILCH_STAGE_PARALLEL : FILCH_STAGE_ORDERED;
	return (int)random_below(&state, kinds);
}

static uint64_t
piped(const struct node *node, size_t i, uint64_t value)
{
	uint64_t hash = mix(node->seed, i);

	for (int stage = 1; stage <= node->stages; stage++)
		hash = mix(hash, stage == node->child_stage ? value : (uint64_t)stage);
	return hash;
}

/* -- Floating-point sums -- */

FILCH_DEFINE_REDUCE(serial_highest, double, -1e300, a > b ? a : b);
FILCH_DEFINE_REDUCE(serial_product, double, 1.0, a * (1.0 + b * 1e-9));
FILCH_DEFINE_SUM(serial_sum, double);

double *
sums_data(const struct node *node)
{
	double *data = malloc((node->n + 1) * sizeof(double));
	uint64_t state = node->seed;

	if (data == NULL)
		abort();
	for (size_t i = 0; i < node->n; i++)
		data[i] = (double)random_next(&state) / 1e10 - 1e8;
	return data;
}

uint64_t
sums_of(const struct node *node)
{
	static const int rounding[] = { FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO };
	double *data = sums_data(node);

	fesetround(rounding[node->rounding]);
	double result[3] = {
		serial_highest(data, node->n, -1e300),
		serial_product(data, node->n, 1.0),
		serial_sum(data, node->n),
	};
	uint64_t bits, hash = node->seed;

	fesetround(FE_TONEAREST);
	for (int i = 0; i < 3; i++) {
		memcpy(&bits, &result[i], sizeof(bits));
		hash = mix(hash, bits);
	}
	free(data);
	return hash;
}

struct sums {
	const struct node *node;
	uint64_t hash;
};

static int
find_sums(void *argument)
{
	struct sums *sums = argument;

	sums->hash = sums_of(sums->node);
	return FILCH_OK;
}

static uint64_t
serial_sums(const struct node *node)
{
	static filch_pool *serial;
	struct sums sums = { node, 0 };

	if (serial == NULL) {
		filch_pool_options options = FILCH_POOL_OPTIONS_INIT;

		options.workers = FILCH_NO_WORKERS;
		if (filch_pool_create(&serial, &options) != FILCH_OK)
			abort();
	}
	if (filch_pool_run(serial, find_sums, &sums) != FILCH_OK)
		abort();
	return sums.hash;
}

/* -- Values -- */

static uint64_t
child_value(const struct node *node, size_t i, bool predicted)
{
	return predicted ? node->child[i]->want : node->child[i]->value;
}

static uint64_t
value_of_range(const struct node *node, bool predicted)
{
	uint64_t hash = node->seed;

	for (size_t i = 0; i < node->n; i++)
		hash = mix(hash, predicted ? mix(node->seed, i) : node->item[i]);
	return hash;
}

/* The polynomial is associative, and minds the order. */
static uint64_t
value_of_reduction(const struct node *node)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < node->n; i++) {
		size_t k = i / node->step;
		bool is_child = i % node->step == 0 && k < node->children;
		uint64_t item = is_child ? mix(node->child[k]->want, i) : mix(node->seed, i);

		hash = node->kind == KIND_FOLD ? hash + item
		    : hash * UINT64_C(6364136223846793005) + item;
	}
	return hash;
}

uint64_t
value_of(const struct node *node, bool predicted)
{
	uint64_t hash = node->seed;

	switch (node->kind) {
	case KIND_LEAF:
		return mix(node->seed, 1);
	case KIND_SUMS:
		return predicted ? serial_sums(node) : node->value;
	case KIND_REDUCE:
	case KIND_FOLD:
		return predicted ? value_of_reduction(node) : node->value;
	case KIND_PIPELINE:
	case KIND_ORDERED_MAP:
		for (size_t i = 0; i < node->children; i++)
			hash = mix(hash, predicted ? piped(node, i, node->child[i]->want)
			    : node->item[i]);
		return hash;
	case KIND_FOR:
		hash = value_of_range(node, predicted);
		break;
	default:
		break;
	}
	for (size_t i = 0; i < node->children; i++)
		hash = mix(hash, child_value(node, i, predicted));
	return hash;
}

/* -- The walk -- */

static void predict(struct node *node, enum sure sure);

static enum sure
lesser(enum sure a, enum sure b)
{
	return a < b ? a : b;
}

/* Children from begin on, in this order; the first failure and what is behind it. */
static int
predict_children(struct node *node, const size_t *order, size_t begin, size_t end,
    enum sure sure, enum sure behind)
{
	int status = FILCH_OK;

	for (size_t i = begin; i < end; i++) {
		struct node *child = node->child[order == NULL ? i : order[i]];

		predict(child, status == FILCH_OK ? sure : lesser(sure, behind));
		if (status == FILCH_OK)
			status = child->want_status;
	}
	return status;
}

static int
predict_group(struct node *node, enum sure sure)
{
	size_t half = node->rounds == 2 ? node->children / 2 : node->children;
	int status = predict_children(node, NULL, 0, half, sure, ANY);
	int second;

	if (half == node->children)
		return status;
	second = predict_children(node, NULL, half, node->children,
	    status == FILCH_OK ? sure : NEVER, ANY);
	return status != FILCH_OK ? status : second;
}

static int
predict_kind(struct node *node, enum sure sure)
{
	size_t order[64];

	switch (node->kind) {
	case KIND_LEAF:
		return node->fail;
	case KIND_SERIES:
		return predict_children(node, NULL, 0, node->children, sure, NEVER);
	case KIND_TYPED:
	case KIND_THREADS:
	case KIND_CROWD:
		return predict_children(node, NULL, 0, node->children, sure, SURE);
	case KIND_GROUP:
		return predict_group(node, sure);
	case KIND_GRAPH:
		serial_order(node, order);
		return predict_children(node, order, 0, node->children, sure, ANY);
	default:
		return predict_children(node, NULL, 0, node->children, sure, ANY);
	}
}

static void
predict(struct node *node, enum sure sure)
{
	enum sure inner;
	int status;

	if (node->kind == KIND_GROUP && node->shielded && sure == ANY)
		sure = IF_RUN;
	node->sure = sure;
	inner = sure;
	if (node->limit == LIMIT_TOKEN_BEFORE || node->limit == LIMIT_DEADLINE_PAST)
		inner = NEVER;
	else if (is_cut(node))
		inner = lesser(sure, ANY);
	status = predict_kind(node, inner);
	node->want_status = status;
	node->want = status == FILCH_OK ? value_of(node, true) : 0;
	if (is_cut(node)) {
		/* What the call returned is looked at where it returns. */
		node->want_status = FILCH_OK;
		node->want = mix(node->seed, 77);
	} else if (status != FILCH_OK && node->absorb) {
		node->want_status = FILCH_OK;
		node->want = mix(node->seed, (uint64_t)status);
	}
}

void
predict_program(void)
{
	predict(program.root, SURE);
}
