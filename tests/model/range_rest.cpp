/* SPDX-License-Identifier: BSD-2-Clause */
/* The rest of a part: each index is run exactly once, by its owner or by a taker. */
#include "scene.hpp"

#define FLC_RESTS 2
#define REST_ASK_ROUNDS model_ask_rounds
#include "deque/range_rest.h"
#include "deque/range_rest.c"

enum { INDEXES = 4 };

/* Members of the loop, beside the owner: as many as `most` at a time. */
static rl::atomic<size_t> *members;
static size_t most;

static enum flc_admission
admit(size_t tag, bool is_member)
{
	(void)tag;
	for (;;) {
		size_t n = members->load(rl::mo_relaxed, $);

		if (!is_member && n >= most)
			return FLC_ADMIT_NO_MORE;
		if (members->compare_exchange_strong(n, n + 1, rl::mo_acq_rel, $,
		    rl::mo_acquire, $))
			return FLC_ADMITTED;
	}
}

static void
dismiss(size_t tag)
{
	(void)tag;
	members->fetch_add((size_t)-1, rl::mo_acq_rel, $);
}

static const struct flc_rest_loop kind = { admit, dismiss, NULL };

/* TAKERS try to take parts of it. */
template <class Scene, int TAKERS> struct rest : scene_body {
	static const int threads = 1 + TAKERS;

	struct flc_rests rests;
	rl::atomic<size_t> member_count;
	rl::var<int> *loop;         /* its memory, gone when the part has ended */
	int runs[INDEXES];
	bool fenced;                /* each claim */

	void
	begin(bool asymmetric, bool refuses, size_t limit)
	{
		model_asymmetric = asymmetric;
		model_refuses = refuses;
		model_ask_rounds = 1;
		members = &member_count;
		member_count.store(0, rl::mo_relaxed, $);
		most = limit;
		fenced = false;
		flc_rests_init(&rests);
		memset(runs, 0, sizeof(runs));
	}

	void
	run(size_t begin, size_t end)
	{
		for (size_t i = begin; i < end; i++)
			RL_ASSERT(++runs[i] == 1);
	}

	/* As run_part() does, by chunks of one index. */
	void
	own()
	{
		struct flc_part part = { 0, INDEXES, NULL };
		unsigned fences = 0;

		loop = RL_NEW_PROXY rl::var<int>;
		(*loop)($).store(7);
		RL_ASSERT(flc_rest_open(&rests, &part, 0, &kind, (size_t)loop, 1, 1));
		while (part.rest != NULL || part.begin < part.end) {
			size_t end = part.begin + 1;

			if (part.rest != NULL && part.begin >= flc_rest_back(part.rest)) {
				flc_rest_close(&rests, &part);
				continue;
			}
			if (part.rest != NULL) {
				bool is_fenced = fenced || !model_asymmetric;

				if (flc_load_relaxed(&part.rest->asked) != 0) {
					flc_store_relaxed(&part.rest->asked, 0);
					fences = 2;
				}
				if (fences > 0) {
					fences--;
					is_fenced = true;
				}
				flc_rest_set_fenced(part.rest, is_fenced);
				if (end > flc_rest_claim(part.rest, end, is_fenced)) {
					size_t left = flc_rest_hold(part.rest, part.begin)
					    - part.begin;

					RL_ASSERT(left <= INDEXES);
					end = part.begin + (left > 0);
					flc_rest_let_go(part.rest, end);
				}
			}
			run(part.begin, end);
			part.begin = end;
		}
		if (part.rest != NULL)
			flc_rest_close(&rests, &part);
		RL_DELETE_PROXY loop;
	}

	bool
	take(bool is_member = false)
	{
		struct flc_job job;

		for (int tries = 0; tries < 4; tries++) {
			if (flc_rests_take(&rests, 0, is_member, &job) == FLC_STEAL_TASK) {
				RL_ASSERT(job.range.begin < job.range.end
				    && job.range.end <= INDEXES);
				run(job.range.begin, job.range.end);
				return true;
			}
			flc_model_yield();
		}
		return false;
	}

	void
	after()
	{
		for (int i = 0; i < INDEXES; i++)
			RL_ASSERT(runs[i] == 1);
	}
};

/* The owner's claims are light until a taker asks. */
template <int TAKERS> struct light : rest<light<TAKERS>, TAKERS> {
	void before() { this->begin(true, false, 9); }

	void
	thread(unsigned i)
	{
		if (i == 0) {
			this->own();
		} else {
			this->take();
			this->take();
		}
	}
};

/* There is no heavy fence: each claim is fenced. */
template <int TAKERS> struct fenced : rest<fenced<TAKERS>, TAKERS> {
	void before() { this->begin(false, true, 9); }

	void
	thread(unsigned i)
	{
		if (i == 0) {
			this->own();
		} else {
			this->take();
			this->take();
		}
	}
};

/* The system refuses the heavy fence, and the owner does not know yet. */
struct refused : rest<refused, 1> {
	void before() { begin(true, true, 9); }

	void
	thread(unsigned i)
	{
		if (i == 0) {
			own();
		} else {
			take();
			take();
		}
	}
};

/* One more thread may take part: when a member leaves, the other is admitted. */
struct limited : rest<limited, 2> {
	rl::atomic<size_t> left;
	bool took[3];

	void
	before()
	{
		begin(false, true, 1);
		left.store(0, rl::mo_relaxed, $);
		took[1] = took[2] = false;
	}

	/* The rest stays as it is: it is opened here and nobody claims. */
	void
	thread(unsigned i)
	{
		static struct flc_part part;

		if (i == 0) {
			part.begin = 0;
			part.end = INDEXES;
			members->fetch_add(1, rl::mo_acq_rel, $);
			RL_ASSERT(flc_rest_open(&rests, &part, 0, &kind, 8, 1, 1));
			flc_model_yield();
			/* Another member's part ends: as leave() does. */
			dismiss(8);
			flc_rests_show(&rests, 8);
			left.store(1, rl::mo_release, $);
		} else if (i == 1) {
			took[i] = take();
		} else {
			while (left.load(rl::mo_acquire, $) == 0)
				flc_model_yield();
			took[i] = take();
		}
	}

	/* It was shown to one of them. */
	void
	after()
	{
		RL_ASSERT(took[1] || took[2]);
	}
};

int
main(int argc, char **argv)
{
	scene s = scene_of(argc, argv);

	play<light<1> >(s, "light", 100, 1);
	play<fenced<1> >(s, "fenced", 100, 1);
	play<refused>(s, "refused", 100, 1);
	play<limited>(s, "limited", 100, 0);
	play<light<2> >(s, "light-2", 50, 0);
	play<fenced<2> >(s, "fenced-2", 50, 0);
	return s.status;
}
