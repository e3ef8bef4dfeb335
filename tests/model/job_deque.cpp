/* SPDX-License-Identifier: BSD-2-Clause */
/* The job deque: growth, tags; every job is taken exactly once, with its data. */
#include "scene.hpp"

#include "deque/job_deque.h"

/* The array begins with one slot, so that pushes grow it. */
#define FIRST_CAPACITY model_first_capacity
static size_t model_first_capacity = 1;

/* Arrays that Relacy watches for use after free. */
static struct flc_job_array *
array_new(const struct flc_memory *memory, size_t capacity)
{
	struct flc_job_array *array = RL_NEW_PROXY flc_job_array;
	struct flc_job_slot *slot = RL_NEW_PROXY flc_job_slot[capacity];
	const struct flc_job none = { NULL, 0 };

	(void)memory;
	for (size_t i = 0; i < capacity; i++)
		flc_job_store(&slot[i], &none);
	flc_set(array->mask, capacity - 1);
	flc_set(array->slot, slot);
	array->older = NULL;
	return array;
}

static void
array_free(const struct flc_memory *memory, struct flc_job_array *array)
{
	(void)memory;
	RL_DELETE_PROXY[] flc_get(array->slot);
	RL_DELETE_PROXY array;
}

#include "deque/job_deque.c"

enum { JOBS = 5 };

template <class Scene, int THREADS> struct deque : scene_body {
	static const int threads = THREADS;

	struct flc_job_deque deque;
	rl::var<int> data[JOBS];
	int seen[JOBS];
	int pushed;

	void
	begin(size_t capacity)
	{
		model_first_capacity = capacity;
		flc_job_deque_init(&deque, NULL);
		memset(seen, 0, sizeof(seen));
		pushed = 0;
	}

	void
	push(size_t i, size_t tag)
	{
		struct flc_job job = { (flc_job_fn *)i, tag };

		for (size_t w = 0; w < FLC_JOB_WORDS; w++)
			job.word[w] = i + 10 * (w + 1);
		data[i]($).store(7 * (int)i);
		RL_ASSERT(flc_job_deque_push(&deque, &job));
		pushed++;
	}

	void
	got(const struct flc_job &job, size_t tag)
	{
		size_t i = (size_t)job.run;

		RL_ASSERT(i < JOBS);
		for (size_t w = 0; w < FLC_JOB_WORDS; w++)
			RL_ASSERT(job.word[w] == i + 10 * (w + 1));
		RL_ASSERT(tag == FLC_ANY_TAG || job.tag == tag);
		RL_ASSERT(data[i]($).load() == 7 * (int)i);
		RL_ASSERT(++seen[i] == 1);
	}

	bool
	pop(size_t tag)
	{
		struct flc_job job;
		bool found = flc_job_deque_pop(&deque, tag, &job);

		if (found)
			got(job, tag);
		return found;
	}

	void
	steal(size_t tag)
	{
		struct flc_job job;

		/* A push is many steps: who tries once is through before it. */
		for (int tries = 0; tries < 4; tries++) {
			if (flc_job_deque_steal(&deque, tag, &job) == FLC_STEAL_TASK) {
				got(job, tag);
				return;
			}
			flc_model_yield();
		}
	}

	void
	after()
	{
		int found = 0;

		while (pop(FLC_ANY_TAG))
			;
		for (int i = 0; i < JOBS; i++)
			found += seen[i];
		RL_ASSERT(found == pushed);
		flc_job_deque_fini(&deque);
	}
};

/* No growth while thieves look: pops of the last job and of others. */
template <int THIEVES> struct steady : deque<steady<THIEVES>, 1 + THIEVES> {
	void
	before()
	{
		this->begin(4);
		this->push(0, 1);
	}

	void
	thread(unsigned i)
	{
		if (i == 0) {
			this->push(1, 1);
			this->pop(FLC_ANY_TAG);
			this->push(2, 1);
			this->pop(FLC_ANY_TAG);
			this->pop(FLC_ANY_TAG);
		} else {
			this->steal(FLC_ANY_TAG);
			this->steal(FLC_ANY_TAG);
		}
	}
};

/* Every push finds the array full. */
template <int THIEVES> struct growing : deque<growing<THIEVES>, 1 + THIEVES> {
	void
	before()
	{
		this->begin(1);
		this->push(0, 1);
	}

	void
	thread(unsigned i)
	{
		if (i == 0) {
			this->push(1, 1);
			this->push(2, 1);
			this->pop(FLC_ANY_TAG);
		} else {
			model_delay(20);
			this->steal(FLC_ANY_TAG);
			this->steal(FLC_ANY_TAG);
		}
	}
};

/* Each takes only what bears its tag; the rest is left where it is. */
template <int THIEVES> struct tagged : deque<tagged<THIEVES>, 1 + THIEVES> {
	void
	before()
	{
		this->begin(2);
		this->push(0, 1);
	}

	void
	thread(unsigned i)
	{
		if (i == 0) {
			this->push(1, 2);
			this->pop(2);
			this->pop(2);
			this->push(2, 2);
			this->pop(1);
		} else {
			this->steal(2);
			this->steal(1);
		}
	}
};

/* The owner takes the oldest with its tag; the older ones go round under a thief. */
struct around : deque<around, 2> {
	void
	take_oldest()
	{
		struct flc_job job;
		size_t moved;

		if (flc_job_deque_take_oldest(&deque, 2, &deque, &job, &moved))
			got(job, 2);
	}

	void
	before()
	{
		begin(4);
		push(0, 1);
		push(1, 1);
	}

	void
	thread(unsigned i)
	{
		if (i == 0) {
			push(2, 2);
			push(3, 2);
			take_oldest();
			take_oldest();
		} else {
			model_delay(10);
			steal(FLC_ANY_TAG);
			steal(FLC_ANY_TAG);
		}
	}
};

/* A slot is used again while a thief may still read it. */
struct reuse : deque<reuse, 2> {
	void
	before()
	{
		begin(2);
		push(0, 1);
	}

	void
	thread(unsigned i)
	{
		if (i == 0) {
			push(1, 1);
			pop(FLC_ANY_TAG);
			pop(FLC_ANY_TAG);
			push(2, 1);
			push(3, 1);
		} else {
			steal(FLC_ANY_TAG);
			steal(FLC_ANY_TAG);
		}
	}
};

int
main(int argc, char **argv)
{
	scene s = scene_of(argc, argv);

	play<steady<1> >(s, "steady");
	play<growing<1> >(s, "growing", 100, 1);
	play<tagged<1> >(s, "tagged");
	play<reuse>(s, "reuse", 100, 1);
	play<around>(s, "around", 100, 1);
	play<steady<2> >(s, "steady-2", 100, 0);
	play<growing<2> >(s, "growing-2", 100, 0);
	play<tagged<2> >(s, "tagged-2", 100, 0);
	return s.status;
}
