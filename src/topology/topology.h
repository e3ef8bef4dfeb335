/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine: CPUs, what they share, and which of them we may use.
 *
 * Loaded once per process by hwloc, on first use, then constant: any thread
 * may read it.  topology.c is the only file that includes <hwloc.h>.
 */
#ifndef FLC_TOPOLOGY_H
#define FLC_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

/* One CPU that we may use.  Two CPUs share a core, an L2, ... if the numbers
 * are equal. */
struct flc_cpu {
	unsigned os;       /* the system's number */
	unsigned core;
	unsigned l2;
	unsigned l3;
	unsigned numa;
	unsigned package;
	unsigned kind;     /* core kind, 0 the least efficient...; all 0: one kind */
	unsigned thread;   /* rank among the CPUs of its core */
};

struct flc_topology {
	size_t cpus;             /* allowed ones, in logical (near) order */
	struct flc_cpu *cpu;
	size_t nodes;            /* NUMA nodes */
	unsigned *numa_distance; /* nodes x nodes; 10 is local */
	bool here;               /* describes this machine, so that binding works */
	const char *source;      /* "this machine", "HWLOC_SYNTHETIC", "HWLOC_XMLFILE" */
};

/* The process's topology, or NULL without memory.  The first call loads it. */
const struct flc_topology *flc_topology_get(void);

/* Loads one from an hwloc synthetic description (or the machine's own for
 * NULL), for tests; free it with flc_topology_free(). */
struct flc_topology *flc_topology_load(const char *synthetic);
void flc_topology_free(struct flc_topology *topology);

/* Binds the calling thread to one CPU, or to all n of the list; false if the
 * system refused or the topology is not this machine's. */
bool flc_topology_bind_self(const struct flc_topology *topology, const unsigned *os, size_t n);

#endif /* FLC_TOPOLOGY_H */
