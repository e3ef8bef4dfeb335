/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The leapfrog: W waits for R, which B has stolen.  B runs R (forks X and joins it),
 * marks R done, then forks and joins Y, which has nothing to do with R.  W may run X,
 * never Y.
 */
#include "scene.hpp"

#include "deque/fork_deque.c"

#define STOLEN 7
#define DONE 1

template <class Scene, bool FENCED, int THREADS> struct leap_scene : scene_body {
	static const int threads = THREADS;

	filch_fork_deque_ deque;
	filch_record_ r, x, x2, y, z;
	struct flc_frame running;
	flc_atomic ended[4]; /* of x, x2, y, z */
	size_t base;

	void before() { begin(FLC_FORK_DEQUE_FIRST); }

	void
	begin(size_t begins_at)
	{
		base = begins_at;
		flc_fork_deque_init(&deque, FENCED);
		for (size_t i = 0; i < FILCH_LANE_CAPACITY_; i++)
			flc_store_relaxed(&deque.slot[i], 0);
		flc_store_relaxed(&r.state, STOLEN);
		running.outer = NULL;
		running.record = &r;
		running.base = base;
		for (int i = 0; i < 4; i++)
			flc_store_relaxed(&ended[i], 0);
	}

	flc_atomic *
	end_of(const filch_record_ *record)
	{
		return &ended[record == &x ? 0 : record == &x2 ? 1 : record == &y ? 2 : 3];
	}

	/* B runs R until it says DONE, then nothing that was stolen. */
	const struct flc_frame *
	frame()
	{
		return flc_load_relaxed(&r.state) == STOLEN ? &running : NULL;
	}

	void
	fork(filch_record_ *record)
	{
		flc_fork_deque_answer(&deque, flc_load_relaxed(&deque.bottom), frame());
		record->at = flc_fork_deque_push(&deque, record);
	}

	/* As flc_fork_join(): take is for the newest only. */
	void
	join(filch_record_ *record)
	{
		flc_fork_deque_answer(&deque, record->at, frame());
		if (flc_load_relaxed(&deque.bottom) - 1 > record->at
		    || !flc_fork_deque_take(&deque, record->at))
			while (!flc_load_acquire(end_of(record)))
				flc_model_yield();
	}

	void
	leap()
	{
		struct flc_leap only = { &r, STOLEN, FLC_FORK_DEQUE_FIRST };
		filch_record_ *record = NULL;
		size_t at;

		if (flc_load_acquire(&r.state) != STOLEN
		    || flc_fork_deque_steal(&deque, &only, &record, &at) != FLC_STEAL_TASK)
			return;
		RL_ASSERT(record == &x || record == &x2);
		flc_store_release(end_of(record), 1);
	}

	/* A thief that may have anything. */
	void
	steal_from()
	{
		filch_record_ *record = NULL;
		size_t at;

		if (flc_fork_deque_steal(&deque, NULL, &record, &at) == FLC_STEAL_TASK)
			flc_store_release(end_of(record), 1);
	}
};

template <bool FENCED> struct unrelated : leap_scene<unrelated<FENCED>, FENCED, 2> {
	void
	thread(unsigned i)
	{
		if (i == 0) {
			this->fork(&this->x);
			this->join(&this->x);
			flc_store_release(&this->r.state, DONE);
			this->fork(&this->y);
			this->join(&this->y);
		} else {
			this->leap();
		}
	}
};

/* B answers while it forks two that have nothing to do with R. */
struct unrelated_two : leap_scene<unrelated_two, false, 2> {
	void
	before()
	{
		model_ask_rounds = 2;
		this->begin(FLC_FORK_DEQUE_FIRST);
	}

	void
	thread(unsigned i)
	{
		if (i == 0) {
			flc_store_release(&r.state, DONE);
			fork(&y);
			fork(&z);
			join(&z);
			join(&y);
		} else {
			leap();
		}
	}

	void after() { model_ask_rounds = 0; }
};

/* Two below R, and a third thread that moves the top between. */
template <bool FENCED> struct crowded : leap_scene<crowded<FENCED>, FENCED, 3> {
	void
	thread(unsigned i)
	{
		if (i == 0) {
			this->fork(&this->x);
			this->fork(&this->x2);
			this->join(&this->x2);
			this->join(&this->x);
			flc_store_release(&this->r.state, DONE);
			this->fork(&this->y);
			this->join(&this->y);
		} else if (i == 1) {
			this->leap();
		} else {
			this->steal_from();
		}
	}
};

/* What lies below the base is not to be had: B forked it before it stole R. */
struct below : leap_scene<below, false, 2> {
	void
	before()
	{
		this->begin(FLC_FORK_DEQUE_FIRST + 1);
		this->fork(&y);
	}

	void
	thread(unsigned i)
	{
		if (i == 0) {
			fork(&x);
			join(&x);
			flc_store_release(&r.state, DONE);
			join(&y);
		} else {
			struct flc_leap only = { &r, STOLEN, FLC_FORK_DEQUE_FIRST + 1 };
			filch_record_ *record = NULL;
			size_t at;

			if (flc_fork_deque_steal(&deque, &only, &record, &at) == FLC_STEAL_TASK) {
				RL_ASSERT(record == &x);
				flc_store_release(end_of(record), 1);
			}
		}
	}
};

int
main(int argc, char **argv)
{
	scene s = scene_of(argc, argv);

	play<unrelated<false> >(s, "leap");
	play<unrelated<true> >(s, "leap-fenced");
	play<unrelated_two>(s, "leap-asked");
	play<below>(s, "below");
	play<crowded<false> >(s, "crowded");
	play<crowded<true> >(s, "crowded-fenced");
	return s.status;
}
