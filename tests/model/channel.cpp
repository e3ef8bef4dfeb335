/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Channels: who waits is woken, every item that was sent is received once, and
 * closing is exact.  Time stands still, so that a lost wake is a deadlock.
 */
#include "scene.hpp"

#include "base/fork_generation.h"
#include "base/park.c"
#include "channel/mpmc_ring.h"
#include "channel/spsc_ring.h"
#include "channel/rendezvous.c"
#include "channel/arms.c"
#include "channel/await.c"

void
flc_channel_barrier(void)
{
	(void)flc_fence_heavy();
}

/* As sleep_on() where nothing is canceled and nothing ends. */
int
flc_channel_sleep(struct flc_wait *wait, const struct flc_arm *arms, size_t n, uint64_t deadline)
{
	(void)arms;
	(void)n;
	(void)flc_parker_wait(&wait->waiter.parker, deadline);
	return FILCH_OK;
}

uint64_t
flc_timer_next(const struct filch_channel *ch)
{
	(void)ch;
	return UINT64_MAX;
}

void
flc_eventfd_give(struct filch_channel *ch)
{
	(void)ch;
}

#define CAPACITY 2

template <class Scene, int THREADS> struct channel_scene : scene_body {
	static const int threads = THREADS;

	struct filch_channel channel[2];
	struct model_cell cell[2][CAPACITY];
	flc_atomic sent, received;

	struct filch_channel *
	begin(int i, enum flc_channel_kind kind, size_t capacity, bool asymmetric)
	{
		struct filch_channel *ch = &channel[i];

		model_asymmetric = asymmetric;
		model_refuses = !asymmetric;
		model_time_passes = false;
		ch->kind = kind;
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

	/* As the public calls for one item. */
	bool
	attempt_one(struct filch_channel *ch, enum flc_side side, size_t *item)
	{
		if (!flc_fence_is_cheap())
			return false;
		if (ch->kind == FLC_CHANNEL_RING)
			return side == FLC_SEND ? flc_mpmc_ring_send_one(ch, item)
			    : flc_mpmc_ring_recv_one(ch, item);
		return side == FLC_SEND ? flc_spsc_ring_send_one(ch, item)
		    : flc_spsc_ring_recv_one(ch, item);
	}

	/* As try_many() of channel.c. */
	int
	attempt(struct filch_channel *ch, enum flc_side side, size_t *items, size_t n, size_t *done)
	{
		int status;

		if (ch->kind == FLC_CHANNEL_MEET) {
			*done = 1;
			return flc_rendezvous_try(ch, side, items);
		}
		if (n == 1 && attempt_one(ch, side, items)) {
			*done = 1;
			status = FILCH_OK;
		} else if (ch->kind == FLC_CHANNEL_RING)
			status = side == FLC_SEND ? flc_mpmc_ring_send(ch, items, n, done)
			    : flc_mpmc_ring_recv(ch, items, n, done);
		else
			status = side == FLC_SEND ? flc_spsc_ring_send(ch, items, n, done)
			    : flc_spsc_ring_recv(ch, items, n, done);
		if (status == FILCH_OK || (side == FLC_SEND && ch->kind == FLC_CHANNEL_LINE))
			flc_channel_tell(ch, side == FLC_SEND ? FLC_RECV : FLC_SEND);
		return status;
	}

	/* As wait_for() there, and as a select of select.c, without spinning. */
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
			RL_ASSERT(flc_await(arms, n, UINT64_MAX, &woken, &exchanged) == FILCH_OK);
			if (exchanged) {
				*done = 1;
				status = FILCH_OK;
				break;
			}
		}
		if (woken >= 0)
			flc_channel_pass_on(arms[woken].channel, arms[woken].side);
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

		if (ch->kind == FLC_CHANNEL_RING) {
			flc_mpmc_ring_close(ch);
		} else if (ch->kind == FLC_CHANNEL_LINE) {
			flc_spsc_ring_close(ch);
		} else {
			flc_word_lock_take(&ch->lock);
			flc_store_release(&ch->closed, FLC_CLOSED);
			flc_word_lock_give(&ch->lock);
		}
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
template <flc_channel_kind KIND, bool ASYMMETRIC>
struct pair : channel_scene<pair<KIND, ASYMMETRIC>, 2> {
	void
	before()
	{
		this->begin(0, KIND, KIND == FLC_CHANNEL_MEET ? 0 : 1, ASYMMETRIC);
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
	void before() { this->begin(0, FLC_CHANNEL_RING, 2, ASYMMETRIC); }

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
	void before() { this->begin(0, FLC_CHANNEL_RING, 2, ASYMMETRIC); }

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
template <flc_channel_kind KIND, bool ASYMMETRIC>
struct closing : channel_scene<closing<KIND, ASYMMETRIC>, 3> {
	void before() { this->begin(0, KIND, KIND == FLC_CHANNEL_MEET ? 0 : 2, ASYMMETRIC); }

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
template <flc_channel_kind KIND, bool ASYMMETRIC>
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
template <flc_channel_kind KIND, bool ASYMMETRIC>
struct selecting : channel_scene<selecting<KIND, ASYMMETRIC>, 3> {
	void
	before()
	{
		this->begin(1, KIND, KIND == FLC_CHANNEL_MEET ? 0 : 1, ASYMMETRIC);
		this->begin(0, FLC_CHANNEL_RING, 1, ASYMMETRIC);
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

	play<pair<FLC_CHANNEL_RING, true> >(s, "ring");
	play<pair<FLC_CHANNEL_RING, false> >(s, "ring-fenced");
	play<pair<FLC_CHANNEL_LINE, true> >(s, "line");
	play<pair<FLC_CHANNEL_LINE, false> >(s, "line-fenced");
	play<pair<FLC_CHANNEL_MEET, true> >(s, "meet");
	play<batch<true> >(s, "batch", 100, 1);
	play<batch<false> >(s, "batch-fenced", 50, 0);
	play<senders<true> >(s, "senders", 100, 1);
	play<senders<false> >(s, "senders-fenced", 50, 0);
	play<closing<FLC_CHANNEL_RING, true> >(s, "close-ring", 100, 1);
	play<closing<FLC_CHANNEL_LINE, true> >(s, "close-line", 100, 1);
	play<closing<FLC_CHANNEL_LINE, false> >(s, "close-line-fenced", 50, 0);
	play<closing<FLC_CHANNEL_MEET, true> >(s, "close-meet", 50, 0);
	play<refused<FLC_CHANNEL_RING, true> >(s, "refused-ring", 100);
	play<refused<FLC_CHANNEL_LINE, true> >(s, "refused-line", 100);
	play<refused<FLC_CHANNEL_LINE, false> >(s, "refused-line-fenced", 50);
	play<selecting<FLC_CHANNEL_RING, true> >(s, "select-ring", 100, 0);
	play<selecting<FLC_CHANNEL_MEET, true> >(s, "select-meet", 100, 0);
	return s.status;
}
