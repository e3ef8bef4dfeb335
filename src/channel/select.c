/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/clock.h"
#include "channel/eventfd.h"
#include "channel/kind.h"
#include "channel/stats.h"
#include "channel/wait.h"
#include "sched/worker.h"
#include "sync/spin.h"

/* A select under way. */
struct selecting {
	struct flc_arm arm[FILCH_SELECT_ARMS];  /* those with a channel */
	uint8_t order[FILCH_SELECT_ARMS];       /* in which they are tried */
	size_t n;
};

static __thread uint64_t random_state FLC_OF_THREAD;

static uint64_t
random_next(void)
{
	uint64_t x = random_state;

	if (x == 0)
		x = (size_t)&random_state ^ flc_ticks() ^ 0x9e3779b97f4a7c15u;
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return random_state = x;
}

static void
shuffle(struct selecting *s)
{
	for (size_t i = s->n; i > 1; i--) {
		size_t k = (size_t)((random_next() >> 32) * i >> 32);
		uint8_t other = s->order[k];

		s->order[k] = s->order[i - 1];
		s->order[i - 1] = other;
	}
}

static int
begin(struct selecting *s, const filch_select_arm *arms, size_t n)
{
	s->n = 0;
	if (n > FILCH_SELECT_ARMS || (arms == NULL && n > 0))
		return FILCH_INVAL;
	for (size_t i = 0; i < n; i++) {
		struct flc_arm *arm = &s->arm[s->n];

		if (arms[i].channel == NULL)
			continue;
		if ((arms[i].what != FILCH_SELECT_RECV && arms[i].what != FILCH_SELECT_SEND)
		    || arms[i].item == NULL)
			return FILCH_INVAL;
		if (arms[i].what == FILCH_SELECT_SEND && arms[i].channel->kind->receive_only)
			return FILCH_INVAL;
		if (flc_channel_is_old(arms[i].channel))
			return FILCH_FORKED;
		arm->channel = arms[i].channel;
		arm->side = (enum flc_side)arms[i].what;
		arm->item = arms[i].item;
		arm->index = i;
		s->order[s->n] = (uint8_t)s->n;
		s->n++;
	}
	return FILCH_OK;
}

/* Tries each; *at is the one that was done, or is closed. */
static int
try_arms(struct selecting *s, size_t *at)
{
	for (size_t i = 0; i < s->n; i++) {
		struct flc_arm *arm = &s->arm[s->order[i]];
		size_t done;
		int status = flc_channel_try(arm->channel, arm->side, arm->item, 1, &done);

		*at = s->order[i];
		if (status != FILCH_AGAIN)
			return status;
	}
	return FILCH_AGAIN;
}

/* What moves whenever the arm can be done and then cannot: the receives that have begun,
 * or the sends. */
static size_t
moves_of(const struct flc_arm *arm)
{
	return flc_load_acquire(arm->side == FLC_RECV ? &arm->channel->head : &arm->channel->tail);
}

/*
 * FILCH_AGAIN: there was a moment when none could be done.  It is the beginning of the
 * last round: an arm that could be done then could be done until it was tried, since
 * nothing has moved.  A look at one arm after another does not tell that: an item may
 * come where we looked and another leave where we have not looked yet.  (Of a rendezvous
 * a peer may leave and does not move anything.)
 */
static int
try_arms_at_once(struct selecting *s, size_t *at)
{
	size_t moves[FILCH_SELECT_ARMS];
	bool moved;
	int status;

	do {
		for (size_t i = 0; i < s->n; i++)
			moves[i] = moves_of(&s->arm[i]);
		status = try_arms(s, at);
		moved = false;
		for (size_t i = 0; status == FILCH_AGAIN && i < s->n; i++)
			moved |= moves_of(&s->arm[i]) != moves[i];
	} while (moved);
	return status;
}

static struct flc_arm *
arm_of_index(struct selecting *s, size_t index)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->arm[i].index == index)
			return &s->arm[i];
	return NULL;
}

