/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Channels: who waits is woken, every item that was sent is received once, and closing is
 * exact.  Time stands still, so that a lost wake is a deadlock.
 */
#include "scene.hpp"

#include "base/park.c"
#include "wait/block.h"

/* Nothing is canceled, and no wait is a deadlock. */
enum flc_block_end
flc_block(struct flc_waiter *waiter, const struct flc_block_how *how)
{
	(void)flc_parker_wait(&waiter->parker, how->deadline);
	return FLC_BLOCK_WOKEN;
}

/* Every thread is one of no pool. */
#include "sched/worker.h"
#define flc_self() ((struct flc_worker *)NULL)
#define flc_scope_is_stopped(scope) (false)

#include "channel/eventfd.h"

void
flc_eventfd_signal(struct filch_channel *ch)
{
	(void)ch;
}

#include "channel/mpmc_ring.c"
#include "channel/rendezvous.c"
#include "channel/spsc_ring.c"
#include "channel/wait.c"

#define CAPACITY 2

#define MPMC (&flc_channel_mpmc_ring)
#define SPSC (&flc_channel_spsc_ring)
#define RENDEZVOUS (&flc_channel_rendezvous)

typedef const struct flc_channel_kind *kind;

template <class Scene, int THREADS> struct channel_scene : scene_body {
	static const int threads = THREADS;

	struct filch_channel channel[2];
	struct model_cell cell[2][CAPACITY];
	flc_atomic sent, received;

	struct filch_channel *
	begin(int i, const struct flc_channel_kind *kind, size_t capacity, bool asymmetric)
	{
		struct filch_channel *ch = &channel[i];

		model_asymmetric = asymmetric;
		model_refuses = !asymmetric;
		model_time_passes = false;
		ch->kind = kind;
		ch->quick = kind == MPMC ? FLC_QUICK_MPMC_RING
		    : kind == SPSC ? FLC_QUICK_SPSC_RING : FLC_QUICK_NOT;
		ch->item_size = sizeof(size_t);
		ch->capacity = capacity;
		ch->slots = (char *)cell[i];
		for (size_t k = 0; k < CAPACITY; k++)
			flc_store_relaxed(&cell[i][k].stamp, 2 * k);
		for (int side = 0; side < 2; side++) {
			flc_store_relaxed(&ch->waiting[side], 0);
			flc_store_relaxed(&ch->woken_from[side], 0);
			ch->queue[side].first = ch->queue[side].last = NULL;
		}
		flc_store_relaxed(&ch->closed, FLC_OPEN);
		flc_store_relaxed(&ch->tail, 0);
		flc_store_relaxed(&ch->head, 0);
		flc_store_relaxed(&ch->limit, 0);
		flc_store_relaxed(&ch->sending, 0);
		ch->send_at = ch->recv_at = ch->tail_seen = 0;
		flc_store_relaxed(&sent, 0);
		flc_store_relaxed(&received, 0);
		return ch;
	}

	/* As the public calls: the inlined path for one item, then the kind's. */
	int
	attempt(struct filch_channel *ch, enum flc_side side, size_t *items, size_t n, size_t *done)
	{
		bool is_done = false;

		if (n == 1 && flc_fence_is_cheap() && ch->quick == FLC_QUICK_MPMC_RING)
			is_done = side == FLC_SEND ? flc_mpmc_ring_send_one(ch, items)
			    : flc_mpmc_ring_recv_one(ch, items);
		else if (n == 1 && flc_fence_is_cheap() && ch->quick == FLC_QUICK_SPSC_RING)
			is_done = side == FLC_SEND ? flc_spsc_ring_send_one(ch, items)
			    : flc_spsc_ring_recv_one(ch, items);
		if (!is_done)
			return flc_channel_try(ch, side, items, n, done);
		*done = 1;
		flc_channel_notify(ch, flc_side_opposite(side));
		return FILCH_OK;
	}

	/* As wait_for() of channel.c, and as a select of select.c, without spinning. */
	int
	run(struct flc_arm *arms, size_t n, size_t items, size_t *done)
	{
		bool exchanged = false;
		long woken = -1;
		int status = FILCH_AGAIN;

		for (;;) {
			for (size_t i = 0; i < n && status == FILCH_AGAIN; i++)
				status = attempt(arms[i].channel, arms[i].side,
				    (size_t *)arms[i].item, items, done);
			if (status != FILCH_AGAIN)
				break;
			RL_ASSERT(flc_channel_await(arms, n, UINT64_MAX, &woken, &exchanged)
			    == FILCH_OK);
			if (exchanged) {
				*done = 1;
				status = FILCH_OK;
				break;
			}
		}
		if (woken >= 0)
			flc_channel_forward(arms[woken].channel, arms[woken].side);
		return status;
	}

	struct flc_arm
	arm(struct filch_channel *ch, enum flc_side side, size_t *item, size_t index = 0)
	{
		struct flc_arm a;

		memset(&a, 0, sizeof(a));
		a.channel = ch;
		a.side = side;
		a.item = item;
		a.index = index;
		return a;
	}

	int
	send(size_t item, int i = 0)
	{
		struct flc_arm a = arm(&channel[i], FLC_SEND, &item);
		size_t done = 0;
		int status = run(&a, 1, 1, &done);

		if (status == FILCH_OK)
			flc_add_full(&sent, item);
		return status;
	}

	int
	recv()
	{
		size_t item = 0, done = 0;
		struct flc_arm a = arm(&channel[0], FLC_RECV, &item);
		int status = run(&a, 1, 1, &done);

		if (status == FILCH_OK)
			flc_add_full(&received, item);
		return status;
	}

	void
	close()
	{
		struct filch_channel *ch = &channel[0];

		ch->kind->close(ch);
		flc_fence_full();
		flc_channel_wake_all(ch);
	}

	void
	after()
	{
		RL_ASSERT(flc_load_relaxed(&sent) == flc_load_relaxed(&received));
		for (int side = 0; side < 2; side++)
			RL_ASSERT(flc_load_relaxed(&channel[0].waiting[side]) == 0);
	}
};

