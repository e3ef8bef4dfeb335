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
	const struct flc_memory *memory;
	void **value;        /* per slot, of its worker alone; NULL: none yet */
};

/* A worker that waits inside fold runs no other chunk of this loop, so its
 * accumulator is never entered twice at a time. */
static int
fold_chunk(void *context, size_t begin, size_t end)
{
	struct fold *f = context;
	void **value = &f->value[filch_worker_index()];

	if (*value == NULL) {
		void *fresh = flc_memory_get_for(FILCH_MEMORY_LOOP, f->memory, f->reducer->size,
		    FLC_APART);
		int status = fresh == NULL ? FILCH_NOMEM
		    : f->reducer->identity(f->context, fresh);

		if (status != FILCH_OK) {
			flc_memory_put(f->memory, fresh, f->reducer->size);
			return status;
		}
		*value = fresh;
	}
	return f->fold(f->context, begin, end, *value);
}

static void
drop(struct fold *f, size_t slot, bool discard)
{
	if (f->value[slot] == NULL)
		return;
	if (discard && f->reducer->discard != NULL)
		f->reducer->discard(f->context, f->value[slot]);
	flc_memory_put(f->memory, f->value[slot], f->reducer->size);
	f->value[slot] = NULL;
}

/* All values into the lowest, in the order of slots. */
static int
combine_all(struct fold *f, size_t slots)
{
	int status = FILCH_OK;
	size_t lowest = slots;

	for (size_t i = 0; i < slots && status == FILCH_OK; i++) {
		if (f->value[i] == NULL)
			continue;
		if (lowest == slots) {
			lowest = i;
			continue;
		}
		status = f->reducer->combine(f->context, f->value[lowest], f->value[i]);
		drop(f, i, false);
	}
	if (status != FILCH_OK)
		return status;
	if (lowest == slots)
		return f->reducer->identity(f->context, f->result);
	memcpy(f->result, f->value[lowest], f->reducer->size);
	drop(f, lowest, false);
	return FILCH_OK;
}

static int
fold_verb(struct flc_worker *worker, void *argument)
{
	struct fold *f = argument;
	struct filch_pool *pool = worker->pool;
	struct flc_loop loop = {
		.body = fold_chunk, .context = f, .options = f->options,
		.site = NULL,
	};
	int status;

	f->memory = &pool->memory;
	f->value = flc_memory_get_for(FILCH_MEMORY_LOOP, f->memory,
	    pool->slots * sizeof(*f->value), FLC_CACHE_LINE);
	if (f->value == NULL)
		return FILCH_NOMEM;
	status = flc_loop_run(worker, &loop, f->begin, f->end);
	if (status == FILCH_OK)
		status = combine_all(f, pool->slots);
	for (size_t i = 0; i < pool->slots; i++)
		drop(f, i, true);
	flc_memory_put(f->memory, f->value, pool->slots * sizeof(*f->value));
	return status;
}

int
filch_fold_workers(size_t begin, size_t end, filch_fold_fn *fold, void *context,
    const filch_reducer *reducer, void *result, const filch_for_options *options)
{
	filch_for_options complete;
	struct fold f = { begin, end, fold, context, reducer, &complete, result, NULL, NULL };

	if (flc_loop_options(options, &complete) != FILCH_OK || begin > end || fold == NULL
	    || reducer == NULL || reducer->size == 0 || reducer->identity == NULL
	    || reducer->combine == NULL || result == NULL)
		return FILCH_INVAL;
	return flc_guest_call(complete.pool, fold_verb, &f);
}
