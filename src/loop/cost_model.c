/* SPDX-License-Identifier: BSD-2-Clause */
#include "loop/cost_model.h"

#define SITES 64
#define TABLES 256

/* Committed on touch, some lines for each thread that runs loops.  The first stays empty:
 * it is that of a thread that has none yet. */
static struct flc_site tables[1 + TABLES][SITES];
static flc_atomic tables_given;

/* Calls of a small loop between two that are timed, and of a very small one. */
#define UNTIMED 3
#define UNTIMED_TINY 8

static __thread struct flc_site *table FLC_OF_THREAD = tables[0];

/* A site that is new in its place.  Tables are given in turn: threads that run at the
 * same time have different ones for long. */
static FLC_COLD struct flc_site *
settle(size_t place, size_t body)
{
	struct flc_site *site;

	if (table == tables[0])
		table = tables[1 + flc_add_full(&tables_given, 1) % TABLES];
	site = &table[place];
	flc_store_relaxed(&site->cost, 0);
	flc_store_relaxed(&site->untimed, 0);
	flc_store_relaxed(&site->shared, 0);
	flc_store_relaxed(&site->started, 0);
	flc_store_relaxed(&site->avoid, 0);
	flc_store_relaxed(&site->penalty, 0);
	flc_store_relaxed(&site->alone, 0);
	flc_store_relaxed(&site->body, body);
	return site;
}

struct flc_site *
flc_site_of(filch_range_fn *body)
{
	/* Functions stand 16 bytes apart; Fibonacci hashing of the rest. */
	size_t place = ((size_t)body >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 58;
	struct flc_site *site = &table[place];

	if (FLC_UNLIKELY(flc_load_relaxed(&site->body) != (size_t)body))
		return settle(place, (size_t)body);
	return site;
}

/* A wake costs the waker some microseconds: a tenth of this. */
#define ALONE_NS 50000u

bool
flc_site_calls_help(struct flc_site *site, uint64_t now, uint64_t close_ticks)
{
	uint64_t since = now - flc_load_relaxed(&site->started);
	bool is_alone = flc_load_relaxed(&site->shared) == 0 && since <= close_ticks;
	uint64_t alone = is_alone ? flc_load_relaxed(&site->alone) + since : 0;
	bool calls = (double)alone >= ALONE_NS * flc_clock_rate;

	flc_store_relaxed(&site->started, now);
	flc_store_relaxed(&site->alone, calls ? 0 : alone);
	return calls;
}

#define FIRST_PENALTY 4u
#define MOST_PENALTY 256u

void
flc_site_judge(struct flc_site *site, uint64_t now, double alone_ticks)
{
	size_t penalty = flc_load_relaxed(&site->penalty);

	if ((double)(now - flc_load_relaxed(&site->started)) <= alone_ticks) {
		flc_store_relaxed(&site->penalty, penalty / 2);
		return;
	}
	penalty = penalty == 0 ? FIRST_PENALTY
	    : penalty < MOST_PENALTY ? 2 * penalty : MOST_PENALTY;
	flc_store_relaxed(&site->penalty, penalty);
	flc_store_relaxed(&site->avoid, penalty);
	flc_store_relaxed(&site->shared, 0);
}

int
flc_site_run(struct flc_site *site, filch_range_fn *body, void *context, size_t begin,
    size_t end, double serial_ticks)
{
	size_t n = end - begin;
	size_t untimed = flc_load_relaxed(&site->untimed);
	uint64_t before;
	int status;

	if (untimed > 0) {
		flc_store_relaxed(&site->untimed, untimed - 1);
		return body(context, begin, end);
	}
	untimed = (double)n * flc_site_cost(site) < serial_ticks / 8 ? UNTIMED_TINY : UNTIMED;
	flc_store_relaxed(&site->untimed, untimed);
	before = flc_ticks();
	status = body(context, begin, end);
	flc_site_learn(site, n, flc_ticks() - before);
	return status;
}
