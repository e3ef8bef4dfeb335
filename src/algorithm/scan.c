/* SPDX-License-Identifier: BSD-2-Clause */
#include "algorithm/lookback.h"

#include "base/size.h"
#include "loop/range.h"
#include "wait/call.h"

#include <filch/scan.h>

#include <string.h>

struct scan {
	const char *items;
	const unsigned char *heads; /* NULL: one segment */
	char *out;
	size_t n;
	void *total;         /* NULL: not wanted */
	const filch_operator *op;
	const filch_for_options *options;
	bool exclusive;
};

static int
combine(const filch_operator *op, void *into, const void *right)
{
	if (op->fold_ == NULL)
		return op->combine(op->context, into, right);
	(void)op->fold_(right, NULL, 1, into);
	return FILCH_OK;
}

static int
add_sums(void *context, void *into, const void *sum)
{
	const struct scan *scan = context;

	return combine(scan->op, into, sum);
}

/* The fold of items begin to end. */
static int
fold_items(void *context, size_t begin, size_t end, void *sum, bool *anew)
{
	const struct scan *scan = context;
	const filch_operator *op = scan->op;
	int status = FILCH_OK;

	if (op->fold_ != NULL) {
		*anew = op->fold_(scan->items + begin * op->size,
		    scan->heads != NULL ? scan->heads + begin : NULL, end - begin, sum) != 0;
		return FILCH_OK;
	}
	for (size_t i = begin; i < end && status == FILCH_OK; i++) {
		if (scan->heads != NULL && scan->heads[i] != 0) {
			*anew = true;
			memcpy(sum, op->identity, op->size);
		}
		status = combine(op, sum, scan->items + i * op->size);
	}
	return status;
}

/* Each of the items begin to end, by the operator's callback.  next is room for the sum
 * that follows the carry. */
static int
scan_by_calls(const struct scan *scan, size_t begin, size_t end, char *carry, char *next,
    void *sum, bool *anew)
{
	size_t size = scan->op->size;
	int status = FILCH_OK;

	for (size_t i = begin; i < end && status == FILCH_OK; i++) {
		const char *item = scan->items + i * size;
		char *swap = carry;

		if (scan->heads != NULL && scan->heads[i] != 0) {
			*anew = true;
			memcpy(carry, scan->op->identity, size);
			if (sum != NULL)
				memcpy(sum, scan->op->identity, size);
		}
		if (sum != NULL)
			status = combine(scan->op, sum, item);
		memcpy(next, carry, size);
		if (status == FILCH_OK)
			status = combine(scan->op, next, item);
		/* Last: the item may be there. */
		if (status == FILCH_OK)
			memcpy(scan->out + i * size, scan->exclusive ? carry : next, size);
		carry = next;
		next = swap;
	}
	return status;
}

static int
scan_items(void *context, size_t begin, size_t end, char *work, const void *known, void *sum,
    bool *anew)
{
	const struct scan *scan = context;
	const filch_operator *op = scan->op;
	size_t value_size = (op->size + 15) / 16 * 16;

	(void)known;
	if (op->step_ == NULL)
		return scan_by_calls(scan, begin, end, work, work + value_size, sum, anew);
	*anew = op->step_(scan->items + begin * op->size,
	    scan->heads != NULL ? scan->heads + begin : NULL, scan->out + begin * op->size,
	    end - begin, work, sum, scan->exclusive) != 0;
	return FILCH_OK;
}

static int
scan_verb(struct flc_worker *worker, void *argument)
{
	static const struct flc_lookback_verbs verbs = { fold_items, scan_items, add_sums };
	struct scan *scan = argument;
	struct flc_lookback look = {
		.verbs = &verbs, .context = scan, .zero = scan->op->identity,
		.size = scan->op->size, .wants_total = scan->total != NULL,
		.use = FILCH_MEMORY_SCAN,
	};

	flc_blocks_init(&look.blocks, worker, scan->n,
	    flc_blocks_length(scan->n, scan->op->size, scan->options), scan->options);
	return flc_lookback_run(&look, scan->total);
}

static bool
is_valid(const struct scan *scan)
{
	const filch_operator *op = scan->op;
	size_t bytes;

	if (op == NULL || op->size == 0 || op->identity == NULL
	    || (op->combine == NULL && (op->fold_ == NULL || op->step_ == NULL))
	    || !flc_size_of(scan->n, op->size, 0, &bytes))
		return false;
	if (scan->n == 0)
		return true;
	return scan->items != NULL && scan->out != NULL
	    && (scan->items == scan->out || flc_arrays_apart(scan->items, bytes, scan->out, bytes))
	    && (scan->heads == NULL || flc_arrays_apart(scan->heads, scan->n, scan->out, bytes));
}

static int
run(struct scan *scan, const filch_for_options *options)
{
	filch_for_options complete;

	if (flc_loop_options(options, &complete) != FILCH_OK || !is_valid(scan))
		return FILCH_INVAL;
	scan->options = &complete;
	return flc_pool_call(complete.pool, scan_verb, scan);
}

int
filch_scan(const void *items, void *out, size_t n, const filch_operator *op,
    const filch_for_options *options)
{
	struct scan scan = { .items = items, .out = out, .n = n, .op = op };

	return run(&scan, options);
}

int
filch_scan_exclusive(const void *items, void *out, size_t n, void *total,
    const filch_operator *op, const filch_for_options *options)
{
	struct scan scan = {
		.items = items, .out = out, .n = n, .op = op, .total = total, .exclusive = true,
	};

	return run(&scan, options);
}

int
filch_scan_segments(const void *items, const unsigned char *heads, void *out, size_t n,
    const filch_operator *op, const filch_for_options *options)
{
	struct scan scan = { .items = items, .heads = heads, .out = out, .n = n, .op = op };

	return heads == NULL && n > 0 ? FILCH_INVAL : run(&scan, options);
}

int
filch_scan_segments_exclusive(const void *items, const unsigned char *heads, void *out,
    size_t n, const filch_operator *op, const filch_for_options *options)
{
	struct scan scan = {
		.items = items, .heads = heads, .out = out, .n = n, .op = op, .exclusive = true,
	};

	return heads == NULL && n > 0 ? FILCH_INVAL : run(&scan, options);
}