/* Two items through a channel for one: each side waits for the other. */
template <kind KIND, bool ASYMMETRIC>
struct pair : channel_scene<pair<KIND, ASYMMETRIC>, 2> {
	void
	before()
	{
		this->begin(0, KIND, KIND == RENDEZVOUS ? 0 : 1, ASYMMETRIC);
	}

	void
	thread(unsigned i)
	{
		for (size_t k = 1; k <= 2; k++)
			RL_ASSERT((i == 0 ? this->send(k) : this->recv()) == FILCH_OK);
	}
};

/* One batch and its one wake serve two receivers. */
template <bool ASYMMETRIC> struct batch : channel_scene<batch<ASYMMETRIC>, 3> {
	void before() { this->begin(0, MPMC, 2, ASYMMETRIC); }

	void
	thread(unsigned i)
	{
		size_t items[2] = { 1, 2 }, done = 0;

		if (i > 0) {
			RL_ASSERT(this->recv() == FILCH_OK);
			return;
		}
		model_delay(8);
		RL_ASSERT(this->attempt(&this->channel[0], FLC_SEND, items, 2, &done) == FILCH_OK);
		RL_ASSERT(done == 2);
		flc_add_full(&this->sent, 3);
	}
};

/* Two senders, of which the later may be done first; one receives at a time. */
template <bool ASYMMETRIC> struct senders : channel_scene<senders<ASYMMETRIC>, 3> {
	void before() { this->begin(0, MPMC, 2, ASYMMETRIC); }

	void
	thread(unsigned i)
	{
		if (i > 0) {
			RL_ASSERT(this->send(i) == FILCH_OK);
			return;
		}
		RL_ASSERT(this->recv() == FILCH_OK);
		RL_ASSERT(this->recv() == FILCH_OK);
	}
};

