/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where workers run and from whom they steal: pure functions of a topology.
 */
#ifndef FLC_PLACEMENT_H
#define FLC_PLACEMENT_H

#include "topology/topology.h"

#include <filch/metrics.h>
#include <filch/pool.h>

#include <stdint.h>

/* What the pool asks and what limits it. */
struct flc_placement_request {
	size_t workers;       /* asked for; 0: as many as allowed */
	int bind;             /* enum filch_bind */
	size_t quota;         /* CPUs by cgroup quota; 0: none */
	const char *cpuset;   /* "0-3,8" or NULL */
};

#define FLC_REASON_SIZE 160

struct flc_placement {
	size_t workers;       /* how many there will be; at least 1 */
	size_t cpus;          /* CPUs they may use */
	unsigned *cpu;        /* the cpus' indexes in topology->cpu[]; worker i < cpus
	                         belongs on cpu[i], i >= cpus on cpu[i % cpus] */
	bool pinned;          /* each worker to its CPU alone */
	bool confined;        /* cpu[] is less than what is allowed: a worker that
	                         is not pinned is to be bound to all of cpu[] */
	char why_workers[FLC_REASON_SIZE];  /* "4: cgroup quota of 4 CPUs, 8 allowed" */
	char why_pinned[FLC_REASON_SIZE];   /* "no: ..." or "yes: ..." */
};

/* FILCH_OK, FILCH_INVAL (cpuset malformed or outside of what is allowed; the reason is
 * then in why_workers), FILCH_NOMEM.  Fills *placement in any case. */
int flc_place(const struct flc_topology *topology,
    const struct flc_placement_request *request, struct flc_placement *placement);
void flc_placement_fini(struct flc_placement *placement);

/* How far two CPUs are from each other; if one is FLC_CPU_UNKNOWN, as far as the
 * machine's nodes can be. */
#define FLC_CPU_UNKNOWN UINT32_MAX
enum filch_distance flc_cpu_distance(const struct flc_topology *topology, unsigned a, unsigned b);

/*
 * The victims of the thread whose CPU is cpu[self], nearest first: by class of distance,
 * then by the matrix of NUMA distances, then going up from self and around, so that
 * thieves of one place do not all begin with the same victim.  cpu[] has n entries, one
 * for each slot; FLC_CPU_UNKNOWN (guests, spares) counts as remotest.  order gets n - 1
 * entries, distance the class of each.  O(n log n), allocates nothing.
 */
void flc_victim_order(const struct flc_topology *topology, const unsigned *cpu, size_t n,
    size_t self, uint32_t *order, uint8_t *distance);

#endif /* FLC_PLACEMENT_H */
