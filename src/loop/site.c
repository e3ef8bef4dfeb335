/* SPDX-License-Identifier: BSD-2-Clause */
#include "loop/site.h"

#define SITES 64

/* Calls of a small loop between two that are timed, and of a very small one. */
#define UNTIMED 3
#define UNTIMED_TINY 8

static __thread struct flc_site table[SITES] __attribute__((tls_model("initial-exec")));

struct flc_site *
flc_site_of(filch_range_fn *body)
{
	/* Functions stand 16 bytes apart; Fibonacci hashing of the rest. */
	size_t hash = ((size_t)body >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 58;
	struct flc_site *site = &table[hash];

	if (FLC_UNLIKELY(site->body != body))
		*site = (struct flc_site){ .body = body };
	return site;
}

/* A wake costs the waker some microseconds: a tenth of this. */
#define ALONE_NS 50000u

bool
flc_site_calls_help(struct flc_site *site, uint64_t now, uint64_t close_ticks)
{
	uint64_t since = now - site->started;

	site->started = now;
	site->alone = site->shared || since > close_ticks ? 0 : site->alone + since;
	if ((double)site->alone < ALONE_NS * flc_clock_rate)
		return false;
	site->alone = 0;
	return true;
}

#define FIRST_PENALTY 4u
#define MOST_PENALTY 256u

void
flc_site_judge(struct flc_site *site, uint64_t now, double alone_ticks)
{
	if ((double)(now - site->started) <= alone_ticks) {
		site->penalty /= 2;
		return;
	}
	site->penalty = site->penalty == 0 ? FIRST_PENALTY
	    : site->penalty < MOST_PENALTY ? 2 * site->penalty : MOST_PENALTY;
	site->avoid = site->penalty;
	site->shared = false;
}

int
flc_site_run(struct flc_site *site, void *context, size_t begin, size_t end, double serial_ticks)
{
	size_t n = end - begin;
	uint64_t before;
	int status;

	if (site->untimed > 0) {
		site->untimed--;
		return site->body(context, begin, end);
	}
	site->untimed = (double)n * site->cost < serial_ticks / 8 ? UNTIMED_TINY : UNTIMED;
	before = flc_ticks();
	status = site->body(context, begin, end);
	flc_site_learn(site, n, flc_ticks() - before);
	return status;
}
