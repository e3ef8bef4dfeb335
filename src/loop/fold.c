/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One accumulator per worker that took part; a second one where a chunk runs inside of
 * another: fold waits with wide_help and takes a chunk of its own loop.
 */
#include "base/size.h"
#include "loop/range.h"
#include "wait/call.h"

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
	struct accumulator **first;  /* per slot, of its worker alone; NULL: none yet */
};

/* Its value stands behind it. */
struct accumulator {
	struct accumulator *next;
	bool entered;        /* a chunk further down the stack is at it */
	_Alignas(FLC_APART) char value[];
};

static size_t
size_of(const struct fold *f)
{
	size_t bytes;

	/* That much is refused. */
	return flc_size_of(1, f->reducer->value_size, sizeof(struct accumulator), &bytes) ? bytes
	    : PTRDIFF_MAX;
}

/* One that no chunk is at; NULL: *status says why. */
static struct accumulator *
free_one(struct fold *f, int *status)
{
	struct accumulator **at = &f->first[filch_worker_index()];
	struct accumulator *fresh;

	for (; *at != NULL; at = &(*at)->next)
		if (!(*at)->entered)
			return *at;
	fresh = flc_memory_alloc_for(FILCH_MEMORY_LOOP, f->memory, size_of(f), FLC_APART);
	*status = fresh == NULL ? FILCH_NOMEM : f->reducer->identity(f->context, fresh->value);
	if (*status != FILCH_OK) {
		flc_memory_free(f->memory, fresh, size_of(f));
		return NULL;
	}
	/* Whatever identity() has put there meanwhile. */
	fresh->next = *at;
	fresh->entered = false;
	*at = fresh;
	return fresh;
}

static int
fold_chunk(void *context, size_t begin, size_t end)
{
	struct fold *f = context;
	int status = FILCH_OK;
	struct accumulator *at = free_one(f, &status);

	if (at == NULL)
		return status;
	at->entered = true;
	status = f->fold(f->context, begin, end, at->value);
	at->entered = false;
	return status;
}

/* Takes the first of the slot out. */
static void
drop(struct fold *f, size_t slot, bool discard)
{
	struct accumulator *first = f->first[slot];

	f->first[slot] = first->next;
	if (discard && f->reducer->discard != NULL)
		f->reducer->discard(f->context, first->value);
	flc_memory_free(f->memory, first, size_of(f));
}

/* All values into that of the lowest slot, in the order of slots. */
static int
combine_all(struct fold *f, size_t slots)
{
	struct accumulator *into;
	size_t lowest = 0;
	int status = FILCH_OK;

	while (lowest < slots && f->first[lowest] == NULL)
		lowest++;
	if (lowest == slots)
		return f->reducer->identity(f->context, f->result);
	into = f->first[lowest];
	f->first[lowest] = into->next;
	for (size_t i = lowest; i < slots && status == FILCH_OK; i++)
		while (f->first[i] != NULL && status == FILCH_OK) {
			status = f->reducer->combine(f->context, into->value,
			    f->first[i]->value);
			drop(f, i, false);
		}
	if (status == FILCH_OK)
		memcpy(f->result, into->value, f->reducer->value_size);
	into->next = f->first[lowest];
	f->first[lowest] = into;
	drop(f, lowest, status != FILCH_OK);
	return status;
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
	f->first = flc_memory_alloc_for(FILCH_MEMORY_LOOP, f->memory,
	    pool->slots * sizeof(struct accumulator *), FLC_CACHE_LINE);
	if (f->first == NULL)
		return FILCH_NOMEM;
	status = flc_loop_run(worker, &loop, f->begin, f->end);
	if (status == FILCH_OK)
		status = combine_all(f, pool->slots);
	for (size_t i = 0; i < pool->slots; i++)
		while (f->first[i] != NULL)
			drop(f, i, true);
	flc_memory_free(f->memory, f->first, pool->slots * sizeof(struct accumulator *));
	return status;
}

int
filch_fold_workers(size_t begin, size_t end, filch_fold_fn *fold, void *context,
    const filch_reducer *reducer, void *result, const filch_for_options *options)
{
	filch_for_options complete;
	struct fold f = { begin, end, fold, context, reducer, &complete, result, NULL, NULL };

	if (flc_loop_options(options, &complete) != FILCH_OK || begin > end || fold == NULL
	    || reducer == NULL || reducer->value_size == 0 || reducer->identity == NULL
	    || reducer->combine == NULL || result == NULL)
		return FILCH_INVAL;
	return flc_pool_call(complete.pool, fold_verb, &f);
}
