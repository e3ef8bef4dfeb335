/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stolen record's way: function, STOLEN, WAITED_FOR, DONE; and the count of what is
 * still to end.  Whoever waits is woken, sees the result, and nothing touches a record
 * after its end.
 */
#include "world.hpp"

/* What a record stands in: freed by its owner as soon as the join returns. */
struct half {
	filch_record_ record;
	rl::var<int> in, out;
};

static void
run_half(filch_fork_deque_ *deque, size_t b, filch_record_ *record)
{
	struct half *h = (struct half *)record;

	(void)deque;
	(void)b;
	model_delay(8);
	h->out($).store(h->in($).load() * 2);
}

/* One fork, joined; the thief may have it. */
template <bool ASYMMETRIC, int THIEVES>
struct hand_over : world<hand_over<ASYMMETRIC, THIEVES>, 1 + THIEVES> {
	void before() { this->begin(1 + THIEVES, ASYMMETRIC); }

	void
	thread(unsigned i)
	{
		struct flc_worker *me = this->worker(i);

		if (i > 0) {
			(void)flc_worker_help(me);
			return;
		}
		for (int r = 1; r <= 2; r++) {
			struct half *h = RL_NEW_PROXY half;

			h->in($).store(r);
			flc_fork(me, &h->record, run_half);
			if (flc_fork_join(me, &h->record))
				run_half(&me->forks, 0, &h->record);
			RL_ASSERT(h->out($).load() == 2 * r);
			RL_DELETE_PROXY h;
		}
	}

	void after() { this->end(); }
};

/* The owner is woken by somebody else just when the thief is done: what it then sees came
 * by the record alone, and not by the thief's wake. */
struct woken : world<woken, 3> {
	struct half half;

	void before() { begin(3, true); }

	void
	thread(unsigned i)
	{
		struct flc_worker *me = worker(i);

		if (i == 2) {
			(void)flc_parker_wake(&worker(0)->sleeper.parker);
		} else if (i == 1) {
			(void)flc_worker_help(me);
		} else {
			half.in($).store(1);
			flc_fork(me, &half.record, run_half);
			if (flc_fork_join(me, &half.record))
				run_half(&me->forks, 0, &half.record);
			RL_ASSERT(half.out($).load() == 2);
		}
	}

	void after() { end(); }
};

/* Two forks, joined newest first, with the thief in between; after a delay it may get at
 * both. */
template <bool ASYMMETRIC, int DELAY>
struct nested : world<nested<ASYMMETRIC, DELAY>, 2> {
	struct half half[2];

	void
	before()
	{
		this->begin(2, ASYMMETRIC);
	}

	void
	thread(unsigned i)
	{
		struct flc_worker *me = this->worker(i);

		if (i > 0) {
			(void)flc_worker_help(me);
			(void)flc_worker_help(me);
			return;
		}
		for (int r = 0; r < 2; r++) {
			half[r].in($).store(r + 1);
			flc_fork(me, &half[r].record, run_half);
		}
		model_delay(DELAY);
		for (int r = 1; r >= 0; r--) {
			if (flc_fork_join(me, &half[r].record))
				run_half(&me->forks, 0, &half[r].record);
			RL_ASSERT(half[r].out($).load() == 2 * (r + 1));
		}
	}

	void after() { this->end(); }
};

/* As filch_join() does, inlined where that may be: two forks, one after the other at the
 * same index, above an older one; all three may be stolen. */
