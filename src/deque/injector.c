/* SPDX-License-Identifier: BSD-2-Clause */
#include "deque/injector.h"

#include "base/this_cpu.h"
#include "count/counters.h"
#include "deque/job_deque.h"

static void
take_first_ring(struct flc_injector *injector)
{
	injector->ring = injector->first;
	injector->capacity = FLC_INJECTOR_FIRST;
}

static void
free_ring(struct flc_injector *injector)
{
	if (injector->ring != injector->first)
		flc_memory_free(injector->memory, injector->ring,
		    injector->capacity * sizeof(struct flc_injected));
}

void
flc_injector_init(struct flc_injector *injector, const struct flc_memory *memory)
{
	flc_store_relaxed(&injector->depth, 0);
	flc_word_lock_init(&injector->lock);
	take_first_ring(injector);
	injector->head = 0;
	injector->memory = memory;
	injector->put_at = 0;
	flc_store_relaxed(&injector->gap, SIZE_MAX);
	flc_store_relaxed(&injector->cpu, UINT32_MAX);
}

void
flc_injector_fini(struct flc_injector *injector)
{
	free_ring(injector);
}

static struct flc_injected *
at(struct flc_injector *injector, size_t index)
{
	return &injector->ring[index & (injector->capacity - 1)];
}

static FLC_COLD bool
grow(struct flc_injector *injector, size_t depth)
{
	size_t capacity = 2 * injector->capacity;
	struct flc_injected *ring = (struct flc_injected *)flc_memory_alloc(injector->memory,
	    capacity * sizeof(*ring), FLC_CACHE_LINE);

	if (ring == NULL)
		return false;
	for (size_t i = 0; i < depth; i++)
		ring[(injector->head + i) & (capacity - 1)] = *at(injector, injector->head + i);
	free_ring(injector);
	injector->ring = ring;
	injector->capacity = capacity;
	return true;
}

FLC_HOT bool
flc_injector_put(struct flc_injector *injector, const struct flc_job *job)
{
	struct flc_injected *last;
	bool room;
	size_t depth;

	flc_word_lock_acquire(&injector->lock);
	depth = flc_load_relaxed(&injector->depth);
	room = FLC_LIKELY(depth < injector->capacity) || grow(injector, depth);
	if (FLC_LIKELY(room)) {
		uint64_t now = flc_ticks();

		/* The place that was used last, not the one used longest ago. */
		if (depth == 0)
			injector->head = 0;
		last = at(injector, injector->head + depth);
		last->job = *job;
		last->queued = now;
		flc_store_relaxed(&injector->gap, now - injector->put_at);
		flc_store_relaxed(&injector->cpu, flc_this_cpu());
		injector->put_at = now;
		flc_store_relaxed(&injector->depth, depth + 1);
	}
	flc_word_lock_release(&injector->lock);
	return room;
}

static bool
is_wanted(const struct flc_job *job, size_t tag)
{
	return tag == FLC_ANY_TAG || job->tag == tag
	    || (tag == FLC_UNSENT_TAG && (job->tag & 1) == 0);
}

bool
flc_injector_bears(struct flc_injector *injector, size_t tag)
{
	bool found = false;
	size_t depth;

	if (flc_injector_seen(injector) == 0)
		return false;
	flc_word_lock_acquire(&injector->lock);
	depth = flc_load_relaxed(&injector->depth);
	for (size_t i = 0; i < depth && !found; i++)
		found = is_wanted(&at(injector, injector->head + i)->job, tag);
	flc_word_lock_release(&injector->lock);
	return found;
}

bool
flc_injector_take(struct flc_injector *injector, size_t tag, struct flc_job *job)
{
	uint64_t queued;

	return flc_injector_take_timed(injector, tag, job, &queued);
}

bool
flc_injector_take_timed(struct flc_injector *injector, size_t tag, struct flc_job *job,
    uint64_t *queued)
{
	bool found = false;
	size_t depth, i;

	if (flc_injector_seen(injector) == 0)
		return false;
	flc_word_lock_acquire(&injector->lock);
	depth = flc_load_relaxed(&injector->depth);
	for (i = 0; i < depth && !found; i++)
		found = is_wanted(&at(injector, injector->head + i)->job, tag);
	if (found) {
		*job = at(injector, injector->head + --i)->job;
		*queued = at(injector, injector->head + i)->queued;
		/* The older ones move up by one; with any tag there are none. */
		for (; i > 0; i--)
			*at(injector, injector->head + i) = *at(injector, injector->head + i - 1);
		injector->head++;
		flc_store_relaxed(&injector->depth, depth - 1);
	}
	flc_word_lock_release(&injector->lock);
	return found;
}

void
flc_injector_trim(struct flc_injector *injector)
{
	flc_word_lock_acquire(&injector->lock);
	if (flc_load_relaxed(&injector->depth) == 0) {
		free_ring(injector);
		take_first_ring(injector);
	}
	flc_word_lock_release(&injector->lock);
}
