/* SPDX-License-Identifier: BSD-2-Clause */
#include "deque/job_deque.h"

#ifndef FIRST_CAPACITY
#define FIRST_CAPACITY 64
#endif
#define FIRST_INDEX 1

/*
 * INVARIANTS
 *
 *   top <= bottom + 1, and bottom - top <= the array's capacity.
 *   Slot i of the current array holds a job for every i in [top, bottom).
 */

#ifndef FLC_MODEL
static size_t
array_size(size_t capacity)
{
	return sizeof(struct flc_loose_array) + capacity * sizeof(struct flc_job_slot)
	    + FLC_CACHE_LINE;
}

/* Zeroed, because a thief with a stale top may read a slot of a grown array
 * that was never written: harmless, as its CAS fails, but not garbage. */
static struct flc_loose_array *
array_new(const struct flc_memory *memory, size_t capacity)
{
	struct flc_loose_array *array = (struct flc_loose_array *)flc_memory_get_for(
	    FILCH_MEMORY_DEQUE, memory, array_size(capacity), FLC_CACHE_LINE);

	if (array != NULL) {
		array->mask = capacity - 1;
		array->slot = (struct flc_job_slot *)(void *)((char *)array + FLC_CACHE_LINE);
	}
	return array;
}

static void
array_free(const struct flc_memory *memory, struct flc_loose_array *array)
{
	flc_memory_put(memory, array, array_size(array->mask + 1));
}
#endif

void
flc_loose_init(struct flc_loose *loose, const struct flc_memory *memory)
{
	flc_store_relaxed(&loose->top, FIRST_INDEX);
	flc_store_relaxed(&loose->bottom, FIRST_INDEX);
	flc_store_relaxed(&loose->array, 0);
	loose->memory = memory;
}

static void
free_retired(struct flc_loose *loose, struct flc_loose_array *array)
{
	while (array != NULL) {
		struct flc_loose_array *older = array->older;

		array_free(loose->memory, array);
		array = older;
	}
}

void
flc_loose_fini(struct flc_loose *loose)
{
	free_retired(loose, (struct flc_loose_array *)flc_load_relaxed(&loose->array));
	flc_store_relaxed(&loose->array, 0);
}

/* Copies [top, bottom) into an array twice as large and publishes that. */
FLC_COLD struct flc_loose_array *
flc_loose_grow(struct flc_loose *loose, size_t top, size_t bottom)
{
	struct flc_loose_array *array = (struct flc_loose_array *)flc_load_relaxed(&loose->array);
	struct flc_loose_array *larger = array_new(loose->memory,
	    array == NULL ? FIRST_CAPACITY : 2 * (flc_get(array->mask) + 1));
	struct flc_job job;

	if (larger == NULL)
		return NULL;
	larger->older = array;
	for (size_t i = top; i != bottom; i++) {
		flc_job_load(flc_loose_slot(array, i), &job);
		flc_job_store(flc_loose_slot(larger, i), &job);
	}
	/* release [loose.array]: the copies, before the array. */
	flc_store_release(&loose->array, (size_t)larger);
	return larger;
}

enum flc_steal
flc_loose_steal(struct flc_loose *loose, size_t tag, struct flc_job *job)
{
	size_t top = flc_load_acquire(&loose->top);

	/* No barrier yet: an empty deque is left in peace. */
	if (flc_jobs_between(top, flc_load_relaxed(&loose->bottom)) <= 0)
		return FLC_STEAL_EMPTY;

	/* store-load [loose.last]: see flc_loose_pop(). */
	flc_fence_full();

	/* acquire [loose.publish]: the slot and the job come with the index. */
	size_t bottom = flc_load_acquire(&loose->bottom);

	if (flc_jobs_between(top, bottom) <= 0)
		return FLC_STEAL_EMPTY;

	/* acquire [loose.array]: the copies come with the array. */
	struct flc_loose_array *array = (struct flc_loose_array *)flc_load_acquire(&loose->array);

	/* Read before the CAS: once top moves, the owner may reuse the slot. */
	flc_job_load(flc_loose_slot(array, top), job);
	if (tag != FLC_ANY_TAG && job->tag != tag)
		return FLC_STEAL_EMPTY;

	/* Full, hence release [loose.reuse]: our read of the slot, before top moves. */
	if (!flc_cas_full(&loose->top, top, top + 1))
		return FLC_STEAL_LOST;
	return FLC_STEAL_TASK;
}

bool
flc_loose_newest_bears(const struct flc_loose *loose, size_t tag)
{
	size_t bottom = flc_load_relaxed(&loose->bottom) - 1;

	return flc_jobs_between(flc_load_relaxed(&loose->top), bottom) >= 0
	    && flc_load_relaxed(&flc_loose_slot((struct flc_loose_array *)
		flc_load_relaxed(&loose->array), bottom)->tag) == tag;
}

bool
flc_loose_bears(const struct flc_loose *loose, size_t tag, size_t *older)
{
	size_t n = flc_loose_seen(loose), top = flc_load_relaxed(&loose->top);

	/* acquire [loose.array]: the copies come with the array. */
	struct flc_loose_array *array = (struct flc_loose_array *)flc_load_acquire(&loose->array);

	if (array == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		*older = i;
		if (flc_load_relaxed(&flc_loose_slot(array, top + i)->tag) == tag)
			return true;
	}
	return false;
}

bool
flc_loose_make_room(struct flc_loose *loose)
{
	size_t bottom = flc_load_relaxed(&loose->bottom);
	size_t top = flc_load_relaxed(&loose->top);
	struct flc_loose_array *array = (struct flc_loose_array *)flc_load_relaxed(&loose->array);

	return (array != NULL && flc_jobs_between(top, bottom) <= (ptrdiff_t)flc_get(array->mask))
	    || flc_loose_grow(loose, top, bottom) != NULL;
}

bool
flc_loose_take_oldest(struct flc_loose *loose, size_t tag, struct flc_job *job)
{
	size_t older;

	if (!flc_loose_bears(loose, tag, &older))
		return false;
	for (size_t i = 0; i <= older; i++) {
		enum flc_steal outcome = flc_loose_steal(loose, FLC_ANY_TAG, job);

		if (outcome == FLC_STEAL_EMPTY)
			break;
		/* A thief was faster: there is one less. */
		if (outcome == FLC_STEAL_LOST)
			continue;
		if (job->tag == tag)
			return true;
		/* There is room: it has just left. */
		(void)flc_loose_push(loose, job);
	}
	return false;
}

void
flc_loose_trim(struct flc_loose *loose)
{
	struct flc_loose_array *array = (struct flc_loose_array *)flc_load_relaxed(&loose->array);

	if (array == NULL)
		return;
	free_retired(loose, array->older);
	array->older = NULL;
	if (flc_get(array->mask) >= FIRST_CAPACITY && flc_loose_seen(loose) == 0) {
		array_free(loose->memory, array);
		flc_store_relaxed(&loose->array, 0);
	}
}
