/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a loop's body costs, learned per call site.
 *
 * A site is a body as one thread calls it: each thread has a small table, so that nothing
 * is shared and looking it up costs two loads.  The tables are static, since a thread's
 * own storage must be small (FLC_OF_THREAD) and nothing here may fail; where there are
 * more threads than tables, some share one.  Then they see what the other has learned,
 * and may spoil it, which costs time and nothing else.
 *
 * A loop whose predicted time is too small to share runs in one call of its body; it is
 * timed still, so that a site that becomes expensive is found out.
 */
#ifndef FLC_COST_MODEL_H
#define FLC_COST_MODEL_H

#include "base/atomic.h"
#include "base/clock.h"

#include <filch/loop.h>

#include <stdbool.h>
#include <string.h>

/* Below this a second thread does not pay: a steal and two missed lines take about half
 * of it. */
#define FLC_SERIAL_NS 2000u

struct flc_site {
	FLC_ON_OWN_LINE flc_atomic body;
	flc_atomic cost;     /* a double: ticks per index; 0: not known */
	flc_atomic untimed;  /* calls until the next one is timed */
	flc_atomic shared;   /* others took parts of the last loop */
	flc_atomic started;  /* ticks, when the last loop that might be shared was */
	flc_atomic avoid;    /* loops to come that are not shared, */
	flc_atomic penalty;  /* ... and how many after the next that it did not pay for */
	flc_atomic alone;    /* ticks for which such loops followed one another closely
	                        and nobody took a part */
};

_Static_assert(sizeof(struct flc_site) == FLC_CACHE_LINE, "a site is one line");

static inline double
flc_site_cost(const struct flc_site *site)
{
	AO_t bits = flc_load_relaxed(&site->cost);
	double cost;

	memcpy(&cost, &bits, sizeof(cost));
	return cost;
}

static inline void
flc_site_set_cost(struct flc_site *site, double cost)
{
	AO_t bits;

	memcpy(&bits, &cost, sizeof(bits));
	flc_store_relaxed(&site->cost, bits);
}

/* The calling thread's entry for the body; another body's is evicted. */
struct flc_site *flc_site_of(filch_range_fn *body);

/* Notes a measured run. */
static inline void
flc_site_learn(struct flc_site *site, size_t n, uint64_t ticks)
{
	double cost = (double)ticks / (double)n;
	double before = flc_site_cost(site);

	/* Quick to believe in more, slow to believe in less. */
	flc_site_set_cost(site, cost > before ? cost : 0.75 * before + 0.25 * cost);
}

/* A loop that might be shared starts: true if it is one of many, so that a wake which it
 * does not pay for itself pays in those to come. */
bool flc_site_calls_help(struct flc_site *site, uint64_t now, uint64_t close_ticks);

/* A short loop of which others took a part has ended: if it lasted longer than it would
 * have alone (a thief lost its CPU in the middle), the next ones stay alone, twice as
 * many each time. */
void flc_site_judge(struct flc_site *site, uint64_t now, double alone_ticks);

/* Whether n indexes are known to be too little to share. */
static inline bool
flc_site_is_small(const struct flc_site *site, size_t n, double serial_ticks)
{
	double cost = flc_site_cost(site);

	return cost > 0 && (double)n * cost < serial_ticks;
}

/* One call of the body, timed if it is long beside the clock, else now and then. */
int flc_site_run(struct flc_site *site, filch_range_fn *body, void *context, size_t begin,
    size_t end, double serial_ticks);

#endif /* FLC_COST_MODEL_H */
