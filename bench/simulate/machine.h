/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine: where the cores are, and what each act of the scheduler costs. */
#ifndef SIMULATE_MACHINE_H
#define SIMULATE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/* Cores are numbered so that those of a cache, and of a node, are neighbours. */
struct machine {
	int32_t cores;
	int32_t cache; /* cores that share a last-level cache */
	int32_t node;  /* cores of a NUMA node */
};

enum distance { SAME_CACHE, SAME_NODE, FAR_NODE };

/* Reads an hwloc synthetic description of the form "node:2 l3:4 core:8"; each level may
 * be left out.  False if malformed or above 4096 cores. */
bool machine_parse(struct machine *machine, const char *text);

/* 8 cores a cache; 1 node up to 16 cores, 2 up to 64, 4 at 128, else 8. */
struct machine machine_typical(int32_t cores);

static inline enum distance
machine_distance(const struct machine *machine, int32_t a, int32_t b)
{
	if (a / machine->cache == b / machine->cache)
		return SAME_CACHE;
	return a / machine->node == b / machine->node ? SAME_NODE : FAR_NODE;
}

/*
 * All in ns unless said.  vm: what `measure` prints on the machine of docs/scaling.md,
 * far distances and barrier_core excepted.  metal: without a hypervisor, from the
 * literature, not measured here.
 *
 *     COST(name, vm, metal, meaning)
 */
#define COST_MAP(COST) \
	COST(spawn_ps, 810, 810, "ps: fork and join that nobody stole, without fence") \
	COST(fence_ps, 11000, 6000, "ps: more when the owner's pop has the fence") \
	COST(last, 12, 10, "more when the task popped is the only one") \
	COST(look_cached, 2, 2, "look at a lane that did not change") \
	COST(look_near, 45, 30, "look at a lane, same cache") \
	COST(look_far, 180, 150, "look at a lane elsewhere (doubled across nodes)") \
	COST(steal_near, 45, 45, "compare-and-swap and the record, same cache") \
	COST(steal_far, 500, 400, "the same across nodes (half of it within a node)") \
	COST(barrier, 8900, 1500, "thief's membarrier that interrupts one core") \
	COST(barrier_core, 100, 50, "more for each further core interrupted") \
	COST(barrier_idle, 650, 200, "membarrier when the victim does not run") \
	COST(interrupt, 5200, 1000, "lost by each core that is interrupted") \
	COST(one_barrier, 1, 1, "1: the kernel lets one membarrier run at a time") \
	COST(ask, 1700, 1000, "backoff of a thief that asks the owner") \
	COST(answer, 100, 80, "the owner's answer, for each side") \
	COST(wake, 6600, 2000, "futex wake, for the one who wakes") \
	COST(wake_latency, 13900, 4000, "from there until the woken one runs") \
	COST(wake_gap, 50000, 50000, "a spawner wakes at most once in this time") \
	COST(change, 1300, 1000, "one thread off a core, another on") \
	COST(spin, 50000, 50000, "fruitless search or wait before sleep") \
	COST(keeper, 1000000, 1000000, "one sleeper looks around this often") \
	COST(pause, 25, 25, "first pause between fruitless looks") \
	COST(pause_max, 800, 800, "pauses double up to this") \
	COST(fence_below, 5000, 5000, "fenced pops without a steal until the fence goes") \
	COST(burst, 8, 8, "stolen joins in a row, and the fence is back") \
	COST(burst_gap, 500000, 500000, "of which each comes within this after the one before") \
	COST(speed_pm, 5, 5, "per mille: a core is faster or slower by up to this") \
	COST(noise_pm, 5, 5, "per mille: a piece of work takes more or less by up to this")

struct costs {
#define FIELD(name, vm, metal, meaning) int64_t name;
	COST_MAP(FIELD)
#undef FIELD
};

struct costs costs_vm(void);
struct costs costs_metal(void);
/* "name=value"; false if there is no such cost or the value is malformed. */
bool costs_set(struct costs *costs, const char *text);
/* Lines of it as `measure` prints them, "#" begins a comment. */
bool costs_read(struct costs *costs, const char *file);

static inline int64_t
cost_look(const struct costs *costs, enum distance distance)
{
	if (distance == SAME_CACHE)
		return costs->look_near;
	return distance == SAME_NODE ? costs->look_far : 2 * costs->look_far;
}

static inline int64_t
cost_steal(const struct costs *costs, enum distance distance)
{
	if (distance == SAME_CACHE)
		return costs->steal_near;
	return distance == SAME_NODE ? costs->steal_far / 2 : costs->steal_far;
}

#endif /* SIMULATE_MACHINE_H */
