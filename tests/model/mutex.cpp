/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mutex and the queues it waits in.  Time stands still but where a scene says so,
 * hence a lost wake is a deadlock; what is guarded and what is counted is plain, hence
 * two inside at once are a race.
 */
#include "scene.hpp"

#include "base/park.c"

/* No rounds of spinning: they only hide what parks. */
#define SPIN_ROUNDS 0

#include "wait/block.h"

/* A thread of no pool. */
enum flc_block_end
flc_block(struct flc_waiter *waiter, const struct flc_block_how *how)
{
	return flc_parker_wait(&waiter->parker, how->deadline) ? FLC_BLOCK_WOKEN
	    : FLC_BLOCK_TIMEOUT;
}

#include "sync/mutex.h"

void
flc_held_take_row(filch_held_ *held)
{
	(void)held;
}

#include "sync/parking_lot.c"
#include "sync/mutex.c"

/* A mutex and what it guards. */
struct guarded {
	filch_mutex mutex;
	struct flc_mutex_row row;
	rl::var<size_t> sum;
	rl::var<size_t> users;

	void
	begin(size_t n)
	{
		struct flc_mutex_row *r = &row;

		flc_store_relaxed(&mutex.word_, 0);
		flc_store_relaxed(&mutex.made_, MODEL_GENERATION);
		mutex.held_since_ = 0;
		flc_store_relaxed(&mutex.held_.row, (size_t)r);
		flc_store_relaxed(&r->acquisitions, 0);
		flc_store_relaxed(&r->sample_mask, 1);
		flc_store_relaxed(&r->sampled_at, 0);
		flc_store_relaxed(&r->waiters, 0);
		flc_store_relaxed(&r->owner, 0);
		flc_store_relaxed(&r->try_failed, 0);
		flc_store_relaxed(&r->deadlocks, 0);
		rl::var<size_t> *plain[] = { &r->contended, &r->spin_acquired, &r->parks,
		    &r->hold_samples, &r->wait, &r->wait_max, &r->hold, &sum };

		for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
			(*plain[i])($).store(0);
		users($).store(n);
	}
};

template <class Scene, int THREADS> struct lock_scene : scene_body {
	static const int threads = THREADS;

	struct flc_lot_queue queue;
	struct guarded *guarded;

	void
	open(bool asymmetric)
	{
		model_asymmetric = asymmetric;
		model_refuses = !asymmetric;
		model_time_passes = false;
		model_ticks = 1;
		flc_lot = &queue;
		flc_store_relaxed(&queue.waiters, 0);
		flc_set(queue.first, (struct flc_lot_node *)NULL);
		flc_set(queue.last, (struct flc_lot_node *)NULL);
		for (size_t i = 0; i < THREADS; i++) {
			model_thread[i].number = i + 1;
			model_thread[i].generation = MODEL_GENERATION;
			model_thread[i].held = NULL;
		}
		guarded = RL_NEW_PROXY struct guarded;
		guarded->begin(THREADS);
	}

	void
	add_one()
	{
		RL_ASSERT(filch_mutex_lock(&guarded->mutex, FILCH_FOREVER) == FILCH_OK);
		guarded->sum($).store(guarded->sum($).load() + 1);
		RL_ASSERT(filch_mutex_unlock(&guarded->mutex) == FILCH_OK);
	}

	/* Everybody went, and nobody waits any more. */
	void
	after()
	{
		RL_ASSERT(flc_load_relaxed(&queue.waiters) == 0);
		if (guarded == NULL)
			return;
		RL_ASSERT(flc_load_relaxed(&guarded->mutex.word_) == 0);
		RL_ASSERT(flc_load_relaxed(&guarded->row.waiters) == 0);
		RL_DELETE_PROXY guarded;
	}
};

/* Each adds one, some times over. */
template <bool ASYMMETRIC, int THREADS, int TIMES>
struct adding : lock_scene<adding<ASYMMETRIC, THREADS, TIMES>, THREADS> {
	void before() { this->open(ASYMMETRIC); }

	void
	thread(unsigned)
	{
		for (int i = 0; i < TIMES; i++)
			this->add_one();
	}

	void
	after()
	{
		RL_ASSERT(this->guarded->sum($).load() == (size_t)(THREADS * TIMES));
		RL_ASSERT(flc_load_relaxed(&this->guarded->row.acquisitions)
		    == (size_t)(THREADS * TIMES));
		lock_scene<adding<ASYMMETRIC, THREADS, TIMES>, THREADS>::after();
	}
};

/* One has a deadline that may pass at any moment; the others must not miss the wake that
 * it may have got. */
struct impatient : lock_scene<impatient, 3> {
	void
	before()
	{
		open(true);
		model_time_passes = true;
	}

	void
	thread(unsigned i)
	{
		if (i > 0) {
			add_one();
			return;
		}
		int status = filch_mutex_lock(&guarded->mutex, 1);

		if (status == FILCH_OK)
			RL_ASSERT(filch_mutex_unlock(&guarded->mutex) == FILCH_OK);
		else
			RL_ASSERT(status == FILCH_TIMEOUT);
	}
};

/* Who is the last to use it frees it: whoever gives it back looks at it no more. */
template <int THREADS> struct freeing : lock_scene<freeing<THREADS>, THREADS> {
	void before() { this->open(true); }

	void
	thread(unsigned)
	{
		struct guarded *mine = this->guarded;
		size_t left;

		RL_ASSERT(filch_mutex_lock(&mine->mutex, FILCH_FOREVER) == FILCH_OK);
		left = mine->users($).load() - 1;
		mine->users($).store(left);
		/* The row of counters stays, as in the product: not this time. */
		RL_ASSERT(filch_mutex_unlock(&mine->mutex) == FILCH_OK);
		if (left == 0) {
			this->guarded = NULL;
			RL_DELETE_PROXY mine;
		}
	}
};

int
main(int argc, char **argv)
{
	scene s = scene_of(argc, argv);

	play<adding<true, 2, 1> >(s, "two");
	play<adding<false, 2, 1> >(s, "two-fenced");
	play<adding<true, 2, 2> >(s, "two-twice", 100, 1);
	play<adding<true, 3, 1> >(s, "three", 100, 0);
	play<adding<false, 3, 1> >(s, "three-fenced", 100, 0);
	play<impatient>(s, "impatient", 100, 0);
	play<freeing<2> >(s, "freeing", 100, 1);
	play<freeing<3> >(s, "freeing-3", 50, 0);
	return s.status;
}
