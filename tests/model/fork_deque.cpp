/* SPDX-License-Identifier: BSD-2-Clause */
/* The fork deque: every record is taken exactly once, with its data. */
#include "scene.hpp"

#include "deque/fork_deque.c"

enum { RECORDS = 5 };

/* A spawn that the fast path leaves alone: here it is run on the spot. */
size_t
filch_hot_spawn_(filch_fork_deque_ *deque, filch_record_ *record, filch_record_fn_ *run)
{
	(void)deque;
	(void)record;
	(void)run;
	return 0;
}

template <class Scene, int THREADS> struct fork_deque : scene_body {
	static const int threads = THREADS;

	filch_fork_deque_ deque;
	filch_record_ record[RECORDS];
	rl::var<int> data[RECORDS];
	int seen[RECORDS];
	int pushed;

	void
	begin(bool fenced)
	{
		flc_fork_deque_init(&deque, fenced);
		for (size_t i = 0; i < FILCH_LANE_CAPACITY_; i++)
			flc_store_relaxed(&deque.slot[i], 0);
		memset(seen, 0, sizeof(seen));
		pushed = 0;
	}

	void
	push(int i)
	{
		data[i]($).store(7 * i);
		record[i].at = flc_fork_deque_push(&deque, &record[i]);
		RL_ASSERT(record[i].at != 0);
		pushed++;
	}

	void
	got(int i)
	{
		RL_ASSERT(i >= 0 && i < RECORDS);
		RL_ASSERT(data[i]($).load() == 7 * i);
		RL_ASSERT(++seen[i] == 1);
	}

	void
	take(int i)
	{
		if (flc_fork_deque_take(&deque, record[i].at))
			got(i);
	}

	void
	steal()
	{
		filch_record_ *stolen = NULL;
		size_t at = 0;

		if (flc_fork_deque_steal(&deque, NULL, &stolen, &at) == FLC_STEAL_TASK)
			got((int)(stolen - record));
	}

	/* What attend() does for a thief that found no heavy fence, or asks. */
	void
	answer(size_t end)
	{
		size_t top = flc_load_relaxed(&deque.top);

		if (top & FLC_FORK_DEQUE_ASKED)
			flc_fork_deque_answer(&deque, end, NULL);
		else if ((top & FLC_FORK_DEQUE_REFUSED) && !(top & FLC_FORK_DEQUE_FENCED))
			flc_fork_deque_set_mode(&deque, true);
	}

	void
	after()
	{
		int found = 0;

		for (int i = 0; i < RECORDS; i++)
			found += seen[i];
		RL_ASSERT(found == pushed);
		RL_ASSERT(flc_fork_deque_seen(&deque) == 0);
	}
};

/* Nested forks, with a pop that is not of the last one. */
template <bool FENCED, int THIEVES>
struct nested : fork_deque<nested<FENCED, THIEVES>, 1 + THIEVES> {
	void before() { this->begin(FENCED); }

	void
	thread(unsigned i)
	{
		if (i == 0) {
			this->push(0);
			this->push(1);
			this->take(1);
			this->push(2);
			this->take(2);
			this->take(0);
		} else {
			this->steal();
			this->steal();
		}
	}
};

/* The inlined fast path, where it is taken: above an older record. */
template <int THIEVES, bool OUTLINED = false>
struct hot : fork_deque<hot<THIEVES, OUTLINED>, 1 + THIEVES> {
	void before() { this->begin(false); }

	/* By the header's fast path, or by the library's own. */
	size_t
	fast_push(size_t b, filch_record_ *record)
	{
		if (!OUTLINED)
			return flc_hot_spawn_(&this->deque, b, record, NULL);
		return flc_fork_deque_push_above(&this->deque, b, record, 0) ? b : 0;
	}

	bool
	fast_take(size_t b, filch_record_ *record)
	{
		return OUTLINED ? flc_fork_deque_take_above(&this->deque, record, false, 0)
		    : flc_hot_take_(&this->deque, b, record, record->at);
	}

	void
	thread(unsigned i)
	{
		if (i > 0) {
			this->steal();
			this->steal();
			return;
		}
		filch_fork_deque_ *deque = &this->deque;

		this->push(0);
		for (int r = 1; r <= 2; r++) {
			filch_record_ *record = &this->record[r];
			size_t b = this->record[0].at + 1;

			this->data[r]($).store(7 * r);
			this->pushed++;
			record->at = fast_push(b, record);
			if (record->at == 0) {
				this->got(r); /* the slow path: stolen below */
				break;
			}
			if (fast_take(b + 1, record)
			    || flc_fork_deque_take(deque, record->at))
				this->got(r);
			else
				break;
		}
		if (flc_load_relaxed(&deque->bottom) == this->record[0].at + 1)
			this->take(0);
	}
};