/* A send, a closing and receives until CLOSED. */
template <kind KIND, bool ASYMMETRIC>
struct closing : channel_scene<closing<KIND, ASYMMETRIC>, 3> {
	void before() { this->begin(0, KIND, KIND == RENDEZVOUS ? 0 : 2, ASYMMETRIC); }

	void
	thread(unsigned i)
	{
		int status;

		if (i == 0) {
			status = this->send(1);
			RL_ASSERT(status == FILCH_OK || status == FILCH_CLOSED);
		} else if (i == 1) {
			model_delay(4);
			this->close();
		} else {
			while ((status = this->recv()) == FILCH_OK)
				;
			RL_ASSERT(status == FILCH_CLOSED);
		}
	}
};

/* Whoever heard that a send was refused finds the channel closed. */
template <kind KIND, bool ASYMMETRIC>
struct refused : channel_scene<refused<KIND, ASYMMETRIC>, 3> {
	flc_atomic told;

	void
	before()
	{
		this->begin(0, KIND, 1, ASYMMETRIC);
		flc_store_relaxed(&told, 0);
	}

	void
	thread(unsigned i)
	{
		size_t item = 1, done = 0;
		struct filch_channel *ch = &this->channel[0];

		if (i == 0) {
			this->close();
		} else if (i == 1) {
			if (this->attempt(ch, FLC_SEND, &item, 1, &done) == FILCH_CLOSED)
				flc_store_release(&told, 1);
		} else if (flc_load_acquire(&told) == 1) {
			RL_ASSERT(this->attempt(ch, FLC_RECV, &item, 1, &done) == FILCH_CLOSED);
		}
	}
};

/* A select over two channels against a sender for each. */
template <kind KIND, bool ASYMMETRIC>
struct selecting : channel_scene<selecting<KIND, ASYMMETRIC>, 3> {
	void
	before()
	{
		this->begin(1, KIND, KIND == RENDEZVOUS ? 0 : 1, ASYMMETRIC);
		this->begin(0, MPMC, 1, ASYMMETRIC);
	}

	void
	thread(unsigned i)
	{
		if (i > 0) {
			RL_ASSERT(this->send(i, (int)i - 1) == FILCH_OK);
			return;
		}
		for (int k = 0; k < 2; k++) {
			size_t item = 0, done = 0;
			struct flc_arm arms[2] = {
				this->arm(&this->channel[0], FLC_RECV, &item, 0),
				this->arm(&this->channel[1], FLC_RECV, &item, 1),
			};

			RL_ASSERT(this->run(arms, 2, 1, &done) == FILCH_OK);
			flc_add_full(&this->received, item);
		}
	}
};

int
main(int argc, char **argv)
{
	scene s = scene_of(argc, argv);

	play<pair<MPMC, true> >(s, "mpmc");
	play<pair<MPMC, false> >(s, "mpmc-fenced");
	play<pair<SPSC, true> >(s, "spsc");
	play<pair<SPSC, false> >(s, "spsc-fenced");
	play<pair<RENDEZVOUS, true> >(s, "rendezvous");
	play<batch<true> >(s, "batch", 100, 1);
	play<batch<false> >(s, "batch-fenced", 50, 0);
	play<senders<true> >(s, "senders", 100, 1);
	play<senders<false> >(s, "senders-fenced", 50, 0);
	play<closing<MPMC, true> >(s, "close-mpmc", 100, 1);
	play<closing<SPSC, true> >(s, "close-spsc", 100, 1);
	play<closing<SPSC, false> >(s, "close-spsc-fenced", 50, 0);
	play<closing<RENDEZVOUS, true> >(s, "close-rendezvous", 50, 0);
	play<refused<MPMC, true> >(s, "refused-mpmc", 100);
	play<refused<SPSC, true> >(s, "refused-spsc", 100);
	play<refused<SPSC, false> >(s, "refused-spsc-fenced", 50);
	play<selecting<MPMC, true> >(s, "select-mpmc", 100, 0);
	play<selecting<RENDEZVOUS, true> >(s, "select-rendezvous", 100, 0);
	return s.status;
}