template <bool ASYMMETRIC> struct inlined : world<inlined<ASYMMETRIC>, 2> {
	struct half half[3];

	void before() { this->begin(2, ASYMMETRIC); }

	void
	fork(int r)
	{
		struct flc_worker *me = this->worker(0);

		half[r].in($).store(r + 1);
		flc_store_relaxed(&half[r].record.state, (size_t)run_half);
		if (!flc_fork_deque_push_above(&me->forks, flc_load_relaxed(&me->forks.bottom),
			&half[r].record, 0))
			flc_fork(me, &half[r].record, run_half);
	}

	void
	join(int r)
	{
		struct flc_worker *me = this->worker(0);

		if (flc_fork_deque_take_above(&me->forks, &half[r].record, false, 0)
		    || flc_fork_join(me, &half[r].record))
			run_half(&me->forks, 0, &half[r].record);
		RL_ASSERT(half[r].out($).load() == 2 * (r + 1));
	}

	void
	thread(unsigned i)
	{
		if (i > 0) {
			(void)flc_worker_help(this->worker(1));
			(void)flc_worker_help(this->worker(1));
			return;
		}
		fork(0);
		for (int r = 1; r <= 2; r++) {
			fork(r);
			join(r);
		}
		join(0);
	}

	void after() { this->end(); }
};

/* Forked twice, joined oldest first. */
struct out_of_order : world<out_of_order, 2> {
	void before() { begin(2); }

	void
	join(struct half *h)
	{
		if (flc_fork_join(worker(0), &h->record))
			run_half(&worker(0)->forks, 0, &h->record);
		RL_ASSERT(h->out($).load() == 2);
		RL_DELETE_PROXY h;
	}

	void
	thread(unsigned i)
	{
		if (i > 0) {
			(void)flc_worker_help(worker(1));
			(void)flc_worker_help(worker(1));
			return;
		}
		struct half *a = RL_NEW_PROXY half, *b = RL_NEW_PROXY half;

		a->in($).store(1);
		b->in($).store(1);
		flc_fork(worker(0), &a->record, run_half);
		flc_fork(worker(0), &b->record, run_half);
		join(a);
		join(b);
	}

	void after() { end(); }
};

FLC_COLD size_t
filch_hot_spawn_(filch_fork_deque_ *deque, filch_record_ *record, filch_record_fn_ *run)
{
	flc_fork(flc_worker_of(deque), record, run);
	return record->at;
}

/* Once only. */
static void
run_once(filch_fork_deque_ *deque, size_t b, filch_record_ *record)
{
	struct half *h = (struct half *)record;

	RL_ASSERT(h->in($).load() != 0);
	run_half(deque, b, record);
	h->in($).store(0);
}

/* As the records of an array are spawned and joined by the inlined fast path: the older
 * of two first, which runs the newer one out of its order, while others get their
 * indexes.  All lies above an older one; what is oldest may be stolen. */
template <bool ASYMMETRIC> struct indexed : world<indexed<ASYMMETRIC>, 2> {
	struct half half[5];
	size_t b;

	void before() { this->begin(2, ASYMMETRIC); }

	void
	spawn(int r)
	{
		filch_record_ *record = &half[r].record;

		half[r].in($).store(r + 1);
		record->at = flc_hot_spawn_(&this->worker(0)->forks, b, record, run_once);
		b = record->at + 1;
	}

	void
	join(int r)
	{
		filch_fork_deque_ *deque = &this->worker(0)->forks;
		filch_record_ *record = &half[r].record;

		if (record->at == b - 1 && flc_hot_take_newest_(deque, b - 1)) {
			b--;
			run_once(deque, b, record);
		} else {
			if (flc_fork_join(this->worker(0), record))
				run_once(deque, b, record);
			b = flc_load_relaxed(&deque->bottom);
		}
		RL_ASSERT(half[r].out($).load() == 2 * (r + 1));
	}

	void
	thread(unsigned i)
	{
		if (i > 0) {
			(void)flc_worker_help(this->worker(1));
			(void)flc_worker_help(this->worker(1));
			return;
		}
		b = flc_load_relaxed(&this->worker(0)->forks.bottom);
		spawn(0);
		spawn(1);
		spawn(2);
		join(1);
		spawn(3);
		spawn(4);
		join(2);
		join(4);
		join(3);
		join(0);
	}

	void after() { this->end(); }
};

