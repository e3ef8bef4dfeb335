/* SPDX-License-Identifier: BSD-2-Clause */
/* One accumulator per worker that took part. */
#include "loop/range.h"
#include "sched/guest.h"

#include <filch/reduce.h>

#include <string.h>

struct fold {
	size_t begin, end;
	filch_fold_fn *fold;
	void *context;
	const filch_reducer *reducer;
	const filch_for_options *options;
	void *result;
	size_t stride;
	char *memory;        /* an accumulator per slot */
	bool *alive;         /* per slot, written by its worker alone */
};

static char *
accumulator(const struct fold *f, size_t slot)
{
	return f->memory + slot * f->stride;
}

/* A worker that waits inside fold runs no other chunk of this loop, so its
 * accumulator is never entered twice at a time. */
static int
fold_chunk(void *context, size_t begin, size_t end)
{
	struct fold *f = context;
	size_t slot = filch_worker_index();

	if (!f->alive[slot]) {
		int status = f->reducer->identity(f->context, accumulator(f, slot));

		if (status != FILCH_OK)
			return status;
		f->alive[slot] = true;
	}
	return f->fold(f->context, begin, end, accumulator(f, slot));
}

static void
discard(const struct fold *f, size_t slot)
{
	if (f->alive[slot] && f->reducer->discard != NULL)
		f->reducer->discard(f->context, accumulator(f, slot));
	f->alive[slot] = false;
}

/* All that are alive into the lowest, in the order of slots. */
static int
combine_all(struct fold *f, size_t slots, size_t *lowest)
{
	int status = FILCH_OK;

	*lowest = slots;
	for (size_t i = 0; i < slots && status == FILCH_OK; i++) {
		if (!f->alive[i])
			continue;
		if (*lowest == slots) {
			*lowest = i;
			continue;
		}
		status = f->reducer->combine(f->context, accumulator(f, *lowest), accumulator(f, i));
		f->alive[i] = false;
	}
	if (*lowest == slots && status == FILCH_OK) {
		*lowest = 0;
		status = f->reducer->identity(f->context, accumulator(f, 0));
		f->alive[0] = status == FILCH_OK;
	}
	return status;
}

static int
fold_verb(struct flc_worker *worker, void *argument)
{
	struct fold *f = argument;
	struct filch_pool *pool = worker->pool;
	size_t slots = pool->slots;
	size_t lowest = 0;
	struct flc_loop loop = {
		.body = fold_chunk, .context = f, .options = f->options,
	};
	int status = FILCH_NOMEM;

	f->stride = (f->reducer->size + FLC_APART - 1) / FLC_APART * FLC_APART;
	f->memory = flc_memory_get(&pool->memory, slots * f->stride, FLC_APART);
	f->alive = flc_memory_get(&pool->memory, slots * sizeof(*f->alive), FLC_CACHE_LINE);
	if (f->memory != NULL && f->alive != NULL) {
		status = flc_loop_run(worker, &loop, f->begin, f->end);
		if (status == FILCH_OK)
			status = combine_all(f, slots, &lowest);
		if (status == FILCH_OK) {
			memcpy(f->result, accumulator(f, lowest), f->reducer->size);
			f->alive[lowest] = false;
		}
		for (size_t i = 0; i < slots; i++)
			discard(f, i);
	}
	flc_memory_put(&pool->memory, f->alive, slots * sizeof(*f->alive));
	flc_memory_put(&pool->memory, f->memory, slots * f->stride);
	return status;
}

int
filch_fold_workers(size_t begin, size_t end, filch_fold_fn *fold, void *context,
    const filch_reducer *reducer, void *result, const filch_for_options *options)
{
	filch_for_options complete;
	struct fold f = { begin, end, fold, context, reducer, &complete, result, 0, NULL, NULL };

	if (flc_loop_options(options, &complete) != FILCH_OK || begin > end || fold == NULL
	    || reducer == NULL || reducer->size == 0 || reducer->identity == NULL
	    || reducer->combine == NULL || result == NULL)
		return FILCH_INVAL;
	return flc_guest_call(complete.pool, fold_verb, &f);
}