/* One record at a time: every pop is of the last one. */
template <bool FENCED, int THIEVES>
struct last : fork_deque<last<FENCED, THIEVES>, 1 + THIEVES> {
	void before() { this->begin(FENCED); }

	void
	thread(unsigned i)
	{
		if (i == 0) {
			for (int r = 0; r < 3; r++) {
				this->push(r);
				this->take(r);
			}
		} else {
			this->steal();
			this->steal();
		}
	}
};

/* More pushes than slots: a slot is used again while a thief may read it. */
struct reuse : fork_deque<reuse, 2> {
	void before() { begin(true); }

	void
	thread(unsigned i)
	{
		if (i == 0) {
			for (int r = 0; r < 4; r++)
				push(r);
			record[4].at = 0;
			data[4]($).store(28);
			record[4].at = flc_fork_deque_push(&deque, &record[4]);
			if (record[4].at != 0) {
				pushed++;
				take(4);
			}
			for (int r = 3; r >= 0; r--)
				take(r);
		} else {
			steal();
			steal();
		}
	}
};

/* The owner changes its mode between pops. */
template <bool FENCED, int THIEVES>
struct mode : fork_deque<mode<FENCED, THIEVES>, 1 + THIEVES> {
	void before() { this->begin(FENCED); }

	void
	thread(unsigned i)
	{
		if (i == 0) {
			this->push(0);
			this->push(1);
			this->push(2);
			this->take(2);
			flc_fork_deque_set_mode(&this->deque, !FENCED);
			this->take(1);
			this->take(0);
		} else {
			this->steal();
			this->steal();
		}
	}
};

/* The owner answers at each of its steps. */
template <int THIEVES> struct asked : fork_deque<asked<THIEVES>, 1 + THIEVES> {
	void
	before()
	{
		model_ask_rounds = 2;
		this->begin(false);
	}

	void
	after()
	{
		model_ask_rounds = 0;
		fork_deque<asked<THIEVES>, 1 + THIEVES>::after();
	}

	void
	thread(unsigned i)
	{
		if (i == 0) {
			this->push(0);
			this->push(1);
			this->answer(this->record[0].at + 2);
			this->push(2);
			this->answer(this->record[2].at);
			this->take(2);
			this->answer(this->record[1].at);
			this->take(1);
			this->take(0);
		} else {
			this->steal();
			this->steal();
		}
	}
};

/* The system has taken the heavy fence away. */
template <int THIEVES> struct refused : fork_deque<refused<THIEVES>, 1 + THIEVES> {
	void
	before()
	{
		model_refuses = true;
		this->begin(false);
	}

	void
	thread(unsigned i)
	{
		if (i == 0) {
			this->push(0);
			this->answer(0);
			this->push(1);
			this->take(1);
			this->answer(0);
			this->push(2);
			this->take(2);
			this->take(0);
		} else {
			this->steal();
			this->steal();
		}
	}

	void
	after()
	{
		model_refuses = false;
		fork_deque<refused<THIEVES>, 1 + THIEVES>::after();
	}
};

int
main(int argc, char **argv)
{
	scene s = scene_of(argc, argv);

	play<nested<false, 1> >(s, "unfenced");
	play<nested<true, 1> >(s, "fenced");
	play<hot<1> >(s, "hot");
	play<hot<1, true> >(s, "fast");
	play<last<false, 1> >(s, "last-unfenced");
	play<last<true, 1> >(s, "last-fenced");
	play<mode<false, 1> >(s, "to-fenced");
	play<mode<true, 1> >(s, "to-unfenced");
	play<asked<1> >(s, "asked");
	play<refused<1> >(s, "refused");
	play<reuse>(s, "reuse");
	play<nested<false, 2> >(s, "unfenced-2", 100, 0);
	play<nested<true, 2> >(s, "fenced-2", 100, 0);
	play<hot<2> >(s, "hot-2", 100, 0);
	play<hot<2, true> >(s, "fast-2", 100, 0);
	play<last<true, 2> >(s, "last-2", 100, 0);
	play<mode<true, 2> >(s, "to-unfenced-2", 100, 0);
	play<asked<2> >(s, "asked-2", 100, 0);
	play<refused<2> >(s, "refused-2", 100, 0);
	return s.status;
}