/* The last one to end may find the count's memory gone but for the word's last value; the
 * waiter frees it. */
struct counted {
	flc_atomic pending;
	rl::var<int> result[2];
};

template <int ENDERS, bool TIME> struct pending : world<pending<ENDERS, TIME>, 1 + ENDERS> {
	struct counted *count;

	void
	before()
	{
		this->begin(1 + ENDERS);
		model_time_passes = TIME;
		/* As guests come in: give_up and take_back count them. */
		for (int i = 0; i <= ENDERS; i++)
			flc_sleep_enter(&this->pool.sleep, &this->worker((size_t)i)->sleeper,
			    FLC_NO_CPU);
		count = RL_NEW_PROXY counted;
		flc_store_relaxed(&count->pending, ENDERS);
	}

	void
	thread(unsigned i)
	{
		if (i > 0) {
			model_delay(8);
			count->result[i - 1]($).store(1);
			flc_pending_end(&count->pending, &this->pool);
			return;
		}
		struct flc_waiting how = { 1, false, false, FILCH_FOREVER };

		RL_ASSERT(flc_wait_pending(this->worker(0), &count->pending, &how) == FILCH_OK);
		RL_ASSERT(flc_load_relaxed(&count->pending) == 0);
		for (int k = 0; k < ENDERS; k++)
			RL_ASSERT(count->result[k]($).load() == 1);
		RL_DELETE_PROXY count;
	}

	void after() { this->end(); }
};

/* Two wait for one count; the one who does not wait long leaves the other's name in
 * it. */
struct impatient : world<impatient, 3> {
	flc_atomic pending;
	rl::var<int> result;

	void
	before()
	{
		begin(3);
		for (size_t i = 0; i < 3; i++)
			flc_sleep_enter(&pool.sleep, &worker(i)->sleeper, FLC_NO_CPU);
		flc_store_relaxed(&pending, 1);
	}

	int
	wait(unsigned i, uint64_t deadline)
	{
		struct flc_waiting how = { 1, false, false, deadline };

		return flc_wait_pending(worker(i), &pending, &how);
	}

	void
	thread(unsigned i)
	{
		if (i == 2) {
			model_delay(8);
			result($).store(1);
			flc_pending_end(&pending, &pool);
		} else if (i == 1) {
			model_delay(4);
			RL_ASSERT(wait(i, 1) == FILCH_TIMEOUT
			    || flc_pending_count(flc_load_relaxed(&pending)) == 0);
		} else {
			RL_ASSERT(wait(i, FILCH_FOREVER) == FILCH_OK);
			RL_ASSERT(result($).load() == 1);
		}
	}

	void after() { end(); }
};

int
main(int argc, char **argv)
{
	scene s = scene_of(argc, argv);

	play<hand_over<true, 1> >(s, "hand-over", 50);
	play<hand_over<false, 1> >(s, "hand-over-fenced", 50);
	play<woken>(s, "woken", 50, 1);
	play<nested<true, 0> >(s, "nested", 50, 1);
	play<nested<false, 0> >(s, "nested-fenced", 50, 1);
	play<nested<false, 60> >(s, "nested-slow", 50, 0);
	play<inlined<true> >(s, "inlined", 50, 1);
	play<inlined<false> >(s, "inlined-fenced", 50, 0);
	play<out_of_order>(s, "out-of-order", 50, 1);
	play<indexed<true> >(s, "indexed", 50, 1);
	play<indexed<false> >(s, "indexed-fenced", 50, 0);
	play<pending<1, false> >(s, "pending");
	play<pending<2, false> >(s, "pending-2", 50, 0);
	play<pending<1, true> >(s, "pending-timed", 50, 0);
	play<impatient>(s, "impatient", 50, 0);
	play<hand_over<true, 2> >(s, "hand-over-2", 50, 0);
	return s.status;
}