static int
wait_for_arms(struct selecting *s, bool fair, size_t *at, uint64_t deadline)
{
	struct flc_worker *worker = flc_self();
	struct flc_arm *waker = NULL;
	bool exchanged = false;
	int status;

	do {
		long woken = -1;

		if (worker != NULL && flc_scope_is_stopped(worker->scope))
			status = FILCH_CANCELED;
		else if (deadline != FILCH_FOREVER && filch_now() >= deadline)
			status = FILCH_TIMEOUT;
		else
			status = flc_channel_await(s->arm, s->n, deadline, &woken, &exchanged);
		if (status != FILCH_OK)
			break;
		if (woken >= 0)
			waker = arm_of_index(s, (size_t)woken);
		if (exchanged) {
			*at = (size_t)(waker - s->arm);
			break;
		}
		if (fair)
			shuffle(s);
		status = try_arms(s, at);
	} while (status == FILCH_AGAIN);
	/* Perhaps we took from another channel than the one that woke us. */
	if (waker != NULL)
		flc_channel_forward(waker->channel, waker->side);
	return status;
}

static bool
is_any_ready(const struct selecting *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (flc_channel_is_ready(s->arm[i].channel, s->arm[i].side))
			return true;
	return false;
}

/* As a call for one channel does, if one of them is worth it; it always looks early. */
static int
spin(struct selecting *s, bool fair, size_t *at)
{
	struct flc_spin backoff;
	bool worth = false, shared = false;
	int status = FILCH_AGAIN;

	for (size_t i = 0; i < s->n; i++) {
		worth |= s->arm[i].channel->kind->polls;
		shared |= flc_channel_is_woken_from_here(s->arm[i].channel, s->arm[i].side);
	}
	flc_spin_begin(&backoff, shared ? FLC_SPIN_SHARED : FLC_SPIN_EARLY, NULL);
	while (worth && status == FILCH_AGAIN && flc_spin(&backoff))
		if (is_any_ready(s)) {
			if (fair)
				shuffle(s);
			status = try_arms(s, at);
		}
	return status;
}

/* Every arm waited. */
static int
wait_and_count(struct selecting *s, bool fair, size_t *at, uint64_t deadline)
{
	uint64_t since = flc_ticks();
	int status = spin(s, fair, at);

	if (status == FILCH_AGAIN)
		status = wait_for_arms(s, fair, at, deadline);
	since = flc_ticks() - since;
	for (size_t i = 0; i < s->n; i++)
		flc_stats_waited(s->arm[i].channel, s->arm[i].side, since);
	return status;
}

/* Nothing could be done at once: tells the fds and the counters. */
static void
refused(struct selecting *s, int status, size_t at)
{
	for (size_t i = 0; i < s->n; i++) {
		struct flc_arm *arm = &s->arm[i];

		if (status == FILCH_AGAIN || status == FILCH_CANCELED || i == at)
			flc_stats_refused(arm->channel, arm->side, status);
		if (status == FILCH_AGAIN && arm->side == FLC_RECV
		    && flc_load_relaxed(&arm->channel->notices))
			flc_eventfd_arm(arm->channel);
	}
}

static int
run(filch_select_arm *arms, size_t n, size_t *chosen, uint64_t deadline, bool fair)
{
	struct selecting s;
	size_t at = 0;
	int status;

	if (chosen == NULL)
		return FILCH_INVAL;
	status = begin(&s, arms, n);
	if (status != FILCH_OK)
		return status;
	if (s.n == 0 && deadline == FILCH_FOREVER)
		return FILCH_DEADLOCK;
	if (fair)
		shuffle(&s);
	status = s.n > 1 ? try_arms_at_once(&s, &at) : try_arms(&s, &at);
	if (status == FILCH_AGAIN && deadline != 0)
		status = s.n > 0 ? wait_and_count(&s, fair, &at, deadline)
		    : flc_channel_pause(deadline);
	if (status != FILCH_OK)
		refused(&s, status, status == FILCH_CLOSED ? at : FILCH_SELECT_ARMS);
	if (status == FILCH_OK || status == FILCH_CLOSED)
		*chosen = s.arm[at].index;
	return status;
}

int
filch_select(filch_select_arm *arms, size_t n, size_t *chosen, uint64_t deadline)
{
	return run(arms, n, chosen, deadline, true);
}

int
filch_select_biased(filch_select_arm *arms, size_t n, size_t *chosen, uint64_t deadline)
{
	return run(arms, n, chosen, deadline, false);
}
