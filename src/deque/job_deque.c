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
	return sizeof(struct flc_job_array) + capacity * sizeof(struct flc_job_slot)
	    + FLC_CACHE_LINE;
}

/* Zeroed, because a thief with a stale top may read a slot of a grown array that was
 * never written: harmless, as its CAS fails, but not garbage. */
static struct flc_job_array *
array_new(const struct flc_memory *memory, size_t capacity)
{
	struct flc_job_array *array = (struct flc_job_array *)flc_memory_alloc_for(
	    FILCH_MEMORY_DEQUE, memory, array_size(capacity), FLC_CACHE_LINE);

	if (array != NULL) {
		array->mask = capacity - 1;
		array->slot = (struct flc_job_slot *)(void *)((char *)array + FLC_CACHE_LINE);
	}
	return array;
}

static void
array_free(const struct flc_memory *memory, struct flc_job_array *array)
{
	flc_memory_free(memory, array, array_size(array->mask + 1));
}
#endif

void
flc_job_deque_init(struct flc_job_deque *deque, const struct flc_memory *memory)
{
	flc_store_relaxed(&deque->top, FIRST_INDEX);
	flc_store_relaxed(&deque->bottom, FIRST_INDEX);
	flc_store_relaxed(&deque->array, 0);
	deque->memory = memory;
}

static void
free_retired(struct flc_job_deque *deque, struct flc_job_array *array)
{
	while (array != NULL) {
		struct flc_job_array *older = array->older;

		array_free(deque->memory, array);
		array = older;
	}
}

void
flc_job_deque_fini(struct flc_job_deque *deque)
{
	free_retired(deque, (struct flc_job_array *)flc_load_relaxed(&deque->array));
	flc_store_relaxed(&deque->array, 0);
}

/* Copies [top, bottom) into an array twice as large and publishes that. */
FLC_COLD struct flc_job_array *
flc_job_deque_grow(struct flc_job_deque *deque, size_t top, size_t bottom)
{
	struct flc_job_array *array = (struct flc_job_array *)flc_load_relaxed(&deque->array);
	struct flc_job_array *larger = array_new(deque->memory,
	    array == NULL ? FIRST_CAPACITY : 2 * (flc_get(array->mask) + 1));
	struct flc_job job;

	if (larger == NULL)
		return NULL;
	larger->older = array;
	for (size_t i = top; i != bottom; i++) {
		flc_job_load(flc_job_deque_slot(array, i), &job);
		flc_job_store(flc_job_deque_slot(larger, i), &job);
	}
	/* release [jobs.array]: the copies, before the array. */
	flc_store_release(&deque->array, (size_t)larger);
	return larger;
}

enum flc_steal
flc_job_deque_steal(struct flc_job_deque *deque, size_t tag, struct flc_job *job)
{
	size_t top = flc_load_acquire(&deque->top);

	/* No barrier yet: an empty deque is left in peace. */
	if (flc_jobs_between(top, flc_load_relaxed(&deque->bottom)) <= 0)
		return FLC_STEAL_EMPTY;

	/* store-load [jobs.last]: see flc_job_deque_pop(). */
	flc_fence_full();

	/* acquire [jobs.publish]: the slot and the job come with the index. */
	size_t bottom = flc_load_acquire(&deque->bottom);

	if (flc_jobs_between(top, bottom) <= 0)
		return FLC_STEAL_EMPTY;

	/* acquire [jobs.array]: the copies come with the array. */
	struct flc_job_array *array = (struct flc_job_array *)flc_load_acquire(&deque->array);

	/* Read before the CAS: once top moves, the owner may reuse the slot. */
	flc_job_load(flc_job_deque_slot(array, top), job);
	if (tag != FLC_ANY_TAG && job->tag != tag)
		return FLC_STEAL_EMPTY;

	/* Full, hence release [jobs.reuse]: our read of the slot, before top moves. */
	if (!flc_cas_full(&deque->top, top, top + 1))
		return FLC_STEAL_LOST;
	return FLC_STEAL_TASK;
}

bool
flc_job_deque_newest_bears(const struct flc_job_deque *deque, size_t tag)
{
	size_t bottom = flc_load_relaxed(&deque->bottom) - 1;

	return flc_jobs_between(flc_load_relaxed(&deque->top), bottom) >= 0
	    && flc_load_relaxed(&flc_job_deque_slot((struct flc_job_array *)
		flc_load_relaxed(&deque->array), bottom)->tag) == tag;
}

bool
flc_job_deque_bears(const struct flc_job_deque *deque, size_t tag, size_t *older)
{
	size_t n = flc_job_deque_seen(deque), top = flc_load_relaxed(&deque->top);

	/* acquire [jobs.array]: the copies come with the array. */
	struct flc_job_array *array = (struct flc_job_array *)flc_load_acquire(&deque->array);

	if (array == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		*older = i;
		if (flc_load_relaxed(&flc_job_deque_slot(array, top + i)->tag) == tag)
			return true;
	}
	return false;
}

bool
flc_job_deque_make_room(struct flc_job_deque *deque)
{
	size_t bottom = flc_load_relaxed(&deque->bottom);
	size_t top = flc_load_relaxed(&deque->top);
	struct flc_job_array *array = (struct flc_job_array *)flc_load_relaxed(&deque->array);

	return (array != NULL && flc_jobs_between(top, bottom) <= (ptrdiff_t)flc_get(array->mask))
	    || flc_job_deque_grow(deque, top, bottom) != NULL;
}

bool
flc_job_deque_take_oldest(struct flc_job_deque *from, size_t tag, struct flc_job_deque *to,
    struct flc_job *job, size_t *moved)
{
	size_t older, at;

	*moved = 0;
	if (!flc_job_deque_bears(from, tag, &older))
		return false;
	/* In its own deque there is room: the job has just left. */
	for (size_t i = 0; i <= older && (from == to || flc_job_deque_make_room(to)); i++) {
		enum flc_steal outcome = flc_job_deque_steal(from, FLC_ANY_TAG, job);

		if (outcome == FLC_STEAL_EMPTY)
			break;
		/* A thief was faster: there is one less. */
		if (outcome == FLC_STEAL_LOST)
			continue;
		if (job->tag == tag)
			return true;
		at = flc_job_deque_push(to, job);
		*moved = *moved == 0 ? at : *moved;
	}
	return false;
}

void
flc_job_deque_trim(struct flc_job_deque *deque)
{
	struct flc_job_array *array = (struct flc_job_array *)flc_load_relaxed(&deque->array);

	if (array == NULL)
		return;
	free_retired(deque, array->older);
	array->older = NULL;
	if (flc_get(array->mask) >= FIRST_CAPACITY && flc_job_deque_seen(deque) == 0) {
		array_free(deque->memory, array);
		flc_store_relaxed(&deque->array, 0);
	}
}
