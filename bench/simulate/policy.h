/* SPDX-License-Identifier: BSD-2-Clause */
/* What is compared: the scheduler's choices. */
#ifndef SIMULATE_POLICY_H
#define SIMULATE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "machine.h"

#define VICTIMS_MAP(CHOICE) \
	CHOICE(VICTIMS_NEAR, "near", "near first, a random start within each distance") \
	CHOICE(VICTIMS_MIXED, "mixed", "the own cache, then each look at a random worker") \
	CHOICE(VICTIMS_RANDOM, "random", "each look at a random worker")

#define BARRIER_MAP(CHOICE) \
	CHOICE(BARRIER_ASKED, "asked", "the owner is asked; who gets no answer pays, as switched") \
	CHOICE(BARRIER_ADAPTIVE, "adaptive", \
	    "targeted; pops are fenced while steals are frequent") \
	CHOICE(BARRIER_TARGETED, "targeted", "membarrier to the victim's core") \
	CHOICE(BARRIER_BROADCAST, "broadcast", "membarrier to every running core") \
	CHOICE(BARRIER_SWITCHED, "switched", "as adaptive, but with the broadcast") \
	CHOICE(BARRIER_FENCED, "fenced", "every pop has the fence, no membarrier")

#define BEGIN_MAP(CHOICE) \
	CHOICE(BEGIN_FENCED, "fenced", "a lane's pops are fenced until fence_below went unstolen") \
	CHOICE(BEGIN_UNFENCED, "unfenced", \
	    "a lane's pops are unfenced until it was stolen from often")

/* What brings the fence back (costs burst, burst_gap). */
#define COUNT_MAP(CHOICE) \
	CHOICE(COUNT_JOINS, "joins", "steals that took a barrier, as the owner's joins find them") \
	CHOICE(COUNT_STEALS, "steals", "steals that took a barrier, as the thieves do them")

/* Several thieves see work in one unfenced lane. */
#define CLAIM_MAP(CHOICE) \
	CHOICE(CLAIM_YES, "yes", "one pays its barrier, the others go on to the next lane") \
	CHOICE(CLAIM_NO, "no", "each pays its barrier, one gets the record")

#define SPLIT_MAP(CHOICE) \
	CHOICE(SPLIT_HALF, "half", "a loop offers half of what is left") \
	CHOICE(SPLIT_ONE, "one", "a loop offers one chunk")

/* What a waiter whose record was stolen may take meanwhile. */
#define HELP_MAP(CHOICE) \
	CHOICE(HELP_LEAP, "leap", "from the thief's lane (leapfrogging)") \
	CHOICE(HELP_CHAIN, "chain", \
	    "from the thief's, or if it waits, from its thief's, and so on") \
	CHOICE(HELP_TAGS, "tags", "from any lane, what descends from the record") \
	CHOICE(HELP_NONE, "none", "nothing") \
	CHOICE(HELP_WIDE, "wide", "from any lane, anything")

/* The record is done, but a spare has the waiter's core. */
#define RETURN_MAP(CHOICE) \
	CHOICE(RETURN_PREEMPT, "preempt", "the waiter ousts who runs there") \
	CHOICE(RETURN_QUEUE, "queue", "the waiter gets the next core whose thread has no work")

#define ENUMERATOR(symbol, name, meaning) symbol,
enum victims { VICTIMS_MAP(ENUMERATOR) };
enum barrier { BARRIER_MAP(ENUMERATOR) };
enum begin { BEGIN_MAP(ENUMERATOR) };
enum count { COUNT_MAP(ENUMERATOR) };
enum claim { CLAIM_MAP(ENUMERATOR) };
enum split { SPLIT_MAP(ENUMERATOR) };
enum help { HELP_MAP(ENUMERATOR) };
enum comeback { RETURN_MAP(ENUMERATOR) };
#undef ENUMERATOR

struct policy {
	enum victims victims;
	enum barrier barrier;
	enum begin begin; /* of the adaptive barriers */
	enum count count;
	enum claim claim;
	enum split split;
	enum help help;
	enum comeback comeback;
	int64_t spare_after; /* ns of fruitless wait until a spare takes the core; -1: never */
	int32_t spares;      /* spare threads at most */
	int64_t until;       /* instead of the cost fence_below; 0: that */
};

/* Reads "victims=near,help=leap,spare=20000,..."; what is not named stays. */
bool policy_parse(struct policy *policy, const char *text);
const char *policy_names(void);

/* One pass of a thief over the lanes, one candidate after the other. */
struct sweep {
	int32_t next;
	int32_t start;
};

/*
 * The next candidate of the pass of a thread on core `self`: a core, or machine->cores +
 * i for spare i; -1 at its end.  May return the core itself.
 */
int32_t sweep_next(struct sweep *sweep, enum victims victims, const struct machine *machine,
    int32_t self, int32_t spares, uint64_t *random);

/* xorshift64*: each thief has its own state. */
static inline uint64_t
random_step(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1du >> 16;
}

#endif /* SIMULATE_POLICY_H */
